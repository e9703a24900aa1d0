//! Messages about shared calendars, for whom they concern (caldav-sharing §4).
//!
//! **Invariant:** a message is stored after the change that it announces. If it cannot be stored,
//! the change stays, and the failure is logged.

use std::sync::Arc;

use dav::sharing::InviteStatus;
use projections::{Collection, Directory, InvitationAnswer, OfferedCalendar, ReadModels};
use schemas::{PrincipalId, ShareId};
use service::{
    Error, Service, Stamp, clock,
    sharing::groups::{Announcer, Message},
};

use crate::{
    call::Call,
    property::{Invitation, notice_name, reply_name},
    refusal::Refusal,
    resource::privileges,
};

/// Stores messages, as a part of what somebody does.
#[derive(Debug)]
pub(crate) struct Notices<'a> {
    pub service: &'a Service,
    pub directory: &'a Directory,
    pub stamp: Stamp,
}

/// Returns an error (403) if the collection is the notification collection: clients cannot move,
/// remove or replace it. The server creates it with the first notification and keeps it
/// (caldav-notifications §4).
pub(super) fn keep_collection(collection: &Collection) -> Result<(), Refusal> {
    if privileges::is_of_notifications(collection) {
        return Err(Refusal::forbidden("the server keeps the collection of notifications; delete the messages in it"));
    }
    Ok(())
}

/// Returns true if somebody has not answered yet.
pub(crate) fn is_unanswered(offered: &OfferedCalendar) -> bool {
    offered.answer == InvitationAnswer::None
}

impl<'a> Notices<'a> {
    /// Returns what stores the messages of a request about the home of `home`.
    pub(super) fn of(call: &'a Call, home: PrincipalId) -> Self {
        Self { service: call.service(), directory: &call.person.directory, stamp: call.stamp(home) }
    }

    /// Tells the sharee what they are offered.
    pub(crate) async fn invited(&self, offered: &OfferedCalendar) -> Result<(), Error> {
        self.notify_sharee(offered, Invitation::status(offered)).await
    }

    /// Tells the sharee that the calendar is shared with them no more.
    pub(crate) async fn removed(&self, offered: &OfferedCalendar) -> Result<(), Error> {
        self.notify_sharee(offered, InviteStatus::Deleted).await
    }

    /// Sends the answer of the sharee to the owner, and removes the invitation from the
    /// notifications of the sharee.
    pub(crate) async fn answered(&self, offered: &OfferedCalendar) -> Result<(), Error> {
        let Some(invitation) = Invitation::of(self.directory, self.service.models(), offered)? else { return Ok(()) };
        let document = invitation.for_owner(clock::now().seconds(), Invitation::status(offered));
        let settled = self.service.forget_notification(&self.stamp, offered.sharee, notice_name(offered.id)).await;
        log(settled, offered.sharee);
        log(self.service.notify(&self.stamp, offered.owner, reply_name(offered.id), document).await, offered.owner);
        Ok(())
    }

    async fn notify_sharee(&self, offered: &OfferedCalendar, status: InviteStatus) -> Result<(), Error> {
        let Some(invitation) = Invitation::of(self.directory, self.service.models(), offered)? else { return Ok(()) };
        let document = invitation.for_sharee(clock::now().seconds(), status);
        log(self.service.notify(&self.stamp, offered.sharee, notice_name(offered.id), document).await, offered.sharee);
        Ok(())
    }
}

/// Returns what writes the messages of a service about calendars that are shared with groups.
pub fn announcer() -> Arc<dyn Announcer> {
    Arc::new(Documents)
}

#[derive(Debug)]
struct Documents;

impl Announcer for Documents {
    fn invitation(&self, models: &ReadModels, offered: &OfferedCalendar, at: i64) -> Option<Message> {
        let directory = models.directory();
        let invitation = Invitation::of(&directory, models, offered).ok().flatten()?;
        let document = invitation.for_sharee(at, Invitation::status(offered));
        Some(Message { name: self.name(offered.id), document })
    }

    fn name(&self, share: ShareId) -> String {
        notice_name(share)
    }
}

fn log(stored: Result<(), Error>, to: PrincipalId) {
    if let Err(error) = stored {
        tracing::warn!(%error, principal = %to, "a message about a shared calendar could not be stored");
    }
}
