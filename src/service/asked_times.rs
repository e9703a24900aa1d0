//! Finds which of several given times are busy, while the busy periods arrive one by one.
//!
//! **Invariant:** the memory that is used grows with the number of times to check, not with the
//! number of busy periods.

use ical::{
    free_busy::{BusyPeriod, FreeBusyType},
    time::Window,
};

/// Number of busy periods that are collected before they are compared with the times to check.
const BATCH: usize = 4_096;

/// The times to check, and the busy periods that were not compared with them yet.
pub(crate) struct AskedTimes {
    /// Times, without empty ones, that no busy period has been found to overlap so far, each with
    /// its index in the caller's list.
    free: Vec<(Window, usize)>,
    /// The windows of `free`, sorted and merged.
    union: Vec<Window>,
    found: Vec<Window>,
    taken: Vec<bool>,
}

impl AskedTimes {
    pub(crate) fn of(times: &[Window]) -> Self {
        let is_long = |(time, _): &(Window, usize)| time.start < time.end;
        let free: Vec<_> = times.iter().copied().zip(0..).filter(is_long).collect();
        Self { union: union(&free), free, found: vec![], taken: vec![false; times.len()] }
    }

    /// Adds a busy period, which makes the times that it overlaps busy. A period that is empty or
    /// of type FREE is ignored.
    pub(crate) fn take(&mut self, period: BusyPeriod) {
        let window = Window::new(period.start, period.end);
        let is_busy = period.kind != FreeBusyType::Free && window.start < window.end;
        if !is_busy || !overlaps(&self.union, window) {
            return;
        }
        self.found.push(window);
        if self.found.len() == BATCH {
            self.settle();
        }
    }

    /// Returns one value for each time, in the caller's order: true if a busy period overlaps it;
    /// false for an empty time.
    pub(crate) fn taken(mut self) -> Vec<bool> {
        self.settle();
        self.taken
    }

    fn settle(&mut self) {
        let (found, taken) = (in_order(std::mem::take(&mut self.found)), &mut self.taken);
        self.free.retain(|(time, place)| {
            taken[*place] = overlaps(&found, *time);
            !taken[*place]
        });
        self.union = union(&self.free);
    }
}

fn union(times: &[(Window, usize)]) -> Vec<Window> {
    in_order(times.iter().map(|(time, _)| *time).collect())
}

/// Sorts windows by their start, and merges windows that overlap or touch.
fn in_order(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_by_key(|window| window.start);
    windows.dedup_by(|next, before| {
        let joins = next.start <= before.end;
        if joins {
            before.end = before.end.max(next.end);
        }
        joins
    });
    windows
}

/// Returns true if one of the windows overlaps `other`. The windows are sorted and merged.
fn overlaps(windows: &[Window], other: Window) -> bool {
    let after = windows.partition_point(|window| window.end <= other.start);
    windows.get(after).is_some_and(|window| window.start < other.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(Window { start, end }: Window) -> BusyPeriod {
        BusyPeriod { start, end, kind: FreeBusyType::Busy }
    }

    #[test]
    fn a_time_is_taken_if_a_period_overlaps_it() {
        let windows = || (0..6).flat_map(|start| (start..7).map(move |end| Window::new(start, end)));
        let times: Vec<_> = windows().collect();
        let pairs = windows().flat_map(|one| windows().map(move |other| [one, other]));
        for (number, periods) in pairs.enumerate() {
            let mut asked = AskedTimes::of(&times);
            asked.take(busy(periods[0]));
            if number % 2 == 0 {
                asked.settle();
            }
            asked.take(busy(periods[1]));
            let is_taken =
                |time: &Window| periods.iter().any(|period| period.start.max(time.start) < period.end.min(time.end));
            assert_eq!(asked.taken(), times.iter().map(is_taken).collect::<Vec<_>>(), "{periods:?}");
        }
    }

    #[test]
    fn the_memory_is_bounded_however_many_periods_there_are() {
        let mut asked = AskedTimes::of(&[Window::new(0, 10), Window::new(0, 1_000_000)]);
        for start in (20..).step_by(2).take(3 * BATCH) {
            asked.take(busy(Window::new(start, start + 1)));
            assert!(asked.found.len() < BATCH);
        }
        let free = BusyPeriod { kind: FreeBusyType::Free, ..busy(Window::new(0, 5)) };
        asked.take(free);
        assert_eq!(asked.taken(), [false, true]);
    }
}
