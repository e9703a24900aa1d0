//! The limits of the text layer: what a hostile document may cost.
//!
//! **Invariant:** each is checked while reading, before anything of that size is kept.

/// A whole document; positions are kept in 32 bits. The server's `max-resource-size` is far below.
pub const MAX_DOCUMENT_BYTES: usize = 256 << 20;
/// Components inside components, `VCALENDAR` being the first.
pub const MAX_NESTING: usize = 16;
/// One content line, unfolded.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// Parameters of one property.
pub const MAX_PARAMS: usize = 100;
/// Where lines we write are folded, without the line end (RFC 5545 §3.1).
pub const FOLD_OCTETS: usize = 75;
