//! Delegates: those to whom somebody gives all their calendars, in the two groups of caldav-proxy.

use std::collections::BTreeSet;

use schemas::PrincipalId;

use super::{Level, Scope, Share, ShareRequest, Wanted};
use crate::{Service, clock::Stamp, error::Error};

/// The group that a delegate is in (caldav-proxy §3.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delegation {
    /// They read all calendars.
    Read,
    /// They also write, and send invitations and answers in the owner's name.
    Write,
}

impl Share {
    /// Returns which group of delegates it makes somebody a member of; `None` if it is of a
    /// calendar alone, or of busy times.
    ///
    /// Who may write but not send in the owner's name is a delegate who reads: clients expect both
    /// of the others.
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
    /// Returns the delegates of somebody.
    pub fn delegates(&self, owner: PrincipalId, delegation: Delegation) -> Result<Vec<PrincipalId>, Error> {
        let shares = self.shares_of(owner)?.into_iter();
        Ok(shares.filter(|share| share.delegation() == Some(delegation)).map(|share| share.to).collect())
    }

    /// Makes these principals the delegates of somebody, in place of those before. Nothing changes
    /// if one of them cannot be.
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
