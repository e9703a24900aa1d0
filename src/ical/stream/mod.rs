//! Reading of files with many objects (RFC 5545 §3.4). The place of each object in the file is
//! found line by line, so that the file need not fit into memory.
//!
//! The caller reads the file twice. The first time, each physical line goes to a [`Scanner`]. The
//! second time, the [`Piece`]s of each object are read, and [`assemble`] joins them.
//!
//! **Invariant:** the module does no I/O, and components keep their octets. A part that cannot be
//! assigned to an object is reported as a [`Fault`], up to a limit, and scanning goes on behind it.

mod assemble;
mod scanner;
#[cfg(test)]
mod tests;

pub use assemble::{Assembled, Parts, assemble, tzids};
pub use scanner::{KEPT_OCTETS, MAX_STREAM_COMPONENTS, MAX_STREAM_OBJECTS, MAX_STREAM_ZONES, Scanner};

/// A part of the file: its place and length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// The offset of the part in the file, in octets.
    pub offset: u64,
    /// The length of the part, in octets.
    pub length: u64,
    /// The number of the part's first physical line, from 1.
    pub line: u64,
}

/// An object of the file: the components with one UID, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The UID of the components.
    pub uid: String,
    /// The index in [`Contents::calendars`] of the calendar with the object's first component.
    pub calendar: usize,
    /// The places of the components in the file.
    pub pieces: Vec<Piece>,
}

/// A `VCALENDAR` of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    /// The lines `VERSION`, `PRODID` and `CALSCALE` of the calendar as they are written, unfolded.
    pub head: Vec<String>,
    /// The VTIMEZONEs of the calendar, with their TZIDs.
    pub zones: Vec<(String, Piece)>,
    /// The value of `NAME`, else of `X-WR-CALNAME`, decoded; `None` if there is neither.
    pub name: Option<String>,
    /// The value of `X-APPLE-CALENDAR-COLOR`, else of `COLOR` with CSS names as `#rrggbb`; `None`
    /// if there is neither.
    pub color: Option<String>,
    /// The value of `X-WR-TIMEZONE`, decoded: the TZID in which floating times are meant; `None` if
    /// there is none.
    pub time_zone: Option<String>,
    /// True if the calendar has a METHOD other than PUBLISH and REQUEST. It is then a scheduling
    /// message, and the components after METHOD do not become objects.
    pub is_message: bool,
}

/// A part of the file that belongs to no object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The number of the physical line, from 1.
    pub line: u64,
    /// The reason for which the part is left out, as a sentence for a person.
    pub why: String,
}

/// The contents of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The calendars of the file.
    pub calendars: Vec<Calendar>,
    /// The objects of the file, in the order of their first components.
    pub entries: Vec<Entry>,
    /// The parts that were left out, in the order in which the scanner noticed them.
    pub faults: Vec<Fault>,
}
