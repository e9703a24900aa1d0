//! Which days a rule admits: BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY (RFC 5545 §3.3.10).
//!
//! **Invariant:** every part limits. Where the RFC says that a part expands, the days of the whole period are tried, which
//! comes to the same.

use crate::rule::{ByDay, Frequency, Rule, Skip};
use chrono::{Datelike, Days, NaiveDate, Weekday};

const WEEK_DAYS: i64 = 7;
/// A week belongs to the year that has at least four of its days.
const LEAST_DAYS: i64 = 4;

#[derive(Debug, Clone)]
pub(super) struct DayFilter {
    /// Bit m is month m; none set admits all.
    months: u16,
    month_days: u32,
    month_days_from_end: u32,
    year_days: Vec<i32>,
    weeks: Vec<i32>,
    weekdays: u8,
    nth: Vec<ByDay>,
    within: Within,
    /// The only weekday there can be.
    only_weekday: Option<Weekday>,
    week_start: Weekday,
    skip: Skip,
}

/// What the number of a BYDAY counts within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Month,
    Year,
}

fn bit<T: TryInto<u32>>(number: T) -> u32 {
    number.try_into().map_or(0, |number| 1u32.checked_shl(number).unwrap_or(0))
}

fn weekday_bit(weekday: Weekday) -> u8 {
    1 << weekday.num_days_from_monday()
}

impl DayFilter {
    /// With what the rule leaves to DTSTART made explicit.
    pub(super) fn new(rule: &Rule, start: NaiveDate) -> Self {
        let yearly = rule.frequency == Frequency::Yearly;
        let numbered = rule.frequency == Frequency::Monthly || yearly && rule.by_week_no.is_empty();
        let no_days = rule.by_year_day.is_empty() && rule.by_month_day.is_empty() && rule.by_day.is_empty();
        let mut filter = Self {
            months: rule.by_month.iter().fold(0, |months, month| months | 1 << (month % 16)),
            month_days: rule.by_month_day.iter().fold(0, |days, day| days | if *day > 0 { bit(*day) } else { 0 }),
            month_days_from_end: rule
                .by_month_day
                .iter()
                .fold(0, |days, day| days | if *day < 0 { bit(-*day) } else { 0 }),
            year_days: rule.by_year_day.clone(),
            weeks: rule.by_week_no.clone(),
            weekdays: 0,
            nth: Vec::new(),
            within: if yearly && rule.by_month.is_empty() { Within::Year } else { Within::Month },
            only_weekday: None,
            week_start: rule.week_start,
            skip: if rule.by_day.is_empty() { rule.skip } else { Skip::Omit },
        };
        for day in &rule.by_day {
            if day.nth == 0 || !numbered {
                filter.weekdays |= weekday_bit(day.weekday);
            } else {
                filter.nth.push(*day);
            }
        }
        if no_days {
            filter.take_day_of_start(rule.frequency, start);
        }
        filter.only_weekday = filter.only_weekday();
        filter
    }

    fn only_weekday(&self) -> Option<Weekday> {
        const WEEK: [Weekday; 7] = {
            use Weekday::{Fri, Mon, Sat, Sun, Thu, Tue, Wed};
            [Mon, Tue, Wed, Thu, Fri, Sat, Sun]
        };
        let admitted = |weekday: &Weekday| {
            self.weekdays & weekday_bit(*weekday) != 0 || self.nth.iter().any(|nth| nth.weekday == *weekday)
        };
        let mut weekdays = WEEK.into_iter().filter(admitted);
        weekdays.next().filter(|_| weekdays.next().is_none())
    }

    fn take_day_of_start(&mut self, frequency: Frequency, start: NaiveDate) {
        match frequency {
            Frequency::Yearly if !self.weeks.is_empty() => self.weekdays = weekday_bit(start.weekday()),
            Frequency::Yearly => {
                self.month_days = bit(start.day());
                if self.months == 0 {
                    self.months = 1 << start.month();
                }
            }
            Frequency::Monthly => self.month_days = bit(start.day()),
            Frequency::Weekly => self.weekdays = weekday_bit(start.weekday()),
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {}
        }
    }

    pub(super) fn has_weeks(&self) -> bool {
        !self.weeks.is_empty()
    }

    /// How many of the seven days of every week it admits, if it looks at nothing but the weekday.
    pub(super) fn only_weekdays(&self) -> Option<i64> {
        let nothing_else = self.months == 0
            && self.month_days | self.month_days_from_end == 0
            && self.year_days.is_empty()
            && self.weeks.is_empty()
            && self.nth.is_empty();
        let days = if self.weekdays == 0 { WEEK_DAYS } else { i64::from(self.weekdays.count_ones()) };
        nothing_else.then_some(days)
    }

    /// The days admitted from `first` on, before `end`, in order.
    pub(super) fn admitted(&self, first: NaiveDate, end: NaiveDate, days: &mut Vec<NaiveDate>) {
        let mut candidate = self.candidate(first);
        while let Some(day) = candidate.filter(|day| *day < end) {
            candidate = if self.has_month(day) {
                if self.admits_but_month(day) {
                    days.push(day);
                }
                day.succ_opt().and_then(|next| self.candidate(next))
            } else {
                self.next_month_admitted(day).and_then(|next| self.candidate(next))
            };
        }
        if self.skip != Skip::Omit {
            self.shifted(first, end, days);
        }
    }

    /// The first day from there on that may be admitted: where only one weekday may, six of seven days need not be looked at.
    fn candidate(&self, day: NaiveDate) -> Option<NaiveDate> {
        match self.only_weekday {
            Some(weekday) => day.checked_add_days(Days::new(weekday.days_since(day.weekday()).into())),
            None => Some(day),
        }
    }

    /// The first day of the next month that is admitted.
    fn next_month_admitted(&self, day: NaiveDate) -> Option<NaiveDate> {
        let later = self.months & (!0 << (day.month() + 1));
        let (year, months) = if later == 0 { (day.year() + 1, self.months) } else { (day.year(), later) };
        NaiveDate::from_ymd_opt(year, months.trailing_zeros(), 1)
    }

    pub(super) fn admits(&self, day: NaiveDate) -> bool {
        self.has_month(day) && self.admits_but_month(day)
    }

    fn has_month(&self, day: NaiveDate) -> bool {
        self.months == 0 || self.months & 1 << day.month() != 0
    }

    fn admits_but_month(&self, day: NaiveDate) -> bool {
        self.has_month_day(day) && self.has_weekday(day) && self.has_year_day(day) && self.has_week(day)
    }

    fn has_month_day(&self, day: NaiveDate) -> bool {
        if self.month_days | self.month_days_from_end == 0 {
            return true;
        }
        let from_end = || self.month_days_from_end & bit(month_days(day) + 1 - day.day()) != 0;
        self.month_days & bit(day.day()) != 0 || self.month_days_from_end != 0 && from_end()
    }

    fn has_weekday(&self, day: NaiveDate) -> bool {
        if self.weekdays == 0 && self.nth.is_empty() {
            return true;
        }
        self.weekdays & weekday_bit(day.weekday()) != 0 || self.nth.iter().any(|nth| self.is_nth(day, *nth))
    }

    fn is_nth(&self, day: NaiveDate, by_day: ByDay) -> bool {
        if day.weekday() != by_day.weekday {
            return false;
        }
        let (at, len) = match self.within {
            Within::Month => (day.day(), month_days(day)),
            Within::Year => (day.ordinal(), year_days(day.year())),
        };
        let nth = if by_day.nth > 0 { (at - 1) / 7 + 1 } else { (len - at) / 7 + 1 };
        by_day.nth.unsigned_abs() == nth
    }

    fn has_year_day(&self, day: NaiveDate) -> bool {
        if self.year_days.is_empty() {
            return true;
        }
        let at = i64::from(day.ordinal());
        let from_end = at - i64::from(year_days(day.year())) - 1;
        self.year_days.iter().any(|day| i64::from(*day) == at || i64::from(*day) == from_end)
    }

    fn has_week(&self, day: NaiveDate) -> bool {
        if self.weeks.is_empty() {
            return true;
        }
        let (year, week) = week_of(day, self.week_start);
        let from_end = week - weeks_in(year, self.week_start) - 1;
        self.weeks.iter().any(|number| i64::from(*number) == week || i64::from(*number) == from_end)
    }

    /// RFC 7529 §4.1: a day the month does not have moves to the last one before it or the first one after it.
    fn shifted(&self, first: NaiveDate, end: NaiveDate, days: &mut Vec<NaiveDate>) {
        let mut month = first.with_day(1);
        while let Some(begin) = month.filter(|begin| *begin < end) {
            let len = month_days(begin);
            let missing = (len + 1..=31).any(|day| self.month_days & bit(day) != 0);
            if missing && self.has_month(begin) {
                let day = match self.skip {
                    Skip::Omit => None,
                    Skip::Backward => begin.with_day(len),
                    Skip::Forward => next_month(begin),
                };
                days.extend(day);
            }
            month = next_month(begin);
        }
        days.sort_unstable();
        days.dedup();
    }
}

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

fn year_days(year: i32) -> u32 {
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

fn weeks_in(year: i32, week_start: Weekday) -> i64 {
    let first = first_week(year, week_start);
    let next = first_week(year + 1, week_start);
    first.zip(next).map_or(52, |(first, next)| (next - first).num_days() / WEEK_DAYS)
}
