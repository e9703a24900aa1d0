//! The contents of each home in a text, folded from the events by the aggregate.

use std::collections::BTreeMap;

use calendar::object::{Object, evolve};
use schemas::{
    ObjectEvent,
    object::{Content, Place},
};

/// Copies by calendar user and UID.
#[derive(Default, Clone)]
pub struct Homes(BTreeMap<(String, String), Home>);

/// One user's copy of a meeting, with its history.
#[derive(Default, Clone, PartialEq)]
pub struct Home {
    object: Object,
    /// Every text the copy had, by its entity tag.
    texts: Vec<(String, String)>,
    schedule_tags: Vec<String>,
    /// Inbox items by place, in words.
    items: Vec<(Place, String)>,
}

impl Homes {
    pub fn of(&self, who: &str, uid: &str) -> Home {
        self.0.get(&(who.to_owned(), uid.to_owned())).cloned().unwrap_or_default()
    }

    /// Every home that was ever reached: whose it is, the UID, the home.
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

    /// Where the copy is, and what it holds; `None` if there is none.
    pub fn copy(&self) -> Option<(&Place, &Content)> {
        self.object.resources.first().map(|resource| (&resource.place, &resource.content))
    }

    /// The text of the copy; empty if there is none.
    pub fn text(&self) -> &str {
        self.copy().map_or("", |(_, content)| content.ics.as_str())
    }

    /// The text the copy had under an entity tag, counted from 1.
    pub fn text_of(&self, etag: usize) -> &str {
        &self.texts[etag - 1].1
    }

    pub fn etag(&self, number: usize) -> String {
        self.texts[number - 1].0.clone()
    }

    pub fn schedule_tag(&self, number: usize) -> String {
        self.schedule_tags[number - 1].clone()
    }

    /// The numbers of the copy's entity tag and Schedule-Tag; no Schedule-Tag is 0.
    pub fn tags(&self) -> (usize, usize) {
        let Some((_, content)) = self.copy() else { return (0, 0) };
        let etag = self.texts.iter().position(|(etag, _)| *etag == content.etag);
        let tag = self.schedule_tags.iter().position(|tag| Some(tag) == content.schedule_tag.as_ref());
        (etag.map_or(0, |at| at + 1), tag.map_or(0, |at| at + 1))
    }

    /// The messages that wait in the inbox.
    pub fn inbox(&self) -> impl Iterator<Item = &str> {
        let waits = |place: &Place| self.object.inbox.contains(place);
        self.items.iter().filter(move |(place, _)| waits(place)).map(|(_, words)| words.as_str())
    }
}
