//! The edits that the server made to a request's body, and the ground on which the request was
//! allowed.

use std::borrow::Cow;

use schemas::{
    Event, ObjectEvent,
    edit::{Edit, EditReason},
    metadata::Ground,
};

use crate::foreign;

/// Returns the body of the request that stored an object, as the client sent it, or the text that
/// was copied; `None` if neither was recorded. Invalid UTF-8 is replaced.
pub(crate) fn sent(event: &Event) -> Option<Cow<'_, str>> {
    Some(match octets(event)? {
        Cow::Borrowed(octets) => String::from_utf8_lossy(octets),
        Cow::Owned(octets) => Cow::Owned(String::from_utf8_lossy(&octets).into_owned()),
    })
}

/// Returns the bytes of the body of the request that stored an object, as the client sent them, or
/// the bytes of the text that was copied; `None` if neither was recorded.
pub(crate) fn octets(event: &Event) -> Option<Cow<'_, [u8]>> {
    let Event::Object(ObjectEvent::Put(put)) = event else { return None };
    let stored = put.content.ics.as_str();
    match (&put.sent, &put.copied) {
        (Some(sent), _) => sent.octets(stored),
        (None, Some(copied)) => copied.octets(stored),
        (None, None) => None,
    }
}

/// Returns the reasons for which the server changed a request's body, without repetition.
pub(crate) fn words(event: &Event) -> Vec<String> {
    let Event::Object(ObjectEvent::Put(put)) = event else { return vec![] };
    let mut words: Vec<String> = vec![];
    for edit in &put.edits {
        let word = reason(edit);
        if !words.contains(&word) {
            words.push(word);
        }
    }
    words
}

fn reason(edit: &Edit) -> String {
    let words = match edit.reason {
        EditReason::Repaired => {
            let what = edit.repair.as_deref().map(foreign::identifier).unwrap_or_default();
            let path =
                edit.path.as_deref().map(|path| format!(" in {}", foreign::identifier(path))).unwrap_or_default();
            return format!("repaired what the program sent ({what}{path})");
        }
        EditReason::Merged => "kept answers that arrived after the program had read the meeting",
        EditReason::Rebased => "applied the change, which was made on an earlier state, to the current state",
        EditReason::GroupsExpanded => "made the members of a group attendees",
        EditReason::AnswersReset => "set the attendees' answers to “no answer yet”",
        EditReason::AnswersKept => "restored answers that only the attendees themselves may change",
        EditReason::ReplyRequested => "set or restored RSVP, the request for a reply",
        EditReason::SequenceSet => "set SEQUENCE",
        EditReason::StatusSet => "set SCHEDULE-STATUS",
        EditReason::ForceSendRemoved => {
            "sent the message that SCHEDULE-FORCE-SEND asked for, and removed the parameter"
        }
        EditReason::AgentKept => "restored SCHEDULE-AGENT",
        EditReason::LinesKept => "restored lines that the program may not change",
        EditReason::InstancesKept => "restored instances or other components that the program left out",
    };
    words.to_owned()
}

/// Returns in words the ground on which a request was allowed.
pub(crate) fn right(ground: &Ground) -> &str {
    match ground {
        Ground::Owner => "as the owner",
        Ground::Administrator => "as an administrator",
        Ground::Entry => "by an entry of an access control list",
        Ground::Operator => "as an operator of the server",
        Ground::Server => "by the server itself",
        Ground::Other(word) => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The rows of docs/events.md say what else a reason covers: an answer that was never given, an
    /// RSVP that was put back, and a time zone.
    #[test]
    fn the_words_for_a_reason_claim_no_more_than_it_means() {
        let rows = [
            (EditReason::AnswersReset, "set the attendees' answers to “no answer yet”"),
            (EditReason::ReplyRequested, "set or restored RSVP, the request for a reply"),
            (EditReason::InstancesKept, "restored instances or other components that the program left out"),
        ];
        for (found, words) in rows {
            assert_eq!(reason(&Edit::of(found)), words);
        }
    }
}
