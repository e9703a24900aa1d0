//! Compression of payloads by Zstandard (RFC 8878).
//!
//! A meeting of sixty people is a text of five kilobytes, of which most lines differ in a name. Its
//! text is stored again with each answer, and is a seventh of that when it is compressed.

use bytes::Bytes;
use journal::{Append, Failure, limits::MAX_APPEND_BYTES};
use schemas::{Encoding, NewEvent, Stored};

/// Bytes of a payload from which on it is compressed. A smaller one stays legible in any tool for
/// the database.
pub const MIN_COMPRESSED_BYTES: usize = 2_048;

/// Level 1 costs 15 µs for 5 KB, and higher ones save no more of texts of this size.
const LEVEL: i32 = 1;

/// Compresses the large payloads of an append. One that is too large to be stored stays as it is,
/// so that its size is refused.
pub(crate) fn compress(mut append: Append) -> std::io::Result<Append> {
    let bytes: usize = append.events.iter().map(|event| event.data.len()).sum();
    if bytes <= MAX_APPEND_BYTES {
        append.events = append.events.into_iter().map(compress_event).collect::<Result<_, _>>()?;
    }
    Ok(append)
}

fn compress_event(event: NewEvent) -> std::io::Result<NewEvent> {
    if event.encoding != Encoding::JSON || event.data.len() < MIN_COMPRESSED_BYTES {
        return Ok(event);
    }
    let data = zstd::bulk::compress(&event.data, LEVEL)?.into();
    Ok(NewEvent { data, encoding: Encoding::ZSTD, ..event })
}

/// Expands the payload of an event that was compressed. Any other event stays as it is.
pub(crate) fn expand(stored: Stored) -> Result<Stored, Failure> {
    if stored.encoding != Encoding::ZSTD {
        return Ok(stored);
    }
    match zstd::bulk::decompress(&stored.data, MAX_APPEND_BYTES) {
        Ok(data) => Ok(Stored { data: Bytes::from(data), encoding: Encoding::JSON, ..stored }),
        Err(cause) => {
            let why = format!("its payload cannot be expanded: {cause}");
            Err(Failure::Damaged { position: stored.position, why })
        }
    }
}
