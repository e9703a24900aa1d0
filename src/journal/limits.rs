//! The limits of one append, one page and one group.

/// Maximum bytes of one append: the data, metadata and types of all its events, and some bytes for
/// each event. KurrentDB can be configured to accept as much.
pub const MAX_APPEND_BYTES: usize = 16 * 1024 * 1024;

/// Maximum number of events in one append.
pub const MAX_APPEND_EVENTS: usize = 10_000;

/// Maximum bytes of one page of events in the journal's order. The event that crosses the limit
/// still belongs to the page.
pub const PAGE_BYTES: usize = 8 * 1024 * 1024;

/// Maximum number of events in one batch of a subscription.
pub const BATCH_EVENTS: usize = 1_000;

/// Maximum bytes of the appends that are committed in one group. The call of `append_many` that
/// crosses the limit is still included.
pub const GROUP_BYTES: usize = 16 * 1024 * 1024;
