//! The observances of a VTIMEZONE (RFC 5545 §3.6.5), expanded into transitions.
//!
//! **Invariant:** rules are expanded from the year [`FIRST_YEAR`] to before [`LAST_YEAR`], although
//! Exchange writes zones that begin in 1601. Beyond the first and the last transition, the nearest
//! offset holds. A zone that exceeds the budget has no transitions.

use super::cache::Cache;
use super::transitions::Transitions;
use crate::recur::{Budget, Clock, Occurrences, Pattern};
use crate::rule::{End, Rule};
use crate::time::{Instant, Window, civil, local};
use crate::value::DateTime;
use crate::view::{Observance, Timezone};
use chrono::{Datelike, NaiveDate, NaiveDateTime};
use std::sync::Arc;

const FIRST_YEAR: i32 = 1950;
const LAST_YEAR: i32 = 2100;

/// Budget for one VTIMEZONE, in steps of expansion. An Exchange zone with rules since 1601 needs
/// about a thousand.
const MAX_WORK: u32 = 100_000;
/// Maximum length, in octets, of a VTIMEZONE whose transitions are cached.
const MAX_CACHED_BYTES: usize = 8 << 10;

/// A cache of the transitions and the cost of VTIMEZONEs, by their text.
static TABLES: Cache<String, (Option<Arc<Transitions>>, usize)> = Cache::new();

/// Returns the transitions of the zone that a VTIMEZONE defines.
///
/// Returns `None` if no observance can be read, or if the budget is exhausted. A cached result
/// costs as much as a new one, so that the answer does not depend on earlier calls.
pub(super) fn table(timezone: Timezone<'_>, budget: &Budget) -> Option<Arc<Transitions>> {
    if budget.is_spent() {
        return None;
    }
    let make = || {
        let own = Budget::new(MAX_WORK);
        let table = work_out(timezone, &own).map(Arc::new);
        (table, MAX_WORK as usize - own.left())
    };
    let text = timezone.text();
    let (table, cost) = if text.len() > MAX_CACHED_BYTES { make() } else { TABLES.get_or_compute(text, make) };
    budget.spend(cost);
    table.filter(|_| !budget.is_spent())
}

fn work_out(timezone: Timezone<'_>, budget: &Budget) -> Option<Transitions> {
    let shifts: Vec<_> = timezone.observances().filter_map(Shift::read).collect();
    let first = shifts.iter().min_by_key(|shift| shift.start)?;
    let mut onsets = Vec::new();
    for shift in &shifts {
        shift.onsets(&mut onsets, budget);
    }
    (!budget.is_spent()).then(|| Transitions::new(first.from, onsets))
}

/// The change of offset that one observance (STANDARD or DAYLIGHT) makes.
struct Shift<'a> {
    observance: Observance<'a>,
    start: NaiveDateTime,
    from: i64,
    to: i64,
}

impl<'a> Shift<'a> {
    fn read(observance: Observance<'a>) -> Option<Self> {
        let start = observance.start()?.local();
        let to = observance.offset_to()?;
        let from = observance.offset_from().unwrap_or(to);
        Some(Self { observance, start, from: i64::from(from.0), to: i64::from(to.0) })
    }

    fn onsets(&self, onsets: &mut Vec<(Instant, i64)>, budget: &Budget) {
        let mut push = |time: NaiveDateTime| onsets.push((civil(time) - self.from, self.to));
        push(self.start);
        for rule in self.observance.rules() {
            self.generated(rule, budget).into_iter().for_each(&mut push);
        }
        for date in self.observance.dates() {
            match date {
                DateTime::Utc(time) => push(local(civil(time) + self.from)),
                DateTime::Date(_) | DateTime::Floating(_) | DateTime::Zoned(..) => push(date.local()),
            }
        }
    }

    /// Returns the times that a rule generates, in the local time before the onset (TZOFFSETFROM).
    fn generated(&self, mut rule: Rule, budget: &Budget) -> Vec<NaiveDateTime> {
        // UNTIL is in UTC, but the rule is expanded in local time (RFC 5545 §3.6.5).
        if let End::Until(DateTime::Utc(until)) = rule.end {
            rule.end = End::Until(DateTime::Floating(local(civil(until) + self.from)));
        }
        let clock = Clock::floating(super::Zone::Utc);
        // Exchange zones begin in 1601 with a rule for every year. Started in a later year, the
        // rule gives the same onsets from then on.
        let mut start = self.start;
        if start.year() < FIRST_YEAR && rule.interval == 1 && !matches!(rule.end, End::Count(_)) {
            start = start.with_year(FIRST_YEAR).unwrap_or(start);
        }
        let pattern = Pattern::new(&rule, start, &clock);
        let year = |year| NaiveDate::from_ymd_opt(year, 1, 1).map_or(0, |day| civil(day.into()));
        let years = Window::new(year(FIRST_YEAR), year(LAST_YEAR));
        Occurrences::new(&pattern, &clock, years, budget).map(|occurrence| occurrence.local).collect()
    }
}
