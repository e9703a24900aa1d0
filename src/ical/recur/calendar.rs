//! The Gregorian calendar, as rules see it: months, years and the weeks that belong to a year.

use chrono::{Datelike, Days, NaiveDate, Weekday};

pub(super) const WEEK_DAYS: i64 = 7;
/// A week belongs to the year that has at least four of its days.
const LEAST_DAYS: i64 = 4;

/// The first day of the month behind that day's.
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
    NaiveDate::from_ymd_opt(year, 1, 1).map_or(365, |day| 365 + u32::from(day.leap_year()))
}

/// The first day of the week of that day.
pub(super) fn week_begin(day: NaiveDate, week_start: Weekday) -> NaiveDate {
    let into = day.weekday().days_since(week_start);
    day.checked_sub_days(Days::new(into.into())).unwrap_or(day)
}

/// The first day of the first week of a year (RFC 5545 §3.3.10: BYWEEKNO).
pub(super) fn first_week(year: i32, week_start: Weekday) -> Option<NaiveDate> {
    let fourth = NaiveDate::from_ymd_opt(year, 1, 4)?; // is always in it, as the week has four days of the year
    debug_assert_eq!(LEAST_DAYS, i64::from(fourth.day()), "the fourth day decides");
    Some(week_begin(fourth, week_start))
}

/// The year a day's week belongs to, and the number of the week.
pub(super) fn week_of(day: NaiveDate, week_start: Weekday) -> (i32, i64) {
    let mut year = day.year();
    if first_week(year + 1, week_start).is_some_and(|first| first <= day) {
        year += 1;
    } else if first_week(year, week_start).is_some_and(|first| day < first) {
        year -= 1;
    }
    let days = first_week(year, week_start).map_or(0, |first| (day - first).num_days());
    (year, days / WEEK_DAYS + 1)
}

pub(super) fn weeks_in(year: i32, week_start: Weekday) -> i64 {
    let first = first_week(year, week_start);
    let next = first_week(year + 1, week_start);
    first.zip(next).map_or(52, |(first, next)| (next - first).num_days() / WEEK_DAYS)
}
