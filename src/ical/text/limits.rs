//! The limits of the text layer: what a hostile document may cost.
//!
//! **Invariant:** each is checked while reading, before anything grows with it; what a client may write, `validate` checks again
//! without the spare room.

/// A whole document; positions are kept in 32 bits. The server's `max-resource-size` is far below.
pub const MAX_DOCUMENT_BYTES: usize = 256 << 20;
/// Components inside components, `VCALENDAR` being the first.
pub const MAX_NESTING: usize = 16;
/// One content line, unfolded, as a client may write it.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// Parameters of one property, as a client may write them.
pub const MAX_PARAMS: usize = 100;
/// By how much a line may exceed the two when read: what the server adds to a line it once accepted, as SCHEDULE-STATUS, must
/// never make the document unreadable.
pub const SPARE_LINE_BYTES: usize = 64 << 10;
/// See [`SPARE_LINE_BYTES`].
pub const SPARE_PARAMS: usize = 28;
/// Where lines we write are folded, without the line end (RFC 5545 §3.1).
pub const FOLD_OCTETS: usize = 75;
