//! The zones of the IANA time-zone database, compiled into the program.
//!
//! `iana/names` has a line for each zone and link, in order: its name, and where its table begins in
//! `iana/tables`. [`Bytes`] reads the tables. `UPDATE_ZONES=1 cargo test -p daybook-ical iana` writes the
//! files anew from the crate chrono-tz, whose own tables consist of addresses: the loader would have to
//! write all of them, a megabyte, at each start of the program.
//!
//! **Invariant:** a zone means what chrono-tz says, at every instant; a test compares them.

mod bytes;
#[cfg(test)]
mod tests;

use super::transitions::Transitions;
use crate::time::Instant;
use bytes::Bytes;
use std::fmt;
use std::sync::{LazyLock, OnceLock};

/// The version of the database, `2025b`.
pub(super) const VERSION: &str = include_str!("iana/version").trim_ascii();

static NAMES: &str = include_str!("iana/names");
static TABLES: &[u8] = include_bytes!("iana/tables");

/// A zone or link of the database.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Iana(u16);

/// What holds in a zone from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    /// Seconds, positive east of Greenwich.
    pub(super) offset: i64,
    pub(super) is_daylight: bool,
    /// `CEST`; empty if it has none.
    pub(super) abbreviation: &'static str,
}

/// The table of a zone.
#[derive(Debug)]
struct Table {
    /// What holds before the first change.
    first: Span,
    /// The changes in order, each with what holds from then on.
    later: Vec<(Instant, Span)>,
    transitions: Transitions,
}

struct Entry {
    name: &'static str,
    table: usize,
    /// Read when it is first asked for.
    read: OnceLock<Box<Table>>,
}

static ENTRIES: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let entry = |line: &'static str| {
        let (name, table) = line.split_once(' ')?;
        Some(Entry { name, table: table.parse().ok()?, read: OnceLock::new() })
    };
    NAMES.lines().filter_map(entry).collect()
});

impl Iana {
    /// Returns the zone with exactly this name.
    pub(super) fn exactly(name: &str) -> Option<Self> {
        Self::at(ENTRIES.binary_search_by(|entry| entry.name.cmp(name)).ok()?)
    }

    /// Returns the zone with this name in any case.
    pub(super) fn in_any_case(name: &str) -> Option<Self> {
        Self::at(ENTRIES.iter().position(|entry| entry.name.eq_ignore_ascii_case(name))?)
    }

    fn at(index: usize) -> Option<Self> {
        u16::try_from(index).ok().map(Self)
    }

    /// Returns the name in the spelling of the database.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Returns the offsets of the zone.
    pub(super) fn transitions(self) -> &'static Transitions {
        &self.table().transitions
    }

    /// Returns what holds at an instant.
    pub(super) fn span_at(self, instant: Instant) -> &'static Span {
        let table = self.table();
        let passed = table.later.partition_point(|(at, _)| *at <= instant);
        passed.checked_sub(1).map_or(&table.first, |last| &table.later[last].1)
    }

    fn table(self) -> &'static Table {
        let entry = self.entry();
        entry.read.get_or_init(|| Box::new(Bytes::at(TABLES, entry.table).table()))
    }

    fn entry(self) -> &'static Entry {
        &ENTRIES[usize::from(self.0)]
    }
}

impl Table {
    fn new(first: Span, later: Vec<(Instant, Span)>) -> Self {
        let onsets = later.iter().map(|(at, span)| (*at, span.offset)).collect();
        Self { transitions: Transitions::new(first.offset, onsets), first, later }
    }
}

impl fmt::Display for Iana {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Debug for Iana {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}
