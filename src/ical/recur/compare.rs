//! Comparison of recurrence rules by the instances they generate (RFC 6638 §3.2.8).
//!
//! **Invariant:** rules are equal if their instances are, however the rules are spelled, unless a
//! budget is too small to decide. Spellings can differ in the order of parts and lists, in defaults
//! that are written out, in COUNT or UNTIL, and in UTC or local time. [`MAX_COMPARED`] and
//! [`MAX_COMPARISON_WORK`] bound the work for each rule.

use super::budget::Budget;
use super::clock::{Clock, Mark};
use super::occurrences::Occurrences;
use super::pattern::Pattern;
use crate::rule::{End, Rule};
use crate::time::{DAY, Window};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use std::collections::BTreeSet;

/// Maximum number of instances of a rule that are compared one by one. Rules that are equal up to
/// there are compared by their ends.
const MAX_COMPARED: usize = 3_000;
/// Budget for the expansion of one rule. If a rule needs more, the result of a comparison is
/// [`InstanceChange::Unknown`] or `None`.
const MAX_COMPARISON_WORK: u32 = 50_000;
/// Time before UNTIL in which the last instance is searched for first, in seconds. The search is
/// made only for rules with more than [`MAX_COMPARED`] instances.
const SHORTEST_PAUSE: i64 = DAY;
/// Factor by which the time before UNTIL grows with each further search for the last instance.
const GROWTH: i64 = 20;

/// The difference between the instances before and after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstanceChange {
    /// The instances are the same.
    Same,
    /// Some instances were removed, and none was added.
    Removed,
    /// Instances were added; others may have been removed.
    Added,
    /// The budget was too small to decide.
    Unknown,
}

/// Compares the instances that two sets of rules generate from the same DTSTART, which is an
/// instance of both. `zones` are the zones of the document.
///
/// The instances are compared one by one up to the time at which a rule reaches [`MAX_COMPARED`]
/// instances. Beyond it, only the last instances of the two sets are compared. Returns
/// [`InstanceChange::Unknown`] if a rule needs too much work.
///
/// # Examples
///
/// ```
/// use ical::recur::{self, InstanceChange};
/// use ical::rule::Rule;
/// use ical::value::DateTime;
/// use ical::zone::Zones;
///
/// let start = DateTime::parse("20260316T160000", Some("Europe/Vienna"))?;
/// let change = |before: &str, after: &str| -> Result<_, Box<dyn std::error::Error>> {
///     let (before, after) = ([Rule::parse(before)?], [Rule::parse(after)?]);
///     Ok(recur::compare_rules(&start, &Zones::default(), &before, &after))
/// };
/// let (count, until) = ("FREQ=WEEKLY;COUNT=6", "UNTIL=20260420T140000Z;INTERVAL=1;FREQ=WEEKLY");
/// assert_eq!(change(count, until)?, InstanceChange::Same);
/// assert_eq!(change(count, "FREQ=WEEKLY;UNTIL=20260329T215959Z")?, InstanceChange::Removed);
/// assert_eq!(change(count, "FREQ=WEEKLY;COUNT=7")?, InstanceChange::Added);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare_rules(start: &DateTime, zones: &Zones, before: &[Rule], after: &[Rule]) -> InstanceChange {
    if before == after {
        return InstanceChange::Same;
    }
    let clock = Clock::of(start, zones, &Zone::Utc);
    let (before, after) = (Head::of(start, &clock, before), Head::of(start, &clock, after));
    if before.gave_up || after.gave_up {
        return InstanceChange::Unknown;
    }
    // The time up to which both sets were expanded. Beyond it, only the ends of the rules are
    // known.
    let reach = before.reach.min(after.reach);
    let new = |one: &Head, other: &Head| one.marks.range(..=reach).any(|mark| !other.marks.contains(mark));
    if new(&after, &before) || after.last > before.last {
        InstanceChange::Added
    } else if new(&before, &after) || before.last > after.last {
        InstanceChange::Removed
    } else {
        InstanceChange::Same
    }
}

/// True if [`compare_rules`] finds that two sets of rules generate the same instances from the same
/// DTSTART. False if it finds a difference, or cannot decide.
pub fn same_instances(start: &DateTime, zones: &Zones, one: &[Rule], other: &[Rule]) -> bool {
    compare_rules(start, zones, one, other) == InstanceChange::Same
}

/// Returns whether the rules generate the same instants from two DTSTARTs in the first `days` days.
/// Each DTSTART is given with the time zones of its own document. Floating times and dates count as
/// times in UTC.
///
/// Returns `None` if a rule has more than [`MAX_COMPARED`] instances in these days, or needs too
/// much work.
///
/// # Examples
///
/// ```
/// use ical::recur;
/// use ical::rule::Rule;
/// use ical::value::DateTime;
/// use ical::zone::Zones;
///
/// let (zones, rules) = (Zones::default(), [Rule::parse("FREQ=WEEKLY;COUNT=6")?]);
/// let [vienna, lagos] = ["Europe/Vienna", "Africa/Lagos"].map(|tzid| DateTime::parse("20260316T160000", Some(tzid)));
/// // From March 29 on, Vienna has its summer time.
/// let starts = [(&vienna?, &zones), (&lagos?, &zones)];
/// assert_eq!(recur::same_on_both_clocks(&rules, starts, 10), Some(true));
/// assert_eq!(recur::same_on_both_clocks(&rules, starts, 20), Some(false));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn same_on_both_clocks(rules: &[Rule], starts: [(&DateTime, &Zones); 2], days: i64) -> Option<bool> {
    let [one, other] = starts.map(|(start, zones)| {
        let clock = Clock::of(start, zones, &Zone::Utc);
        let from = clock.mark(start.local());
        let window = Window::new(from, from.saturating_add(days.saturating_mul(DAY)));
        let mut marks = BTreeSet::from([from]);
        for rule in rules {
            marks.extend(marks_within(window, &Pattern::new(rule, start.local(), &clock), &clock)?);
        }
        Some(marks)
    });
    Some(one? == other?)
}

/// Returns the times of a rule's instances in a window, as marks. Returns `None` if there are more
/// than [`MAX_COMPARED`], or if they need too much work.
fn marks_within(window: Window, pattern: &Pattern, clock: &Clock) -> Option<Vec<Mark>> {
    let budget = Budget::new(MAX_COMPARISON_WORK);
    let found = Occurrences::new(pattern, clock, window, &budget).take(MAX_COMPARED + 1);
    let marks: Vec<Mark> = found.map(|occurrence| occurrence.mark).collect();
    (marks.len() <= MAX_COMPARED && !budget.is_spent()).then_some(marks)
}

/// The first instances of a set of rules, and the end of the set.
struct Head {
    marks: BTreeSet<Mark>,
    /// The time up to which `marks` has the instances of all rules; `Mark::MAX` if no rule has more
    /// than [`MAX_COMPARED`] instances.
    reach: Mark,
    /// The time of the last instance; `Mark::MAX` if a rule has no end.
    last: Mark,
    gave_up: bool,
}

impl Head {
    fn of(start: &DateTime, clock: &Clock, rules: &[Rule]) -> Self {
        let local = start.local();
        let first = clock.mark(local);
        let mut head = Self { marks: BTreeSet::from([first]), reach: Mark::MAX, last: first, gave_up: false };
        for rule in rules {
            let pattern = Pattern::new(rule, local, clock);
            let budget = Budget::new(MAX_COMPARISON_WORK);
            let mut found: Vec<Mark> = Occurrences::new(&pattern, clock, Window::ALL, &budget)
                .take(MAX_COMPARED + 1)
                .map(|occurrence| occurrence.mark)
                .collect();
            head.gave_up |= budget.is_spent();
            found.sort_unstable();
            let goes_on = found.len() > MAX_COMPARED;
            found.truncate(MAX_COMPARED);
            let known = found.last().copied().unwrap_or(first);
            if goes_on {
                head.reach = head.reach.min(known);
            }
            match if goes_on { last(rule, &pattern, clock) } else { Some(known) } {
                Some(last) => head.last = head.last.max(last),
                None => head.gave_up = true,
            }
            head.marks.extend(found);
        }
        head
    }
}

/// Returns the time of the last instance of a rule, as a mark; `Mark::MAX` if the rule has no end.
/// If no instance is found, returns `pattern.until`.
///
/// Returns `None` if the search needs too much work.
fn last(rule: &Rule, pattern: &Pattern, clock: &Clock) -> Option<Mark> {
    let last = match rule.end {
        End::Never => return Some(Mark::MAX),
        End::Count(_) => last_after(pattern.mark_near_end(clock).unwrap_or(Window::ALL.start), pattern, clock),
        End::Until(_) => last_before(pattern.until, pattern, clock),
    };
    Some(last.ok()?.unwrap_or(pattern.until))
}

/// The reason why a search has no result: it needs more work than its budget allows.
struct TooMuchWork;

/// Returns the last instance of a rule that ends at `until`; `None` if there is none. The search
/// begins [`SHORTEST_PAUSE`] before `until`, and again further back while it finds none.
fn last_before(until: Mark, pattern: &Pattern, clock: &Clock) -> Result<Option<Mark>, TooMuchWork> {
    let mut pause = SHORTEST_PAUSE;
    loop {
        let from = until.saturating_sub(pause);
        let last = last_after(from, pattern, clock)?;
        if last.is_some() || from <= Window::ALL.start {
            return Ok(last);
        }
        pause = pause.saturating_mul(GROWTH);
    }
}

/// Returns the latest instance of the rule that is not before `from` minus one day; `None` if there
/// is none.
fn last_after(from: Mark, pattern: &Pattern, clock: &Clock) -> Result<Option<Mark>, TooMuchWork> {
    let budget = Budget::new(MAX_COMPARISON_WORK);
    let window = Window::new(from.saturating_sub(DAY), Window::ALL.end);
    let last = Occurrences::new(pattern, clock, window, &budget).map(|occurrence| occurrence.mark).max();
    if budget.is_spent() { Err(TooMuchWork) } else { Ok(last) }
}

#[cfg(test)]
mod tests;
