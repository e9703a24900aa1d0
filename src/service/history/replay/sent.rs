//! The body and the preconditions that a client sent in a recorded request.

use std::borrow::Cow;

use crate::sharing::personal;
use calendar::{
    Limits, Refusal, Require, Tags,
    object::{self, SentBody, TextSource},
    require::{Comparison, entity_tags},
};
use ical::{
    Document,
    repair::{self, Repair, RepairKind, Repaired},
};
use schemas::{Metadata, Timestamp, metadata::Conditions, object::ObjectPut};

/// Result of reading a recorded body again.
pub(super) struct ReadAgain {
    pub document: Document,
    pub repairs: Vec<Repair>,
    /// Description of the text that was read, as the event of a put records it. Always `Some` in
    /// the result of [`read`].
    pub sent: Option<SentBody>,
}

impl ReadAgain {
    /// Adds to the repairs, and to the record of the body `octets`, that a sharee's personal data
    /// was removed from it.
    pub(super) fn parted(mut self, octets: &[u8]) -> Self {
        self.repairs.push(personal::kept_apart());
        self.sent = Some(SentBody::from(TextSource::Copy, octets, &self.repairs));
        self
    }
}

/// Returns the bytes that were read: the body of the request, the text that was copied, or the text
/// that the server stored by itself. `Err`: the reason why they are not recorded.
pub(super) fn octets(put: &ObjectPut) -> Result<Cow<'_, [u8]>, &'static str> {
    let stored = put.content.ics.as_str();
    match (&put.sent, &put.copied) {
        (Some(sent), _) => sent.octets(stored).ok_or(
            "the request body is not recorded: it is not UTF-8 and longer than 1 MiB, or \
             an earlier version of Daybook received it",
        ),
        (None, Some(copied)) => copied.octets(stored).ok_or("the text of the object that was copied cannot be read"),
        (None, None) if put.edits.is_empty() => Ok(Cow::Borrowed(stored.as_bytes())),
        (None, None) => Err("an earlier version of Daybook copied the object and did not record its text"),
    }
}

/// Returns true if a sharee's personal data was removed from the body. The removed data is not
/// recorded with the body.
pub(super) fn is_parted(put: &ObjectPut) -> bool {
    has_repair(put, RepairKind::PersonalDataKeptApart)
}

/// Returns true if the owner of the home became the organizer in place of the delegate who sent the
/// body.
pub(super) fn is_for_owner(put: &ObjectPut) -> bool {
    has_repair(put, RepairKind::OrganizerOfDelegate)
}

fn has_repair(put: &ObjectPut, kind: RepairKind) -> bool {
    put.edits.iter().any(|edit| edit.repair.as_deref() == Some(kind.as_str()))
}

/// Parses and repairs a body as the recorded request did at the time `at`.
pub(super) fn read(octets: &[u8], source: TextSource, at: Timestamp, limits: &Limits) -> Result<ReadAgain, Refusal> {
    let unreadable = |error: ical::SyntaxError| Refusal::NotCalendarData { why: error.to_string() };
    let (text, decoded) = repair::utf8(octets.to_vec()).map_err(unreadable)?;
    let Repaired { document, mut repairs } = object::read(text, at, limits)?;
    repairs.splice(0..0, decoded);
    let sent = Some(SentBody::from(source, octets, &repairs));
    Ok(ReadAgain { document, repairs, sent })
}

/// Returns the preconditions of a PUT. For other methods, whose preconditions do not matter here,
/// the result is empty. `None` if the preconditions were recorded only in part, cannot be parsed,
/// or have an entity tag in the header `If`, which the write required with the resource's tag then.
pub(super) fn require(metadata: &Metadata) -> Option<Require> {
    if metadata.client.via != "PUT" {
        return Some(Require::default());
    }
    let Conditions { if_match, if_none_match, if_schedule_tag_match, if_header, .. } = &metadata.conditions;
    if if_header.as_ref().is_some_and(|header| header.contains('[')) {
        return None;
    }
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
