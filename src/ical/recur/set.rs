//! The recurrence set of one component: DTSTART, RRULE and RDATE, minus EXDATE (RFC 5545 §3.8.5)
//! and EXRULE, which old objects have (RFC 2445 §4.8.5.2).
//!
//! **Invariant:** each instance occurs once, even if several properties state it in different
//! forms. An invalid rule generates nothing; DTSTART remains an instance.

use super::budget::Budget;
use super::clock::{Clock, Mark};
use super::occurrences::Occurrences;
use super::pattern::{Occurrence, Pattern};
use super::timing::{Length, Timing, length_of};
use super::{MAX_INSTANCES, TooManyInstances};
use crate::rule::Rule;
use crate::time::{DAY, Window};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use crate::{Component, Property};
use chrono::NaiveDate;
use std::collections::BTreeSet;

#[derive(Debug)]
pub(crate) struct RecurrenceSet {
    clock: Clock,
    start: Occurrence,
    pub(crate) patterns: Vec<Pattern>,
    /// The RDATEs in order; with a length if the RDATE is a PERIOD.
    dates: Vec<(Occurrence, Option<Length>)>,
    excluded: Vec<Mark>,
    excluded_days: Vec<NaiveDate>,
    excluding: Vec<Pattern>,
    budget: Budget,
}

/// Budget to find the last instance of a rule with COUNT. A series that needs more is treated as
/// endless.
const MAX_COUNTING: u32 = 20_000;

impl RecurrenceSet {
    pub(crate) fn of(component: Component<'_>, times: &Timing, zones: &Zones, floating: &Zone) -> Self {
        Self::with_budget(component, times, zones, floating, Budget::default())
    }

    /// Like [`of`](Self::of), with a budget for all expansions of the set.
    pub(super) fn with_budget(
        component: Component<'_>,
        times: &Timing,
        zones: &Zones,
        floating: &Zone,
        budget: Budget,
    ) -> Self {
        let clock = times.clock.clone();
        let local = times.start.local();
        let start = Occurrence { mark: clock.mark(local), local: clock.local(clock.mark(local)) };
        let mut set = Self {
            clock,
            start,
            patterns: vec![],
            dates: vec![],
            excluded: vec![],
            excluded_days: vec![],
            excluding: vec![],
            budget,
        };
        for property in component.properties() {
            if property.is("RRULE") {
                let pattern = |rule| Pattern::new(&rule, local, &set.clock);
                set.patterns.extend(Rule::parse(property.value()).ok().map(pattern));
            } else if property.is("EXRULE") {
                set.exclude_by_rule(property);
            } else if property.is("RDATE") {
                set.add_dates(property, &times.start, zones, floating);
            } else if property.is("EXDATE") {
                set.exclude(property, zones);
            }
        }
        set.dates.sort_by_key(|(occurrence, _)| occurrence.mark);
        set.excluded.sort_unstable();
        set.excluded_days.sort_unstable();
        set
    }

    fn add_dates(&mut self, property: Property<'_>, start: &DateTime, zones: &Zones, floating: &Zone) {
        if property.value().contains('/') {
            for period in property.periods().unwrap_or_default() {
                let length = length_of(&period, zones, floating);
                self.add_date(&period.start, Some(length), zones);
            }
            return;
        }
        for date in property.date_times().unwrap_or_default() {
            // An RDATE without a time, in a series with times, takes place at the time of DTSTART.
            let by_day = date.is_date() && !start.is_date();
            let time = if by_day { DateTime::Floating(date.date().and_time(start.local().time())) } else { date };
            self.add_date(&time, None, zones);
        }
    }

    fn add_date(&mut self, time: &DateTime, length: Option<Length>, zones: &Zones) {
        let mark = self.clock.mark_of(time, zones);
        self.dates.push((Occurrence { mark, local: self.clock.local(mark) }, length));
    }

    fn exclude(&mut self, property: Property<'_>, zones: &Zones) {
        for date in property.date_times().unwrap_or_default() {
            // Evolution excludes instances with times by writing dates in EXDATE.
            if date.is_date() && !self.clock.is_of_dates() {
                self.excluded_days.push(date.date());
            } else {
                self.excluded.push(self.clock.mark_of(&date, zones));
            }
        }
    }

    fn exclude_by_rule(&mut self, property: Property<'_>) {
        let Ok(rule) = Rule::parse(property.value()) else { return };
        let pattern = Pattern::new(&rule, self.start.local, &self.clock);
        // An EXRULE excludes DTSTART only if it generates DTSTART.
        if pattern.gives_its_start(&self.clock) {
            self.excluded.push(self.start.mark);
            self.excluding.push(pattern);
        } else {
            self.excluding.push(pattern.with_one_more());
        }
    }

    /// Returns the rest of the budget for all expansions of the set.
    pub(super) fn left(&self) -> usize {
        self.budget.left()
    }

    pub(crate) fn is_single(&self) -> bool {
        self.patterns.is_empty() && self.dates.is_empty()
    }

    /// Returns the occurrences whose [`Mark`]s are in the window, in order.
    ///
    /// Returns an error if there is a rule and the window has more than `limit` occurrences,
    /// including excluded ones, or if the budget is exhausted.
    pub(crate) fn occurrences(
        &self,
        window: Window,
        limit: usize,
    ) -> Result<Vec<(Occurrence, Option<Length>)>, TooManyInstances> {
        let inside = |occurrence: &Occurrence| (window.start..window.end).contains(&occurrence.mark);
        let mut occurrences: Vec<(Occurrence, Option<Length>)> = Vec::new();
        if inside(&self.start) {
            occurrences.push((self.start, None));
        }
        let first = self.dates.partition_point(|(occurrence, _)| occurrence.mark < window.start);
        occurrences.extend(self.dates[first..].iter().take_while(|(occurrence, _)| occurrence.mark < window.end));
        for pattern in &self.patterns {
            let generated = Occurrences::new(pattern, &self.clock, window, &self.budget);
            occurrences.extend(generated.take(limit + 1).map(|occurrence| (occurrence, None)));
            if self.budget.is_spent() || occurrences.len() > limit {
                return Err(TooManyInstances { limit });
            }
        }
        if occurrences.len() > 1 {
            // If two occurrences are at the same time, keep the one with a length.
            occurrences.sort_by_key(|(occurrence, length)| (occurrence.mark, length.is_none()));
            occurrences.dedup_by_key(|(occurrence, _)| occurrence.mark);
        }
        occurrences.retain(|(occurrence, _)| !self.is_excluded(occurrence));
        self.subtract_exrules(&mut occurrences, window, limit)?;
        Ok(occurrences)
    }

    /// Removes the occurrences that an EXRULE generates. The EXRULE is expanded only between the
    /// first and the last occurrence. Returns an error if the budget is exhausted.
    fn subtract_exrules(
        &self,
        occurrences: &mut Vec<(Occurrence, Option<Length>)>,
        window: Window,
        limit: usize,
    ) -> Result<(), TooManyInstances> {
        for pattern in &self.excluding {
            let (Some((first, _)), Some((last, _))) = (occurrences.first(), occurrences.last()) else { return Ok(()) };
            let between = Window::new(first.mark.max(window.start), last.mark + 1);
            let marks: BTreeSet<_> = Occurrences::new(pattern, &self.clock, between, &self.budget)
                .map(|occurrence| occurrence.mark)
                .collect();
            if self.budget.is_spent() {
                return Err(TooManyInstances { limit });
            }
            occurrences.retain(|(occurrence, _)| !marks.contains(&occurrence.mark));
        }
        Ok(())
    }

    fn is_excluded(&self, occurrence: &Occurrence) -> bool {
        self.excluded.binary_search(&occurrence.mark).is_ok()
            || self.excluded_days.binary_search(&occurrence.local.date()).is_ok()
    }

    /// True if the set has an instance at the time of this [`Mark`]. Each call may spend the budget
    /// of one series; if that is too small, the result is false.
    pub(crate) fn has(&self, mark: Mark) -> bool {
        self.budget.renew();
        self.occurrences(Window::new(mark, mark + 1), MAX_INSTANCES).is_ok_and(|occurrences| !occurrences.is_empty())
    }

    /// Returns the times of the instances in the window, as [`Mark`]s. Returns `None` if there are
    /// more than `limit` (with RRULE, excluded ones count), or if the budget of one series is too
    /// small.
    pub(super) fn all_in(&self, window: Window, limit: usize) -> Option<Vec<Mark>> {
        self.budget.renew();
        let occurrences = self.occurrences(window, limit).ok().filter(|occurrences| occurrences.len() <= limit)?;
        Some(occurrences.into_iter().map(|(occurrence, _)| occurrence.mark).collect())
    }

    /// Returns the time of the earliest of DTSTART and the RDATEs, as a [`Mark`].
    pub(crate) fn first(&self) -> Mark {
        self.dates.first().map_or(self.start.mark, |(occurrence, _)| occurrence.mark.min(self.start.mark))
    }

    /// Returns a time, as a [`Mark`], after which there is no instance. It may be later than the
    /// last instance.
    ///
    /// Returns `None` if the series has no end, or if counting to its end needs too much work.
    pub(crate) fn last(&self) -> Option<Mark> {
        let mut last =
            self.dates.last().map_or(self.start.mark, |(occurrence, _)| occurrence.mark.max(self.start.mark));
        let budget = Budget::new(MAX_COUNTING);
        for pattern in &self.patterns {
            last = last.max(self.last_of(pattern, &budget)?);
        }
        Some(last)
    }

    /// Like [`last`](Self::last), but returns `None` for a rule with COUNT in place of counting its
    /// instances.
    pub(crate) fn last_by_until(&self) -> Option<Mark> {
        if self.patterns.iter().any(|pattern| pattern.count.is_some()) { None } else { self.last() }
    }

    /// Returns the length of the longest RDATE period, in seconds; 0 without one.
    pub(crate) fn longest_date(&self) -> i64 {
        self.dates.iter().filter_map(|(_, length)| *length).map(Length::nominal_seconds).max().unwrap_or(0)
    }

    fn last_of(&self, pattern: &Pattern, budget: &Budget) -> Option<Mark> {
        if pattern.until < Mark::MAX {
            return Some(pattern.until.saturating_add(DAY));
        }
        pattern.count?;
        let from = pattern.mark_near_end(&self.clock).unwrap_or(Window::ALL.start);
        let window = Window::new(from.saturating_sub(DAY), Window::ALL.end);
        let last = Occurrences::new(pattern, &self.clock, window, budget).map(|occurrence| occurrence.mark).max();
        if budget.is_spent() { None } else { Some(last.unwrap_or(self.start.mark)) }
    }
}
