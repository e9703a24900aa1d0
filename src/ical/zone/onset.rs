//! The transitions of a zone of the IANA database.
//!
//! **Invariant:** the transitions are sorted, and lie between [`FIRST_YEAR`] and [`LAST_YEAR`].
//! Earlier transitions are ignored, and later ones are unknown.

use super::Zone;
use crate::time::{DAY, Instant, Window, civil, local};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::{OffsetComponents, OffsetName, Tz};

const FIRST_YEAR: i32 = 1900;
const LAST_YEAR: i32 = 2099;
/// Step of the search for transitions, in seconds. No zone changed its offset and changed it back
/// within this time.
const STEP: i64 = 7 * DAY;

/// A transition of a zone: an instant at which its offset from UTC changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Onset {
    pub(super) at: Instant,
    /// The offset from UTC before the transition, in seconds, positive east of Greenwich.
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) is_daylight: bool,
    pub(super) name: Option<String>,
}

impl Onset {
    /// Returns the local time of the transition, by the offset before it (RFC 5545 §3.6.5).
    pub(super) fn local(&self) -> NaiveDateTime {
        local(self.at + self.from)
    }

    fn new(zone: Tz, at: Instant, from: i64, to: i64) -> Self {
        let offset = zone.offset_from_utc_datetime(&local(at));
        let name = offset.abbreviation().filter(|name| !name.is_empty()).map(str::to_owned);
        Self { at, from, to, is_daylight: offset.dst_offset() > TimeDelta::zero(), name }
    }
}

/// Returns all transitions of a zone in order. The first one is not a change: it states the initial
/// offset.
pub(super) fn onsets(zone: Tz) -> Vec<Onset> {
    let years = years();
    let offset_at = |instant| Zone::Iana(zone).offset_at(instant);
    let (mut at, mut offset) = (years.start, offset_at(years.start));
    let mut onsets = vec![Onset::new(zone, at, offset, offset)];
    while at < years.end {
        let next = (at + STEP).min(years.end);
        if offset_at(next) == offset {
            at = next;
            continue;
        }
        at = first(at, next, |instant| offset_at(instant) != offset);
        let changed = offset_at(at);
        onsets.push(Onset::new(zone, at, offset, changed));
        offset = changed;
    }
    onsets
}

/// Returns the window, in whole years, for which transitions are computed.
pub(super) fn years() -> Window {
    let year = |year| NaiveDate::from_ymd_opt(year, 1, 1).map_or(0, |day| civil(day.into()));
    Window::new(year(FIRST_YEAR), year(LAST_YEAR + 1))
}

/// Returns the first instant for which `is_true` holds, found by bisection. The function must be
/// false for `before` and true for `behind`.
fn first(mut before: Instant, mut behind: Instant, is_true: impl Fn(Instant) -> bool) -> Instant {
    while behind - before > 1 {
        let middle = before + (behind - before) / 2;
        if is_true(middle) {
            behind = middle;
        } else {
            before = middle;
        }
    }
    behind
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_transition_of_a_zone_is_found() {
        let berlin = onsets(Tz::Europe__Berlin);
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
        assert_eq!(onsets(Tz::Etc__GMT).len(), 1, "a constant zone has only the initial entry");
        assert!(onsets(Tz::Africa__Casablanca).len() > 100, "Ramadan adds transitions within a month");
    }
}
