//! The entry of an event in a report: a sentence about the event, and the changes that it made.

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

/// The description of one event in a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Position of the event in the journal.
    pub position: Position,
    /// Position of the event that caused this one; `None` if no event caused it, or the cause is
    /// not in the report.
    pub caused_by: Option<Position>,
    /// Number of events in the chain of causes above this event.
    pub depth: usize,
    /// When the event was decided.
    pub at: Timestamp,
    /// Type and version of the event, such as `calendar-object-put.v1`.
    pub kind: &'static str,
    /// Id of the event.
    pub event: Uuid,
    /// The stream of the event.
    pub stream: Stream,
    /// Revision of the event in its stream.
    pub revision: u64,
    /// Hash of the event in the hash chain, in hexadecimal.
    pub hash: String,
    /// Id of the request that caused the event, directly or not.
    pub request: Uuid,
    /// The correlation id, which is equal for all events that one request led to.
    pub correlation: Uuid,
    /// Name of the owner of the copy.
    pub owner: String,
    /// The person or operator who acted, or `the server`.
    pub actor: String,
    /// Id of the principal who acted; `None` for the server or an operator.
    pub actor_id: Option<schemas::PrincipalId>,
    /// Id of the principal in whose name the actor acted; `None` if in their own, or without an
    /// actor.
    pub on_behalf_of: Option<schemas::PrincipalId>,
    /// HTTP method or other origin: `PUT`, `delivery` …
    pub via: String,
    /// The `User-Agent` of the client; empty if unknown.
    pub agent: String,
    /// Network address of the client; empty if unknown.
    pub address: String,
    /// Path of the object that the event stored, moved or removed, with the latest names of its
    /// collection and owner; `None` for other events, or if a name is unknown.
    pub href: Option<String>,
    /// ETag of the calendar object resource after the event; `None` if the event removes it, or
    /// neither stores nor moves one (inbox items and files do not count).
    pub etag: Option<String>,
    /// Schedule-Tag of the resource after the event; `None` if it has none, and where `etag` is
    /// `None`.
    pub schedule_tag: Option<String>,
    /// Names of the recipients, if the event issues or suppresses a message; otherwise empty.
    pub recipients: Vec<String>,
    /// The event described in one sentence.
    pub sentence: String,
    /// The changes from the version before to the sent or copied text, or to the stored text if
    /// neither of them is recorded. For a suppressed message, everything in it counts as added.
    /// Empty for other events that store no copy, and with [`Detail::Acts`] if another event caused
    /// this one.
    pub changes: Vec<Change>,
    /// The changes that the server made to a request's body before storing it.
    pub server_changes: Vec<Change>,
    /// The reasons for the server's changes, in words.
    pub edits: Vec<String>,
    /// True if the body of the request, or the copied text, is recorded, so that changes of the
    /// client and of the server can be told apart.
    pub knows_sent: bool,
    /// The ground on which the request was allowed; `None` if it is not recorded.
    pub right: Option<String>,
    /// A description of how the bytes of the event were altered; `None` if they fit the hash chain.
    pub fault: Option<String>,
    /// The owner's role in the meeting after the event; if the event removed the object, before it;
    /// [`Role::None`] for an event about no content.
    pub role: Role,
}

/// Selects the events whose versions are compared. Comparing takes most of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Only events that no other event caused are compared with the version before.
    Acts,
    /// All events are compared with the version before.
    Events,
}

/// Returns the entry of each reported event, in the journal's order, with the content before and
/// after the event.
pub(crate) fn entries<'e>(context: &Context<'e>, detail: Detail) -> Vec<(Entry, Step<'e>)> {
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

/// Returns the entry of one event. `state` must be the state before the event, and is updated.
pub(crate) fn entry<'e>(
    recorded: &'e Recorded,
    state: &mut State<'e>,
    context: &Context<'e>,
    detail: Detail,
) -> (Entry, Step<'e>) {
    let step = state.apply(recorded);
    let Differences { changes, server_changes, knows_sent } = Differences::of(recorded, &step, detail);
    let after = step.after;
    let object = after.or(step.before);
    let metadata = &recorded.metadata;
    let names = context.evidence.names.at(recorded.position);
    let login = |id| context.evidence.names.login(id).map(str::to_owned);
    let href = step.place.and_then(|place| context.places.path(place, login));
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
        schedule_tag: step.schedule_tag.map(str::to_owned),
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

/// The changes that one event made.
struct Differences {
    changes: Vec<Change>,
    server_changes: Vec<Change>,
    knows_sent: bool,
}

impl Differences {
    fn of(recorded: &Recorded, step: &Step<'_>, detail: Detail) -> Self {
        let before = step.before.map(|content| content.ics.as_str());
        let after = step.after.map(|content| content.ics.as_str());
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
