//! The request body of `DAV:sync-collection` (RFC 6578 §6.1).
//!
//! **Invariant:** this module does not interpret the sync token. An empty token requests an initial
//! synchronization.

use super::{Props, RequestError, only, required, required_prop, word};
use crate::{name::DAV, xml::Element};

/// The scope of a synchronization (RFC 6578 §6.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncLevel {
    /// The direct members of the collection.
    One,
    /// All resources below the collection.
    Infinite,
}

/// The body of `DAV:sync-collection`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncCollection {
    /// The sync token; `None` for an initial synchronization (RFC 6578 §3.4).
    pub token: Option<String>,
    /// The scope; `None` if the client relies on the `Depth` header, as in drafts of RFC 6578.
    pub level: Option<SyncLevel>,
    /// Maximum number of responses, at least 1 (RFC 5323 §5.17); `None` if the client sets no
    /// limit.
    pub limit: Option<usize>,
    /// The properties to return.
    pub wanted: Props,
}

impl SyncCollection {
    pub(super) fn of(element: &Element) -> Result<Self, RequestError> {
        let token = Some(word(required(element, DAV, "sync-token")?)).filter(|token| !token.is_empty());
        let level = only(element, DAV, "sync-level")?.map(level).transpose()?;
        let limit = only(element, DAV, "limit")?.map(limit).transpose()?;
        Ok(Self { token, level, limit, wanted: Props::of(required_prop(element)?)? })
    }
}

fn level(element: &Element) -> Result<SyncLevel, RequestError> {
    match word(element).as_str() {
        "1" => Ok(SyncLevel::One),
        "infinite" | "infinity" => Ok(SyncLevel::Infinite),
        _ => Err(RequestError::invalid(element, "the value must be `1` or `infinite`")),
    }
}

fn limit(element: &Element) -> Result<usize, RequestError> {
    let results = required(element, DAV, "nresults")?;
    let number = word(results).parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| RequestError::invalid(results, "the value must be a whole number greater than 0"))
}
