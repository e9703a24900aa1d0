//! Writes notifications about shared calendars (caldav-sharing §4) for owners and sharees.
//!
//! **Invariant:** a notification is stored after the change that it reports. If it cannot be
//! stored, the change remains, and the failure is logged.

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

/// Stores the notifications about shared calendars that a request causes.
#[derive(Debug)]
pub(crate) struct Notices<'a> {
    pub service: &'a Service,
    pub directory: &'a Directory,
    pub stamp: Stamp,
}

/// Returns an error (403) if `collection` is a notification collection, which clients cannot move,
/// remove or replace. The server creates it with the first notification (caldav-notifications §4).
pub(super) fn keep_collection(collection: &Collection) -> Result<(), Refusal> {
    if privileges::is_of_notifications(collection) {
        return Err(Refusal::forbidden(
            "the notification collection cannot be moved, removed or replaced; delete the notifications in it instead",
        ));
    }
    Ok(())
}

/// Returns true if the sharee has not answered the invitation yet.
pub(crate) fn is_unanswered(offered: &OfferedCalendar) -> bool {
    offered.answer == InvitationAnswer::None
}

impl<'a> Notices<'a> {
    /// Returns a writer of notifications for a request about the home of the principal `home`.
    pub(super) fn of(call: &'a Call, home: PrincipalId) -> Self {
        Self { service: call.service(), directory: &call.person.directory, stamp: call.stamp(home) }
    }

    /// Notifies the sharee of an invitation and its present status.
    pub(crate) async fn invited(&self, offered: &OfferedCalendar) {
        self.notify_sharee(offered, Invitation::status(offered)).await;
    }

    /// Notifies the sharee that the calendar is no longer shared with them.
    pub(crate) async fn removed(&self, offered: &OfferedCalendar) {
        self.notify_sharee(offered, InviteStatus::Deleted).await;
    }

    /// Notifies the owner of the sharee's answer, and removes the invitation from the sharee's
    /// notifications.
    pub(crate) async fn answered(&self, offered: &OfferedCalendar) {
        let Some(invitation) = self.invitation(offered, offered.owner) else { return };
        let document = invitation.for_owner(clock::now().seconds(), Invitation::status(offered));
        let settled = self.service.forget_notification(&self.stamp, offered.sharee, notice_name(offered.id)).await;
        log(settled, offered.sharee);
        log(self.service.notify(&self.stamp, offered.owner, reply_name(offered.id), document).await, offered.owner);
    }

    async fn notify_sharee(&self, offered: &OfferedCalendar, status: InviteStatus) {
        let Some(invitation) = self.invitation(offered, offered.sharee) else { return };
        let document = invitation.for_sharee(clock::now().seconds(), status);
        log(self.service.notify(&self.stamp, offered.sharee, notice_name(offered.id), document).await, offered.sharee);
    }

    /// Returns the contents of a notification for the principal `to`. `None` if the calendar, its
    /// owner or the sharee does not exist any more, or if they cannot be read, which is logged.
    fn invitation<'o>(&'o self, offered: &'o OfferedCalendar, to: PrincipalId) -> Option<Invitation<'o>> {
        Invitation::of(self.directory, self.service.models(), offered).unwrap_or_else(|error| {
            log(Err(error.into()), to);
            None
        })
    }
}

/// Returns the writer of notifications that invite the members of a group. The service uses it for
/// calendars that are shared with groups.
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
        tracing::warn!(%error, principal = %to, "a notification about a shared calendar could not be stored or \
            removed; the share, or the answer to it, is stored");
    }
}
