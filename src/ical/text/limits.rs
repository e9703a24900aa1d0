//! Limits of the text layer, which bound the cost of a hostile document.
//!
//! **Invariant:** the parser refuses a text that exceeds a `MAX_` limit by more than the `SPARE_`
//! amount for it. Module `validate` refuses a client's document that uses a `SPARE_` amount.

/// Maximum size of a document, in octets; offsets are 32-bit numbers. The server's default
/// `max-resource-size` is far lower.
pub const MAX_DOCUMENT_BYTES: usize = 256 << 20;
/// Maximum depth of nested components; the `VCALENDAR` counts as the first level.
pub const MAX_NESTING: usize = 16;
/// Maximum length of an unfolded content line in a document of a client, in octets.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// Maximum number of parameters of one property in a document of a client.
pub const MAX_PARAMS: usize = 100;
/// Octets by which a stored line may exceed [`MAX_LINE_BYTES`]. The server adds parameters such as
/// SCHEDULE-STATUS to lines that it accepted, and the result must still be readable.
pub const SPARE_LINE_BYTES: usize = 64 << 10;
/// Parameters by which a stored property may exceed [`MAX_PARAMS`], for the same reason as
/// [`SPARE_LINE_BYTES`].
pub const SPARE_PARAMS: usize = 28;
/// Maximum length of a physical line that is written, in octets without the line end (RFC 5545
/// §3.1).
pub const FOLD_OCTETS: usize = 75;
