//! Delegates: those to whom somebody gives all their calendars, in the two groups of caldav-proxy.

use schemas::PrincipalId;

use super::{Appears, Grant, Level, Scope, Share};
use crate::{Service, clock::Stamp, error::Error, principals::Extent};

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
        let (appears, summary) = (Appears::OnceAccepted, String::new());
        let grant = |to| Grant { owner, to, scope: Scope::Home, level, sends, appears, summary: summary.clone() };
        let known = self.delegates(owner, delegation)?;
        let new: Vec<_> = members.iter().copied().filter(|member| !known.contains(member)).map(grant).collect();
        for grant in &new {
            self.may_have_share(grant)?;
        }
        for gone in known.iter().copied().filter(|known| !members.contains(known)) {
            self.withdraw(&stamp.next(&gone.to_string()), (owner, gone), Some(Scope::Home), Extent::Apply).await?;
        }
        for grant in &new {
            self.share(&stamp.next(&grant.to.to_string()), grant, Extent::Apply).await?;
        }
        Ok(())
    }
}
