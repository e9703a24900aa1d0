//! Compression of payloads by Zstandard (RFC 8878).
//!
//! A meeting of sixty people is a text of five kilobytes, and most of its lines differ only in a
//! name. The text is stored again with each reply; compressed, it has a seventh of the size.

use bytes::Bytes;
use journal::{Append, Failure, limits::MAX_APPEND_BYTES};
use schemas::{Encoding, NewEvent, Stored};

/// Minimum size of a payload that is compressed, in bytes. Smaller payloads stay readable in any
/// tool for the database.
pub const MIN_COMPRESSED_BYTES: usize = 2_048;

/// The level of compression. Level 1 costs 15 µs for 5 KB, and higher levels hardly make texts of
/// this size smaller.
const LEVEL: i32 = 1;

/// Compresses the large payloads of an append. If the append exceeds [`MAX_APPEND_BYTES`], it stays
/// uncompressed, so that the journal refuses it.
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

/// Decompresses the payload of a compressed event; any other event is returned unchanged. Returns
/// an error if the payload is damaged.
pub(crate) fn expand(stored: Stored) -> Result<Stored, Failure> {
    if stored.encoding != Encoding::ZSTD {
        return Ok(stored);
    }
    match zstd::bulk::decompress(&stored.data, MAX_APPEND_BYTES) {
        Ok(data) => Ok(Stored { data: Bytes::from(data), encoding: Encoding::JSON, ..stored }),
        Err(cause) => {
            let why = format!("the data of the event cannot be decompressed: {cause}");
            Err(Failure::Damaged { position: stored.position, why })
        }
    }
}
