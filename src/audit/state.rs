//! The calendar objects of each stream, folded event by event, so that the content before each
//! event is known.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{
    CollectionId, Event, ObjectEvent, Recorded, Stream,
    object::{Content, ObjectMoved, Place},
};

/// Contents of resources by stream and place, borrowed from the events that stored them: a meeting
/// of hundreds of people has hundreds of copies, and each text is in memory once.
#[derive(Debug, Default)]
pub(crate) struct State<'e> {
    contents: BTreeMap<Stream, BTreeMap<&'e Place, Held<'e>>>,
}

/// The content of a place, and its Schedule-Tag, which a MOVE can change without the content.
#[derive(Debug, Clone, Copy)]
struct Held<'e> {
    content: &'e Content,
    schedule_tag: Option<&'e str>,
}

/// The content of a resource before and after an event. `place` is where the event stored or
/// removed it, or to which it moved it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Step<'e> {
    pub place: Option<&'e Place>,
    pub before: Option<&'e Content>,
    pub after: Option<&'e Content>,
    /// The Schedule-Tag after the event, without quotes; `None` if there is none.
    pub schedule_tag: Option<&'e str>,
}

impl<'e> State<'e> {
    /// Applies an event, and returns the contents before and after it. All fields are `None` if the
    /// event stores, moves and removes no calendar object.
    pub(crate) fn apply(&mut self, recorded: &'e Recorded) -> Step<'e> {
        let Event::Object(event) = &recorded.event else { return Step::default() };
        let contents = self.contents.entry(recorded.stream).or_default();
        match event {
            ObjectEvent::Put(put) => store(contents, &put.place, &put.content),
            ObjectEvent::Revised(revised) => store(contents, &revised.place, &revised.content),
            ObjectEvent::Moved(moved) => {
                let held = contents.remove(&moved.from).map(|held| held.moved(moved));
                contents.extend(held.map(|held| (&moved.to, held)));
                let content = held.map(|held| held.content);
                let schedule_tag = held.and_then(|held| held.schedule_tag);
                Step { place: Some(&moved.to), before: content, after: content, schedule_tag }
            }
            ObjectEvent::Removed(removed) => {
                let before = contents.remove(&removed.place).map(|held| held.content);
                Step { place: Some(&removed.place), before, after: None, schedule_tag: None }
            }
            ObjectEvent::AclChanged(_)
            | ObjectEvent::PropertiesChanged(_)
            | ObjectEvent::MessageIssued(_)
            | ObjectEvent::MessageSuppressed(_)
            | ObjectEvent::MessageWithdrawn(_)
            | ObjectEvent::MessageReceived(_)
            | ObjectEvent::InboxItemRemoved(_)
            | ObjectEvent::DeliveryReported(_) => Step::default(),
        }
    }

    /// Returns the places at which there is a resource.
    fn all(&self) -> impl Iterator<Item = &'e Place> {
        self.contents.values().flat_map(|places| places.keys().copied())
    }

    /// Returns the collections that contain a resource.
    pub(crate) fn collections(&self) -> BTreeSet<CollectionId> {
        self.all().map(|place| place.collection).collect()
    }

    /// Returns true if a collection contains a resource.
    pub(crate) fn is_in(&self, collection: CollectionId) -> bool {
        self.all().any(|place| place.collection == collection)
    }

    /// Returns the places and contents of the resources that a stream has in this state.
    pub(crate) fn of(&self, stream: Stream) -> impl Iterator<Item = (&'e Place, &'e Content)> {
        self.contents.get(&stream).into_iter().flatten().map(|(place, held)| (*place, held.content))
    }
}

fn store<'e>(contents: &mut BTreeMap<&'e Place, Held<'e>>, place: &'e Place, content: &'e Content) -> Step<'e> {
    let schedule_tag = content.schedule_tag.as_deref();
    let before = contents.insert(place, Held { content, schedule_tag }).map(|held| held.content);
    Step { place: Some(place), before, after: Some(content), schedule_tag }
}

impl<'e> Held<'e> {
    /// Returns the same content after a MOVE. An event without a Schedule-Tag leaves it as it was.
    fn moved(self, moved: &'e ObjectMoved) -> Self {
        Self { schedule_tag: moved.schedule_tag.as_deref().or(self.schedule_tag), ..self }
    }
}
