//! A message on its way.

use projections::Directory;
use schemas::{ObjectEvent, Position, object::MessageIssued};
use uuid::Uuid;

use super::transport::{Route, Transports};
use crate::store::Happened;

/// An issued message, with the event that issued it.
#[derive(Debug, Clone)]
pub(super) struct Letter {
    pub cause: Uuid,
    pub issued: MessageIssued,
    /// The end of the append that issued it.
    pub at: Position,
}

impl Letter {
    pub(super) fn all(events: &[Happened<ObjectEvent>], at: Position) -> Vec<Self> {
        let letter = |happened: &Happened<ObjectEvent>| match &happened.event {
            ObjectEvent::MessageIssued(issued) => Some(Self { cause: happened.id, issued: issued.clone(), at }),
            _ => None,
        };
        events.iter().filter_map(letter).collect()
    }

    /// Finds the way to every recipient.
    pub(super) fn addressed(self, transports: &Transports, directory: &Directory) -> Addressed {
        let route = |recipient| transports.route(&self.issued, recipient, directory);
        let routes = self.issued.recipients.iter().map(route).collect();
        Addressed { letter: self, routes }
    }
}

/// A letter with the route to each of its recipients, in their order.
#[derive(Debug)]
pub(super) struct Addressed {
    pub letter: Letter,
    pub routes: Vec<Route>,
}
