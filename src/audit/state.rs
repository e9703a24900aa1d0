//! The resources of each stream, folded event by event, so that the content before each event is
//! known.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{
    CollectionId, Event, ObjectEvent, Recorded, Stream,
    object::{Content, Place},
};

/// The content of each resource, by stream and place.
#[derive(Debug, Default)]
pub(crate) struct State {
    contents: BTreeMap<(Stream, Place), Content>,
}

/// The content of a place before and after an event.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    pub place: Option<Place>,
    pub before: Option<Content>,
    pub after: Option<Content>,
}

impl State {
    /// Applies an event, and returns the contents before and after it. Both are `None` if the event
    /// changes no content.
    pub(crate) fn apply(&mut self, recorded: &Recorded) -> Step {
        let Event::Object(event) = &recorded.event else { return Step::default() };
        let at = |place: &Place| (recorded.stream, place.clone());
        match event {
            ObjectEvent::Put(put) => self.store(at(&put.place), &put.content),
            ObjectEvent::Revised(revised) => self.store(at(&revised.place), &revised.content),
            ObjectEvent::Moved(moved) => {
                let content = self.contents.remove(&at(&moved.from));
                if let Some(content) = &content {
                    self.contents.insert(at(&moved.to), content.clone());
                }
                Step { place: Some(moved.to.clone()), before: content.clone(), after: content }
            }
            ObjectEvent::Removed(removed) => {
                let before = self.contents.remove(&at(&removed.place));
                Step { place: Some(removed.place.clone()), before, after: None }
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

    fn store(&mut self, key: (Stream, Place), content: &Content) -> Step {
        let place = Some(key.1.clone());
        let before = self.contents.insert(key, content.clone());
        Step { place, before, after: Some(content.clone()) }
    }

    /// Returns the places at which there is a resource.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Place> {
        self.contents.keys().map(|(_, place)| place)
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
    pub(crate) fn of(&self, stream: Stream) -> impl Iterator<Item = (&Place, &Content)> {
        let found = self.contents.iter().filter(move |((other, _), _)| *other == stream);
        found.map(|((_, place), content)| (place, content))
    }
}
