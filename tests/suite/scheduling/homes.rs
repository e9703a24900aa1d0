//! The state of each user's home during a scheduling text, folded from the events by the aggregate.

use std::collections::BTreeMap;

use calendar::object::{Object, evolve};
use schemas::{
    ObjectEvent,
    object::{Content, Place},
};

/// The copies of all users, by calendar user and UID.
#[derive(Default, Clone)]
pub struct Homes(BTreeMap<(String, String), Home>);

/// One user's copy of a meeting, with its history and the inbox items of the meeting.
#[derive(Default, Clone, PartialEq)]
pub struct Home {
    object: Object,
    /// The `ETag` and the text of each version of the copy, oldest first.
    texts: Vec<(String, String)>,
    schedule_tags: Vec<String>,
    /// The inbox items: where each was stored, and a description.
    items: Vec<(Place, String)>,
}

impl Homes {
    pub fn of(&self, who: &str, uid: &str) -> Home {
        self.0.get(&(who.to_owned(), uid.to_owned())).cloned().unwrap_or_default()
    }

    /// Returns every home that has had an event, with the name of its owner and the UID.
    pub fn all(&self) -> impl Iterator<Item = (&str, &str, &Home)> {
        self.0.iter().map(|((who, uid), home)| (who.as_str(), uid.as_str(), home))
    }

    pub fn apply(&mut self, who: &str, uid: &str, event: &ObjectEvent) {
        self.0.entry((who.to_owned(), uid.to_owned())).or_default().apply(event);
    }
}

impl Home {
    fn apply(&mut self, event: &ObjectEvent) {
        self.object = evolve(std::mem::take(&mut self.object), event);
        if let ObjectEvent::MessageReceived(received) = event
            && let Some(item) = &received.item
        {
            let words = format!("{} from {}", received.method.as_str(), received.sender);
            self.items.push((item.place.clone(), words));
        }
        let Some((_, content)) = self.copy() else { return };
        let content = content.clone();
        if !self.texts.iter().any(|(etag, _)| *etag == content.etag) {
            self.texts.push((content.etag, content.ics));
        }
        if let Some(tag) = content.schedule_tag.filter(|tag| !self.schedule_tags.contains(tag)) {
            self.schedule_tags.push(tag);
        }
    }

    /// Returns the place and the content of the copy; `None` if there is no copy.
    pub fn copy(&self) -> Option<(&Place, &Content)> {
        self.object.resources.first().map(|resource| (&resource.place, &resource.content))
    }

    /// Returns the text of the copy; empty if there is no copy.
    pub fn text(&self) -> &str {
        self.copy().map_or("", |(_, content)| content.ics.as_str())
    }

    /// Returns the text of the version whose `ETag` has the number `etag`, counted from 1.
    pub fn text_of(&self, etag: usize) -> &str {
        &self.texts[etag - 1].1
    }

    pub fn etag(&self, number: usize) -> String {
        self.texts[number - 1].0.clone()
    }

    pub fn schedule_tag(&self, number: usize) -> String {
        self.schedule_tags[number - 1].clone()
    }

    /// Returns the numbers of the copy's current `ETag` and Schedule-Tag, counted from 1. 0 if
    /// there is none.
    pub fn tags(&self) -> (usize, usize) {
        let Some((_, content)) = self.copy() else { return (0, 0) };
        let etag = self.texts.iter().position(|(etag, _)| *etag == content.etag);
        let tag = self.schedule_tags.iter().position(|tag| Some(tag) == content.schedule_tag.as_ref());
        (etag.map_or(0, |at| at + 1), tag.map_or(0, |at| at + 1))
    }

    /// Returns descriptions of the messages that are still in the inbox.
    pub fn inbox(&self) -> impl Iterator<Item = &str> {
        let waits = |place: &Place| self.object.inbox.contains(place);
        self.items.iter().filter(move |(place, _)| waits(place)).map(|(_, words)| words.as_str())
    }
}
