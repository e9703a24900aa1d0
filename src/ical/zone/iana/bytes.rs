//! The form of a table.
//!
//! The number of its spans, and for each its offset in seconds, its kind, and its abbreviation with the
//! length before it; the number of its changes, and for each the seconds since the one before it and the
//! number of its span. The first span holds before the first change. Numbers are little-endian: counts,
//! kinds and lengths have one byte, the number of changes two, offsets and seconds four; the first change
//! has eight bytes, since 1970.

use super::{Span, Table};
use crate::time::Instant;

/// Reads a table that is part of the program: a wrong form is a bug, which a test finds.
pub(super) struct Bytes {
    rest: &'static [u8],
}

impl Bytes {
    pub(super) fn at(tables: &'static [u8], begin: usize) -> Self {
        Self { rest: tables.get(begin..).unwrap_or_default() }
    }

    pub(super) fn table(mut self) -> Table {
        let spans: Vec<Span> = (0..self.byte()).map(|_| self.span()).collect();
        let Some(first) = spans.first().cloned() else {
            return Table::new(Span { offset: 0, is_daylight: false, abbreviation: "" }, vec![]);
        };
        let changes = u16::from_le_bytes(self.take());
        let mut at: Instant = 0;
        let change = |number| {
            at = if number == 0 {
                i64::from_le_bytes(self.take())
            } else {
                at + i64::from(u32::from_le_bytes(self.take()))
            };
            let span = spans.get(usize::from(self.byte())).unwrap_or(&first);
            (at, span.clone())
        };
        let later = (0..changes).map(change).collect();
        Table::new(first, later)
    }

    fn span(&mut self) -> Span {
        let offset = i64::from(i32::from_le_bytes(self.take()));
        let is_daylight = self.byte() == 1;
        let (abbreviation, rest) = self.rest.split_at(usize::from(self.rest.first().copied().unwrap_or_default()) + 1);
        self.rest = rest;
        Span { offset, is_daylight, abbreviation: str::from_utf8(&abbreviation[1..]).unwrap_or_default() }
    }

    fn byte(&mut self) -> u8 {
        let [byte] = self.take();
        byte
    }

    fn take<const N: usize>(&mut self) -> [u8; N] {
        let Some((taken, rest)) = self.rest.split_first_chunk() else { return [0; N] };
        self.rest = rest;
        *taken
    }
}
