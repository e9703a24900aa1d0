//! iCalendar: text and model, validation, recurrence, time zones, free-busy (RFC 5545).
//!
//! | task | entry point |
//! |---|---|
//! | parse and change text | [`Document`], [`Edit`], [`Writer`] |
//! | repair the texts of clients | [`repair::utf8`], [`repair::calendar_object`] |
//! | find the objects of a file | [`stream::Scanner`], [`stream::assemble`] |
//! | validate an object | [`validate::calendar_object`], [`validate::scheduling_message`] |
//! | read typed values of a component | [`view::Event`], [`view::Todo`], [`view::Alarm`], … |
//! | expand a series | [`series::Series::of`], [`recur::instances`], [`recur::any`] |
//! | match a calendar query | [`filter::matches`] |
//! | return the requested parts | [`retrieve::render`] |
//! | separate personal from shared data of an object | [`personal::shown`], [`personal::split`] |
//! | index objects by time | [`bounds::of`], [`intervals::of`] |
//! | compute busy time | [`free_busy::periods`], [`free_busy::merge`] |
//! | compare texts without regard to case | [`caseless`] |
//! | resolve a TZID | [`zone::Zones::of`], [`zone::Zone::named`] |
//! | write a VTIMEZONE | [`zone::vtimezone`] |
//! | add or remove VTIMEZONEs (RFC 7809) | [`zone::with_timezones`], [`zone::without_timezones`] |
//!
//! **Invariant:** the crate is pure. It has no I/O, clock or randomness: time is an argument.

#![warn(missing_docs)]

pub mod address;
pub mod bounds;
mod color;
pub mod filter;
pub mod free_busy;
pub mod intervals;
mod normal;
pub mod personal;
pub mod query;
pub mod recur;
pub mod repair;
pub mod retrieve;
pub mod rule;
pub mod series;
pub mod stream;
pub mod text;
pub mod time;
pub mod validate;
pub mod value;
pub mod view;
pub mod zone;

pub use address::Address;
pub use color::hexadecimal_color;
pub use normal::nfc;
pub use text::{
    Component, ComponentId, Document, Edit, Param, Property, PropertyId, SyntaxError, Writer, caseless, escape_text,
    is_utf16, quote_param, unescape_text,
};
pub use time::{Instant, TimeRange};

/// The value of `PRODID` in the iCalendar objects that Daybook generates, such as free-busy replies
/// (RFC 5545 §3.7.3).
pub const PRODID: &str = "-//Daybook//Daybook//EN";
