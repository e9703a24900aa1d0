//! Combination of busy periods.

use super::{BusyPeriod, FreeBusyType};
use crate::time::TimeRange;

/// Clips the periods to the range, drops those of type FREE, merges periods of the same type that
/// touch or overlap, and sorts them by start. Periods of different types may overlap (RFC 4791
/// §7.10).
pub fn merge(mut periods: Vec<BusyPeriod>, range: TimeRange) -> Vec<BusyPeriod> {
    let window = range.window();
    for period in &mut periods {
        period.start = period.start.max(window.start);
        period.end = period.end.min(window.end);
    }
    periods.retain(|period| period.start < period.end && period.kind != FreeBusyType::Free);
    periods.sort_unstable_by_key(|period| (period.kind, period.start));
    periods.dedup_by(|next, kept| {
        let touches = next.kind == kept.kind && next.start <= kept.end;
        if touches {
            kept.end = kept.end.max(next.end);
        }
        touches
    });
    periods.sort_unstable_by_key(|period| (period.start, period.kind));
    periods
}
