//! The ways by which messages reach their recipients.
//!
//! **Invariant:** every recipient has exactly one route. A message without a way is in the journal
//! as issued and is reported undeliverable, so that a way that is opened later finds it.

use ::delivery::{Route, Routes, status};
use projections::Directory;
use schemas::{
    object::{MessageIssued, Recipient},
    principal::PrincipalKind,
};

use crate::scheduling_policy::{InboxPrivilege, SchedulingPolicy};

/// Routes to the principals of this system whose inboxes take messages from the sender.
#[derive(Debug)]
pub(super) struct LocalRoutes<'a> {
    pub directory: &'a Directory,
    pub scheduling_policy: &'a dyn SchedulingPolicy,
}

impl Routes for LocalRoutes<'_> {
    fn route(&self, message: &MessageIssued, recipient: &Recipient) -> Route {
        let known = recipient.principal.and_then(|id| self.directory.by_id(id));
        // RFC 6638 §3.2.9: who has left is no calendar user any more.
        let Some(entry) = known.filter(|entry| entry.is_present()) else {
            return Route::Nowhere(status::INVALID_USER);
        };
        if entry.kind == PrincipalKind::Group {
            return Route::Members;
        }
        let privilege = InboxPrivilege::to_deliver(message.method);
        if self.scheduling_policy.admits(message.sender_home, entry.id, privilege) {
            Route::Home(entry.id)
        } else {
            Route::Nowhere(status::NO_AUTHORITY)
        }
    }
}
