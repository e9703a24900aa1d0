//! Sharing: gives principals access to the calendars of an owner, in simple levels.
//!
//! **Invariant:** access control lists (ACLs) are authoritative (RFC 3744). A share is derived from
//! their entries, and granting a share writes such entries. So the history, `daybook permissions`
//! and clients that use ACLs show the same shares.

mod delegates;
mod entries;
pub mod groups;
mod notifications;
mod offers;
pub(crate) mod personal;
mod reading;
mod request;
#[cfg(test)]
mod tests;

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

/// Maximum number of entries of one ACL. A share that would add a further entry is refused.
const MAX_SHARES: usize = 500;
const OUTBOX: &str = "outbox";

/// Scope of a share: everything in a home, or one calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Home,
    Calendar(CollectionId),
}

/// A share that is to be granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    pub owner: PrincipalId,
    /// Sharee: a person, room, resource, or a group with all its members.
    pub to: PrincipalId,
    pub scope: Scope,
    pub level: Level,
    /// True if the sharee may send invitations and replies in the owner's name (RFC 6638 §6.2).
    /// This applies to the whole home, and needs [`Level::Write`].
    pub sends: bool,
    /// Time at which a shared calendar appears in the home of a sharee who may read it.
    pub appears: Appears,
    /// The owner's title for a shared calendar, which becomes its display name in the sharee's home
    /// unless they choose another; empty: the title of the previous offer, if there is one.
    pub summary: String,
}

/// A share that exists, derived from an ACL.
#[derive(Debug, Clone)]
pub struct Share {
    pub owner: PrincipalId,
    /// Sharee: the principal that the entry names.
    pub to: PrincipalId,
    /// Shared calendar or home. All shares of the same collection use one value in memory.
    pub on: Arc<Collection>,
    pub level: Level,
    /// True if the sharee may send in the owner's name.
    pub sends: bool,
}

impl Share {
    /// Returns true if the share applies to all calendars of the owner.
    pub fn is_of_home(&self) -> bool {
        self.on.kind == CollectionKind::Home
    }
}

/// New entries of an ACL that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Change {
    on: CollectionId,
    name: String,
    entries: Vec<AccessControlEntry>,
}

impl Service {
    /// Grants a share, which replaces the share that the sharee has there. Returns the paths, below
    /// the home, of the collections whose ACL is changed or would be changed, and of the calendar
    /// whose offer is.
    pub async fn share(&self, stamp: &Stamp, grant: &Grant, extent: Extent) -> Result<Vec<String>, Error> {
        let mut names = self.grant(stamp, grant, extent).await?;
        let is_offered = match extent {
            Extent::Apply => self.offer_to_all(stamp, grant).await?,
            Extent::Plan => self.offer_differs(grant)?,
        };
        if let Scope::Calendar(id) = grant.scope
            && is_offered
            && let Some(calendar) = self.models.outline_by_id(id)?
            && !names.contains(&calendar.name)
        {
            names.push(calendar.name);
        }
        Ok(names)
    }

    /// Offers a calendar to a person, or to a group and its members; does nothing for a whole home.
    /// Returns true if the offer to that person or group changes.
    async fn offer_to_all(&self, stamp: &Stamp, grant: &Grant) -> Result<bool, Error> {
        let is_news = self.offer(stamp, grant).await?;
        if let Scope::Calendar(calendar) = grant.scope {
            self.follow_groups_of(stamp, calendar).await?;
        }
        Ok(is_news)
    }

    /// Changes the ACLs for a grant, or only determines the changes, as `extent` says. Returns the
    /// names of the collections whose ACL changes.
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
        self.change_lists(stamp, grant.owner, (changes, grant.sends), extent).await
    }

    /// Withdraws the shares that are granted to a principal itself, not to its groups: of one
    /// calendar, of the home, or, with `None`, all in the home. A principal who has no share of
    /// level [`Level::Write`] in the home afterwards also loses the right to send in the owner's
    /// name. Returns the names of the collections whose ACL is changed or would be changed, and of
    /// those whose offer is taken back.
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

    /// Withdraws shares without updating the members of groups. Returns the names of the changed
    /// collections, and the ids of all collections in `scope`.
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
        let mut names = self.change_lists(stamp, owner, (changes, false), extent).await?;
        if extent == Extent::Apply {
            let offered = self.take_back_of(stamp, &all, from).await?;
            names.extend(offered.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
        }
        Ok((names, gone))
    }

    /// Returns the shares that an owner has granted to named principals. Those of the home come
    /// first.
    pub fn shares_of(&self, owner: PrincipalId) -> Result<Vec<Share>, Error> {
        given(&self.models, owner)
    }

    /// Returns the shares that other owners have granted to a person or to groups of that person.
    /// `identities`: the person and these groups.
    pub fn shared_with(&self, identities: &BTreeSet<PrincipalId>) -> Result<Vec<Share>, Error> {
        received(&self.models, identities)
    }

    fn may_have_share(&self, grant: &Grant) -> Result<(), Refusal> {
        let bad = |why| Err(Refusal::BadShare { why });
        let directory = self.models.directory();
        let owner = directory.by_id(grant.owner).ok_or(Refusal::NotFound)?;
        let to = directory.by_id(grant.to).ok_or(Refusal::NotFound)?;
        if owner.kind == PrincipalKind::Group {
            return bad("the owner is a group, which has no calendars of its own");
        }
        if owner.id == to.id {
            return bad("the other person is the owner, who has every right already");
        }
        if !to.is_present() {
            return bad("the account that would get the share is retired");
        }
        if grant.sends && grant.level != Level::Write {
            return bad("sending in the owner's name needs the level `write`: choose it, or leave out sending");
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
            return Err(Refusal::BadShare { why: "the collection is not a calendar" }.into());
        }
        Ok(found)
    }

    fn outbox_of(&self, owner: PrincipalId) -> Result<Option<Collection>, Error> {
        Ok(self.models.outline(owner, OUTBOX)?)
    }

    /// Replaces the ACLs that differ, for one sharee. `sends`: the sharee may send in the owner's
    /// name afterwards. This privilege is withdrawn first and granted last, so that only principals
    /// who may write can send, even after an interruption. Returns the names of the changed
    /// collections.
    async fn change_lists(
        &self,
        stamp: &Stamp,
        owner: PrincipalId,
        (mut changes, sends): (Vec<Change>, bool),
        extent: Extent,
    ) -> Result<Vec<String>, Error> {
        changes.sort_by_key(|change| (change.name == OUTBOX) == sends);
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

    /// Replaces the ACLs that differ, in the order of `changes`. Returns the names of their
    /// collections.
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

/// Returns true for a calendar or a home: only these can be shared.
fn is_shareable(on: &Collection) -> bool {
    matches!(on.kind, CollectionKind::Home | CollectionKind::Calendar)
}

/// Returns true if a share that names `to` allows writing to a collection of the home that is not
/// in `than`.
fn writes_elsewhere(directory: &Directory, home: &[Collection], to: PrincipalId, than: &[CollectionId]) -> bool {
    let mut others = home.iter().filter(|on| !than.contains(&on.id) && is_shareable(on));
    let identities = directory.identities_of(to);
    let somebody = Somebody { id: to, identities: &identities };
    others.any(|on| level(&on.acl, somebody) == Some(Level::Write))
}

/// Returns the people and groups that the ACL of a calendar names and allows to read it.
pub(crate) fn readers(calendar: &Collection) -> Vec<PrincipalId> {
    let reads = |id: &PrincipalId| {
        let somebody = Somebody { id: *id, identities: &BTreeSet::from([*id]) };
        level(&calendar.acl, somebody) >= Some(Level::Read)
    };
    entries::granted(&calendar.acl).into_iter().filter(reads).collect()
}

/// Returns true if the ACL of a calendar, with the entries that it inherits, names a sharee and
/// allows them to see its busy times.
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
        return Err(Refusal::BadShare {
            why: "the access control list would have more entries than max-shares allows: withdraw a share first",
        });
    }
    Ok(())
}
