//! Live properties of shared calendars and of their notifications (caldav-sharing §4, §5.2).
//!
//! **Invariant:** in these properties, a calendar in its owner's home shows all its sharees, and
//! only to the owner and administrators. In a sharee's home it shows only the owner and that
//! sharee.

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

/// Suffix of the names of notifications that tell a calendar's owner how a sharee answered.
const REPLY: &str = "-reply.xml";

/// The caller's part in the sharing of a calendar (caldav-sharing §5.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The caller is the owner or an administrator and sees the calendar in the owner's home, and
    /// the calendar has sharees (invited people included).
    Owner,
    /// The caller sees another person's calendar in the sharee's home.
    Sharee,
}

/// Returns the caller's part in the sharing of a calendar. `None` if the resource is not a shared
/// calendar, or if its sharees cannot be read, or the caller may not know them. In the owner's home
/// only the owner and administrators may know them.
pub(super) fn part(context: &Context<'_>, resource: &ResourceView<'_>) -> Option<Part> {
    let calendar = resource.calendar()?;
    if calendar.shared_as.is_some() {
        return Some(Part::Sharee);
    }
    let is_shared = sharees(context, calendar).is_ok_and(|sharees| !sharees.is_empty());
    is_shared.then_some(Part::Owner)
}

/// Returns those sharees of a calendar that the caller may know.
fn sharees(context: &Context<'_>, calendar: &Collection) -> Result<Vec<OfferedCalendar>, Failure> {
    if let Some(shared) = &calendar.shared_as {
        return Ok(context.models().offered(shared.id)?.into_iter().collect());
    }
    // Each sharee, or a group of theirs, has an entry in the calendar's ACL. Most calendars have an
    // empty ACL, so they need no query.
    if calendar.acl.is_empty() || !privileges::owns_or_administers(context.person, calendar.home) {
        return Ok(vec![]);
    }
    context.models().sharees(calendar.id)
}

/// Writes `CS:invite` (caldav-sharing §5.2.2).
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

/// Writes `CS:allowed-sharing-modes` (caldav-sharing §5.2.3).
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

/// Writes `CS:shared-url` (caldav-sharing §5.2.4).
pub(super) fn shared_url(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let shared = resource.calendar().filter(|calendar| calendar.shared_as.is_some());
    let (Some(calendar), Some(owner)) = (shared, resource.owner()) else { return Absent };
    value::href(out.prop(), "CS:shared-url", &href::collection(&owner.short_name, &calendar.name));
    Present
}

/// Writes `CS:notification-URL` (caldav-sharing §4.1.1). The property is absent until the principal
/// has received the first notification. Only the principal and administrators may read it.
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

/// Writes `CS:notificationtype` (caldav-sharing §4.2.1).
pub(super) fn notification_type(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let ResourceView::Member { collection, member, .. } = resource else { return Absent };
    if !privileges::is_of_notifications(collection) || !is_notice(&member.name) {
        return Absent;
    }
    sharing::notification_type(out.prop(), member.name.ends_with(REPLY));
    Present
}

/// Returns the name of the sharee's notification about a shared calendar.
pub(crate) fn notice_name(share: ShareId) -> String {
    format!("{share}.xml")
}

/// Returns the name of the owner's notification about a sharee's answer.
pub(crate) fn reply_name(share: ShareId) -> String {
    format!("{share}{REPLY}")
}

/// Returns true if the name has the form that the server gives to notifications. Other files can be
/// in the same collection, because earlier versions let clients store them there.
fn is_notice(name: &str) -> bool {
    let id = name.strip_suffix(REPLY).or_else(|| name.strip_suffix(".xml"));
    id.is_some_and(|id| uuid::Uuid::parse_str(id).is_ok())
}

/// The data of a notification about an invitation to share a calendar.
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
    /// Collects the data of a notification; `None` if the owner, the sharee or the calendar no
    /// longer exists.
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

    /// Returns the status of an invitation: not answered, declined or accepted.
    pub(crate) fn status(offered: &OfferedCalendar) -> InviteStatus {
        match offered.answer {
            InvitationAnswer::None => InviteStatus::NoResponse,
            InvitationAnswer::Declined => InviteStatus::Declined,
            InvitationAnswer::Accepted(_) => InviteStatus::Accepted,
        }
    }

    /// Returns the notification for the sharee about the invitation and its status. `at` is its
    /// time in seconds since the epoch.
    pub(crate) fn for_sharee(&self, at: i64, status: InviteStatus) -> String {
        self.notification(at, status, &self.components()).invitation()
    }

    /// Returns the notification for the owner about the sharee's answer. `at` is its time in
    /// seconds since the epoch.
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
    Named { address, common_name: entry.shown_name() }
}
