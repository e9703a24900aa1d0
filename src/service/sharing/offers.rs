//! Offers of calendars to single sharees. A calendar appears in the sharee's own home once they
//! accept the offer (the draft caldav-sharing §3).
//!
//! **Invariant:** an offer grants no privilege. The access control list grants it, and is changed
//! before the offer.

use calendar::{
    Refusal,
    share::{Command, Share, decide},
};
use projections::{Collection, InvitationAnswer, OfferedCalendar, SEPARATOR};
use schemas::{
    CollectionId, PrincipalId, ShareId,
    collection::{Property, PropertyName, Settings},
    share::{ShareAccepted, ShareAccess, ShareOffered},
};

use super::{Grant, Level, Scope, groups};
use crate::{Service, clock::Stamp, collections::Conditions, error::Error, freshness::Subject, store::Executed};

/// Maximum number of shared calendars in the home of a sharee. Further ones cannot be accepted.
const MAX_SHARED_CALENDARS: usize = 200;
/// Maximum length of the title of a shared calendar, in bytes.
const MAX_SUMMARY_BYTES: usize = 1_024;
/// Number of names that are tried for a shared calendar before its id becomes its name.
const NAMES_TRIED: usize = 20;

/// Time at which a shared calendar appears in the home of the sharee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appears {
    /// At once, without an invitation: an operator decides for the owner and the sharee.
    AtOnce,
    /// Once the sharee accepts the invitation.
    OnceAccepted,
}

/// Answer of a sharee to an invitation.
#[derive(Debug, Clone)]
pub struct Reply {
    pub share: ShareId,
    pub invitation: Option<uuid::Uuid>,
    /// The sharee's title for the calendar, which becomes its display name in their home; empty:
    /// the owner's title.
    pub summary: String,
}

/// Checks the length of the title of a shared calendar ([`MAX_SUMMARY_BYTES`]).
pub(super) fn within_limit(summary: &str) -> Result<(), Refusal> {
    if summary.len() > MAX_SUMMARY_BYTES {
        return Err(Refusal::BadShare {
            why: "the summary of the invitation is longer than max-share-summary, 1024 bytes",
        });
    }
    Ok(())
}

impl Service {
    /// Offers a calendar to the sharee of a grant, or takes the offer back if the grant does not
    /// allow reading. Returns true if that changes something; false for a grant on a whole home.
    pub(super) async fn offer(&self, stamp: &Stamp, grant: &Grant) -> Result<bool, Error> {
        let Some(offer) = self.offer_of(grant)? else { return Ok(false) };
        let id = ShareId::derive(offer.calendar, grant.to);
        if grant.level < Level::Read {
            return self.take_back(stamp, id, grant.to).await;
        }
        within_limit(&offer.summary)?;
        let offered = self.execute_share(&stamp.next(&id.to_string()), grant.to, id, &Command::Offer(offer)).await?;
        let mut is_news = !offered.events.is_empty();
        if grant.appears == Appears::AtOnce && groups::is_group(&self.models.directory(), grant.to) {
            is_news |= self.accept_for_group(&stamp.next("accept"), grant.to, id).await?;
        } else if grant.appears == Appears::AtOnce {
            let reply = Reply { share: id, invitation: None, summary: String::new() };
            is_news |= self.put_into_home(&stamp.next("accept"), grant.to, reply).await?.1;
        }
        Ok(is_news)
    }

    /// Accepts an offer for a group: the calendar then appears in the homes of its members at once.
    /// The group itself has no home. Returns true if that changes something.
    async fn accept_for_group(&self, stamp: &Stamp, group: PrincipalId, id: ShareId) -> Result<bool, Error> {
        let offered = self.models.offered(id)?.ok_or(Refusal::NoSuchInvitation)?;
        let accepted = ShareAccepted { name: self.wanted_name(&offered)?, summary: String::new() };
        let done = self.execute_share(stamp, group, id, &Command::Accept { invitation: None, accepted }).await?;
        Ok(!done.events.is_empty())
    }

    /// Returns the offer that a grant leads to; `None` for a grant on a whole home.
    fn offer_of(&self, grant: &Grant) -> Result<Option<ShareOffered>, Error> {
        let Scope::Calendar(calendar) = grant.scope else { return Ok(None) };
        let access = if grant.level == Level::Write { ShareAccess::ReadWrite } else { ShareAccess::Read };
        let (home, owner) = (grant.to, grant.owner);
        let known = self.models.offered(ShareId::derive(calendar, home))?.filter(|_| grant.summary.is_empty());
        let summary = known.map_or_else(|| grant.summary.clone(), |known| known.summary);
        Ok(Some(ShareOffered { home, owner, calendar, invitation: crate::clock::new_id(), access, summary }))
    }

    /// Returns true if a grant would make, change or take back an offer.
    pub(super) fn offer_differs(&self, grant: &Grant) -> Result<bool, Error> {
        let Some(offer) = self.offer_of(grant)? else { return Ok(false) };
        let known = self.models.offered(ShareId::derive(offer.calendar, grant.to))?;
        if grant.level < Level::Read {
            return Ok(known.is_some());
        }
        Ok(known.is_none_or(|known| {
            let is_same = known.access == offer.access && known.summary == offer.summary;
            !is_same
                || known.answer == InvitationAnswer::Declined
                || (grant.appears == Appears::AtOnce && known.accepted().is_none())
        }))
    }

    /// Accepts an invitation. Returns the name of the calendar in the home of the sharee. The name
    /// is the same if they have accepted already.
    pub async fn accept_share(&self, stamp: &Stamp, sharee: PrincipalId, reply: Reply) -> Result<String, Error> {
        Ok(self.put_into_home(stamp, sharee, reply).await?.0)
    }

    pub(super) async fn put_into_home(
        &self,
        stamp: &Stamp,
        sharee: PrincipalId,
        Reply { share, invitation, summary }: Reply,
    ) -> Result<(String, bool), Error> {
        let _home = self.lock_home(sharee).await?;
        within_limit(&summary)?;
        let offered = self.models.offered(share)?.filter(|offered| offered.sharee == sharee);
        let offered = offered.ok_or(Refusal::NoSuchInvitation)?;
        if let InvitationAnswer::Accepted(accepted) = &offered.answer {
            return Ok((accepted.name.clone(), false));
        }
        if self.models.shared_calendars(sharee)?.len() >= MAX_SHARED_CALENDARS {
            let why =
                "the sharee's home already has 200 calendars of other people, max-shared-calendars: remove one first";
            return Err(Refusal::BadShare { why }.into());
        }
        let name = self.name_for(&offered)?;
        let summary = if summary.is_empty() { offered.summary } else { summary };
        let accepted = ShareAccepted { name: name.clone(), summary };
        self.execute_share(stamp, sharee, share, &Command::Accept { invitation, accepted }).await?;
        Ok((name, true))
    }

    /// Returns a free name for a shared calendar in the home of the sharee, for example
    /// `alice-work`; the id of the share if all names that are tried are in use or not allowed.
    fn name_for(&self, offered: &OfferedCalendar) -> Result<String, Error> {
        let wanted = self.wanted_name(offered)?;
        let numbered = (2..=NAMES_TRIED).map(|number| format!("{wanted}-{number}"));
        for name in std::iter::once(wanted.clone()).chain(numbered) {
            match self.is_free(offered.sharee, &name) {
                Ok(()) => return Ok(name),
                Err(Error::Refused(Refusal::Exists | Refusal::BadName { .. })) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(offered.id.to_string())
    }

    fn wanted_name(&self, offered: &OfferedCalendar) -> Result<String, Error> {
        let calendar = self.models.outline_by_id(offered.calendar)?.ok_or(Refusal::NoSuchInvitation)?;
        let directory = self.models.directory();
        let owner = directory.by_id(offered.owner).map(|owner| owner.short_name.as_str()).unwrap_or_default();
        let last = calendar.name.rsplit(SEPARATOR).next().unwrap_or_default();
        Ok(format!("{owner}-{last}"))
    }

    /// Declines an invitation, or removes an accepted calendar from the home of the sharee. The
    /// owner's calendar stays.
    pub async fn decline_share(
        &self,
        stamp: &Stamp,
        sharee: PrincipalId,
        Reply { share, invitation, .. }: Reply,
        conditions: &Conditions<'_>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(sharee).await?;
        conditions()?;
        self.models.offered(share)?.filter(|offered| offered.sharee == sharee).ok_or(Refusal::NoSuchInvitation)?;
        self.execute_share(stamp, sharee, share, &Command::Decline { invitation }).await.map(drop)
    }

    /// Gives a shared calendar another name in the home of the sharee (`MOVE`).
    pub async fn rename_shared(
        &self,
        stamp: &Stamp,
        sharee: PrincipalId,
        share: ShareId,
        name: String,
        conditions: &Conditions<'_>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(sharee).await?;
        conditions()?;
        if name.contains(SEPARATOR) {
            return Err(
                Refusal::BadName { why: "a shared calendar must lie directly in the home of the sharee" }.into()
            );
        }
        let is_same = self.models.shared_calendar(sharee, &name)?.is_some_and(|known| known.id == share);
        if !is_same {
            self.is_free(sharee, &name)?;
        }
        self.execute_share(stamp, sharee, share, &Command::Move { name }).await.map(drop)
    }

    /// Changes the properties that a shared calendar has for its sharee alone. All changes are
    /// stored or none (`PROPPATCH`, RFC 4918 §9.2).
    pub async fn change_shared_properties(
        &self,
        stamp: &Stamp,
        sharee: PrincipalId,
        share: ShareId,
        (set, removed, settings): (Vec<Property>, Vec<PropertyName>, Settings),
        conditions: &Conditions<'_>,
    ) -> Result<(), Error> {
        let _home = self.lock_home(sharee).await?;
        conditions()?;
        self.has_room_for_properties(sharee, &set)?;
        self.execute_share(stamp, sharee, share, &Command::ChangeProperties { set, removed, settings }).await.map(drop)
    }

    /// Takes back all offers of a calendar that is being removed.
    pub(crate) async fn take_back_all(&self, stamp: &Stamp, calendar: CollectionId) -> Result<(), Error> {
        for offered in self.models.sharees(calendar)? {
            self.take_back(stamp, offered.id, offered.sharee).await?;
        }
        Ok(())
    }

    /// Takes back the offers of these calendars to a principal. A person keeps the offers of
    /// calendars that they may still read, for example as a member of a group. Returns the names of
    /// the calendars whose offer is taken back.
    pub(super) async fn take_back_of(
        &self,
        stamp: &Stamp,
        calendars: &[Collection],
        from: PrincipalId,
    ) -> Result<Vec<String>, Error> {
        let mut names = vec![];
        for calendar in calendars {
            if self.has_by_a_group(calendar.id, from)? {
                continue;
            }
            if self.take_back(stamp, ShareId::derive(calendar.id, from), from).await? {
                names.push(calendar.name.clone());
            }
        }
        Ok(names)
    }

    pub(super) async fn take_back(&self, stamp: &Stamp, id: ShareId, from: PrincipalId) -> Result<bool, Error> {
        if self.models.offered(id)?.is_none() {
            return Ok(false);
        }
        let taken = self.execute_share(&stamp.next(&id.to_string()), from, id, &Command::Withdraw).await?;
        Ok(!taken.events.is_empty())
    }

    pub(super) async fn execute_share(
        &self,
        stamp: &Stamp,
        sharee: PrincipalId,
        id: ShareId,
        command: &Command,
    ) -> Result<Executed<Share>, Error> {
        let decide = |share: &Share| Ok(decide(share, command)?);
        let executed = self.store.execute::<Share>(Subject::Collections(sharee), id, stamp, decide).await?;
        self.applied(executed.position).await?;
        Ok(executed)
    }
}
