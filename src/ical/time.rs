//! Instants and ranges of them, and civil time as a number.
//!
//! **Invariant:** ranges are half-open; a number that leaves the years 1 to 9999 is clamped before it becomes a date, so that
//! no arithmetic on a client's values can panic.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// Seconds since the epoch, UTC.
pub type Instant = i64;

pub(crate) const DAY: i64 = 86_400;

/// From `start` to before `end`; `None` is unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    pub start: Option<Instant>,
    pub end: Option<Instant>,
}

/// From `start` to before `end`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    pub start: Instant,
    pub end: Instant,
}

impl Window {
    /// All of the time there is.
    pub const ALL: Self = Self { start: FIRST_CIVIL, end: LAST_CIVIL };

    pub fn new(start: Instant, end: Instant) -> Self {
        Self { start, end }
    }
}

impl TimeRange {
    pub fn new(start: Option<Instant>, end: Option<Instant>) -> Self {
        Self { start, end }
    }

    /// Whether something from `start` to `end` is in it (RFC 4791 §9.9); a moment is in it from its first second on.
    pub fn overlaps(self, start: Instant, end: Instant) -> bool {
        let begins_before = self.end.is_none_or(|last| start < last);
        let ends_behind = self.start.is_none_or(|first| first < end || start == end && first <= start);
        begins_before && ends_behind
    }

    /// Whether something from `start` to `end` at least touches it: what has its own rules for ends is asked again.
    pub fn touches(self, start: Instant, end: Instant) -> bool {
        self.end.is_none_or(|last| start <= last) && self.start.is_none_or(|first| first <= end)
    }

    /// The same range with both ends.
    pub fn window(self) -> Window {
        Window { start: self.start.unwrap_or(Window::ALL.start), end: self.end.unwrap_or(Window::ALL.end) }
    }
}

impl From<TimeRange> for Window {
    fn from(range: TimeRange) -> Self {
        range.window()
    }
}

impl From<Window> for TimeRange {
    fn from(window: Window) -> Self {
        Self { start: Some(window.start), end: Some(window.end) }
    }
}

/// 0001-01-01T00:00:00.
pub(crate) const FIRST_CIVIL: i64 = -62_135_596_800;
/// 9999-12-31T23:59:59.
pub(crate) const LAST_CIVIL: i64 = 253_402_300_799;

/// A local time as a number: what the clock would count were there no offsets.
pub(crate) fn civil(local: NaiveDateTime) -> i64 {
    local.and_utc().timestamp()
}

/// The local time of such a number.
pub(crate) fn local(civil: i64) -> NaiveDateTime {
    let civil = civil.clamp(FIRST_CIVIL, LAST_CIVIL);
    DateTime::from_timestamp(civil, 0).expect("chrono knows every second of the years 1 to 9999").naive_utc()
}

/// The day that many days after the epoch.
pub(crate) fn day(days: i64) -> NaiveDate {
    local(days.saturating_mul(DAY)).date()
}

/// How many days after the epoch.
pub(crate) fn day_number(day: NaiveDate) -> i64 {
    civil(day.into()).div_euclid(DAY)
}
