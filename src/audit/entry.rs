//! An event for people: a sentence, and its changes.

use schemas::{
    Event, Fact, ObjectEvent, Position, Recorded, Stream, Timestamp,
    object::{MessageIssued, Recipient, Role},
};
use uuid::Uuid;

use crate::{
    Change, change, edits,
    sentence::Context,
    state::{State, Step},
};

/// One event.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its place in the journal.
    pub position: Position,
    /// The event that caused this one; `None`: a person or an operator.
    pub caused_by: Option<Position>,
    /// Number of causes above it.
    pub depth: usize,
    /// When it was decided.
    pub at: Timestamp,
    /// `calendar-object-put.v1`.
    pub kind: &'static str,
    /// Its identity.
    pub event: Uuid,
    /// The stream it is in.
    pub stream: Stream,
    /// Its number in the stream.
    pub revision: u64,
    /// Its link of the hash chain, in hexadecimal.
    pub hash: String,
    /// The request that caused it, directly or not.
    pub request: Uuid,
    /// Equal for everything that one request led to.
    pub correlation: Uuid,
    /// The owner of the copy.
    pub owner: String,
    /// Who acted: a name, or `the server`.
    pub actor: String,
    /// The identity of the principal who acted; `None`: the server or an operator.
    pub actor_id: Option<schemas::PrincipalId>,
    /// The principal in whose name they acted.
    pub on_behalf_of: Option<schemas::PrincipalId>,
    /// `PUT`, `delivery` …
    pub via: String,
    /// `User-Agent` of the program.
    pub agent: String,
    /// Network address of the program.
    pub address: String,
    /// Path of the resource; `None` where the event concerns none, or its collection is unknown.
    pub href: Option<String>,
    /// Entity tag and Schedule-Tag after the event.
    pub etag: Option<String>,
    /// See `etag`.
    pub schedule_tag: Option<String>,
    /// The recipients of a message.
    pub recipients: Vec<String>,
    /// The event in words.
    pub sentence: String,
    /// The differences it made. Of a request with a body: those that its client made.
    pub changes: Vec<Change>,
    /// The differences that the server made to the body of a request before it stored it.
    pub server_changes: Vec<Change>,
    /// Why it made them, in words.
    pub edits: Vec<String>,
    /// True if the body of the request is recorded, so that changes of the client and of the server
    /// can be distinguished.
    pub knows_sent: bool,
    /// On which ground it was allowed; `None`: not recorded.
    pub right: Option<String>,
    /// How its bytes were altered; `None` if they fit the hash chain.
    pub fault: Option<String>,
    /// The owner's part in the meeting after it, or before its removal.
    pub role: Role,
}

/// Whose changes are compared, which takes most of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Those of people and operators. What follows from them is counted.
    Acts,
    /// Those of every event.
    Events,
}

/// Returns each event as an entry, in the order of the journal, with the step it made.
pub(crate) fn entries(context: &Context<'_>, detail: Detail) -> Vec<(Entry, Step)> {
    let mut state = State::default();
    let mut earlier = context.evidence.before.iter().peekable();
    let mut entries = Vec::with_capacity(context.evidence.events.len());
    for recorded in &context.evidence.events {
        while let Some(event) = earlier.next_if(|event| event.position < recorded.position) {
            state.apply(event);
        }
        entries.push(entry(recorded, &mut state, context, detail));
    }
    entries
}

/// Returns one event as an entry; `state` is that before it.
pub(crate) fn entry(recorded: &Recorded, state: &mut State, context: &Context<'_>, detail: Detail) -> (Entry, Step) {
    let step = state.apply(recorded);
    let Differences { changes, server_changes, knows_sent } = Differences::of(recorded, &step, detail);
    let after = step.after.as_ref();
    let object = after.or(step.before.as_ref());
    let metadata = &recorded.metadata;
    let names = context.evidence.names.at(recorded.position);
    let login = |id| context.evidence.names.login(id).map(str::to_owned);
    let href = step.place.as_ref().and_then(|place| context.places.path(place, login));
    let entry = Entry {
        position: recorded.position,
        caused_by: None,
        depth: 0,
        at: metadata.at,
        kind: recorded.event.kind(),
        event: recorded.id,
        stream: recorded.stream,
        revision: recorded.revision.0,
        hash: recorded.hash.to_string(),
        request: metadata.request,
        correlation: metadata.correlation,
        owner: context.owner(recorded),
        actor: context.actor(recorded),
        actor_id: metadata.actor,
        on_behalf_of: metadata.on_behalf_of,
        via: metadata.client.via.clone(),
        agent: metadata.client.agent.clone(),
        address: metadata.client.address.clone(),
        href,
        etag: after.map(|content| content.etag.clone()),
        schedule_tag: after.and_then(|content| content.schedule_tag.clone()),
        recipients: recipients(recorded).iter().map(|to| names.address(&to.address)).collect(),
        sentence: context.sentence(recorded, step.before.is_none()),
        changes,
        server_changes,
        edits: edits::words(&recorded.event),
        knows_sent,
        right: metadata.right.as_ref().map(|right| edits::right(&right.by).to_owned()),
        fault: context.evidence.fault(recorded.position).map(|fault| fault.why.clone()),
        role: object.map(|content| content.role).unwrap_or_default(),
    };
    (entry, step)
}

/// The differences that an event made.
struct Differences {
    changes: Vec<Change>,
    server_changes: Vec<Change>,
    knows_sent: bool,
}

impl Differences {
    fn of(recorded: &Recorded, step: &Step, detail: Detail) -> Self {
        let before = step.before.as_ref().map(|content| content.ics.as_str());
        let after = step.after.as_ref().map(|content| content.ics.as_str());
        let sent = edits::sent(&recorded.event);
        let server_changes = match (&sent, after) {
            (Some(sent), Some(now)) if sent != now => change::between(Some(sent), Some(now)),
            _ => vec![],
        };
        let is_compared = detail == Detail::Events || recorded.metadata.causation.is_none();
        let changes = match &recorded.event {
            Event::Object(ObjectEvent::Put(_) | ObjectEvent::Revised(_)) if is_compared => {
                change::between(before, sent.as_deref().or(after))
            }
            Event::Object(ObjectEvent::MessageSuppressed(suppressed)) => change::between(None, Some(&suppressed.ics)),
            _ => vec![],
        };
        Self { changes, server_changes, knows_sent: sent.is_some() }
    }
}

fn recipients(recorded: &Recorded) -> Vec<&Recipient> {
    match &recorded.event {
        Event::Object(ObjectEvent::MessageIssued(MessageIssued { recipients, .. })) => recipients.iter().collect(),
        Event::Object(ObjectEvent::MessageSuppressed(suppressed)) => suppressed.recipients.iter().collect(),
        _ => vec![],
    }
}
