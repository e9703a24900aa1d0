//! The intervals of an object for the time index, in whole minutes.

use ical::{
    Document,
    bounds::{self, Bounds},
    free_busy::{self, IndexedPeriod},
    intervals,
    time::Window,
};

const SECONDS_A_MINUTE: i64 = 60;

/// An interval in which an object may have instances, in minutes since the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub begins: i32,
    pub ends: i32,
}

impl Span {
    const EVER: Self = Self { begins: i32::MIN, ends: i32::MAX };
    const PACKED_BYTES: usize = 8;

    /// Converts bounds to minutes, rounded outwards. A missing bound becomes the limit of the
    /// index.
    fn of(Bounds { first, last }: Bounds) -> Self {
        let (begins, ends) = (first.map_or(i32::MIN, floor), last.map_or(i32::MAX, ceil));
        // SQLite's R*Tree refuses an interval that ends before it begins. Clients can send such
        // objects.
        Self { begins: begins.min(ends), ends: begins.max(ends) }
    }

    /// Returns the interval that covers all given ones; `None` if there are none.
    pub(super) fn overall(spans: &[Self]) -> Option<Self> {
        let with =
            |one: Self, other: Self| Self { begins: one.begins.min(other.begins), ends: one.ends.max(other.ends) };
        spans.iter().copied().reduce(with)
    }

    pub(super) fn pack(spans: &[Self]) -> Vec<u8> {
        spans.iter().flat_map(|span| [span.begins.to_be_bytes(), span.ends.to_be_bytes()]).flatten().collect()
    }

    pub(super) fn unpack(packed: &[u8]) -> Vec<Self> {
        let number = |bytes: &[u8]| bytes.try_into().map(i32::from_be_bytes).unwrap_or_default();
        let span = |bytes: &[u8]| Self { begins: number(&bytes[..4]), ends: number(&bytes[4..]) };
        packed.chunks_exact(Self::PACKED_BYTES).map(span).collect()
    }
}

/// Returns two results for an object: its intervals, which are most precise around a time (seconds
/// since the epoch), and its busy periods. The periods are `None` if they must be computed from the
/// text for each query.
pub(super) fn pieces(ics: &str, around: i64) -> (Vec<Span>, Option<Vec<IndexedPeriod<'static>>>) {
    let Ok(document) = Document::parse(ics) else { return (vec![Span::EVER], None) };
    let pieces = intervals::of(&document, around);
    let busy = overall(&pieces).and_then(|window| free_busy::indexed_periods(&document, window));
    (pieces.into_iter().map(Span::of).collect(), busy)
}

/// Returns the window that covers all pieces of an object's time; `None` if there are no pieces, or
/// if the window has no start or no end.
fn overall(pieces: &[Bounds]) -> Option<Window> {
    let first = pieces.iter().map(|piece| piece.first).min()??;
    let lasts: Option<Vec<_>> = pieces.iter().map(|piece| piece.last).collect();
    Some(Window { start: first, end: lasts?.into_iter().max()?.saturating_add(1) })
}

/// Returns a single interval that covers all instances of the object.
pub(super) fn whole(ics: &str) -> Vec<Span> {
    let Ok(document) = Document::parse(ics) else { return vec![Span::EVER] };
    vec![Span::of(bounds::of(&document))]
}

/// Returns the minute that contains the given second, both since the epoch.
pub(super) fn floor(seconds: i64) -> i32 {
    clamp(seconds.div_euclid(SECONDS_A_MINUTE))
}

/// Returns the first minute at or after the given second, both since the epoch.
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
    fn what_is_packed_is_unpacked() {
        let spans = [Span { begins: -1, ends: 7 }, Span::EVER];
        assert_eq!(Span::unpack(&Span::pack(&spans)), spans);
        assert_eq!(Span::unpack(&[]), []);
    }

    #[test]
    fn seconds_become_minutes_outwards() {
        let rows = [(0, 0, 0), (1, 0, 1), (59, 0, 1), (60, 1, 1), (-1, -1, 0), (i64::MAX, i32::MAX, i32::MAX)];
        for (seconds, down, up) in rows {
            assert_eq!((floor(seconds), ceil(seconds)), (down, up), "{seconds}");
        }
    }
}
