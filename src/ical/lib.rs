//! iCalendar: text and model, recurrence, time zones (RFC 5545).

pub mod text;

pub use text::{
    Component, ComponentId, Document, Edit, Param, Property, PropertyId, SyntaxError, Writer, escape_text, quote_param,
    unescape_text,
};
