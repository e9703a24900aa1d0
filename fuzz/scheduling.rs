//! Checks any change of a meeting of Anna with Bob, and any message about it. The stored objects
//! and the messages are well-formed. If the same message arrives several times, the copy stops
//! changing.

use super::head_and_text;
use ical::{Address, Document, repair, validate};
use itip::inbound::{self, Effect, Ending, LatestReplies, Message, OrganizersComments, Recipient};
use itip::{Change, Context, Refusal, ScheduleReply, attendee, organizer};

/// The separator between two states of an object in the input.
const SEPARATOR: &str = "====\n";
/// 2026-01-05T12:00:00Z, in seconds since the epoch.
const NOW: i64 = 1_767_614_400;
const ANNA: &str = "mailto:anna@example.org";
const BOB: &str = "mailto:bob@example.org";

pub fn run(data: &[u8]) {
    let Some((_, text)) = head_and_text(data) else { return };
    let mut states = text.split(SEPARATOR);
    let (first, second) = (states.next().unwrap_or_default(), states.next());
    let (before, after) = (object(first), second.and_then(object));
    if before.is_some() || after.is_some() {
        changed(before.as_ref(), after.as_ref());
        changed(after.as_ref(), before.as_ref());
    }
    for text in std::iter::once(first).chain(second) {
        arrives(text, before.as_ref());
        arrives(text, after.as_ref());
    }
}

/// Returns the object in the form in which the server would store it; `None` if the server would
/// refuse it.
fn object(text: &str) -> Option<Document> {
    let document = repair::calendar_object(text.to_owned(), NOW).ok()?.document;
    validate::calendar_object(&document).ok()?;
    Some(document)
}

fn of<R>(owner: &'static str, run: impl FnOnce(&Context<'_>) -> R) -> R {
    let owns = |address: &Address| address.canonical() == owner;
    run(&Context { now: NOW, owns: &owns, canonical: &Address::clone, knows: &|_| true })
}

/// Lets a client replace `before` by `after`, where `None` means that the object does not exist.
/// Checks all messages that follow.
fn changed(before: Option<&Document>, after: Option<&Document>) {
    let told = of(ANNA, |anna| organizer::change(before, after, anna));
    for message in sent(told) {
        arrives(&message, None);
        arrives(&message, before);
    }
    let told = of(BOB, |bob| attendee::change(before, after, ScheduleReply::Send, &OrganizersComments::default(), bob));
    for message in sent(told) {
        arrives(&message, before);
        arrives(&message, after);
    }
}

/// Checks the result of a change and returns its messages.
fn sent(change: Result<Change, Refusal>) -> Vec<String> {
    let Ok(change) = change else { return vec![] };
    if let Some(stored) = change.stored {
        Document::parse(stored).expect("what is stored is well-formed");
    }
    let sent = change.messages.into_iter().map(|draft| draft.ics);
    sent.inspect(|ics| {
        let document = Document::parse(ics.clone()).expect("what is sent is well-formed");
        Message::read(&document, &Address::clone).expect("what is sent is a message");
    })
    .collect()
}

/// Delivers a message three times to each of the two people. The second delivery can make the copy
/// shorter, because it can remove lines that the first one duplicated. The third must not change
/// anything.
fn arrives(text: &str, copy: Option<&Document>) {
    for owner in [ANNA, BOB] {
        let Some(once) = received(text, copy, owner) else { continue };
        let Some(twice) = received(text, Some(&once), owner) else { continue };
        let (once, twice) = (once.as_str(), twice.as_str());
        assert!(twice.len() <= once.len(), "by the message\n{text}\nthe copy\n{once}\ngrows to\n{twice}");
        let again = Document::parse(twice).ok().and_then(|twice| received(text, Some(&twice), owner));
        assert!(again.is_none(), "by the message\n{text}\nthe copy\n{twice}\nchanges a third time");
    }
}

/// Returns the owner's copy after the message; `None` if the message does not change it.
fn received(text: &str, copy: Option<&Document>, owner: &'static str) -> Option<Document> {
    let message = repair::scheduling_message(text.to_owned(), NOW).ok()?.document;
    of(owner, |context| {
        let message = Message::read(&message, context.canonical).ok()?;
        let (latest_replies, comments) = (&LatestReplies::default(), &OrganizersComments::default());
        let copy = copy.map(|copy| inbound::Copy::read(copy, context.canonical));
        let recipient = Recipient { copy: copy.as_ref(), latest_replies, ending: Ending::Open, comments };
        match inbound::receive(&message, &recipient, context).effect {
            Effect::Created(ics) | Effect::Changed { ics, .. } => {
                Some(Document::parse(ics).expect("a copy is well-formed"))
            }
            Effect::Answered(draft) => {
                Document::parse(draft.ics).expect("an answer is well-formed");
                None
            }
            Effect::Unchanged { .. } => None,
        }
    })
}
