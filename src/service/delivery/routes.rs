//! Routes of scheduling messages to their recipients.
//!
//! **Invariant:** every recipient has exactly one route. A message that cannot be routed is
//! recorded as issued and reported as undeliverable.

use std::{cell::RefCell, collections::HashMap};

use ::delivery::{Route, Routes, status};
use projections::Directory;
use schemas::{
    PrincipalId,
    object::{MessageIssued, Recipient},
    principal::PrincipalKind,
};

use crate::scheduling_policy::{InboxPrivilege, SchedulingPolicy};

/// Finds the route of each message to a recipient, for one round of deliveries. Only principals of
/// this server can be reached.
#[derive(Debug)]
pub(super) struct LocalRoutes<'a> {
    directory: &'a Directory,
    scheduling_policy: &'a dyn SchedulingPolicy,
    /// Cache of the scheduling policy's answers in this round, because a round can have many
    /// messages between the same two people.
    admitted: RefCell<HashMap<(PrincipalId, PrincipalId, InboxPrivilege), bool>>,
}

impl<'a> LocalRoutes<'a> {
    pub(super) fn new(directory: &'a Directory, scheduling_policy: &'a dyn SchedulingPolicy) -> Self {
        Self { directory, scheduling_policy, admitted: RefCell::default() }
    }

    fn admits(&self, sender: PrincipalId, owner: PrincipalId, privilege: InboxPrivilege) -> bool {
        let admits = || self.scheduling_policy.admits(sender, owner, privilege);
        *self.admitted.borrow_mut().entry((sender, owner, privilege)).or_insert_with(admits)
    }
}

impl Routes for LocalRoutes<'_> {
    fn route(&self, message: &MessageIssued, recipient: &Recipient) -> Route {
        let known = recipient.principal.and_then(|id| self.directory.by_id(id));
        // RFC 6638 §3.2.9: a principal who has left the server is no longer a calendar user.
        let Some(entry) = known.filter(|entry| entry.is_present()) else {
            return Route::Nowhere(status::INVALID_USER);
        };
        if entry.kind == PrincipalKind::Group {
            return Route::Members;
        }
        let privilege = InboxPrivilege::to_deliver(message.method);
        if self.admits(message.sender_home, entry.id, privilege) {
            Route::Home(entry.id)
        } else {
            Route::Nowhere(status::NO_AUTHORITY)
        }
    }
}
