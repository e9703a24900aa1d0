//! Calendars that are shared with a group are offered to its members, for as long as they are
//! members.
//!
//! **Invariant:** an offer to a group grants no privilege and appears in no home. It states how
//! present and later members get the calendar: at once, or by an invitation. The calendar's access
//! control list states who may read it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
};

use calendar::share::Command;
use projections::{Collection, Directory, InvitationAnswer, OfferedCalendar, ReadModels};
use schemas::{
    CollectionId, FileId, PrincipalId, ShareId, Stream,
    access::AccessControlEntry,
    object::Place,
    principal::PrincipalKind,
    share::{ShareAccess, ShareOffered},
};

use super::{
    Level, Reply,
    entries::{Somebody, level, may_read},
};
use crate::{Service, clock, clock::Stamp, error::Error};

/// Maximum number of members of a group in whose homes a calendar appears. Further members find it
/// only in the home of its owner.
pub(super) const MAX_OFFERED_MEMBERS: usize = 1_000;

/// Notification about an offer, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Name of the resource in which the notification is stored.
    pub name: String,
    /// The XML document of the notification.
    pub document: String,
}

/// Writer of the notifications about offers that the service makes by itself. It is implemented by
/// the crate `http`, which knows their XML.
pub trait Announcer: Debug + Send + Sync {
    /// Returns the notification that offers a calendar to a sharee. `None` if the calendar, its
    /// owner or the sharee does not exist any more or cannot be read. `at`: seconds since the
    /// epoch.
    fn invitation(&self, models: &ReadModels, offered: &OfferedCalendar, at: i64) -> Option<Message>;

    /// Returns the resource name of the notification that offers a calendar to a sharee.
    fn name(&self, share: ShareId) -> String;
}

/// Announcer that writes no notifications. For services without HTTP.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Announcer for Silent {
    fn invitation(&self, _: &ReadModels, _: &OfferedCalendar, _: i64) -> Option<Message> {
        None
    }

    fn name(&self, _: ShareId) -> String {
        String::new()
    }
}

impl Service {
    /// Updates the shares of all calendars that are shared with groups to the present members of
    /// these groups. Idempotent.
    pub(crate) async fn follow_shares_of_groups(&self, stamp: &Stamp) -> Result<(), Error> {
        let directory = self.models.directory();
        let mut calendars = BTreeSet::new();
        for group in directory.all().iter().filter(|entry| entry.kind == PrincipalKind::Group) {
            calendars.extend(self.models.offers_to(group.id)?.into_iter().map(|offered| offered.calendar));
        }
        for calendar in calendars {
            self.follow_groups_of(stamp, calendar).await?;
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Offers a calendar to the members of the groups that have an offer of it, and takes it back
    /// from people who may not read it any more.
    pub(super) async fn follow_groups_of(&self, stamp: &Stamp, calendar: CollectionId) -> Result<(), Error> {
        let Some(on) = self.models.outline_by_id(calendar)? else { return Ok(()) };
        let directory = self.models.directory();
        let known = self.models.sharees(calendar)?;
        let (groups, people): (Vec<_>, Vec<_>) =
            known.into_iter().partition(|offered| is_group(&directory, offered.sharee));
        let before: BTreeMap<_, _> = people.iter().map(|offered| (offered.sharee, offered)).collect();
        for (member, group) in by_member(&directory, &groups).into_iter().filter(|(member, _)| *member != on.home) {
            self.offer_to_member(stamp, &on, group, member, before.get(&member).copied()).await?;
        }
        let list = || on.acl.iter().chain(on.inherited.iter().flat_map(|above| above.entries.iter()));
        let reads = |person| may_read(list(), &directory.identities_of(person));
        for gone in people.into_iter().filter(|offered| !reads(offered.sharee)) {
            self.take_back(stamp, gone.id, gone.sharee).await?;
            let settled = self.forget_notification(stamp, gone.sharee, self.settings.announcer.name(gone.id)).await;
            log(settled, gone.sharee);
        }
        Ok(())
    }

    /// Returns true if the access control list of a calendar lets a person read it, by name or as a
    /// member of a group. Returns false for a group.
    pub(super) fn has_by_a_group(&self, calendar: CollectionId, person: PrincipalId) -> Result<bool, Error> {
        let (directory, on) = (self.models.directory(), self.models.outline_by_id(calendar)?);
        let is_person = !is_group(&directory, person);
        Ok(is_person && on.is_some_and(|on| entitlement(&directory, &on.acl, person) >= Some(Level::Read)))
    }

    /// Offers a calendar to a member of a group, if its access control list lets them read it. A
    /// member who declined is not invited again. An offer that was interrupted before it reached
    /// the member's home, or before the member was notified, is completed.
    async fn offer_to_member(
        &self,
        stamp: &Stamp,
        on: &Collection,
        group: &OfferedCalendar,
        member: PrincipalId,
        before: Option<&OfferedCalendar>,
    ) -> Result<(), Error> {
        let Some(access) = access(entitlement(&self.models.directory(), &on.acl, member)) else { return Ok(()) };
        if before.is_some_and(|before| before.answer == InvitationAnswer::Declined) {
            return Ok(());
        }
        let id = ShareId::derive(on.id, member);
        let stamp = stamp.next(&id.to_string());
        if before.is_none_or(|before| before.access != access) {
            let summary = before.map_or_else(|| group.summary.clone(), |before| before.summary.clone());
            let (owner, invitation) = (on.home, clock::new_id());
            let offer = ShareOffered { home: member, owner, calendar: on.id, invitation, access, summary };
            self.execute_share(&stamp, member, id, &Command::Offer(offer)).await?;
        } else if let Some(before) = before.filter(|_| group.accepted().is_none())
            && self.is_announced(before).await?
        {
            return Ok(());
        }
        if before.is_some_and(|before| before.accepted().is_some()) {
            return Ok(());
        }
        let told = if group.accepted().is_some() {
            let reply = Reply { share: id, invitation: None, summary: String::new() };
            self.put_into_home(&stamp.next("accept"), member, reply).await.map(drop)
        } else {
            self.announce(&stamp, id).await
        };
        match told {
            // A refusal, for example because the home is full, must not prevent offers to the other
            // members.
            Err(Error::Refused(why)) => {
                tracing::warn!(%why, principal = %member, "a calendar that is shared with a group could not be \
                    offered to one member");
                Ok(())
            }
            told => told,
        }
    }

    /// Returns true if the notification of an offer was stored after the offer. The sharee may have
    /// deleted it since.
    async fn is_announced(&self, offered: &OfferedCalendar) -> Result<bool, Error> {
        let name = self.settings.announcer.name(offered.id);
        let place = Place { collection: CollectionId::notifications(offered.sharee), name };
        // A deleted notification is in the journal only.
        if self.models.member(place.collection, &place.name)?.is_some_and(|member| member.changed > offered.changed) {
            return Ok(true);
        }
        let last = self.store.journal.read_last(Stream::File(FileId::derive(&place))).await?;
        Ok(last.is_some_and(|last| last.position > offered.changed))
    }

    /// Sends a sharee the notification of an offer.
    async fn announce(&self, stamp: &Stamp, id: ShareId) -> Result<(), Error> {
        let Some(offered) = self.models.offered(id)? else { return Ok(()) };
        match self.settings.announcer.invitation(&self.models, &offered, clock::now().seconds()) {
            Some(Message { name, document }) => self.notify(stamp, offered.sharee, name, document).await,
            None => Ok(()),
        }
    }
}

/// Returns the highest level that an access control list grants to a principal, by name or as a
/// member of groups. `None`: it grants no level.
fn entitlement(directory: &Directory, list: &[AccessControlEntry], person: PrincipalId) -> Option<Level> {
    let identities = directory.identities_of(person);
    identities.iter().filter_map(|id| level(list, Somebody { id: *id, identities: &identities })).max()
}

fn access(level: Option<Level>) -> Option<ShareAccess> {
    match level? {
        Level::FreeBusy => None,
        Level::Read => Some(ShareAccess::Read),
        Level::Write => Some(ShareAccess::ReadWrite),
    }
}

/// Returns the members of groups, each with the offer to one of their groups. An offer that is
/// accepted for the whole group is preferred.
fn by_member<'a>(directory: &Directory, groups: &'a [OfferedCalendar]) -> BTreeMap<PrincipalId, &'a OfferedCalendar> {
    let mut found = BTreeMap::new();
    for group in groups {
        for member in members(directory, group.sharee) {
            let known = found.entry(member).or_insert(group);
            if known.accepted().is_none() {
                *known = group;
            }
        }
    }
    found
}

/// Returns the principals in a group and in the groups that it contains, without the groups
/// themselves and without retired principals. Returns at most [`MAX_OFFERED_MEMBERS`].
pub(super) fn members(directory: &Directory, group: PrincipalId) -> Vec<PrincipalId> {
    let (mut seen, mut open, mut found) = (BTreeSet::from([group]), vec![group], vec![]);
    while let Some(id) = open.pop() {
        let Some(entry) = directory.by_id(id).filter(|entry| entry.is_present()) else { continue };
        if entry.kind == PrincipalKind::Group {
            open.extend(entry.members.iter().copied().filter(|member| seen.insert(*member)));
        } else {
            found.push(entry.id);
        }
    }
    found.sort();
    if found.len() > MAX_OFFERED_MEMBERS {
        let (has, limit) = (found.len(), MAX_OFFERED_MEMBERS);
        tracing::warn!(%group, has, limit, "the group has more members than the limit, so the calendar shared with \
            it appears in the homes of the first members only");
        found.truncate(MAX_OFFERED_MEMBERS);
    }
    found
}

pub(super) fn is_group(directory: &Directory, id: PrincipalId) -> bool {
    directory.by_id(id).is_some_and(|entry| entry.kind == PrincipalKind::Group)
}

fn log(done: Result<(), Error>, to: PrincipalId) {
    if let Err(error) = done {
        tracing::warn!(%error, principal = %to, "a notification about a shared calendar could not be removed");
    }
}
