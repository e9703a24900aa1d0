//! Properties of calendars that are shared (caldav-sharing §4, §5.2).
//!
//! **Invariant:** the owner and administrators see all sharees of a calendar, a sharee sees the
//! owner and themselves.

use dav::{
    request::SharedAccess,
    sharing::{self, InviteNotification, InviteStatus, Named, SharedUser},
    value,
};
use projections::{Collection, Directory, Entry, Failure, InvitationAnswer, OfferedCalendar, ReadModels};
use schemas::{CollectionId, ShareId, share::ShareAccess};

use super::{
    Context, Presence,
    Presence::{Absent, Present},
    PropStats,
    calendar::COMPONENTS,
    webdav::failed,
};
use crate::resource::{ResourceView, href, privileges};

/// End of the names of messages that tell the owner of an answer.
const REPLY: &str = "-reply.xml";

/// The part of the caller in the sharing of a calendar (caldav-sharing §5.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// They own it, and others have it or are invited.
    Owner,
    /// Somebody else owns it, and it is looked at in the caller's own home.
    Sharee,
}

/// Returns the part of the caller in the sharing of a calendar; `None` if it is not shared, or of
/// no concern to them.
pub(super) fn part(context: &Context<'_>, resource: &ResourceView<'_>) -> Option<Part> {
    let calendar = resource.calendar()?;
    if calendar.shared_as.is_some() {
        return Some(Part::Sharee);
    }
    let is_shared = sharees(context, calendar).is_ok_and(|sharees| !sharees.is_empty());
    is_shared.then_some(Part::Owner)
}

/// Returns the sharees of a calendar that the caller may know.
fn sharees(context: &Context<'_>, calendar: &Collection) -> Result<Vec<OfferedCalendar>, Failure> {
    if let Some(shared) = &calendar.shared_as {
        return Ok(context.models().offered(shared.id)?.into_iter().collect());
    }
    // Each invited person has an entry in the access control list. Most calendars have none: no
    // query is needed for them.
    if calendar.acl.is_empty() || !privileges::owns_or_administers(context.person, calendar.home) {
        return Ok(vec![]);
    }
    context.models().sharees(calendar.id)
}

/// §5.2.2
pub(super) fn invite(context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let (Some(calendar), Some(owner)) = (resource.calendar(), resource.owner()) else { return Absent };
    let sharees = match sharees(context, calendar) {
        Ok(sharees) if sharees.is_empty() => return Absent,
        Ok(sharees) => sharees,
        Err(error) => return failed(out, &dav::name::INVITE, &error),
    };
    let directory = &context.person.directory;
    let users = sharees.iter().filter_map(|offered| {
        let user = named(directory.by_id(offered.sharee)?);
        Some(shared_user(offered, user, Invitation::status(offered)))
    });
    sharing::invite(out.prop(), named(owner), users);
    Present
}

/// §5.2.3
pub(super) fn allowed_modes(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let own = resource.calendar().filter(|calendar| calendar.shared_as.is_none());
    if !own.is_some_and(|calendar| privileges::owns_or_administers(context.person, calendar.home)) {
        return Absent;
    }
    let writer = out.prop();
    writer.start("CS:allowed-sharing-modes");
    writer.empty("CS:can-be-shared");
    writer.end("CS:allowed-sharing-modes");
    Present
}

/// §5.2.4
pub(super) fn shared_url(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let shared = resource.calendar().filter(|calendar| calendar.shared_as.is_some());
    let (Some(calendar), Some(owner)) = (shared, resource.owner()) else { return Absent };
    value::href(out.prop(), "CS:shared-url", &href::collection(&owner.short_name, &calendar.name));
    Present
}

/// §4.1.1: from the first message on.
pub(super) fn notification_url(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let ResourceView::Principal(entry) = resource else { return Absent };
    if !privileges::owns_or_administers(context.person, entry.id) {
        return Absent;
    }
    match context.models().outline_by_id(CollectionId::notifications(entry.id)) {
        Ok(Some(collection)) => {
            value::href(out.prop(), "CS:notification-URL", &href::collection(&entry.short_name, &collection.name));
            Present
        }
        Ok(None) => Absent,
        Err(error) => failed(out, &dav::name::NOTIFICATION_URL, &error),
    }
}

/// §4.2.1
pub(super) fn notification_type(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let ResourceView::Member { collection, member, .. } = resource else { return Absent };
    if !privileges::is_of_notifications(collection) || !is_notice(&member.name) {
        return Absent;
    }
    sharing::notification_type(out.prop(), member.name.ends_with(REPLY));
    Present
}

/// Returns the name of the message that tells a sharee what they are offered.
pub(crate) fn notice_name(share: ShareId) -> String {
    format!("{share}.xml")
}

/// Returns the name of the message that tells the owner what a sharee answered.
pub(crate) fn reply_name(share: ShareId) -> String {
    format!("{share}{REPLY}")
}

/// Returns true for the names that the server gives to messages: earlier versions let clients store
/// files beside them.
fn is_notice(name: &str) -> bool {
    let id = name.strip_suffix(REPLY).or_else(|| name.strip_suffix(".xml"));
    id.is_some_and(|id| uuid::Uuid::parse_str(id).is_ok())
}

/// What a message about an offer says.
#[derive(Debug)]
pub(crate) struct Invitation<'a> {
    offered: &'a OfferedCalendar,
    owner: &'a Entry,
    sharee: &'a Entry,
    uid: String,
    host_url: String,
    components: Vec<String>,
}

impl<'a> Invitation<'a> {
    /// Returns `None` if the owner, the sharee or the calendar is gone.
    pub(crate) fn of(
        directory: &'a Directory,
        models: &ReadModels,
        offered: &'a OfferedCalendar,
    ) -> Result<Option<Self>, Failure> {
        let people = directory.by_id(offered.owner).zip(directory.by_id(offered.sharee));
        let (Some((owner, sharee)), Some(calendar)) = (people, models.outline_by_id(offered.calendar)?) else {
            return Ok(None);
        };
        let host_url = href::collection(&owner.short_name, &calendar.name);
        let uid = offered.invitation.to_string();
        Ok(Some(Self { offered, owner, sharee, uid, host_url, components: calendar.components }))
    }

    /// Returns how an invitation stands.
    pub(crate) fn status(offered: &OfferedCalendar) -> InviteStatus {
        match offered.answer {
            InvitationAnswer::None => InviteStatus::NoResponse,
            InvitationAnswer::Declined => InviteStatus::Declined,
            InvitationAnswer::Accepted(_) => InviteStatus::Accepted,
        }
    }

    /// Returns the message that tells the sharee how the offer stands. `at`: seconds since the
    /// epoch.
    pub(crate) fn for_sharee(&self, at: i64, status: InviteStatus) -> String {
        self.notification(at, status, &self.components()).invitation()
    }

    /// Returns the message that tells the owner what the sharee answered. `at`: seconds since the
    /// epoch.
    pub(crate) fn for_owner(&self, at: i64, status: InviteStatus) -> String {
        self.notification(at, status, &self.components()).reply()
    }

    fn components(&self) -> Vec<&str> {
        let chosen: Vec<&str> = self.components.iter().map(String::as_str).collect();
        if chosen.is_empty() { COMPONENTS.to_vec() } else { chosen }
    }

    fn notification<'s>(&'s self, at: i64, status: InviteStatus, components: &'s [&'s str]) -> InviteNotification<'s> {
        let to = shared_user(self.offered, named(self.sharee), status);
        let (host_url, organizer) = (self.host_url.as_str(), named(self.owner));
        InviteNotification { at, uid: &self.uid, to, host_url, organizer, components }
    }
}

fn shared_user<'a>(offered: &'a OfferedCalendar, user: Named<'a>, status: InviteStatus) -> SharedUser<'a> {
    let access = match offered.access {
        ShareAccess::Read => SharedAccess::Read,
        ShareAccess::ReadWrite => SharedAccess::ReadWrite,
    };
    SharedUser { user, status, access, summary: &offered.summary }
}

fn named(entry: &Entry) -> Named<'_> {
    let address = entry.addresses.first().map(String::as_str).unwrap_or_default();
    Named { address, common_name: &entry.display_name }
}
