//! Compares the local clocks (time zones) of two versions of a series.
//!
//! **Invariant:** only the UTC offsets at the times of the series count. The names of time zones,
//! and their offsets at other times, do not.

use super::dates::start_of;
use super::rules;
use crate::body::Body;
use crate::times::Times;
use chrono::TimeDelta;
use ical::rule::{End, Frequency, Rule};
use ical::value::DateTime;

/// The number of days after the start of a series in which two time zones are compared: five years.
const MAX_COMPARED_DAYS: i64 = 5 * 366;

/// Returns whether the time zones of two versions of a series give its instances the same instants,
/// regardless of the zones' names and definitions; true if one version has no DTSTART or no RRULE.
/// The instances follow the clock of the zone, so zones may agree at the start of the series and
/// move later instances only.
pub(super) fn has_same_clock(before: &Body<'_>, after: &Body<'_>, was: &Times, is: &Times) -> bool {
    let (Some(one), Some(other)) = (start_of(before), start_of(after)) else { return true };
    let written = rules(after, "RRULE");
    if written.is_empty() || before.line("RRULE").is_none() || was.zone(&one) == is.zone(&other) {
        return true;
    }
    let rules: Vec<_> = written.iter().filter_map(|rule| Rule::parse(rule).ok()).collect();
    let alike = was.recur_alike(&rules, &one, (is, &other), MAX_COMPARED_DAYS);
    // A series with too many instances to compare has instances on most days, so one time of each
    // day is compared instead.
    alike.unwrap_or_else(|| is_same_each_day(&rules, (was, &one), (is, &other)))
}

fn is_same_each_day(rules: &[Rule], (was, one): (&Times, &DateTime), (is, other): (&Times, &DateTime)) -> bool {
    let days = rules.iter().map(|rule| days_of(rule, other)).max().unwrap_or(0);
    (0..=days).all(|days| match (days_after(one, days), days_after(other, days)) {
        (Some(one), Some(other)) => was.key(&one) == is.key(&other),
        _ => true,
    })
}

fn days_after(start: &DateTime, days: i64) -> Option<DateTime> {
    Some(start.at(start.local().checked_add_signed(TimeDelta::try_days(days)?)?))
}

/// Returns an estimate of the days in which a rule generates instances, at most
/// [`MAX_COMPARED_DAYS`]. Parts such as BYDAY, which spread COUNT over more days, are ignored.
fn days_of(rule: &Rule, start: &DateTime) -> i64 {
    let step_days = match rule.frequency {
        Frequency::Yearly => 366,
        Frequency::Monthly => 31,
        Frequency::Weekly => 7,
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => 1,
    };
    let days = match &rule.end {
        End::Never => return MAX_COMPARED_DAYS,
        End::Until(until) => until.local().signed_duration_since(start.local()).num_days(),
        End::Count(count) => i64::from(*count).saturating_mul(i64::from(rule.interval)).saturating_mul(step_days),
    };
    days.clamp(0, MAX_COMPARED_DAYS)
}
