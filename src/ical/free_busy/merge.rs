//! Many periods as few.

use super::{BusyPeriod, Kind};
use crate::time::TimeRange;

/// Periods of one kind that touch become one (RFC 4791 §7.10: the same time is told once for each FBTYPE). Kinds do not hide
/// each other. In order of time.
pub fn merge(mut periods: Vec<BusyPeriod>, range: TimeRange) -> Vec<BusyPeriod> {
    let window = range.window();
    periods.sort_unstable_by_key(|period| (period.kind, period.start));
    let mut merged: Vec<BusyPeriod> = Vec::new();
    for BusyPeriod { start, end, kind } in periods {
        let (start, end) = (start.max(window.start), end.min(window.end));
        if start >= end || kind == Kind::Free {
            continue;
        }
        match merged.last_mut() {
            Some(last) if last.kind == kind && start <= last.end => last.end = last.end.max(end),
            Some(_) | None => merged.push(BusyPeriod { start, end, kind }),
        }
    }
    merged.sort_unstable();
    merged
}
