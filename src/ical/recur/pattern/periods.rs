//! The periods of a rule: years, months, weeks, days, or exact steps.

use super::{HOUR, MINUTE, Pattern};
use crate::recur::calendar::{WEEK_DAYS, Week, first_week, next_month, week_begin};
use crate::rule::Frequency;
use crate::time::{DAY, LAST_CIVIL, civil, day, day_number};
use chrono::{Datelike, NaiveDate, NaiveDateTime};

const YEAR_MONTHS: i64 = 12;

impl Pattern {
    /// Returns the length of a step of a sub-daily rule, in seconds.
    pub(in crate::recur) fn step(&self) -> i64 {
        let unit = match self.frequency {
            Frequency::Secondly => 1,
            Frequency::Minutely => MINUTE,
            Frequency::Hourly => HOUR,
            Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => DAY,
        };
        self.interval.saturating_mul(unit)
    }

    /// Returns the number of the last period that begins at or before a local time; 0, the period
    /// of DTSTART, if there is none.
    pub(in crate::recur) fn period_at(&self, time: NaiveDateTime) -> i64 {
        let start = self.start_local.date();
        let units = match self.frequency {
            Frequency::Yearly => i64::from(self.year(time.date())) - i64::from(self.year(start)),
            Frequency::Monthly => month_number(time.date()) - month_number(start),
            Frequency::Weekly => (self.week(time.date()) - self.week(start)).div_euclid(WEEK_DAYS),
            Frequency::Daily => day_number(time.date()) - day_number(start),
            Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                return (civil(time) - civil(self.start_local)).div_euclid(self.step()).max(0);
            }
        };
        units.div_euclid(self.interval).max(0)
    }

    fn year(&self, date: NaiveDate) -> i32 {
        if self.days.has_weeks() { Week::of(date, self.week_start).year } else { date.year() }
    }

    fn week(&self, date: NaiveDate) -> i64 {
        day_number(week_begin(date, self.week_start))
    }

    /// Returns the first day of the first unit of a period, and the day after that unit.
    ///
    /// Returns `None` at the end of the calendar (the year 9999).
    pub(in crate::recur) fn period(&self, number: i64) -> Option<(NaiveDate, NaiveDate)> {
        let start = self.start_local.date();
        let units = number.checked_mul(self.interval)?;
        let from = match self.frequency {
            Frequency::Yearly => {
                let year = i32::try_from(i64::from(self.year(start)).checked_add(units)?).ok()?;
                return self.year_span(year);
            }
            Frequency::Monthly => {
                let months = month_number(start).checked_add(units)?;
                let year = i32::try_from(months.div_euclid(YEAR_MONTHS)).ok().filter(|year| *year <= 9999)?;
                let month = u32::try_from(months.rem_euclid(YEAR_MONTHS)).ok()? + 1;
                let from = NaiveDate::from_ymd_opt(year, month, 1)?;
                return Some((from, next_month(from)?));
            }
            Frequency::Weekly => self.week(start).checked_add(units.checked_mul(WEEK_DAYS)?)?,
            Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
                day_number(start).checked_add(units)?
            }
        };
        let days = if self.frequency == Frequency::Weekly { WEEK_DAYS } else { 1 };
        (from <= LAST_CIVIL / DAY - days).then(|| (day(from), day(from + days)))
    }

    fn year_span(&self, year: i32) -> Option<(NaiveDate, NaiveDate)> {
        if year > 9998 {
            return None;
        }
        if self.days.has_weeks() {
            return Some((first_week(year, self.week_start)?, first_week(year + 1, self.week_start)?));
        }
        Some((NaiveDate::from_ymd_opt(year, 1, 1)?, NaiveDate::from_ymd_opt(year + 1, 1, 1)?))
    }
}

fn month_number(date: NaiveDate) -> i64 {
    i64::from(date.year()) * YEAR_MONTHS + i64::from(date.month0())
}
