//! The transitions of a zone of the IANA database.
//!
//! **Invariant:** sorted, from [`FIRST_YEAR`] to [`LAST_YEAR`]. Earlier ones are ignored; later
//! ones are unknown.

use super::Iana;
use super::iana::Span;
use crate::time::{Instant, Window, civil, local};
use chrono::{NaiveDate, NaiveDateTime};

const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2099;

/// One transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Onset {
    pub(super) at: Instant,
    /// The offset before it, in seconds, positive east of Greenwich.
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) is_daylight: bool,
    pub(super) name: Option<String>,
}

impl Onset {
    /// Returns its time in local time before the onset (RFC 5545 §3.6.5).
    pub(super) fn local(&self) -> NaiveDateTime {
        local(self.at + self.from)
    }

    fn new(zone: Iana, at: Instant, from: i64, to: i64) -> Self {
        let Span { is_daylight, abbreviation, .. } = zone.span_at(at);
        let name = Some(*abbreviation).filter(|name| !name.is_empty()).map(str::to_owned);
        Self { at, from, to, is_daylight: *is_daylight, name }
    }
}

/// Returns all transitions. The first is no change: it states the initial offset.
pub(super) fn onsets(zone: Iana) -> Vec<Onset> {
    let (years, table) = (years(), zone.transitions());
    let mut offset = table.offset_at(years.start);
    let mut onsets = vec![Onset::new(zone, years.start, offset, offset)];
    for at in table.onsets().filter(|at| *at > years.start && *at < years.end) {
        let changed = table.offset_at(at);
        onsets.push(Onset::new(zone, at, offset, changed));
        offset = changed;
    }
    onsets
}

/// Returns the years for which transitions are computed.
pub(super) fn years() -> Window {
    let year = |year| NaiveDate::from_ymd_opt(year, 1, 1).map_or(0, |day| civil(day.into()));
    Window::new(year(FIRST_YEAR), year(LAST_YEAR + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Vec<Onset> {
        onsets(Iana::exactly(name).expect("it is known"))
    }

    #[test]
    fn every_transition_of_a_zone_is_found() {
        let berlin = named("Europe/Berlin");
        let in_2026: Vec<_> = berlin.iter().filter(|onset| onset.local().format("%Y").to_string() == "2026").collect();
        let told: Vec<_> = in_2026
            .iter()
            .map(|onset| (onset.local().to_string(), onset.from, onset.to, onset.is_daylight, onset.name.as_deref()))
            .collect();
        let expected = [
            ("2026-03-29 02:00:00".to_owned(), 3600, 7200, true, Some("CEST")),
            ("2026-10-25 03:00:00".to_owned(), 7200, 3600, false, Some("CET")),
        ];
        assert_eq!(told, expected);
        assert_eq!(named("Etc/GMT").len(), 1, "a constant zone has only the initial entry");
        assert!(named("Africa/Casablanca").len() > 100, "Ramadan adds transitions within a month");
    }
}
