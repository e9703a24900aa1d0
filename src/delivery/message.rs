//! A message to deliver, with data of the event that issued it.

use std::sync::OnceLock;

use calendar::object::InboundMessage;
use schemas::{
    Event, Metadata, ObjectEvent, Position, PrincipalId, Recorded, Revision,
    object::{MessageIssued, Visibility},
};
use uuid::Uuid;

/// A message to deliver.
#[derive(Debug)]
pub struct Outbound {
    pub issued: MessageIssued,
    /// The id of the event that issued the message.
    pub event: Uuid,
    pub metadata: Metadata,
    /// The revision, in the sender's stream, of the event that issued the message. It orders
    /// messages with the same `position`.
    pub revision: Revision,
    /// The position in the journal of the event that issued the message, or of the last event of
    /// the same append. It orders the messages of all senders.
    pub position: Position,
    /// The parsed message. It is parsed when the first recipient needs it, once for all recipients.
    inbound: OnceLock<InboundMessage>,
}

impl Outbound {
    pub fn new(issued: MessageIssued, event: Uuid, metadata: Metadata, revision: Revision, position: Position) -> Self {
        Self { issued, event, metadata, revision, position, inbound: OnceLock::new() }
    }

    /// Returns the message that `recorded` issued; `None` if the event issues no message.
    pub fn of(recorded: &Recorded) -> Option<Self> {
        match &recorded.event {
            Event::Object(ObjectEvent::MessageIssued(issued)) => {
                let Recorded { id, revision, position, .. } = *recorded;
                Some(Self::new(issued.clone(), id, recorded.metadata.clone(), revision, position))
            }
            _ => None,
        }
    }

    /// True if the message is of a kind that is delayed on purpose: a refresh (a message without an
    /// inbox item), so that further refreshes can be delivered with it, or a removal by DELETE,
    /// because the client may store the meeting again.
    pub fn waits(&self) -> bool {
        self.is_refresh() || self.is_removal()
    }

    /// True if the message announces that a client removed the sender's copy by DELETE. Other
    /// removals, such as by an operator, do not count.
    pub(crate) fn is_removal(&self) -> bool {
        self.issued.is_removal() && self.metadata.client.via == "DELETE"
    }

    /// True if the principal is a recipient of the message.
    pub(crate) fn is_to(&self, principal: PrincipalId) -> bool {
        self.issued.recipients.iter().any(|recipient| recipient.principal == Some(principal))
    }

    /// True if the message is a refresh: it creates no inbox item. It updates the other attendees'
    /// answers in a copy (RFC 6638 §4.2), or asks the organizer for the meeting (method REFRESH).
    pub(crate) fn is_refresh(&self) -> bool {
        self.issued.visibility == Visibility::Silent
    }

    /// Returns the message as its recipients receive it.
    pub fn inbound(&self) -> &InboundMessage {
        self.inbound.get_or_init(|| InboundMessage::of(&self.issued))
    }
}
