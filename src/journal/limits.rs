//! The limits of one append, one page and one group.

/// Bytes of one append: data, metadata and names of all its events. KurrentDB can be configured to
/// take as much, so that a journal can move there.
pub const MAX_APPEND_BYTES: usize = 16 * 1024 * 1024;

/// Maximum number of events in one append. A meeting with 2,000 attendees needs a few thousand.
pub const MAX_APPEND_EVENTS: usize = 10_000;

/// Bytes in one page that is read in the journal's order; the event that crosses the limit still
/// belongs to it.
pub const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Events in one batch of a subscription.
pub const BATCH_EVENTS: usize = 1_000;

/// The most bytes of appends that are committed together. The append that exceeds the limit is
/// still included.
pub const GROUP_BYTES: usize = 16 * 1024 * 1024;
