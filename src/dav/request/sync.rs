//! `DAV:sync-collection` (RFC 6578 §6.1).
//!
//! **Invariant:** the token is opaque here; an empty one asks for everything.

use super::{Props, RequestError, only, required, required_prop, word};
use crate::{name::DAV, xml::Element};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncLevel {
    One,
    Infinite,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncCollection {
    /// `None`: the client has nothing yet (RFC 6578 §3.4).
    pub token: Option<String>,
    /// `None`: the client relies on the `Depth` header, as the drafts had it.
    pub level: Option<SyncLevel>,
    /// RFC 5323 §5.17.
    pub limit: Option<usize>,
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
        _ => Err(RequestError::invalid(element, "it is `1` or `infinite`")),
    }
}

fn limit(element: &Element) -> Result<usize, RequestError> {
    let results = required(element, DAV, "nresults")?;
    let number = word(results).parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| RequestError::invalid(results, "it is a number greater than 0"))
}
