//! Requests that grant and withdraw several shares of one calendar or home. The access control list
//! (ACL) of the calendar or home is changed once, and groups are updated once.
//!
//! **Invariant:** a request is refused before its first step or not at all, except by the limit of
//! growth if the same person writes much at the same time. The ACLs are changed together, where the
//! engine of the journal can do that. If that limit or a failure stops the request after them, a
//! retry completes the offers.

use std::collections::BTreeSet;

use calendar::{Refusal, collection::Command};
use projections::Collection;
use schemas::PrincipalId;

use super::{
    Appears, Change, Grant, Level, Scope, entries,
    groups::{is_group, members},
    has_room_for_shares, offers, writes_elsewhere,
};
use crate::{Service, clock::Stamp, error::Error};

/// Maximum number of people whom one request reaches, by name or as members of groups.
const MAX_REACHED: usize = 1_000;
/// Estimated number of bytes that a request adds to the journal for each person it reaches: an
/// offer and a notification.
const BYTES_OF_PERSON: usize = 3_000;
/// Estimated number of bytes of an ACL entry in the journal.
const BYTES_OF_ENTRY: usize = 160;

/// The shares of one calendar or home that a request sets and withdraws.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareRequest {
    pub owner: PrincipalId,
    pub scope: Scope,
    /// Wanted shares. Each principal occurs once.
    pub wanted: Vec<Wanted>,
}

/// The share of one principal after a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    pub to: PrincipalId,
    /// Level of the share; `None`: the share is withdrawn.
    pub level: Option<Level>,
    /// True if the principal may send in the owner's name.
    pub sends: bool,
    /// The owner's title for a shared calendar; empty: the title of the previous offer, if there is
    /// one.
    pub summary: String,
}

/// The ACLs after a request.
#[derive(Debug)]
struct Lists {
    /// ACL of the calendar or home, and that of the outbox if it changes.
    changes: Vec<Change>,
    /// Principals whose entries in the ACL of the calendar or home change. A changed right to send
    /// alone leads to no offer and to no notification, and does not count.
    changed: BTreeSet<PrincipalId>,
}

impl Service {
    /// Executes a request. Returns the principals in it whose share or offer changed; a changed
    /// right to send alone does not count.
    pub async fn change_shares(&self, stamp: &Stamp, request: &ShareRequest) -> Result<BTreeSet<PrincipalId>, Error> {
        self.may_be_shared(request)?;
        let mut changed = self.change_lists_of(stamp, request).await?;
        let Scope::Calendar(calendar) = request.scope else { return Ok(changed) };
        for grant in request.grants() {
            if self.offer(&stamp.next(&grant.to.to_string()), &grant).await? {
                changed.insert(grant.to);
            }
        }
        self.follow_groups_of(stamp, calendar).await?;
        Ok(changed)
    }

    /// Checks every grant of a request, and the number of people that it reaches. Returns a refusal
    /// if one check fails.
    fn may_be_shared(&self, request: &ShareRequest) -> Result<(), Error> {
        for grant in request.grants() {
            self.may_have_share(&grant)?;
            offers::within_limit(&grant.summary)?;
        }
        Ok(within_reach(self.reached(request).len())?)
    }

    /// Returns the people to whom the request offers a calendar, or from whom it takes one back.
    /// Empty for a whole home.
    fn reached(&self, request: &ShareRequest) -> BTreeSet<PrincipalId> {
        if request.scope == Scope::Home {
            return BTreeSet::new();
        }
        let directory = self.models.directory();
        let people = |id| if is_group(&directory, id) { members(&directory, id) } else { vec![id] };
        request.wanted.iter().flat_map(|wanted| people(wanted.to)).collect()
    }

    async fn change_lists_of(&self, stamp: &Stamp, request: &ShareRequest) -> Result<BTreeSet<PrincipalId>, Error> {
        let owner = request.owner;
        let _home = self.lock_home(owner).await?;
        let on = self.shared_collection(owner, request.scope)?;
        let Lists { changes, changed } = self.lists_after(&on, request)?;
        self.has_room_for_changes(owner, &changes)?;
        let entries: usize = changes.iter().map(|change| change.entries.len()).sum();
        let people = if changed.is_empty() { self.new_offers(request)? } else { self.reached(request).len() };
        self.store.has_budget(stamp, entries * BYTES_OF_ENTRY + people * BYTES_OF_PERSON)?;
        let changes = changes.into_iter().map(|Change { on, entries, .. }| (on, Command::ChangeAcl { entries }));
        self.execute_collections(stamp, owner, changes).await?;
        for gone in request.wanted.iter().filter(|wanted| wanted.level.is_none()) {
            self.take_back_of(stamp, std::slice::from_ref(&on), gone.to).await?;
        }
        Ok(changed)
    }

    /// Returns the number of people and groups who get an offer although the ACL stays: because
    /// they have none, have declined it, or get another title.
    fn new_offers(&self, request: &ShareRequest) -> Result<usize, Error> {
        let differs = request.grants().map(|grant| Ok(usize::from(self.offer_differs(&grant)?)));
        differs.sum()
    }

    fn lists_after(&self, on: &Collection, request: &ShareRequest) -> Result<Lists, Error> {
        let home = self.models.home(request.owner)?;
        let outbox = self.outbox_of(request.owner)?;
        let sending = outbox.as_ref().map(|outbox| outbox.acl.clone()).unwrap_or_default();
        let (mut list, mut sends_after, mut changed) = (on.acl.clone(), sending.clone(), BTreeSet::new());
        let mut takes_sending = false;
        for Wanted { to, level, sends, .. } in &request.wanted {
            let privileges = level.map_or(&[][..], Level::privileges);
            if !entries::is_so(&list, *to, privileges) {
                list = entries::with(list, *to, privileges);
                changed.insert(*to);
            }
            if *sends {
                sends_after = entries::with(sends_after, *to, entries::SENDS);
            } else if !writes_elsewhere(&self.models.directory(), &home, *to, &[on.id]) {
                let less = entries::with(sends_after.clone(), *to, &[]);
                takes_sending |= less != sends_after;
                sends_after = less;
            }
        }
        has_room_for_shares(&on.acl, &list)?;
        has_room_for_shares(&sending, &sends_after)?;
        let of = |on: &Collection, entries| Change { on: on.id, name: on.name.clone(), entries };
        let mut lists = vec![of(on, list)];
        if let Some(outbox) = outbox.filter(|_| sends_after != sending) {
            // An engine that stores one after the other takes the right to send first, and gives it
            // last.
            lists.insert(usize::from(!takes_sending), of(&outbox, sends_after));
        }
        Ok(Lists { changes: lists, changed })
    }
}

impl ShareRequest {
    fn grants(&self) -> impl Iterator<Item = Grant> + '_ {
        let (owner, scope, appears) = (self.owner, self.scope, Appears::OnceAccepted);
        self.wanted.iter().filter_map(move |Wanted { to, level, sends, summary }| {
            let summary = summary.clone();
            Some(Grant { owner, to: *to, scope, level: (*level)?, sends: *sends, appears, summary })
        })
    }
}

fn within_reach(people: usize) -> Result<(), Refusal> {
    if people > MAX_REACHED {
        let why = "the request concerns more than max-reached, 1000, people: name fewer people or groups at once";
        return Err(Refusal::BadShare { why });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_reaches_as_many_people_as_the_calendar_of_one_group() {
        assert_eq!(within_reach(super::super::groups::MAX_OFFERED_MEMBERS), Ok(()));
        assert!(within_reach(MAX_REACHED + 1).is_err());
    }
}
