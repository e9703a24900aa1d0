//! One meeting before and after its organizer changed it.
//!
//! **Invariant:** differences are found once, for all who are invited.

use crate::body::Body;
use crate::diff::{self, Difference};
use crate::meeting::{Meeting, Part, Slot};
use crate::people::Agent;
use crate::times::Key;
use ical::Address;
use std::collections::{BTreeMap, BTreeSet};

/// What changed, by component.
#[derive(Debug)]
pub(super) struct Revision<'m, 'a> {
    pub(super) was: Option<&'m Meeting<'a>>,
    /// As sent by the client, or as stored once that is known.
    pub(super) is: Option<&'m Meeting<'a>>,
    /// For each component there is now; none for one that describes something new.
    pub(super) differences: BTreeMap<Slot, Option<Difference>>,
    /// Instances of which it may matter that somebody is or was invited to them.
    pub(super) instances: BTreeSet<Key>,
    /// Components of which the client itself made a new revision.
    pub(super) raised: BTreeSet<Slot>,
}

/// What somebody is no longer invited to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    Nothing,
    /// The series, with all that belongs to it.
    Whole,
    /// All the instances he was invited to, one by one.
    Everything(Vec<Key>),
    Instances(Vec<Key>),
}

impl<'m, 'a> Revision<'m, 'a> {
    pub(super) fn of(was: Option<&'m Meeting<'a>>, is: Option<&'m Meeting<'a>>) -> Self {
        let mut differences = BTreeMap::new();
        for (slot, _) in is.into_iter().flat_map(Meeting::parts) {
            let difference = was.zip(is).and_then(|(was, is)| difference(was, is, slot));
            differences.insert(slot, difference);
        }
        let overridden = was.iter().chain(&is).flat_map(|meeting| meeting.overrides.keys());
        let left_out = was.iter().chain(&is).flat_map(|meeting| meeting.exdates.keys());
        let instances = overridden.chain(left_out).copied().collect();
        let raised = raised(was, is);
        Self { was, is, differences, instances, raised }
    }

    /// The same revision, as it is stored.
    pub(super) fn with<'n>(&self, stored: &'n Meeting<'a>) -> Revision<'n, 'a>
    where
        'm: 'n,
    {
        Revision { raised: self.raised.clone(), ..Revision::of(self.was, Some(stored)) }
    }

    /// Everybody invited before or after, in the order they are written, those of the new version first.
    pub(super) fn guests(&self) -> Vec<(&'m Address, Agent)> {
        let mut seen = BTreeSet::new();
        let guests = self.is.into_iter().chain(self.was).flat_map(Meeting::guests);
        let guests = guests.filter(|guest| seen.insert(&guest.address));
        guests.map(|guest| (&guest.address, guest.agent)).collect()
    }

    /// What he was invited to and no longer is.
    pub(super) fn loss(&self, address: &Address) -> Loss {
        if self.is.is_none() {
            return self.removal(address);
        }
        let Some(was) = self.was.filter(|was| is_invited(was, address)) else { return Loss::Nothing };
        let from_series = master_invites(was, address);
        let Some(is) = self.is.filter(|is| is_invited(is, address)) else {
            let all = || was.overrides.iter().filter(|(_, part)| part.invites(address)).map(|(key, _)| *key).collect();
            return if from_series { Loss::Whole } else { Loss::Everything(all()) };
        };
        if from_series && !master_invites(is, address) {
            return Loss::Whole; // what he is still invited to is told anew
        }
        let said =
            |key: Key| is.exdates.contains_key(&key) || is.overrides.contains_key(&key) || !master_invites(is, address);
        let lost = |key: &Key| was.invites(address, *key) && !is.invites(address, *key) && said(*key);
        let keys: Vec<Key> = self.instances.iter().copied().filter(lost).collect();
        if keys.is_empty() { Loss::Nothing } else { Loss::Instances(keys) }
    }

    /// RFC 6638 §3.2.1.3: a removal is told to everybody who is listed, be it of what shows as cancelled already.
    fn removal(&self, address: &Address) -> Loss {
        let Some(was) = self.was else { return Loss::Nothing };
        let lists = |part: &Part<'_>| part.invites(address) || part.cancels(address);
        if was.master.as_ref().is_some_and(lists) {
            return Loss::Whole;
        }
        let keys: Vec<Key> = was.overrides.iter().filter(|(_, part)| lists(part)).map(|(key, _)| *key).collect();
        if keys.is_empty() { Loss::Nothing } else { Loss::Everything(keys) }
    }
}

/// RFC 5546 §3.2.5: a cancelled master cancels the whole, whatever its overrides say.
pub(super) fn is_invited(meeting: &Meeting<'_>, address: &Address) -> bool {
    !is_cancelled(meeting) && meeting.parts().any(|(_, part)| part.invites(address))
}

pub(super) fn is_cancelled(meeting: &Meeting<'_>) -> bool {
    meeting.master.as_ref().is_some_and(|master| master.cancelled)
}

pub(super) fn master_invites(meeting: &Meeting<'_>, address: &Address) -> bool {
    meeting.master.as_ref().is_some_and(|master| master.invites(address))
}

fn raised(was: Option<&Meeting<'_>>, is: Option<&Meeting<'_>>) -> BTreeSet<Slot> {
    let Some(was) = was else { return BTreeSet::new() };
    let parts = is.into_iter().flat_map(Meeting::parts);
    let raised = parts.filter(|(slot, part)| was.at(*slot).is_some_and(|known| part.sequence() > known.sequence()));
    raised.map(|(slot, _)| slot).collect()
}

fn difference(was: &Meeting<'_>, is: &Meeting<'_>, slot: Slot) -> Option<Difference> {
    let after = Body::of(is.part(slot)?.component);
    let before = was.body_at(slot)?;
    Some(diff::between(&before, &after, &was.times, &is.times))
}
