//! Instants, ranges of time, and local time as a number.
//!
//! **Invariant:** ranges include their start and exclude their end. A number outside the years 1 to
//! 9999 is clamped before it becomes a date, so that no value of a client can make arithmetic
//! panic.

use chrono::{DateTime, NaiveDate, NaiveDateTime};

/// An instant: seconds since the epoch, in UTC.
pub type Instant = i64;

/// The seconds of a day.
pub const DAY: i64 = 86_400;

/// A range of time from `start` to before `end`. A bound of `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimeRange {
    /// The first instant of the range; `None` if it has no start.
    pub start: Option<Instant>,
    /// The first instant after the range; `None` if it has no end.
    pub end: Option<Instant>,
}

/// A range of time from `start` to before `end`, with both bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    /// The first instant of the range.
    pub start: Instant,
    /// The first instant after the range.
    pub end: Instant,
}

impl Window {
    /// The window of the years 1 to 9999.
    pub const ALL: Self = Self { start: FIRST_CIVIL, end: LAST_CIVIL };

    /// Returns the window from `start` to before `end`.
    pub fn new(start: Instant, end: Instant) -> Self {
        Self { start, end }
    }

    /// Returns the shortest window that contains all of the given windows; `None` if there are
    /// none.
    pub fn around(windows: &[Self]) -> Option<Self> {
        let start = windows.iter().map(|window| window.start).min()?;
        let end = windows.iter().map(|window| window.end).max()?;
        Some(Self { start, end })
    }
}

impl TimeRange {
    /// Returns the range from `start` to before `end`. A bound of `None` is open.
    pub fn new(start: Option<Instant>, end: Option<Instant>) -> Self {
        Self { start, end }
    }

    /// True if the time from `start` to `end` overlaps the range (RFC 4791 §9.9). If the two are
    /// equal, the range must contain that instant.
    pub fn overlaps(self, start: Instant, end: Instant) -> bool {
        let begins_before = self.end.is_none_or(|last| start < last);
        let ends_behind = self.start.is_none_or(|first| first < end || start == end && first <= start);
        begins_before && ends_behind
    }

    /// True if the time from `start` to `end` overlaps or touches the range. Callers use it for
    /// components with other rules about ends, and apply these rules afterwards.
    pub fn touches(self, start: Instant, end: Instant) -> bool {
        self.end.is_none_or(|last| start <= last) && self.start.is_none_or(|first| first <= end)
    }

    /// Returns the range as a window. An open bound becomes that of [`Window::ALL`].
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

/// The local time 0001-01-01T00:00:00 as a number, in the sense of [`civil`].
pub(crate) const FIRST_CIVIL: i64 = -62_135_596_800;
/// The local time 9999-12-31T23:59:59 as a number, in the sense of [`civil`].
pub(crate) const LAST_CIVIL: i64 = 253_402_300_799;

/// Returns a local time as a number: the seconds since the epoch, computed as if the local time
/// were UTC.
pub(crate) fn civil(local: NaiveDateTime) -> i64 {
    local.and_utc().timestamp()
}

/// Returns the local time for a number that [`civil`] returned. A number outside the years 1 to
/// 9999 is clamped.
pub(crate) fn local(civil: i64) -> NaiveDateTime {
    let civil = civil.clamp(FIRST_CIVIL, LAST_CIVIL);
    DateTime::from_timestamp(civil, 0).expect("chrono knows every second of the years 1 to 9999").naive_utc()
}

/// Returns the day that is `days` days after the epoch.
pub(crate) fn day(days: i64) -> NaiveDate {
    local(days.saturating_mul(DAY)).date()
}

/// Returns the number of days from the epoch to this day.
pub(crate) fn day_number(day: NaiveDate) -> i64 {
    civil(day.into()).div_euclid(DAY)
}
