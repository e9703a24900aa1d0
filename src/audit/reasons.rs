//! Describes the reasons and status codes of events in words.

use std::borrow::Cow;

use schemas::{Ignored, edit::Automatic};

use crate::{Clock, foreign};

/// Returns in words the reason for which a message was not sent. `sender` is the name of its
/// sender.
pub(crate) fn suppressed(reason: &str, sender: &str) -> Cow<'static, str> {
    match reason {
        "agent-client" => {
            format!("{sender}'s program said that it sends the message itself (SCHEDULE-AGENT=CLIENT)").into()
        }
        "agent-none" => {
            format!("{sender}'s program said that the attendee is not to be notified (SCHEDULE-AGENT=NONE)").into()
        }
        "schedule-reply-false" => format!("{sender}'s program asked that no answer be sent (Schedule-Reply: F)").into(),
        "not-significant" => "nothing changed that concerns them".into(),
        other => foreign::identifier(other).into(),
    }
}

/// Returns in words the reason for which a message changed nothing in the recipient's copy.
pub(crate) fn ignored(reason: &Ignored) -> Cow<'static, str> {
    let words = match reason {
        Ignored::Stale => "the copy was already newer than the message",
        Ignored::UnknownObject => "the owner has no copy of the meeting",
        Ignored::NotAnAttendee => "the sender or the owner is not an attendee of what the message is about",
        Ignored::NotTheOrganizer => "the owner does not organize the meeting",
        Ignored::AnotherOrganizer => "another organizer's meeting has this UID",
        Ignored::AlreadySo => "the copy already said the same",
        Ignored::NothingToCancel => "there was no copy to cancel",
        Ignored::UnknownInstance => "the meeting has no such instance",
        Ignored::DeclinedAndRemoved => "the owner had declined and deleted the meeting",
        Ignored::NoCalendar => "the owner has no calendar that accepts this kind of component",
        Ignored::UidInUse => "another object of the owner's calendar has this UID",
        Ignored::TooLarge => "the copy would have exceeded a limit",
        Ignored::Published | Ignored::CounterProposed | Ignored::CounterDeclined => {
            "the message only informs the owner"
        }
        Ignored::NotCalendarData => "the text of the message cannot be read",
        Ignored::NotAValidMessage => "the text is not a scheduling message",
        Ignored::Other(word) => return foreign::identifier(word).into(),
    };
    words.into()
}

/// Returns the recorded reason for which a message was sent, such as `invited`, in a form that is
/// safe to print.
pub(crate) fn issued(reason: &str) -> String {
    foreign::identifier(reason)
}

/// Returns true for the delivery status of a message that arrived, or that was sent without a
/// report of its arrival.
pub(crate) fn has_arrived(code: &str) -> bool {
    ["1.1", "1.2", "2.0"].contains(&code)
}

/// Returns a delivery status (RFC 6638 §3.2.9) as its code followed by the meaning in words; an
/// unknown code alone.
pub(crate) fn status(code: &str) -> String {
    let words = match code {
        "1.0" => "under way",
        "1.1" => "sent, not yet known to have arrived",
        "1.2" => "delivered",
        "2.0" => "done",
        "3.7" => "no principal has this address, or only a retired one",
        "3.8" => "not permitted",
        "5.1" => "could not be delivered",
        "5.2" => "not delivered, and is not retried",
        "5.3" => "refused by the recipient's system",
        _ => return foreign::identifier(code),
    };
    format!("{code}, {words}")
}

/// Returns a participation status as a verb in the past tense, such as `accepted`; `None` for any
/// other status.
pub(crate) fn answered(partstat: &str) -> Option<&'static str> {
    Some(match partstat.to_ascii_uppercase().as_str() {
        "ACCEPTED" => "accepted",
        "DECLINED" => "declined",
        "TENTATIVE" => "accepted tentatively",
        "DELEGATED" => "delegated",
        "COMPLETED" => "completed it",
        "IN-PROCESS" => "began it",
        _ => return None,
    })
}

/// Returns the conflicts that an automatic answer recorded, as `busy during at least a part of …`;
/// `None` if it recorded none. A conflict is recorded as the whole time of an invited instance, and
/// the owner may have been busy during a part of it only.
pub(crate) fn busy(automatic: &Automatic, clock: &Clock) -> Option<String> {
    let conflicts = automatic.conflicts.iter();
    let parts: Vec<String> = conflicts.map(|busy| format!("of {}", clock.span(busy.start, busy.end))).collect();
    (!parts.is_empty()).then(|| format!("busy during at least a part {}", list(&parts)))
}

/// Returns a list in words: `a, b and c`; `nobody` for an empty list.
pub(crate) fn list(names: &[String]) -> String {
    match names {
        [] => "nobody".to_owned(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Number of names in a shortened list. The others are only counted. A list with one more name is
/// not shortened.
const SHOWN_NAMES: usize = 6;

/// Returns a shortened list in words: `a, b, c and 57 others`.
pub(crate) fn short_list(names: &[String]) -> String {
    if names.len() <= SHOWN_NAMES + 1 {
        return list(names);
    }
    format!("{} and {} others", names[..SHOWN_NAMES].join(", "), names.len() - SHOWN_NAMES)
}
