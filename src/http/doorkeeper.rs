//! Who may schedule with whom: what access control says of the inbox (RFC 6638 §6.1).

use std::sync::Arc;

use dav::Privilege;
use projections::ReadModels;
use schemas::PrincipalId;
use service::doorkeeper::{Doorkeeper, InboxPrivilege};

use crate::{access, auth::Person, href::INBOX, node::Node};

/// Answers for every inbox, as access control stands when it is asked.
pub fn doorkeeper(models: ReadModels) -> Arc<dyn Doorkeeper> {
    Arc::new(AccessControl { models })
}

#[derive(Debug)]
struct AccessControl {
    models: ReadModels,
}

impl Doorkeeper for AccessControl {
    fn admits(&self, sender: PrincipalId, owner: PrincipalId, privilege: InboxPrivilege) -> bool {
        let directory = self.models.directory();
        let sender = Person { id: sender, identities: directory.identities_of(sender), directory: directory.clone() };
        let inbox = self.models.outline(owner, INBOX).unwrap_or_else(|error| {
            tracing::error!(%error, %owner, "an inbox could not be looked up, and takes nothing");
            None
        });
        let Some((owner, inbox)) = directory.by_id(owner).zip(inbox) else { return false };
        let inbox = Node::Collection { owner, collection: &inbox };
        access::may(&sender, &inbox, needed(privilege))
    }
}

fn needed(privilege: InboxPrivilege) -> Privilege {
    match privilege {
        InboxPrivilege::DeliverInvite => Privilege::ScheduleDeliverInvite,
        InboxPrivilege::DeliverReply => Privilege::ScheduleDeliverReply,
        InboxPrivilege::QueryFreeBusy => Privilege::ScheduleQueryFreebusy,
    }
}
