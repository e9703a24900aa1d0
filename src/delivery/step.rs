//! Decides the events that each stream appends for its work.

use std::{collections::HashMap, fmt, sync::Arc};

use calendar::{
    Limits, Refusal,
    object::{
        self, AddressBook, Availability, CopyText, DecisionContext, DefaultCalendars, Object, ParsedMessage, ReadCopy,
        Receive, Received,
    },
};
use schemas::{CollectionId, ObjectEvent, ObjectId, PrincipalId, Timestamp, principal::AutomaticAnswer};
use uuid::Uuid;

use crate::{Outbound, Work};

/// A stream's copy, and the settings of the recipient that a decision needs.
#[derive(Clone, Copy)]
pub struct Copy<'a> {
    pub object: &'a Object,
    /// The calendars in which new invitations to the recipient are stored.
    pub default_calendars: DefaultCalendars,
    pub answer: AutomaticAnswer,
    pub availability: &'a dyn Availability,
}

/// The arguments of [`step`] that are the same for every stream.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    pub now: Timestamp,
    pub limits: &'a Limits,
    pub address_book: &'a dyn AddressBook,
}

impl fmt::Debug for Copy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Copy").field("object", &self.object).field("answer", &self.answer).finish_non_exhaustive()
    }
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment").field("now", &self.now).finish_non_exhaustive()
    }
}

/// The decision of [`step`] for one stream, which the runner of deliveries carries out.
#[derive(Debug)]
pub enum Action {
    /// Appends the events at the revision of the copy, in the act that `cause` caused. `after` is
    /// the copy after them.
    Append { stream: ObjectId, cause: Arc<Outbound>, events: Vec<ObjectEvent>, after: Box<Object> },
    /// Appends nothing, because the copy has processed all readable messages and reports before.
    Confirm { stream: ObjectId },
    /// Parks the delivery of the message to this home, because its text cannot be parsed.
    Park { home: PrincipalId, message: Uuid, reason: String },
    /// Parks all work of the stream, because its copy cannot be read.
    ParkAll { stream: ObjectId, reason: String },
}

/// Decides the action of each stream, after a [`Action::Park`] for each of its messages that cannot
/// be parsed. A message is parsed once, even for many recipients, and so is the text of copies that
/// follow each other and are equal.
pub fn step<'a>(work: impl IntoIterator<Item = (&'a Work, Copy<'a>)>, environment: &Environment<'_>) -> Vec<Action> {
    let work: Vec<_> = work.into_iter().collect();
    let messages = work.iter().flat_map(|(work, _)| &work.messages);
    let mut parsed = HashMap::new();
    for message in messages {
        let parse = || ParsedMessage::of(message.inbound(), environment.address_book);
        parsed.entry(message.issued.message).or_insert_with(parse);
    }
    let mut actions = vec![];
    for alike in work.chunk_by(|(_, one), (_, next)| text(one) == text(next)) {
        // Reports alone read no copy. Without a readable text, each stream decides by itself.
        let has_messages = alike.iter().any(|(work, _)| !work.messages.is_empty());
        let text = if has_messages { CopyText::of(alike[0].1.object) } else { None };
        let read = text.as_ref().map(|text| text.read(environment.address_book));
        for (work, copy) in alike {
            actions.extend(work.messages.iter().filter(|message| !message.inbound().is_readable()).map(|message| {
                let reason = "the text of the message cannot be parsed".to_owned();
                Action::Park { home: work.home, message: message.issued.message, reason }
            }));
            actions.push(act(work, *copy, (&parsed, read.as_ref()), environment));
        }
    }
    actions
}

/// Returns the text of the copy to which messages are applied; `None` if there is no copy yet.
fn text<'a>(copy: &Copy<'a>) -> Option<&'a str> {
    copy.object.scheduled().map(|resource| resource.content.ics.as_str())
}

/// Decides again the work that a stream did in the recorded `act`, and returns the events that the
/// stream would append. Returns an error if the decision is refused.
pub fn decide_again(
    work: &Work,
    copy: Copy<'_>,
    act: Uuid,
    environment: &Environment<'_>,
) -> Result<Vec<ObjectEvent>, Refusal> {
    let messages = work.messages.iter();
    let parsed = messages
        .map(|message| (message.issued.message, ParsedMessage::of(message.inbound(), environment.address_book)));
    Ok(decide(work, copy, act, (&parsed.collect(), None), environment)?.events)
}

fn act(
    work: &Work,
    copy: Copy<'_>,
    texts: (&HashMap<Uuid, ParsedMessage<'_>>, Option<&ReadCopy<'_>>),
    environment: &Environment<'_>,
) -> Action {
    let stream = work.stream;
    let cause = work.cause(copy.object);
    match decide(work, copy, work.act(cause), texts, environment) {
        Ok(Received { events, .. }) if events.is_empty() => Action::Confirm { stream },
        Ok(Received { events, after }) => {
            Action::Append { stream, cause: Arc::clone(cause), events, after: Box::new(after) }
        }
        Err(refusal) => Action::ParkAll { stream, reason: refusal.to_string() },
    }
}

fn decide(
    work: &Work,
    copy: Copy<'_>,
    act: Uuid,
    (parsed, read): (&HashMap<Uuid, ParsedMessage<'_>>, Option<&ReadCopy<'_>>),
    environment: &Environment<'_>,
) -> Result<Received, Refusal> {
    let Environment { now, limits, address_book } = *environment;
    let context = DecisionContext { now, act, home: work.home, actor: None, limits, address_book };
    let readable = work.messages.iter().filter(|message| message.inbound().is_readable());
    let messages: Vec<_> = readable.map(|message| &parsed[&message.issued.message]).collect();
    let receive = Receive {
        reports: &work.reports,
        messages: &messages,
        copy: read,
        inbox: CollectionId::derive(work.home, "inbox", 0),
        default_calendars: copy.default_calendars,
        answer: copy.answer,
        availability: copy.availability,
    };
    object::take_in(copy.object, &receive, &context)
}
