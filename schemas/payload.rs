//! The JSON of event payloads.

use std::cell::Cell;

use serde::Serialize;

/// Capacity in bytes up to which [`BUFFER`] is kept between two payloads.
const KEPT_BUFFER_BYTES: usize = 64 * 1024;

thread_local! {
    /// The buffer in which payloads are encoded, so that the memory of a payload is allocated once,
    /// with its exact size.
    static BUFFER: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Returns the payload as JSON.
pub(crate) fn encode<T: Serialize>(payload: &T) -> Vec<u8> {
    let mut buffer = BUFFER.take();
    buffer.clear();
    serde_json::to_writer(&mut buffer, payload)
        .expect("event payloads hold only strings, lists and maps with string keys");
    let encoded = buffer.clone();
    buffer.clear();
    buffer.shrink_to(KEPT_BUFFER_BYTES);
    BUFFER.set(buffer);
    encoded
}
