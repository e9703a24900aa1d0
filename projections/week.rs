//! Weeks, which begin on Monday at midnight UTC.

use std::ops::RangeInclusive;

const SECONDS_A_WEEK: i64 = 7 * 24 * 3_600;
/// Seconds from Monday to Thursday, the day on which 1970 began.
const MONDAY_TO_THURSDAY: i64 = 3 * 24 * 3_600;

/// Returns the number of the week that contains an instant (in seconds since the epoch). The week
/// of the epoch has number 0.
pub(crate) fn week(instant: i64) -> i64 {
    instant.saturating_add(MONDAY_TO_THURSDAY).div_euclid(SECONDS_A_WEEK)
}

/// Returns the weeks that overlap the time from `start` to `end` (seconds since the epoch, `end`
/// excluded); the week of `start` if `end` is not later.
pub(crate) fn weeks(start: i64, end: i64) -> RangeInclusive<i64> {
    week(start)..=week(end.saturating_sub(1).max(start))
}

/// Returns for each week how many seconds of the time from `start` to `end` are in it.
pub(crate) fn split(start: i64, end: i64) -> impl Iterator<Item = (i64, i64)> {
    weeks(start, end).map(move |week| {
        let monday = week * SECONDS_A_WEEK - MONDAY_TO_THURSDAY;
        (week, end.min(monday + SECONDS_A_WEEK) - start.max(monday))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-05, a Monday.
    const MONDAY: i64 = 1_767_571_200;

    #[test]
    fn a_week_begins_on_monday_and_ends_before_the_next() {
        let number = week(MONDAY);
        let rows = [
            ("a moment", MONDAY, MONDAY, number..=number),
            ("the whole week", MONDAY, MONDAY + SECONDS_A_WEEK, number..=number),
            ("from Sunday to Tuesday", MONDAY - 1, MONDAY + 1, number - 1..=number),
            ("long ago", i64::MIN, i64::MIN, week(i64::MIN)..=week(i64::MIN)),
        ];
        for (title, start, end, expected) in rows {
            assert_eq!(weeks(start, end), expected, "{title}");
        }
    }

    #[test]
    fn a_night_from_sunday_to_monday_is_split_at_midnight() {
        let split: Vec<_> = split(MONDAY - 3_600, MONDAY + 7_200).collect();
        assert_eq!(split, [(week(MONDAY) - 1, 3_600), (week(MONDAY), 7_200)]);
    }
}
