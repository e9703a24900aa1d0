//! What a client sent: the body and the conditions of a recorded request.

use calendar::{
    Limits, Refusal, Require, Tags,
    object::{self, SentBody},
    require::{Comparison, entity_tags},
};
use ical::{
    Document,
    repair::{self, Repair, RepairKind, Repaired},
};
use schemas::{
    Metadata, Timestamp,
    edit::Body,
    metadata::Conditions,
    object::{Content, ObjectPut},
};

/// A body that was read again.
pub(super) struct ReadAgain {
    pub document: Document,
    pub repairs: Vec<Repair>,
    /// `None` where no client sent it.
    pub sent: Option<SentBody>,
}

/// Returns the octets of the body, or the text that the server stored without one; the reason if they are not recorded.
pub(super) fn octets(put: &ObjectPut) -> Result<Vec<u8>, &'static str> {
    let Content { ics, .. } = &put.content;
    match &put.sent {
        None if put.edits.is_empty() => Ok(ics.clone().into_bytes()),
        None => Err("the text that was copied is not recorded"),
        Some(sent) => match &sent.body {
            None if sent.size != ics.len() as u64 => Err("the body was too large to be kept"),
            None => Ok(ics.clone().into_bytes()),
            Some(Body::Text(text)) => Ok(text.clone().into_bytes()),
            Some(Body::Base64(octets)) => Ok(octets.clone()),
        },
    }
}

/// True if the owner of the home became the organizer in place of the person who acted.
pub(super) fn is_for_owner(put: &ObjectPut) -> bool {
    put.edits.iter().any(|edit| edit.repair.as_deref() == Some(RepairKind::OrganizerOfDelegate.as_str()))
}

/// Reads a body, as the request that brought it did at `at`.
pub(super) fn read(octets: &[u8], is_sent: bool, at: Timestamp, limits: &Limits) -> Result<ReadAgain, Refusal> {
    let unreadable = |error: ical::SyntaxError| Refusal::NotCalendarData { why: error.to_string() };
    let (text, decoded) = repair::utf8(octets.to_vec()).map_err(unreadable)?;
    let Repaired { document, mut repairs } = object::read(text, at, limits)?;
    repairs.splice(0..0, decoded);
    let sent = is_sent.then(|| SentBody::of(octets, &repairs));
    Ok(ReadAgain { document, repairs, sent })
}

/// Returns the conditions of a PUT; `None` if they are not recorded whole.
pub(super) fn require(metadata: &Metadata) -> Option<Require> {
    if metadata.client.via != "PUT" {
        return Some(Require::default());
    }
    let Conditions { if_match, if_none_match, if_schedule_tag_match, .. } = &metadata.conditions;
    let tags = |text: &Option<String>, comparison| match text.as_deref().map(str::trim) {
        None => Some(None),
        Some("*") => Some(Some(Tags::Any)),
        Some(text) if text.len() < Conditions::MAX_BYTES => {
            entity_tags(text, comparison).ok().map(Tags::Listed).map(Some)
        }
        Some(_) => None,
    };
    let schedule_tag = match tags(if_schedule_tag_match, Comparison::Strong)? {
        Some(Tags::Listed(tags)) => tags.into_iter().next(),
        Some(Tags::Any) | None => None,
    };
    Some(Require {
        if_match: tags(if_match, Comparison::Strong)?,
        if_none_match: tags(if_none_match, Comparison::Weak)?,
        if_schedule_tag_match: schedule_tag,
    })
}
