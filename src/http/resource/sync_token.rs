//! Sync tokens (RFC 6578 §4): a journal position as a URI. A token survives restarts and rebuilds,
//! and never expires.

use schemas::Position;

const SCHEME: &str = "data:,";

/// Returns the token for a position.
pub(crate) fn token(position: Position) -> String {
    format!("{SCHEME}{position}")
}

/// Returns the position of a token; `None` if this server did not issue it.
pub(crate) fn position(token: &str) -> Option<Position> {
    token.strip_prefix(SCHEME)?.parse().ok().map(Position)
}
