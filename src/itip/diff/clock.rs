//! Compares the local clocks (time zones) of two versions of a series.
//!
//! **Invariant:** only UTC offsets count: those at the times of the series or, if it has too many,
//! at one time of each day. The names of time zones do not count.

use super::dates::start_of;
use super::rules;
use crate::body::Body;
use crate::times::Times;
use chrono::TimeDelta;
use ical::rule::{End, Frequency, Rule};
use ical::time::DAY;
use ical::value::DateTime;

/// The number of days after the start of a series in which two time zones are compared: five years.
const MAX_COMPARED_DAYS: i64 = 5 * 366;

/// Returns whether the time zones of two versions of a series give its instances the same instants
/// in the first [`MAX_COMPARED_DAYS`] days; true if one version has no DTSTART or no RRULE. The
/// instances follow the clock of the zone, so zones may agree at the start of the series and move
/// later instances only.
pub(super) fn has_same_clock(before: &Body<'_>, after: &Body<'_>, was: &Times, is: &Times) -> bool {
    let (Some(one), Some(other)) = (start_of(before), start_of(after)) else { return true };
    let written = rules(after, "RRULE");
    if written.is_empty() || before.line("RRULE").is_none() || was.zone(&one) == is.zone(&other) {
        return true;
    }
    // If a rule has too many instances to compare, one time of each day is compared instead.
    let is_alike = |rule: Rule| {
        let each_day = || is_same_each_day(days_of(&rule, &other), (was, &one), (is, &other));
        let alike = was.recur_alike(std::slice::from_ref(&rule), &one, (is, &other), MAX_COMPARED_DAYS);
        alike.unwrap_or_else(each_day)
    };
    written.iter().filter_map(|rule| Rule::parse(rule).ok()).all(is_alike)
}

fn is_same_each_day(days: i64, (was, one): (&Times, &DateTime), (is, other): (&Times, &DateTime)) -> bool {
    (0..=days).all(|day| match (days_after(one, day), days_after(other, day)) {
        (Some(one), Some(other)) => was.key(&one) == is.key(&other),
        _ => true,
    })
}

fn days_after(start: &DateTime, days: i64) -> Option<DateTime> {
    Some(start.at(start.local().checked_add_signed(TimeDelta::try_days(days)?)?))
}

/// Returns an upper bound of the days from the start of a rule to its last instance, at most
/// [`MAX_COMPARED_DAYS`].
fn days_of(rule: &Rule, start: &DateTime) -> i64 {
    let seconds = match &rule.end {
        End::Never => None,
        End::Until(until) => Some(until.local().signed_duration_since(start.local()).num_seconds()),
        End::Count(count) => seconds_of(rule).map(|step| step.saturating_mul(i64::from(*count))),
    };
    // One day is added for an UNTIL that is a date or in UTC, and for a change of clocks.
    seconds.map_or(MAX_COMPARED_DAYS, |seconds| (seconds / DAY + 1).clamp(0, MAX_COMPARED_DAYS))
}

/// Returns the seconds between two consecutive instances of a rule. `None` for months and years,
/// whose lengths differ, and with parts such as BYDAY, which spread COUNT over more time.
fn seconds_of(rule: &Rule) -> Option<i64> {
    let lists = [&rule.by_month, &rule.by_hour, &rule.by_minute, &rule.by_second];
    let signed = [&rule.by_week_no, &rule.by_year_day, &rule.by_month_day, &rule.by_set_pos];
    let is_plain = lists.iter().all(|list| list.is_empty()) && signed.iter().all(|list| list.is_empty());
    let unit = match rule.frequency {
        Frequency::Yearly | Frequency::Monthly => None,
        Frequency::Weekly => Some(7 * DAY),
        Frequency::Daily => Some(DAY),
        Frequency::Hourly => Some(3_600),
        Frequency::Minutely => Some(60),
        Frequency::Secondly => Some(1),
    };
    unit.filter(|_| is_plain && rule.by_day.is_empty()).map(|unit| unit * i64::from(rule.interval))
}
