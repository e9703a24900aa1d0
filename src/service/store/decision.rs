//! Aggregates as the store loads them, and the result of a decision.

use std::{fmt::Debug, sync::Arc};

use journal::Append;
use schemas::{Event, Expected, Fact, Metadata, NewEvent, Position, Revision, Stream, Timestamp};
use uuid::Uuid;

use super::Store;
use crate::{clock::Stamp, freshness::Subject};

/// A state that is folded from one stream.
pub(crate) trait Aggregate: Default + Clone + Debug + Send + Sync + 'static {
    type Id: Copy + Send;
    type Event: Fact + Clone + Debug + TryFrom<Event, Error = Event> + Send + Sync;
    fn stream(id: Self::Id) -> Stream;
    /// Applies an event.
    fn evolve(self, event: &Self::Event) -> Self;

    /// Applies the time of an event.
    fn seen(self, _at: Timestamp) -> Self {
        self
    }

    /// Returns the earliest allowed time of the next decision.
    fn not_before(&self) -> Timestamp {
        Timestamp::default()
    }
    fn cached(_store: &Store, _id: Self::Id) -> Option<Loaded<Self>> {
        None
    }
    fn keep(_store: &Store, _id: Self::Id, _loaded: &Loaded<Self>) {}
}

/// A state, and the revision of the last folded event. The revision is `None` if the stream does
/// not exist.
#[derive(Debug, Clone)]
pub(crate) struct Loaded<A> {
    pub state: Arc<A>,
    pub revision: Option<Revision>,
}

impl<A: Aggregate> Loaded<A> {
    /// Returns the state of a stream that does not exist.
    pub(crate) fn nothing() -> Self {
        Self { state: Arc::default(), revision: None }
    }
}

/// A decided event with its id.
#[derive(Debug, Clone)]
pub(crate) struct Happened<E> {
    pub id: Uuid,
    pub event: E,
}

/// The result of a command. It has no events if the state was already as commanded.
#[derive(Debug, Clone)]
pub(crate) struct Executed<A: Aggregate> {
    pub before: Arc<A>,
    pub after: Arc<A>,
    pub events: Vec<Happened<A::Event>>,
    /// Revision of the last event of the stream; `None` if the stream does not exist.
    pub revision: Option<Revision>,
    pub position: Position,
}

/// A decision, with the append that stores it.
#[derive(Debug)]
pub(crate) struct Decision<A: Aggregate> {
    pub subject: Subject,
    pub id: A::Id,
    pub loaded: Loaded<A>,
    pub events: Vec<Happened<A::Event>>,
    /// The state after the events, if it is already folded. [`Aggregate::seen`] is not applied yet.
    pub after: Option<Box<A>>,
    pub append: Append,
}

/// An append, and the part of the read models that it changes.
#[derive(Debug)]
pub(crate) struct Write {
    pub subject: Subject,
    pub append: Append,
}

/// Makes a decision from its events: gives them ids, and makes the append with the expected
/// revision.
pub(crate) fn decision<A: Aggregate>(
    subject: Subject,
    id: A::Id,
    loaded: Loaded<A>,
    stamp: &Stamp,
    events: Vec<A::Event>,
) -> Decision<A> {
    let events: Vec<_> =
        events.into_iter().enumerate().map(|(index, event)| Happened { id: stamp.event_id(index), event }).collect();
    let append = Append {
        stream: A::stream(id),
        expected: loaded.revision.map_or(Expected::NoStream, Expected::Exact),
        metadata: Metadata {
            at: stamp.metadata.at.max(loaded.state.not_before()),
            act: Some(stamp.act),
            ..stamp.metadata.clone()
        },
        events: events.iter().map(|happened| NewEvent::new(happened.id, &happened.event)).collect(),
    };
    Decision { subject, id, loaded, events, after: None, append }
}

impl<A: Aggregate> Decision<A> {
    /// Records the position of the read models that the decision used.
    pub(crate) fn resting_on(mut self, basis: Option<Position>) -> Self {
        self.append.metadata.basis = basis;
        self
    }

    /// Keeps the state after the events, so that they need not be folded again.
    pub(crate) fn leading_to(mut self, after: Box<A>) -> Self {
        self.after = Some(after);
        self
    }

    /// Returns the append with the part of the read models that it changes.
    pub(crate) fn write(&self) -> Write {
        Write { subject: self.subject, append: self.append.clone() }
    }

    pub(crate) fn unchanged(self) -> Executed<A> {
        let Loaded { state, revision } = self.loaded;
        Executed { before: Arc::clone(&state), after: state, events: vec![], revision, position: Position::START }
    }
}
