//! What is known of one calendar object, folded from its events.

use std::collections::BTreeSet;

use schemas::{
    Event,
    object::{Content, InboxItem, ObjectPut, Place},
};
use uuid::Uuid;

/// A resource in a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub place: Place,
    pub component: String,
    pub content: Content,
}

/// Everything one home has under one UID.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    pub uid: String,
    pub resources: Vec<Resource>,
    /// Inbox items that still wait.
    pub inbox: Vec<Place>,
    /// Messages that arrived: a repeated delivery is known by its id.
    pub received: BTreeSet<Uuid>,
    /// Messages of which the outcome is known.
    pub reported: BTreeSet<Uuid>,
}

impl Object {
    pub fn at(&self, place: &Place) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.place == *place)
    }

    /// The copy that takes part in scheduling (RFC 6638 §3.2.4.1: at most one in a home).
    pub fn scheduled(&self) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.content.schedule_tag.is_some())
    }

    /// Bytes of calendar text held in memory.
    pub fn text_bytes(&self) -> usize {
        self.resources.iter().map(|resource| resource.content.ics.len()).sum()
    }

    fn put(&mut self, put: &ObjectPut) {
        self.uid.clone_from(&put.uid);
        let resource =
            Resource { place: put.place.clone(), component: put.component.clone(), content: put.content.clone() };
        match self.resources.iter_mut().find(|known| known.place == put.place) {
            Some(known) => *known = resource,
            None => self.resources.push(resource),
        }
    }

    fn revise(&mut self, place: &Place, content: &Content) {
        if let Some(known) = self.resources.iter_mut().find(|known| known.place == *place) {
            known.content = content.clone();
        }
    }

    fn relocate(&mut self, from: &Place, to: &Place) {
        // What stood at the target is replaced.
        self.resources.retain(|resource| resource.place != *to);
        if let Some(known) = self.resources.iter_mut().find(|known| known.place == *from) {
            known.place = to.clone();
        }
    }

    fn received(&mut self, message: Uuid, item: Option<&InboxItem>) {
        self.received.insert(message);
        self.inbox.extend(item.map(|item| item.place.clone()));
    }
}

/// What happened. Total. Events of other aggregates leave it as it is.
pub fn evolve(mut object: Object, event: &Event) -> Object {
    match event {
        Event::ObjectPut(put) => object.put(put),
        Event::ObjectRevised(revised) => object.revise(&revised.place, &revised.content),
        Event::ObjectMoved(moved) => object.relocate(&moved.from, &moved.to),
        Event::ObjectRemoved(removed) => object.resources.retain(|resource| resource.place != removed.place),
        Event::MessageReceived(received) => {
            if object.uid.is_empty() {
                object.uid.clone_from(&received.uid);
            }
            object.received(received.message, received.item.as_ref());
        }
        Event::InboxItemRemoved(removed) => object.inbox.retain(|place| *place != removed.place),
        Event::DeliveryReported(reported) => {
            object.reported.insert(reported.message);
        }
        Event::MessageIssued(_)
        | Event::MessageSuppressed(_)
        | Event::PrincipalRegistered(_)
        | Event::PrincipalProfileChanged(_)
        | Event::PrincipalPasswordSet(_)
        | Event::PrincipalMembersSet(_)
        | Event::PrincipalRetired(_)
        | Event::CollectionCreated(_)
        | Event::CollectionPropertiesChanged(_)
        | Event::CollectionAclChanged(_)
        | Event::CollectionMoved(_)
        | Event::CollectionRemoved(_)
        | Event::FileStored(_)
        | Event::FileRemoved(_) => {}
    }
    object
}
