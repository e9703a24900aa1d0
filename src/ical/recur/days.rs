//! The days that a rule admits by BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY and BYDAY (RFC 5545
//! §3.3.10).
//!
//! **Invariant:** every part is applied as a limit. Where the RFC says that a part expands, all
//! days of the period are tested instead, which gives the same result.

mod skip;

use super::calendar::{WEEK_DAYS, Week, month_days, year_days};
use crate::rule::{ByDay, Frequency, Rule, Skip};
use chrono::{Datelike, Days, NaiveDate, Weekday};

#[derive(Debug, Clone)]
pub(super) struct DayFilter {
    /// The admitted months: bit m is set for month m. Zero admits all months.
    months: u16,
    month_days: u32,
    month_days_from_end: u32,
    year_days: Vec<i32>,
    weeks: Vec<i32>,
    weekdays: u8,
    nth: Vec<ByDay>,
    within: Within,
    /// The weekday of all admitted days; `None` if they can have several.
    only_weekday: Option<Weekday>,
    week_start: Weekday,
    skip: Skip,
    /// True if INTERVAL is 1: the rule skips none of its periods (for `FREQ=MONTHLY`, no month).
    is_of_every_period: bool,
}

/// The period in which a numbered BYDAY, such as `2TU`, is counted.
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
    /// Builds the filter of a rule. If the rule states no days, DTSTART gives them (RFC 5545
    /// §3.3.10).
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
            skip: skip::of(rule),
            is_of_every_period: rule.interval == 1,
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

    /// Returns the number of admitted days of each week.
    ///
    /// Returns `None` if the filter depends on more than the weekday.
    pub(super) fn only_weekdays(&self) -> Option<i64> {
        let nothing_else = self.months == 0
            && self.month_days | self.month_days_from_end == 0
            && self.year_days.is_empty()
            && self.weeks.is_empty()
            && self.nth.is_empty();
        let days = if self.weekdays == 0 { WEEK_DAYS } else { i64::from(self.weekdays.count_ones()) };
        nothing_else.then_some(days)
    }

    /// Appends the admitted days from `first` to before `end` in order. SKIP can also add the day
    /// before `first`, and `end`.
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
            self.move_missing(first, end, days);
        }
    }

    /// Returns the first day from `day` on that may be admitted. If only one weekday can be, the
    /// days between are skipped. Returns `None` at the end of the calendar.
    fn candidate(&self, day: NaiveDate) -> Option<NaiveDate> {
        match self.only_weekday {
            Some(weekday) => day.checked_add_days(Days::new(weekday.days_since(day.weekday()).into())),
            None => Some(day),
        }
    }

    /// Returns the first day of the next admitted month after that of `day`; `None` at the end of
    /// the calendar.
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
        let week = Week::of(day, self.week_start);
        self.weeks
            .iter()
            .map(|number| i64::from(*number))
            .any(|number| number == week.number || number == week.from_end)
    }
}
