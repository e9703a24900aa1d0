//! How much at once. Everything that could grow without end ends here.

/// Bytes of one append: data, metadata and names of all its events. As much as KurrentDB can be told to take, so
/// that a journal can move there.
pub const MAX_APPEND_BYTES: usize = 16 * 1024 * 1024;

/// Events of one append: a meeting with 2,000 attendees, each told or not told, several times over.
pub const MAX_APPEND_EVENTS: usize = 10_000;

/// Bytes that one page read in the journal's order holds; the event that crosses the line still belongs to it.
pub const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Events that a subscription hands over at once.
pub const BATCH_EVENTS: usize = 1_000;

/// Bytes of appends that are committed together; the caller that crosses the line still belongs to them.
pub const GROUP_BYTES: usize = 16 * 1024 * 1024;
