//! The Gregorian calendar as recurrence rules need it: months, years and numbered weeks.

use chrono::{Datelike, Days, NaiveDate, Weekday};

pub(super) const WEEK_DAYS: i64 = 7;
/// A week belongs to the year that contains at least this many of its days (RFC 5545 §3.3.10).
const LEAST_DAYS: i64 = 4;

/// Returns the first day of the month after that of `day`; `None` at the end of the calendar.
pub(super) fn next_month(day: NaiveDate) -> Option<NaiveDate> {
    let (year, month) = if day.month() == 12 { (day.year() + 1, 1) } else { (day.year(), day.month() + 1) };
    NaiveDate::from_ymd_opt(year, month, 1)
}

pub(super) fn month_days(day: NaiveDate) -> u32 {
    match day.month() {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(day.leap_year()),
        _ => 31,
    }
}

pub(super) fn year_days(year: i32) -> u32 {
    365 + u32::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
}

/// Returns the first day of the week that contains `day`.
pub(super) fn week_begin(day: NaiveDate, week_start: Weekday) -> NaiveDate {
    let into = day.weekday().days_since(week_start);
    day.checked_sub_days(Days::new(into.into())).unwrap_or(day)
}

/// Returns the first day of week 1 of a year (RFC 5545 §3.3.10, BYWEEKNO); `None` if the year is
/// beyond the calendar.
pub(super) fn first_week(year: i32, week_start: Weekday) -> Option<NaiveDate> {
    // January 4 is always in week 1, which has at least four days of the year.
    let fourth = NaiveDate::from_ymd_opt(year, 1, 4)?;
    debug_assert_eq!(LEAST_DAYS, i64::from(fourth.day()), "the fourth day decides");
    Some(week_begin(fourth, week_start))
}

/// A week, numbered as in BYWEEKNO.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Week {
    /// The year to which the week belongs.
    pub(super) year: i32,
    /// The number of the week in its year, counted from 1.
    pub(super) number: i64,
    /// The number of the week counted from the end: the last week of the year is -1.
    pub(super) from_end: i64,
}

impl Week {
    /// Returns the week that contains a day. The week belongs to the year of its fourth day.
    pub(super) fn of(day: NaiveDate, week_start: Weekday) -> Self {
        let len = |year| i64::from(year_days(year));
        let into = i64::from(day.weekday().days_since(week_start));
        let (mut year, mut fourth) = (day.year(), i64::from(day.ordinal()) - into + LEAST_DAYS - 1);
        if fourth < 1 {
            year -= 1;
            fourth += len(year);
        } else if fourth > len(year) {
            fourth -= len(year);
            year += 1;
        }
        let behind = (len(year) - fourth) / WEEK_DAYS;
        Self { year, number: (fourth - 1) / WEEK_DAYS + 1, from_end: -1 - behind }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weeks_that_begin_on_monday_are_those_of_iso_8601() {
        let first = NaiveDate::from_ymd_opt(1899, 12, 20).expect("it is a day");
        for day in first.iter_days().take(146_097) {
            let (week, iso) = (Week::of(day, Weekday::Mon), day.iso_week());
            let last = NaiveDate::from_ymd_opt(iso.year(), 12, 28).map_or(0, |day| day.iso_week().week());
            assert_eq!((week.year, week.number), (iso.year(), iso.week().into()), "{day}");
            assert_eq!(week.number - week.from_end, i64::from(last) + 1, "{day}");
        }
    }

    #[test]
    fn week_one_is_found_for_every_wkst() {
        for (year, week_start) in (1990..2030).flat_map(|year| [Weekday::Sun, Weekday::Wed].map(|day| (year, day))) {
            let first = first_week(year, week_start).expect("it is a day");
            assert_eq!(Week::of(first, week_start), Week { number: 1, ..Week::of(first, week_start) });
            let before = Week::of(first.pred_opt().expect("it is a day"), week_start);
            assert_eq!((before.year, before.from_end), (year - 1, -1), "{year} {week_start}");
        }
    }
}
