//! Files of many objects (RFC 5545 §3.4): which object lies where, found line by line in bounded
//! memory.
//!
//! The caller reads the file twice: each physical line goes to a [`Scanner`]; then the [`Piece`]s
//! of each object are read and put together by [`assemble`].
//!
//! **Invariant:** pure, and the octets of a component stay as they are. What cannot be told apart
//! is a [`Fault`] with its line, and the rest is read on.

mod assemble;
mod scanner;
#[cfg(test)]
mod tests;

pub use assemble::{Assembled, Parts, assemble, tzids};
pub use scanner::{KEPT_OCTETS, MAX_STREAM_OBJECTS, Scanner};

/// A part of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Its first octet.
    pub offset: u64,
    /// Octets.
    pub length: u64,
    /// Its first physical line, from 1.
    pub line: u64,
}

/// The components with one UID, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The iCalendar UID.
    pub uid: String,
    /// The index in [`Contents::calendars`] of the calendar that contains its first component.
    pub calendar: usize,
    /// Its components.
    pub pieces: Vec<Piece>,
}

/// A `VCALENDAR` of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// `VERSION`, `PRODID` and `CALSCALE` as they are written, unfolded.
    pub head: Vec<String>,
    /// Its VTIMEZONEs by TZID.
    pub zones: Vec<(String, Piece)>,
    /// `NAME` or `X-WR-CALNAME`, decoded.
    pub name: Option<String>,
    /// `COLOR` or `X-APPLE-CALENDAR-COLOR`.
    pub color: Option<String>,
    /// Its METHOD is neither PUBLISH nor REQUEST: it has no objects.
    pub is_message: bool,
}

/// Something that belongs to no object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The physical line, from 1.
    pub line: u64,
    /// Why, for a person.
    pub why: String,
}

/// What a file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Its calendars.
    pub calendars: Vec<Calendar>,
    /// Its objects, in the order of their first components.
    pub entries: Vec<Entry>,
    /// What was left out, in the order of the file.
    pub faults: Vec<Fault>,
}
