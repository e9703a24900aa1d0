//! Arriving messages, and the settings of the recipient's home for receiving them.

use std::fmt;

use ical::{Address, Document, repair};
use schemas::{
    CollectionId, Ignored,
    object::{Answer, DeliveryReported, MessageIssued, Method, RevisionReason, Visibility},
    principal::AutomaticAnswer,
};
use uuid::Uuid;

use super::ReadCopy;
use crate::{
    object::{AddressBook, Availability},
    tag,
};

/// An arriving message, parsed once for all its recipients.
#[derive(Debug)]
pub struct InboundMessage {
    pub(super) message: Uuid,
    pub(super) method: Method,
    pub(super) uid: String,
    pub(super) sender: String,
    pub(super) taken_over_from: Option<Address>,
    pub(super) visibility: Visibility,
    /// True if the recipient has asked for the message by a REFRESH.
    pub(super) is_asked_for: bool,
    pub(super) instances: Vec<String>,
    pub(super) ics: String,
    pub(super) etag: String,
    /// The parsed text; `None` if it is not iCalendar.
    pub(super) document: Option<Document>,
}

impl InboundMessage {
    /// Parses the message that `issued` recorded.
    pub fn of(issued: &MessageIssued) -> Self {
        Self {
            message: issued.message,
            method: issued.method,
            uid: issued.uid.clone(),
            sender: issued.sender.clone(),
            taken_over_from: issued.taken_over_from.as_deref().and_then(Address::parse),
            visibility: issued.visibility,
            is_asked_for: issued.is_asked_for(),
            instances: issued.instances.clone(),
            ics: issued.ics.clone(),
            etag: tag::etag(&issued.ics),
            // A component without DTSTAMP, and without LAST-MODIFIED and CREATED in UTC, counts as
            // the oldest.
            document: repair::scheduling_message(issued.ics.clone(), 0).ok().map(|repaired| repaired.document),
        }
    }

    /// Returns the message's id, by which a repeated delivery is recognised.
    pub fn message(&self) -> Uuid {
        self.message
    }

    /// Returns true if this silent message makes the `earlier` one unnecessary: both have the same
    /// sender and concern the same instances, and this one can be parsed.
    pub(super) fn supersedes(&self, earlier: &Self) -> bool {
        (&self.sender, &self.instances) == (&earlier.sender, &earlier.instances) && self.document.is_some()
    }

    /// Returns the answers of a REPLY that arrives at `now` (seconds since the epoch); `None` for
    /// another method, or if the text cannot be parsed.
    pub(super) fn answers(&self, now: i64) -> Option<Vec<Answer>> {
        let reply = self.document.as_ref().filter(|_| self.method == Method::Reply)?;
        Some(itip::inbound::arrived(reply, Address::parse(&self.sender).as_ref(), now))
    }

    /// Returns the reason that is recorded when this message changes a copy.
    pub(super) fn revision_reason(&self) -> RevisionReason {
        match (self.visibility, self.method) {
            (Visibility::Silent, _) => RevisionReason::Refresh,
            (Visibility::Inbox, Method::Reply) => RevisionReason::Reply,
            (Visibility::Inbox, Method::Cancel) => RevisionReason::Cancel,
            (
                Visibility::Inbox,
                Method::Publish
                | Method::Request
                | Method::Add
                | Method::Refresh
                | Method::Counter
                | Method::DeclineCounter,
            ) => RevisionReason::Request,
        }
    }

    /// Returns whether the text can be parsed.
    pub fn is_readable(&self) -> bool {
        self.document.is_some()
    }
}

/// A message read with an address book, shared by all recipients who use that book.
#[derive(Debug)]
pub struct ParsedMessage<'a> {
    pub(super) incoming: &'a InboundMessage,
    /// The message, or the reason why no recipient can apply it.
    pub(super) message: Result<itip::inbound::Message<'a>, Ignored>,
}

impl<'a> ParsedMessage<'a> {
    /// Reads the message with the canonical addresses of the book.
    pub fn of(incoming: &'a InboundMessage, address_book: &dyn AddressBook) -> Self {
        let canonical = |address: &Address| address_book.canonical(address);
        let document = incoming.document.as_ref().ok_or(Ignored::NotCalendarData);
        let predecessor = incoming.taken_over_from.as_ref().map(canonical);
        let read = |document| itip::inbound::Message::read(document, &canonical);
        let sender = Address::parse(&incoming.sender).as_ref().map(canonical);
        let read = |document| Ok(read(document)?.sent_by(sender).taken_over_from(predecessor));
        Self { incoming, message: document.and_then(read) }
    }
}

/// The calendars for new invitations, one for each type of component (RFC 4791 §5.2.3). Without a
/// calendar for the type (`None`), an invitation is recorded as ignored and stored in no calendar
/// (RFC 6638 §4.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DefaultCalendars {
    /// The calendar for events.
    pub events: Option<CollectionId>,
    /// The calendar for tasks.
    pub tasks: Option<CollectionId>,
    /// The calendar for journal entries.
    pub journals: Option<CollectionId>,
}

impl DefaultCalendars {
    /// Returns the calendar for a component; `None` if no calendar accepts it.
    pub fn place_for(self, component: &str) -> Option<CollectionId> {
        match component {
            "VTODO" => self.tasks,
            "VJOURNAL" => self.journals,
            _ => self.events,
        }
    }
}

/// A delivery about one object: messages that arrive, in the order in which they were issued, and
/// outcomes of messages that the object issued.
pub struct Receive<'a> {
    pub reports: &'a [DeliveryReported],
    pub messages: &'a [&'a ParsedMessage<'a>],
    /// A copy that was read for several recipients. It saves reading the object's copy again if
    /// both have the same text.
    pub copy: Option<&'a ReadCopy<'a>>,
    pub inbox: CollectionId,
    pub default_calendars: DefaultCalendars,
    pub answer: AutomaticAnswer,
    pub availability: &'a dyn Availability,
}

impl fmt::Debug for Receive<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receive").field("messages", &self.messages).field("answer", &self.answer).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_component_goes_to_its_own_calendar() {
        let [events, tasks, journals] = [1, 2, 3].map(|id| Some(CollectionId(Uuid::from_u128(id))));
        let calendars = DefaultCalendars { events, tasks, journals };
        let places = ["VEVENT", "VTODO", "VJOURNAL"].map(|component| calendars.place_for(component));
        assert_eq!(places, [events, tasks, journals]);
    }
}
