//! iCalendar: text and model, recurrence, time zones (RFC 5545).
//!
//! | to | there is |
//! |---|---|
//! | read and change text | [`Document`], [`Edit`], [`Writer`] |
//! | judge an object | [`validate::calendar_object`], [`validate::scheduling_message`] |
//! | ask a component for its values | [`view::Event`], [`view::Todo`], [`view::Alarm`], … |
//! | find its instances | [`series::Series::of`], [`recur::instances`], [`recur::any`] |
//! | answer a query | [`filter::matches`], [`retrieve::render`], [`bounds::of`], [`intervals::of`] |
//! | tell when somebody is busy | [`free_busy::periods`], [`free_busy::merge`] |
//! | resolve a TZID | [`zone::Zones::of`], [`zone::Zone::named`] |
//! | write a VTIMEZONE | [`zone::vtimezone`]`(tzid, window) -> Option<String>` |
//! | send zones along, or not (RFC 7809) | [`zone::with_timezones`], [`zone::without_timezones`]`(&document) -> Option<String>` |

pub mod address;
pub mod bounds;
pub mod filter;
pub mod free_busy;
pub mod intervals;
pub mod query;
pub mod recur;
pub mod retrieve;
pub mod rule;
pub mod series;
pub mod text;
pub mod time;
pub mod validate;
pub mod value;
pub mod view;
pub mod zone;

pub use address::Address;
pub use text::{
    Component, ComponentId, Document, Edit, Param, Property, PropertyId, SyntaxError, Writer, escape_text, quote_param,
    unescape_text,
};
pub use time::{Instant, TimeRange};
