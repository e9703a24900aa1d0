//! Yearly rules for the transitions of a zone, so that a VTIMEZONE has one rule in place of many
//! dates.
//!
//! **Invariant:** up to the last known year, the rule of a run generates exactly the run's
//! transitions, one in every year. The rule has UNTIL unless the run lasts until the last known
//! year.

use super::onset::{Onset, years};
use crate::time::{Instant, civil, local};
use chrono::{Datelike, Days, NaiveDate, Weekday};
use std::fmt;

/// The day of a month on which yearly transitions occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum YearlyDay {
    Last(Weekday),
    Nth(u32, Weekday),
    Day(u32),
    /// The first day that is the given weekday, on or after the given day of the month, as in
    /// `Sun>=8`.
    From(u32, Weekday),
}

/// A run: transitions of the same kind in consecutive years.
#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) onsets: Vec<Onset>,
    /// The yearly rules that fit all transitions of the run; the preferred rule comes first.
    yearly_days: Vec<YearlyDay>,
}

/// Groups transitions into runs, ordered by the start of the run.
pub(super) fn runs(onsets: Vec<Onset>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for onset in onsets {
        // The run that the transition continues is searched from the last run on backwards: two
        // runs may be in progress, one for summer and one for winter.
        match runs.iter_mut().rev().find(|run| run.goes_on_with(&onset)) {
            Some(run) => run.push(onset),
            None => runs.push(Run::new(onset)),
        }
    }
    runs
}

impl Run {
    fn new(onset: Onset) -> Self {
        Self { yearly_days: yearly_days(onset.local().date()), onsets: vec![onset] }
    }

    fn goes_on_with(&self, onset: &Onset) -> bool {
        let last = &self.onsets[self.onsets.len() - 1];
        let (before, now) = (last.local(), onset.local());
        let alike = (last.from, last.to, last.is_daylight, &last.name)
            == (onset.from, onset.to, onset.is_daylight, &onset.name);
        let a_year_later = before.year() + 1 == now.year() && before.month() == now.month();
        let has_day = || yearly_days(now.date()).iter().any(|yearly_day| self.yearly_days.contains(yearly_day));
        alike && a_year_later && before.time() == now.time() && has_day()
    }

    fn push(&mut self, onset: Onset) {
        let own = yearly_days(onset.local().date());
        self.yearly_days.retain(|yearly_day| own.contains(yearly_day));
        self.onsets.push(onset);
    }

    fn goes_on(&self) -> bool {
        self.onsets.last().is_some_and(|last| last.local().year() + 1 >= local(years().end).year())
    }

    /// Reduces a run that ended at or before `begin` to its last transition, which still holds.
    pub(super) fn shortened(mut self, begin: Instant) -> Self {
        if !self.goes_on() && self.onsets.last().is_some_and(|last| last.at <= begin) {
            self.onsets.drain(..self.onsets.len() - 1);
        }
        self
    }

    /// Returns the transition of the run in a later year: its instant, and the offsets before and
    /// after it, in seconds. Returns `None` if the run has ended, or has a single transition.
    pub(super) fn in_year(&self, year: i32) -> Option<(Instant, i64, i64)> {
        let last = self.onsets.last().filter(|_| self.goes_on() && self.onsets.len() > 1)?;
        let day = self.yearly_days.first()?.in_month(year, last.local().month())?;
        Some((civil(day.and_time(last.local().time())) - last.from, last.from, last.to))
    }

    /// Returns the RRULE of the run.
    ///
    /// Returns `None` for a run of a single transition.
    pub(super) fn rule(&self) -> Option<String> {
        let (first, last) = (self.onsets.first()?, self.onsets.last()?);
        if self.onsets.len() == 1 {
            return None;
        }
        let rule = format!("FREQ=YEARLY;BYMONTH={};{}", first.local().month(), self.yearly_days.first()?);
        // UNTIL is in UTC (RFC 5545 §3.6.5).
        let until = local(last.at).format("%Y%m%dT%H%M%SZ");
        Some(if self.goes_on() { rule } else { format!("{rule};UNTIL={until}") })
    }
}

/// Returns the yearly rules that place a transition on this date; the preferred one comes first.
fn yearly_days(date: NaiveDate) -> Vec<YearlyDay> {
    const WEEK: u32 = 7;
    let (day, weekday) = (date.day(), date.weekday());
    let is_in_month = |days: u64| date.checked_add_days(Days::new(days)).is_some_and(|it| it.month() == date.month());
    let last = (!is_in_month(u64::from(WEEK))).then_some(YearlyDay::Last(weekday));
    let nth = Some((day - 1) / WEEK + 1).filter(|nth| *nth < 5).map(|nth| YearlyDay::Nth(nth, weekday));
    // The rule may only use days that exist in every year, so February is excluded (leap days).
    let begins = (day.saturating_sub(WEEK - 1).max(1)..=day)
        .filter(|begin| date.month() != 2 && is_in_month(u64::from(begin + WEEK - 1 - day)));
    let from = begins.map(|begin| YearlyDay::From(begin, weekday));
    last.into_iter().chain(nth).chain([YearlyDay::Day(day)]).chain(from).collect()
}

impl YearlyDay {
    fn in_month(self, year: i32, month: u32) -> Option<NaiveDate> {
        match self {
            Self::Last(weekday) => {
                let fifth = NaiveDate::from_weekday_of_month_opt(year, month, weekday, 5);
                fifth.or_else(|| NaiveDate::from_weekday_of_month_opt(year, month, weekday, 4))
            }
            Self::Nth(nth, weekday) => {
                NaiveDate::from_weekday_of_month_opt(year, month, weekday, u8::try_from(nth).ok()?)
            }
            Self::Day(day) => NaiveDate::from_ymd_opt(year, month, day),
            Self::From(begin, weekday) => {
                let begin = NaiveDate::from_ymd_opt(year, month, begin)?;
                begin.iter_days().find(|day| day.weekday() == weekday)
            }
        }
    }
}

impl fmt::Display for YearlyDay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |weekday: Weekday| weekday.to_string()[..2].to_uppercase();
        match self {
            Self::Last(weekday) => write!(formatter, "BYDAY=-1{}", name(*weekday)),
            Self::Nth(nth, weekday) => write!(formatter, "BYDAY={nth}{}", name(*weekday)),
            Self::Day(day) => write!(formatter, "BYMONTHDAY={day}"),
            Self::From(begin, weekday) => {
                let days: Vec<_> = (*begin..begin + 7).map(|day| day.to_string()).collect();
                write!(formatter, "BYMONTHDAY={};BYDAY={}", days.join(","), name(*weekday))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::onset::onsets;
    use chrono_tz::Tz;

    #[test]
    fn current_rules_have_their_usual_form() {
        let rows = [
            (Tz::Europe__Berlin, "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU"),
            (Tz::America__New_York, "FREQ=YEARLY;BYMONTH=11;BYDAY=1SU", "FREQ=YEARLY;BYMONTH=3;BYDAY=2SU"),
            (
                Tz::Asia__Jerusalem,
                "FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
                "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=23,24,25,26,27,28,29;BYDAY=FR",
            ),
            (Tz::Australia__Lord_Howe, "FREQ=YEARLY;BYMONTH=10;BYDAY=1SU", "FREQ=YEARLY;BYMONTH=4;BYDAY=1SU"),
        ];
        for (zone, first, second) in rows {
            let mut rules: Vec<_> = runs(onsets(zone)).iter().filter_map(Run::rule).collect();
            rules.retain(|rule| !rule.contains("UNTIL"));
            rules.sort();
            assert_eq!(rules, [first, second], "{zone}");
        }
    }
}
