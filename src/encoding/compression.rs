//! Compression of payloads by Zstandard (RFC 8878).
//!
//! A meeting of sixty people is a text of five kilobytes, and most of its lines differ only in a
//! name. The text is stored again with each reply; compressed, it has a seventh of the size.

use std::cell::RefCell;

use bytes::Bytes;
use journal::{Append, Failure, limits::MAX_APPEND_BYTES};
use schemas::{Encoding, NewEvent, Stored};
use zstd::bulk::{Compressor, Decompressor};

/// Minimum size of a payload that is compressed, in bytes. Smaller payloads stay JSON, which any
/// tool for the database shows unless they are sealed.
pub const MIN_COMPRESSED_BYTES: usize = 2_048;

/// The level of compression. Level 1 costs 15 µs for 5 KB, and higher levels hardly make texts of
/// this size smaller.
const LEVEL: i32 = 1;

thread_local! {
    /// The compressor of each thread, which is reused: creating one takes as long as compressing a
    /// payload.
    static COMPRESSOR: RefCell<Option<Compressor<'static>>> = const { RefCell::new(None) };
    static DECOMPRESSOR: RefCell<Option<Decompressor<'static>>> = const { RefCell::new(None) };
}

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
    let data = COMPRESSOR.with_borrow_mut(|known| {
        let compressor = match known {
            Some(known) => known,
            None => known.insert(Compressor::new(LEVEL)?),
        };
        compressor.compress(&event.data)
    })?;
    Ok(NewEvent { data: data.into(), encoding: Encoding::ZSTD, ..event })
}

fn decompress(data: &[u8]) -> std::io::Result<Vec<u8>> {
    DECOMPRESSOR.with_borrow_mut(|known| {
        let decompressor = match known {
            Some(known) => known,
            None => known.insert(Decompressor::new()?),
        };
        decompressor.decompress(data, MAX_APPEND_BYTES)
    })
}

/// Decompresses the payload of a compressed event; any other event is returned unchanged. Returns
/// an error if the payload is damaged.
pub(crate) fn expand(stored: Stored) -> Result<Stored, Failure> {
    if stored.encoding != Encoding::ZSTD {
        return Ok(stored);
    }
    match decompress(&stored.data) {
        Ok(data) => Ok(Stored { data: Bytes::from(data), encoding: Encoding::JSON, ..stored }),
        Err(cause) => {
            let why = format!("the data of the event cannot be decompressed: {cause}");
            Err(Failure::Damaged { position: stored.position, why })
        }
    }
}
