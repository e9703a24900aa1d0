//! Delegates: people to whom a person gives access to all their calendars, as members of the two
//! proxy groups of caldav-proxy.

use std::collections::BTreeSet;

use schemas::PrincipalId;

use super::{Level, Scope, Share, ShareRequest, Wanted};
use crate::{Service, clock::Stamp, error::Error};

/// Proxy group that a delegate is a member of (caldav-proxy §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delegation {
    /// The delegates may read all calendars.
    Read,
    /// The delegates may also write, and send invitations and replies in the owner's name.
    Write,
}

impl Share {
    /// Returns the proxy group that the share makes its sharee a member of. `None` if it is a share
    /// of a single calendar, or only of busy times.
    ///
    /// A sharee who may write but not send in the owner's name counts as a reading delegate,
    /// because clients expect of a writing delegate that both are allowed.
    pub fn delegation(&self) -> Option<Delegation> {
        match self.level {
            _ if !self.is_of_home() => None,
            Level::Write if self.sends => Some(Delegation::Write),
            Level::Write | Level::Read => Some(Delegation::Read),
            Level::FreeBusy => None,
        }
    }
}

impl Service {
    /// Returns the delegates of an owner in one proxy group.
    pub fn delegates(&self, owner: PrincipalId, delegation: Delegation) -> Result<Vec<PrincipalId>, Error> {
        let shares = self.shares_of(owner)?.into_iter();
        Ok(shares.filter(|share| share.delegation() == Some(delegation)).map(|share| share.to).collect())
    }

    /// Replaces the delegates of an owner in one proxy group. Nothing changes if one of the new
    /// delegates is refused.
    pub async fn set_delegates(
        &self,
        stamp: &Stamp,
        owner: PrincipalId,
        delegation: Delegation,
        members: &[PrincipalId],
    ) -> Result<(), Error> {
        let level = match delegation {
            Delegation::Read => Level::Read,
            Delegation::Write => Level::Write,
        };
        let sends = delegation == Delegation::Write;
        let known: BTreeSet<_> = self.delegates(owner, delegation)?.into_iter().collect();
        let members: BTreeSet<_> = members.iter().copied().collect();
        let wanted =
            |to, level: Option<Level>| Wanted { to, level, sends: sends && level.is_some(), summary: String::new() };
        let gone = known.difference(&members).map(|gone| wanted(*gone, None));
        let new = members.difference(&known).map(|new| wanted(*new, Some(level)));
        let request = ShareRequest { owner, scope: Scope::Home, wanted: gone.chain(new).collect() };
        self.change_shares(stamp, &request).await.map(drop)
    }
}
