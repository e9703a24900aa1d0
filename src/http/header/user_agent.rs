//! The `User-Agent` header (RFC 9110 §10.1.5).

use actix_web::http::header::{HeaderMap, USER_AGENT};

/// Longest part of a `User-Agent`, in bytes, that is logged and stored with events.
const MAX_AGENT_BYTES: usize = 200;

/// Returns the value of `User-Agent`, cut at [`MAX_AGENT_BYTES`]. Empty without the header.
pub(crate) fn user_agent(headers: &HeaderMap) -> String {
    let agent = headers.get(USER_AGENT).map(|value| String::from_utf8_lossy(value.as_bytes())).unwrap_or_default();
    shortened(&agent, MAX_AGENT_BYTES).to_owned()
}

/// Returns the start of a text, at most `max_bytes` long and cut between two characters.
pub(super) fn shortened(text: &str, max_bytes: usize) -> &str {
    let ends = text.char_indices().map(|(at, character)| at + character.len_utf8());
    &text[..ends.take_while(|end| *end <= max_bytes).last().unwrap_or_default()]
}
