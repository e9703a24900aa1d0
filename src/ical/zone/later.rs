//! Offsets in the years after the tables of the IANA database end. The yearly rules of the last
//! years go on, as in a generated VTIMEZONE and in the files of the database (RFC 9636 §3.3).
//!
//! **Invariant:** until the tables end, only the tables are used. The yearly rules can therefore be
//! derived from them.

use super::{Transitions, onset::years, timezone};
use crate::time::{DAY, Instant, local};
use chrono::Datelike;
use chrono_tz::Tz;
use std::sync::LazyLock;

/// The instant after which yearly rules are used: one day after the tables of the IANA database
/// end, when the last year of the tables is over in every zone.
static END: LazyLock<Instant> = LazyLock::new(|| years().end + DAY);

/// Returns the transitions around an instant after [`END`], as the yearly rules give them. Returns
/// `None` for an earlier instant, and for a zone without yearly rules.
pub(super) fn around(zone: Tz, instant: Instant) -> Option<Transitions> {
    if instant <= *END {
        return None;
    }
    let (year, runs) = (local(instant).year(), timezone::known(zone));
    let mut onsets: Vec<(Instant, i64, i64)> =
        (year - 1..=year + 1).flat_map(|year| runs.iter().filter_map(move |run| run.in_year(year))).collect();
    onsets.sort_unstable();
    let (_, first_offset, _) = *onsets.first()?;
    Some(Transitions::new(first_offset, onsets.into_iter().map(|(at, _, to)| (at, to)).collect()))
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveDate, NaiveDateTime};

    use super::super::Zone;
    use super::*;

    fn at(year: i32, month: u32, day: u32, hour: u32) -> NaiveDateTime {
        NaiveDate::from_ymd_opt(year, month, day).and_then(|day| day.and_hms_opt(hour, 30, 0)).expect("a time")
    }

    #[test]
    fn yearly_rules_go_on_after_the_tables() {
        let rows = [
            (Tz::Europe__Vienna, [1, 2]),
            (Tz::America__New_York, [-5, -4]),
            (Tz::Australia__Sydney, [11, 10]),
            (Tz::America__Santiago, [-3, -4]),
            (Tz::Asia__Tokyo, [9, 9]),
        ];
        for (zone, [january, july]) in rows {
            for year in [2099, 2100, 2150, 2400, 9000] {
                for (month, hours) in [(1, january), (7, july)] {
                    let (zone, time) = (Zone::Iana(zone), at(year, month, 10, 12));
                    let instant = zone.to_instant(time);
                    assert_eq!(zone.offset_at(instant), hours * 3_600, "{zone:?} {time}");
                    assert_eq!(zone.to_local(instant), time, "{zone:?}");
                }
            }
        }
    }

    #[test]
    fn an_hour_that_is_missing_or_comes_twice_is_read_as_before() {
        let vienna = Zone::Iana(Tz::Europe__Vienna);
        // March 29 and October 25, 2150, are the last Sundays of their months, on which clocks
        // change.
        for (time, hours) in
            [(at(2150, 3, 29, 2), 1), (at(2150, 3, 29, 3), 2), (at(2150, 10, 25, 2), 2), (at(2150, 10, 25, 3), 1)]
        {
            assert_eq!(crate::time::civil(time) - vienna.to_instant(time), hours * 3_600, "{time}");
        }
    }
}
