//! The calendar objects of each stream, folded event by event, so that the content before each
//! event is known.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{
    CollectionId, Event, ObjectEvent, Recorded, Stream,
    object::{Content, Place},
};

/// Contents of resources by stream and place, borrowed from the events that stored them: a meeting
/// of hundreds of people has hundreds of copies, and each text is in memory once.
#[derive(Debug, Default)]
pub(crate) struct State<'e> {
    contents: BTreeMap<Stream, BTreeMap<&'e Place, &'e Content>>,
}

/// The content of a resource before and after an event. `place` is where the event stored or
/// removed it, or to which it moved it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Step<'e> {
    pub place: Option<&'e Place>,
    pub before: Option<&'e Content>,
    pub after: Option<&'e Content>,
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
                let content = contents.remove(&moved.from);
                contents.extend(content.map(|content| (&moved.to, content)));
                Step { place: Some(&moved.to), before: content, after: content }
            }
            ObjectEvent::Removed(removed) => {
                let before = contents.remove(&removed.place);
                Step { place: Some(&removed.place), before, after: None }
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
        self.contents.get(&stream).into_iter().flatten().map(|(place, content)| (*place, *content))
    }
}

fn store<'e>(contents: &mut BTreeMap<&'e Place, &'e Content>, place: &'e Place, content: &'e Content) -> Step<'e> {
    let before = contents.insert(place, content);
    Step { place: Some(place), before, after: Some(content) }
}
