//! Many periods as few.

use super::{BusyPeriod, Kind};
use crate::time::TimeRange;
use std::collections::BTreeMap;

/// Periods of one kind that touch become one; what is busy hides what is less certain at the same time. In order of time.
pub fn merge(periods: Vec<BusyPeriod>, range: TimeRange) -> Vec<BusyPeriod> {
    let window = range.window();
    // At each moment something begins or ends: how many of each kind do.
    let mut changes: BTreeMap<i64, BTreeMap<Kind, i64>> = BTreeMap::new();
    for BusyPeriod { start, end, kind } in periods {
        let (start, end) = (start.max(window.start), end.min(window.end));
        if start < end && kind != Kind::Free {
            *changes.entry(start).or_default().entry(kind).or_default() += 1;
            *changes.entry(end).or_default().entry(kind).or_default() -= 1;
        }
    }
    let mut merged: Vec<BusyPeriod> = Vec::new();
    let mut open: BTreeMap<Kind, i64> = BTreeMap::new();
    let mut since: Option<(i64, Kind)> = None;
    for (at, kinds) in changes {
        for (kind, change) in kinds {
            *open.entry(kind).or_default() += change;
        }
        let strongest = open.iter().find(|(_, count)| **count > 0).map(|(kind, _)| *kind);
        if since.map(|(_, kind)| kind) == strongest {
            continue;
        }
        if let Some((start, kind)) = since {
            merged.push(BusyPeriod { start, end: at, kind });
        }
        since = strongest.map(|kind| (at, kind));
    }
    merged
}
