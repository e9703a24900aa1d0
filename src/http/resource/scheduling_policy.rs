//! Decides who may send scheduling messages to whom, by the ACL of the recipient's inbox (RFC 6638
//! §6.1).

use std::sync::Arc;

use dav::Privilege;
use projections::ReadModels;
use schemas::PrincipalId;
use service::scheduling_policy::{InboxPrivilege, SchedulingPolicy};

use super::{ResourceView, href::INBOX, privileges};
use crate::person::Person;

/// Returns the scheduling policy of the server. For each delivery and each free-busy request it
/// evaluates the privileges on the recipient's inbox at that time.
pub fn inbox_policy(models: ReadModels) -> Arc<dyn SchedulingPolicy> {
    Arc::new(AccessControl { models })
}

#[derive(Debug)]
struct AccessControl {
    models: ReadModels,
}

impl SchedulingPolicy for AccessControl {
    fn admits(&self, sender: PrincipalId, owner: PrincipalId, privilege: InboxPrivilege) -> bool {
        let directory = self.models.directory();
        let sender = Person::new(sender, directory.clone());
        let inbox = self.models.outline(owner, INBOX).unwrap_or_else(|error| {
            tracing::error!(%error, %owner, "a scheduling message is not delivered, or a free-busy request not \
                answered: the recipient's inbox cannot be read");
            None
        });
        let Some((owner, inbox)) = directory.by_id(owner).zip(inbox) else { return false };
        let inbox = ResourceView::Collection { owner, collection: &inbox };
        privileges::allows(&sender, &inbox, needed(privilege))
    }
}

fn needed(privilege: InboxPrivilege) -> Privilege {
    match privilege {
        InboxPrivilege::DeliverInvite => Privilege::ScheduleDeliverInvite,
        InboxPrivilege::DeliverReply => Privilege::ScheduleDeliverReply,
        InboxPrivilege::QueryFreeBusy => Privilege::ScheduleQueryFreebusy,
    }
}
