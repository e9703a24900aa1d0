//! When an object may happen, in the whole minutes of the index.

use ical::{
    Document,
    bounds::{self, Bounds},
};

const SECONDS_A_MINUTE: i64 = 60;

/// Begin and end, rounded outwards; what has no bound, or cannot be read, reaches to the end of the index.
pub(super) fn of(ics: &str) -> (i32, i32) {
    let Ok(document) = Document::parse(ics) else { return (i32::MIN, i32::MAX) };
    let Bounds { first, last } = bounds::of(&document);
    let (begins, ends) = (first.map_or(i32::MIN, floor), last.map_or(i32::MAX, ceil));
    // The index refuses what ends before it begins, as a client may well say.
    (begins.min(ends), begins.max(ends))
}

/// The minute that `seconds` is in.
pub(super) fn floor(seconds: i64) -> i32 {
    clamp(seconds.div_euclid(SECONDS_A_MINUTE))
}

/// The first minute at or after `seconds`.
pub(super) fn ceil(seconds: i64) -> i32 {
    clamp(seconds.saturating_add(SECONDS_A_MINUTE - 1).div_euclid(SECONDS_A_MINUTE))
}

fn clamp(minutes: i64) -> i32 {
    i32::try_from(minutes).unwrap_or(if minutes < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_become_minutes_outwards() {
        let rows = [(0, 0, 0), (1, 0, 1), (59, 0, 1), (60, 1, 1), (-1, -1, 0), (i64::MAX, i32::MAX, i32::MAX)];
        for (seconds, down, up) in rows {
            assert_eq!((floor(seconds), ceil(seconds)), (down, up), "{seconds}");
        }
    }
}
