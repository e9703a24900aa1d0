//! Sharing: who may do what in whose calendars, as people say it.
//!
//! **Invariant:** access control lists are the truth (RFC 3744). A share is a reading of their
//! entries, and giving one writes such entries, so that the history, `daybook permissions` and
//! clients that speak ACL see the same.

mod delegates;
mod entries;
pub mod groups;
mod notifications;
mod offers;
pub(crate) mod personal;
mod reading;
mod request;

use std::{collections::BTreeSet, sync::Arc};

use calendar::{Refusal, collection::Command};
use projections::{Collection, Directory};
use schemas::{
    CollectionId, PrincipalId, access::AccessControlEntry, collection::CollectionKind, principal::PrincipalKind,
};

use self::entries::{Somebody, level, with};
pub use self::{
    delegates::Delegation,
    entries::Level,
    offers::{Appears, Reply},
    personal::PutShared,
    reading::{OtherEntries, given, other_entries, received},
    request::{ShareRequest, Wanted},
};
use crate::{Service, clock::Stamp, error::Error, principals::Extent};

/// Entries of one access control list. Beyond, no share is added.
const MAX_SHARES: usize = 500;
const OUTBOX: &str = "outbox";

/// What is shared: everything in a home, or one calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Home,
    Calendar(CollectionId),
}

/// What somebody is to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub owner: PrincipalId,
    /// A person, room, resource, or a group with all its members.
    pub to: PrincipalId,
    pub scope: Scope,
    pub level: Level,
    /// Whether they send invitations and answers in the owner's name (RFC 6638 §6.2). Holds for the
    /// whole home, where they may write.
    pub sends: bool,
    /// When a single calendar appears in the home of a person who may read it.
    pub appears: Appears,
    /// The owner's words for a single calendar; empty: none.
    pub summary: String,
}

/// What somebody has.
#[derive(Debug, Clone)]
pub struct Share {
    pub owner: PrincipalId,
    /// Whom the entry names.
    pub to: PrincipalId,
    /// The calendar, or the home; all shares of it have one copy.
    pub on: Arc<Collection>,
    pub level: Level,
    /// Whether they send in the owner's name.
    pub sends: bool,
}

impl Share {
    /// Whether it holds for all calendars of the owner.
    pub fn is_of_home(&self) -> bool {
        self.on.kind == CollectionKind::Home
    }
}

/// A list that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    on: CollectionId,
    name: String,
    entries: Vec<AccessControlEntry>,
}

impl Service {
    /// Gives somebody a share, in place of the one they have there. Returns the paths below the
    /// home of the lists that changed, or would.
    pub async fn share(&self, stamp: &Stamp, grant: &Grant, extent: Extent) -> Result<Vec<String>, Error> {
        let mut names = self.grant(stamp, grant, extent).await?;
        let is_offered = match extent {
            Extent::Apply => self.offer_to_all(stamp, grant).await?,
            Extent::Plan => self.offer_differs(grant)?,
        };
        if let Scope::Calendar(id) = grant.scope
            && is_offered
            && names.is_empty()
        {
            names.extend(self.models.outline_by_id(id)?.map(|calendar| calendar.name));
        }
        Ok(names)
    }

    /// Offers a calendar to a person, or to a group and its members.
    async fn offer_to_all(&self, stamp: &Stamp, grant: &Grant) -> Result<bool, Error> {
        let is_news = self.offer(stamp, grant).await?;
        if let Scope::Calendar(calendar) = grant.scope {
            self.follow_groups_of(stamp, calendar).await?;
        }
        Ok(is_news)
    }

    /// Changes the access control lists, as a grant says.
    async fn grant(&self, stamp: &Stamp, grant: &Grant, extent: Extent) -> Result<Vec<String>, Error> {
        let _home = self.lock_home(grant.owner).await?;
        self.may_have_share(grant)?;
        let on = self.shared_collection(grant.owner, grant.scope)?;
        let mut changes = vec![change(&on, grant.to, grant.level.privileges())?];
        let sending = if grant.sends { entries::SENDS } else { &[] };
        let home = self.models.home(grant.owner)?;
        if grant.sends || !writes_elsewhere(&self.models.directory(), &home, grant.to, &[on.id]) {
            changes.extend(self.outbox_of(grant.owner)?.map(|outbox| change(&outbox, grant.to, sending)).transpose()?);
        }
        self.change_lists(stamp, grant.owner, changes, extent).await
    }

    /// Takes back what somebody has by name: on one calendar, on the home, or with `None`
    /// everywhere in the home. A principal who may not write anywhere afterwards also loses the
    /// right to send in the owner's name.
    pub async fn withdraw(
        &self,
        stamp: &Stamp,
        (owner, from): (PrincipalId, PrincipalId),
        scope: Option<Scope>,
        extent: Extent,
    ) -> Result<Vec<String>, Error> {
        let (names, all) = self.withdraw_from(stamp, (owner, from), scope, extent).await?;
        if extent == Extent::Apply {
            for on in all {
                self.follow_groups_of(stamp, on).await?;
            }
        }
        Ok(names)
    }

    /// Returns the names of what changed, and all that was looked at.
    async fn withdraw_from(
        &self,
        stamp: &Stamp,
        (owner, from): (PrincipalId, PrincipalId),
        scope: Option<Scope>,
        extent: Extent,
    ) -> Result<(Vec<String>, Vec<CollectionId>), Error> {
        let _home = self.lock_home(owner).await?;
        let all = match scope {
            Some(scope) => vec![self.shared_collection(owner, scope)?],
            None => self.models.home(owner)?.into_iter().filter(|on| on.name != OUTBOX).collect(),
        };
        let mut changes = all.iter().map(|on| change(on, from, &[])).collect::<Result<Vec<_>, _>>()?;
        let gone: Vec<_> = all.iter().map(|on| on.id).collect();
        if !writes_elsewhere(&self.models.directory(), &self.models.home(owner)?, from, &gone) {
            changes.extend(self.outbox_of(owner)?.map(|outbox| change(&outbox, from, &[])).transpose()?);
        }
        let mut names = self.change_lists(stamp, owner, changes, extent).await?;
        if extent == Extent::Apply {
            let offered = self.take_back_of(stamp, &all, from).await?;
            names.extend(offered.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
        Ok((names, gone))
    }

    /// Returns what an owner shares by name; the home comes first.
    pub fn shares_of(&self, owner: PrincipalId) -> Result<Vec<Share>, Error> {
        given(&self.models, owner)
    }

    /// Returns what is shared by name with these principals, who are one person and their groups.
    pub fn shared_with(&self, identities: &BTreeSet<PrincipalId>) -> Result<Vec<Share>, Error> {
        received(&self.models, identities)
    }

    fn may_have_share(&self, grant: &Grant) -> Result<(), Refusal> {
        let bad = |why| Err(Refusal::BadShare { why });
        let directory = self.models.directory();
        let owner = directory.by_id(grant.owner).ok_or(Refusal::NotFound)?;
        let to = directory.by_id(grant.to).ok_or(Refusal::NotFound)?;
        if owner.kind == PrincipalKind::Group {
            return bad("a group has no calendars of its own");
        }
        if owner.id == to.id {
            return bad("the owner has every right already");
        }
        if !to.is_present() {
            return bad("the account of the other person or group is retired");
        }
        if grant.sends && grant.level != Level::Write {
            return bad("only people who may write can send in the owner's name: choose the level `write`");
        }
        Ok(())
    }

    fn shared_collection(&self, owner: PrincipalId, scope: Scope) -> Result<Collection, Error> {
        let found = match scope {
            Scope::Home => self.models.outline(owner, "")?,
            Scope::Calendar(id) => self.models.outline_by_id(id)?.filter(|on| on.home == owner),
        };
        let found = found.ok_or(Refusal::NotFound)?;
        if !is_shareable(&found) {
            return Err(Refusal::BadShare { why: "it is not a calendar" }.into());
        }
        Ok(found)
    }

    fn outbox_of(&self, owner: PrincipalId) -> Result<Option<Collection>, Error> {
        Ok(self.models.outline(owner, OUTBOX)?)
    }

    /// Replaces the lists that differ. The privilege to send in the owner's name is withdrawn first
    /// and granted last. So even if this is interrupted, only principals who may write can send.
    async fn change_lists(
        &self,
        stamp: &Stamp,
        owner: PrincipalId,
        mut changes: Vec<Change>,
        extent: Extent,
    ) -> Result<Vec<String>, Error> {
        let is_outbox = |change: &Change| change.name == OUTBOX;
        let takes = changes.iter().any(|change| is_outbox(change) && change.entries.is_empty());
        changes.sort_by_key(|change| is_outbox(change) != takes);
        self.has_room_for_changes(owner, &changes)?;
        self.replace_lists(stamp, owner, changes, extent).await
    }

    fn has_room_for_changes(&self, owner: PrincipalId, changes: &[Change]) -> Result<(), Error> {
        let added = |change: &Change| -> Result<usize, Error> {
            let before = self.models.outline_by_id(change.on)?.map_or(0, |on| on.acl.len());
            Ok(change.entries.len().saturating_sub(before))
        };
        self.has_room_for_entries(owner, changes.iter().map(added).sum::<Result<_, _>>()?)
    }

    /// Replaces the lists that differ, in this order. Returns their names.
    async fn replace_lists(
        &self,
        stamp: &Stamp,
        owner: PrincipalId,
        changes: Vec<Change>,
        extent: Extent,
    ) -> Result<Vec<String>, Error> {
        let mut names = vec![];
        for change in changes {
            let now = self.models.outline_by_id(change.on)?.ok_or(Refusal::NotFound)?;
            if now.acl == change.entries {
                continue;
            }
            if extent == Extent::Apply {
                let stamp = stamp.next(&change.on.to_string());
                self.execute_collection(&stamp, owner, change.on, &Command::ChangeAcl { entries: change.entries })
                    .await?;
            }
            names.push(change.name);
        }
        Ok(names)
    }
}

/// Returns true for a calendar or a home; shares of other collections follow from these.
fn is_shareable(on: &Collection) -> bool {
    matches!(on.kind, CollectionKind::Home | CollectionKind::Calendar)
}

/// Returns true if `to` may write, by name, to a collection of the home that is not among `than`.
fn writes_elsewhere(directory: &Directory, home: &[Collection], to: PrincipalId, than: &[CollectionId]) -> bool {
    let mut others = home.iter().filter(|on| !than.contains(&on.id) && is_shareable(on));
    let identities = directory.identities_of(to);
    let somebody = Somebody { id: to, identities: &identities };
    others.any(|on| level(&on.acl, somebody) == Some(Level::Write))
}

/// Returns the people and groups with whom a calendar is shared by name, to read at least.
pub(crate) fn readers(calendar: &Collection) -> Vec<PrincipalId> {
    let reads = |id: &PrincipalId| {
        let somebody = Somebody { id: *id, identities: &BTreeSet::from([*id]) };
        level(&calendar.acl, somebody) >= Some(Level::Read)
    };
    entries::granted(&calendar.acl).into_iter().filter(reads).collect()
}

/// Whether somebody sees by name when a calendar is busy.
pub(crate) fn sees_busy_times(calendar: &Collection, sharee: PrincipalId) -> bool {
    let inherited = calendar.inherited.iter().flat_map(|above| above.entries.iter());
    let entries: Vec<_> = calendar.acl.iter().chain(inherited).cloned().collect();
    level(&entries, Somebody { id: sharee, identities: &BTreeSet::from([sharee]) }).is_some()
}

fn change(on: &Collection, to: PrincipalId, privileges: &[&str]) -> Result<Change, Refusal> {
    let entries = with(on.acl.clone(), to, privileges);
    has_room_for_shares(&on.acl, &entries)?;
    Ok(Change { on: on.id, name: on.name.clone(), entries })
}

fn has_room_for_shares(before: &[AccessControlEntry], entries: &[AccessControlEntry]) -> Result<(), Refusal> {
    if entries.len() > MAX_SHARES.max(before.len()) {
        return Err(Refusal::BadShare { why: "the list has as many entries as a list may have: withdraw one first" });
    }
    Ok(())
}
