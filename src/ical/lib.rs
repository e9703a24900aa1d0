//! iCalendar: text and model, recurrence, time zones (RFC 5545).

pub mod address;
pub mod bounds;
pub mod filter;
pub mod free_busy;
pub mod query;
pub mod recur;
pub mod retrieve;
pub mod rule;
pub mod series;
pub mod text;
pub mod time;
pub mod validate;
pub mod value;
pub mod zone;

pub use address::Address;
pub use text::{
    Component, ComponentId, Document, Edit, Param, Property, PropertyId, SyntaxError, Writer, escape_text, quote_param,
    unescape_text,
};
pub use time::{Instant, TimeRange};
