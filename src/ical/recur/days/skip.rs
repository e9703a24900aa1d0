//! Days that do not exist, such as February 30, and the days to which SKIP moves them (RFC 7529
//! §4.1).
//!
//! **Invariant:** a day that moves into a neighbouring period is dropped if the rule has that
//! period and generates the day in it, because COUNT counts each day once.

use super::DayFilter;
use crate::recur::calendar::{month_days, next_month, year_days};
use crate::rule::{Frequency, Rule, Skip};
use chrono::{Datelike, NaiveDate};

/// Returns the SKIP that applies to a rule. It applies only to monthly and yearly rules, which
/// generate days of a month or year; in other rules, the parts for days only limit, and so does
/// BYYEARDAY in a monthly rule. It does not apply to rules with BYWEEKNO, because a week that does
/// not exist is not a day that could move.
pub(super) fn of(rule: &Rule) -> Skip {
    let makes_days = match rule.frequency {
        Frequency::Yearly => true,
        Frequency::Monthly => rule.by_year_day.is_empty(),
        Frequency::Weekly | Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => false,
    };
    let makes_days = makes_days && rule.by_week_no.is_empty();
    if makes_days { rule.skip } else { Skip::Omit }
}

/// The side of the month or year on which a nonexistent day lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    Behind,
}

impl DayFilter {
    /// Adds the days to which nonexistent days move. BYDAY is applied after the move.
    pub(super) fn move_missing(&self, first: NaiveDate, end: NaiveDate, days: &mut Vec<NaiveDate>) {
        let inside = |day: NaiveDate| (first..end).contains(&day);
        let is_of_neighbour = |day: NaiveDate| self.admits(day) || self.missing_in_year(day).contains(&day);
        let is_own = |day: &NaiveDate| inside(*day) || !(self.is_of_every_period && is_of_neighbour(*day));
        let moved =
            if self.year_days.is_empty() { self.missing_in_months(first, end) } else { self.missing_in_year(first) };
        days.extend(moved.into_iter().filter(is_own).filter(|day| self.has_weekday(*day)));
        days.sort_unstable();
        days.dedup();
    }

    fn missing_in_months(&self, first: NaiveDate, end: NaiveDate) -> Vec<NaiveDate> {
        let mut moved = Vec::new();
        let mut month = first.with_day(1);
        while let Some(begin) = month.filter(|begin| *begin < end) {
            month = next_month(begin);
            if self.has_month(begin) {
                let longer = u32::MAX.checked_shl(month_days(begin) + 1).unwrap_or(0);
                let before = (self.month_days_from_end & longer != 0).then_some(Side::Before);
                let behind = (self.month_days & longer != 0).then_some(Side::Behind);
                let sides = before.into_iter().chain(behind);
                moved.extend(sides.filter_map(|side| self.neighbour(side, begin, month)));
            }
        }
        moved
    }

    /// Returns the days to which the nonexistent days of BYYEARDAY in the year of `first` move.
    fn missing_in_year(&self, first: NaiveDate) -> Vec<NaiveDate> {
        let (year, len) = (first.year(), i64::from(year_days(first.year())));
        let missing = self.year_days.iter().map(|day| i64::from(*day)).filter(|day| day.abs() > len);
        let begin = |year| NaiveDate::from_ymd_opt(year, 1, 1);
        let neighbour = |day: i64| {
            let side = if day < 0 { Side::Before } else { Side::Behind };
            self.neighbour(side, begin(year)?, begin(year + 1))
        };
        // Together with BYMONTHDAY, BYYEARDAY only limits (RFC 7529 §4.1).
        let makes_days = self.month_days | self.month_days_from_end == 0;
        missing.filter(|_| makes_days).filter_map(neighbour).collect()
    }

    /// Returns the existing day to which a nonexistent day moves; `None` if it is beyond the
    /// calendar. The month or year of the nonexistent day reaches from `begin` to before `next`.
    fn neighbour(&self, side: Side, begin: NaiveDate, next: Option<NaiveDate>) -> Option<NaiveDate> {
        let edge = if side == Side::Before { begin } else { next? };
        if self.skip == Skip::Backward { edge.pred_opt() } else { Some(edge) }
    }
}
