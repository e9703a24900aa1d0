//! The ways by which messages reach their recipients.
//!
//! **Invariant:** every recipient has exactly one route; a message without a way stands in the journal as issued and reported
//! undeliverable, so that a way that is opened later finds it.

use std::{fmt::Debug, sync::Arc};

use projections::Directory;
use schemas::{
    PrincipalId,
    object::{MessageIssued, Recipient},
    principal::PrincipalKind,
};

use super::status::{self, Status};
use crate::doorkeeper::{Doorkeeper, InboxPrivilege};

/// Where a message goes for one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route {
    /// To a home of this system.
    Home(PrincipalId),
    /// To everybody in a group: they are attendees of their own (RFC 5545 §3.2.11).
    Members,
    Nowhere(Status),
}

/// One way: `local` is the only one so far.
pub(super) trait Transport: Debug + Send + Sync {
    /// Where this way leads; `None`: not to this recipient.
    fn route(&self, message: &MessageIssued, recipient: &Recipient, directory: &Directory) -> Option<Route>;
}

/// All ways, the first that leads to a recipient is taken.
#[derive(Debug)]
pub(crate) struct Transports(Vec<Box<dyn Transport>>);

impl Transports {
    pub(crate) fn local(doorkeeper: Arc<dyn Doorkeeper>) -> Self {
        Self(vec![Box::new(Local { doorkeeper })])
    }

    pub(super) fn route(&self, message: &MessageIssued, recipient: &Recipient, directory: &Directory) -> Route {
        let mut routes = self.0.iter().filter_map(|transport| transport.route(message, recipient, directory));
        routes.next().unwrap_or(Route::Nowhere(status::INVALID_USER))
    }
}

/// To everybody of this system whose inbox takes messages from the sender.
#[derive(Debug)]
struct Local {
    doorkeeper: Arc<dyn Doorkeeper>,
}

impl Transport for Local {
    fn route(&self, message: &MessageIssued, recipient: &Recipient, directory: &Directory) -> Option<Route> {
        // Who was retired in the meantime is nobody any more.
        let entry = directory.by_id(recipient.principal?)?;
        if entry.kind == PrincipalKind::Group {
            return Some(Route::Members);
        }
        let privilege = InboxPrivilege::to_deliver(message.method);
        Some(if self.doorkeeper.admits(message.sender_home, entry.id, privilege) {
            Route::Home(entry.id)
        } else {
            Route::Nowhere(status::NO_AUTHORITY)
        })
    }
}
