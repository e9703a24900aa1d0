//! The state of one calendar object, folded from its events.

mod received;

use std::collections::{BTreeMap, BTreeSet};

use itip::inbound::{Ending, LatestReplies, OrganizersComments};
use schemas::{
    CollectionId, Ignored, ObjectEvent, Timestamp,
    access::AccessControlEntry,
    collection::Property,
    object::{
        Content, MessageIssued, MessageWithdrawn, ObjectMoved, ObjectPut, ObjectRevised, Place, RevisionReason, Role,
    },
};
use uuid::Uuid;

use super::EarlierTexts;

/// A resource in a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub place: Place,
    pub component: String,
    pub content: Content,
    /// The ACL of the resource itself, in addition to the ACL of its calendar.
    pub entries: Vec<AccessControlEntry>,
    pub properties: Vec<Property>,
    /// The ETags of earlier states since the Schedule-Tag last changed, the latest last. These
    /// states differ from the current one only in what does not change the Schedule-Tag: answers of
    /// attendees, SCHEDULE-STATUS, and bookkeeping such as DTSTAMP.
    pub earlier_etags: Vec<String>,
    /// Texts of an attendee's copy before the organizer's latest updates.
    pub earlier_texts: EarlierTexts,
    /// True if an import stored the resource, and nothing but imports has changed its text since.
    pub is_as_imported: bool,
}

/// The maximum number of earlier ETags per resource.
const MAX_EARLIER_ETAGS: usize = 64;

impl Resource {
    fn new(put: &ObjectPut) -> Self {
        Self {
            place: put.place.clone(),
            component: put.component.clone(),
            content: put.content.clone(),
            entries: vec![],
            properties: vec![],
            earlier_etags: vec![],
            earlier_texts: EarlierTexts::default(),
            is_as_imported: put.imported.is_some(),
        }
    }

    /// Replaces the content when the resource is stored again. ACL and properties stay.
    fn put(&mut self, put: &ObjectPut) {
        self.component.clone_from(&put.component);
        self.content.clone_from(&put.content);
        self.earlier_etags.clear();
        self.is_as_imported = put.imported.is_some();
    }

    fn revise(&mut self, content: &Content, reason: RevisionReason) {
        self.is_as_imported &= reason == RevisionReason::Import;
        let before = std::mem::replace(&mut self.content, content.clone());
        // If the Schedule-Tag stays, only participation and bookkeeping changed. Then the former
        // text is not kept: an answer that was given on it can be compared with a later text as
        // well.
        let is_update = before.schedule_tag != content.schedule_tag;
        if before.role == Role::Attendee && before.ics != content.ics && is_update {
            self.earlier_texts.keep(before.ics);
        }
        if before.schedule_tag.is_none() || before.schedule_tag != content.schedule_tag {
            self.earlier_etags.clear();
        } else if before.etag != content.etag {
            self.earlier_etags.push(before.etag);
            let excess = self.earlier_etags.len().saturating_sub(MAX_EARLIER_ETAGS);
            self.earlier_etags.drain(..excess);
        }
    }
}

/// A cancellation that was applied to a copy, or that found none. It can apply again to a copy that
/// the owner stores later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    pub message: Uuid,
    /// The address of the organizer who sent the cancellation.
    pub sender: String,
    /// True if the message is known to cancel the whole meeting. Otherwise the text of the removed
    /// copy decides whether it did.
    pub is_whole: bool,
}

/// A scheduling object resource that was removed, and that a client may store again in another
/// collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovedResource {
    pub resource: Resource,
    pub latest_replies: LatestReplies,
    /// The messages that announced the removal. Empty once another message was issued, a message
    /// arrived, or a delivery outcome was recorded: then the removal is final, and only the text of
    /// the resource is used.
    pub messages: Vec<Uuid>,
}

/// A calendar object: all resources with one UID in one home, and the scheduling messages about
/// them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Object {
    pub uid: String,
    pub resources: Vec<Resource>,
    /// The inbox items that no client has removed.
    pub inbox: Vec<Place>,
    /// The messages that arrived, to recognise a repeated delivery.
    pub received: BTreeSet<Uuid>,
    /// The messages that arrived but changed nothing, with the reasons.
    pub ignored: BTreeMap<Uuid, Ignored>,
    /// The latest reply of each attendee.
    pub latest_replies: LatestReplies,
    /// The issued messages whose delivery outcome is recorded.
    pub reported: BTreeSet<Uuid>,
    /// The time of the latest event. No later decision has an earlier time ([`Object::seen`]).
    pub latest: Timestamp,
    /// The scheduling object resource that was removed last; `None` once any resource is stored or
    /// removed after it.
    pub removed: Option<Box<RemovedResource>>,
    /// The cancellation that arrived last; `None` if a REQUEST or ADD was applied, or a copy was
    /// stored, since.
    pub cancellation: Option<Cancellation>,
    /// The way in which the meeting ended for the owner, by the cancellations that were applied to
    /// the copy.
    pub ending: Ending,
    /// The comments that the organizer's latest messages contained, to distinguish them from the
    /// attendee's own.
    pub comments: OrganizersComments,
    /// The digests of the imported texts, by calendar, to recognise a repeated import.
    pub imports: BTreeSet<(CollectionId, String)>,
}

impl Object {
    /// Records the time of an applied event. The time of a decision is never earlier than that of
    /// the decision before, even if the clock of the machine was set back. Otherwise the later of
    /// two messages about a meeting would look older (RFC 5546 §2.1.5).
    pub fn seen(&mut self, at: Timestamp) {
        self.latest = self.latest.max(at);
    }

    /// Returns the resource at a place; `None` if there is none.
    pub fn at(&self, place: &Place) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.place == *place)
    }

    /// Returns the scheduling object resource (RFC 6638 §3.2.4.1: at most one in a home); `None` if
    /// there is none.
    pub fn scheduled(&self) -> Option<&Resource> {
        self.resources.iter().find(|resource| resource.content.schedule_tag.is_some())
    }

    /// Returns the scheduling object resource if the owner of the home organizes the meeting;
    /// `None` otherwise.
    pub fn organized(&self) -> Option<&Resource> {
        self.scheduled().filter(|resource| resource.content.role == Role::Organizer)
    }

    /// Returns the size of the calendar texts and comments held in memory, in bytes.
    pub fn text_bytes(&self) -> usize {
        let removed = self.removed.as_ref().map(|removed| &removed.resource);
        self.resources
            .iter()
            .chain(removed)
            .map(|resource| resource.content.ics.len() + resource.earlier_texts.bytes())
            .sum::<usize>()
            + self.comments.bytes()
    }

    fn put(&mut self, put: &ObjectPut) {
        self.removed = None;
        self.cancellation = None;
        self.uid.clone_from(&put.uid);
        if let (Some(_), Some(sent)) = (&put.imported, &put.sent) {
            self.imports.insert((put.place.collection, sent.sha256.clone()));
        }
        if put.imported.is_some() {
            self.comments.incomplete();
        }
        if let Some(known) = self.at_mut(&put.place) {
            return known.put(put);
        }
        // Usually there is one resource; `push` would reserve room for four.
        self.resources.reserve_exact(1);
        self.resources.push(Resource::new(put));
    }

    fn at_mut(&mut self, place: &Place) -> Option<&mut Resource> {
        self.resources.iter_mut().find(|resource| resource.place == *place)
    }

    fn revise(&mut self, revised: &ObjectRevised) {
        // The text may come from another copy, with comments that no message brought.
        if matches!(revised.reason, RevisionReason::Import | RevisionReason::Repair) {
            self.comments.incomplete();
        }
        if let Some(known) = self.at_mut(&revised.place) {
            known.revise(&revised.content, revised.reason);
        }
    }

    fn remove(&mut self, place: &Place) {
        let removed = self.resources.iter().position(|resource| resource.place == *place);
        let removed = removed.map(|index| self.resources.remove(index));
        if self.scheduled().is_none() {
            // A meeting that is stored with this UID later is another one.
            self.ending = Ending::Open;
            let latest_replies = std::mem::take(&mut self.latest_replies);
            let scheduled = removed.filter(|resource| resource.content.schedule_tag.is_some());
            self.removed =
                scheduled.map(|resource| Box::new(RemovedResource { resource, latest_replies, messages: vec![] }));
        }
    }

    /// Records an issued message. The id of a message that announces a removal is kept with the
    /// removed resource. After any other message, the messages about the removal can no longer be
    /// withdrawn.
    fn issued(&mut self, issued: &MessageIssued) {
        match &mut self.removed {
            Some(removed) if issued.is_removal() => removed.messages.push(issued.message),
            _ => self.settle_removal(),
        }
    }

    /// Makes a removal final: its messages can no longer be withdrawn.
    fn settle_removal(&mut self) {
        if let Some(removed) = &mut self.removed {
            removed.messages.clear();
        }
    }

    /// Restores the latest replies of the attendees of a removed meeting, if the message that
    /// announced its removal is withdrawn. A following event stores the resource again.
    fn withdrawn(&mut self, withdrawn: &MessageWithdrawn) {
        if let Some(removed) = self.removed.take_if(|removed| removed.messages.contains(&withdrawn.message)) {
            self.latest_replies = removed.latest_replies;
        }
    }

    fn relocate(&mut self, moved: &ObjectMoved) {
        // MOVE replaces the resource at the target.
        self.resources.retain(|resource| resource.place != moved.to);
        if let Some(known) = self.at_mut(&moved.from) {
            known.place.clone_from(&moved.to);
            if moved.schedule_tag.is_some() {
                known.content.schedule_tag.clone_from(&moved.schedule_tag);
                known.earlier_etags.clear();
            }
        }
    }
}

/// Applies an event. Never fails.
pub fn evolve(mut object: Object, event: &ObjectEvent) -> Object {
    match event {
        ObjectEvent::Put(put) => object.put(put),
        ObjectEvent::Revised(revised) => object.revise(revised),
        ObjectEvent::Moved(moved) => object.relocate(moved),
        ObjectEvent::Removed(removed) => object.remove(&removed.place),
        ObjectEvent::AclChanged(changed) => {
            if let Some(known) = object.at_mut(&changed.place) {
                known.entries.clone_from(&changed.entries);
            }
        }
        ObjectEvent::PropertiesChanged(changed) => {
            if let Some(known) = object.at_mut(&changed.place) {
                Property::change(&mut known.properties, &changed.set, &changed.removed);
            }
        }
        ObjectEvent::MessageReceived(received) => object.received(received),
        ObjectEvent::InboxItemRemoved(removed) => object.inbox.retain(|place| *place != removed.place),
        ObjectEvent::DeliveryReported(reported) => {
            object.settle_removal();
            object.reported.insert(reported.message);
        }
        ObjectEvent::MessageIssued(issued) => object.issued(issued),
        ObjectEvent::MessageWithdrawn(withdrawn) => object.withdrawn(withdrawn),
        ObjectEvent::MessageSuppressed(_) => {}
    }
    object
}
