//! Limits of the text layer, which bound the cost of a hostile document.
//!
//! **Invariant:** each limit is checked while reading, before anything grows with the input.
//! `validate` checks what clients may write again, without the spare amounts.

/// Most octets of a document; offsets have 32 bits. The server's `max-resource-size` is far lower.
pub const MAX_DOCUMENT_BYTES: usize = 256 << 20;
/// Deepest nesting of components, with `VCALENDAR` as the first.
pub const MAX_NESTING: usize = 16;
/// Most octets of one unfolded content line that a client may write.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// Most parameters of one property that a client may write.
pub const MAX_PARAMS: usize = 100;
/// How many octets longer a line may be when it is read. What the server adds to an accepted line,
/// such as SCHEDULE-STATUS, must never make the document unreadable.
pub const SPARE_LINE_BYTES: usize = 64 << 10;
/// How many parameters more a property may have when it is read; see [`SPARE_LINE_BYTES`].
pub const SPARE_PARAMS: usize = 28;
/// Where written lines are folded, in octets without the line end (RFC 5545 §3.1).
pub const FOLD_OCTETS: usize = 75;
