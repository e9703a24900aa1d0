//! Compares the clocks by which two versions of a series recur.
//!
//! **Invariant:** the name of a time zone counts for nothing, nor does what it says of other times
//! than those of the series.

use super::dates::start_of;
use crate::body::Body;
use crate::times::Times;
use chrono::TimeDelta;
use ical::rule::{End, Frequency, Rule};
use ical::value::DateTime;

/// Weeks in which two time zones are compared: five years.
const CLOCK_WEEKS: i64 = 5 * 53;

/// Returns whether a series repeats at the same instants, whatever its time zone is called and
/// however it is defined. A series recurs by the clock of its zone, so a zone that differs after
/// its start moves later instances only.
pub(super) fn has_same_clock(before: &Body<'_>, after: &Body<'_>, was: &Times, is: &Times) -> bool {
    let (Some(one), Some(other)) = (start_of(before), start_of(after)) else { return true };
    let is_same_zone = one.tzid() == other.tzid() && one.tzid().is_none_or(|tzid| was.agree_on(tzid, is));
    let (Some(rule), false) = (after.value("RRULE").filter(|_| before.line("RRULE").is_some()), is_same_zone) else {
        return true;
    };
    let weeks = Rule::parse(rule).map_or(CLOCK_WEEKS, |rule| weeks_of(&rule, &other));
    (0..=weeks).all(|weeks| match (weeks_after(&one, weeks), weeks_after(&other, weeks)) {
        (Some(one), Some(other)) => was.key(&one) == is.key(&other),
        _ => true,
    })
}

fn weeks_after(start: &DateTime, weeks: i64) -> Option<DateTime> {
    Some(start.at(start.local().checked_add_signed(TimeDelta::try_weeks(weeks)?)?))
}

/// Returns the weeks in which a rule generates instances, or more, up to [`CLOCK_WEEKS`].
fn weeks_of(rule: &Rule, start: &DateTime) -> i64 {
    let step_days = match rule.frequency {
        Frequency::Yearly => 366,
        Frequency::Monthly => 31,
        Frequency::Weekly => 7,
        Frequency::Daily | Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => 1,
    };
    let days = match &rule.end {
        End::Never => return CLOCK_WEEKS,
        End::Until(until) => until.local().signed_duration_since(start.local()).num_days(),
        End::Count(count) => i64::from(*count).saturating_mul(i64::from(rule.interval)).saturating_mul(step_days),
    };
    (days / 7 + 1).clamp(0, CLOCK_WEEKS)
}
