//! Compares a meeting before and after its organizer changed it.
//!
//! **Invariant:** differences are computed once for all attendees.

use crate::diff::{self, Difference};
use crate::line::Line;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::organizers_part::meaning;
use crate::outgoing::EXPLAINS;
use crate::participation::Agent;
use crate::times::InstanceKey;
use ical::Address;
use std::collections::{BTreeMap, BTreeSet};

/// Both versions of a meeting, and their differences by component.
#[derive(Debug)]
pub(super) struct Comparison<'m, 'a> {
    pub(super) was: Option<&'m Meeting<'a>>,
    /// The meeting after the change, as the client sent it or, in [`with`](Self::with), as it is
    /// stored; `None` if it was removed, or if the owner no longer organizes it.
    pub(super) is: Option<&'m Meeting<'a>>,
    /// The difference of each current component from its former version; `None` for a component
    /// that has no former version.
    pub(super) differences: BTreeMap<ComponentKey, Option<Difference>>,
    /// The instances that are overridden or excluded in either version: their attendees may have
    /// changed.
    pub(super) instances: BTreeSet<InstanceKey>,
    /// Components whose SEQUENCE the client increased.
    pub(super) raised: BTreeSet<ComponentKey>,
    /// Components that are cancelled in both versions, with other texts that may state the reason.
    pub(super) explained: BTreeSet<ComponentKey>,
}

/// The part of a meeting that an attendee gets a CANCEL of: they are no longer invited to it, or it
/// was cancelled before, and its reason was changed or the object is now removed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    /// The attendee loses no invitation: they were not invited, or stay invited to everything.
    Nothing,
    /// The series with all its overrides: the attendee was invited to the series.
    Whole,
    /// All instances that the attendee was invited to. They were not invited to the series.
    Everything(Vec<InstanceKey>),
    /// Some instances. The attendee stays invited to the rest of the meeting.
    Instances(Vec<InstanceKey>),
}

impl Loss {
    /// Returns this loss together with `explained`, what was cancelled before and now has another
    /// explanation. A CANCEL of everything contains it.
    pub(super) fn with(self, explained: Self) -> Self {
        match (self, explained) {
            (Self::Nothing, explained) => explained,
            (Self::Instances(mut keys), Self::Instances(explained)) => {
                keys.extend(explained);
                keys.sort_unstable();
                keys.dedup();
                Self::Instances(keys)
            }
            (loss, _) => loss,
        }
    }
}

impl<'m, 'a> Comparison<'m, 'a> {
    pub(super) fn of(was: Option<&'m Meeting<'a>>, is: Option<&'m Meeting<'a>>) -> Self {
        let mut differences = BTreeMap::new();
        for (component_key, _) in is.into_iter().flat_map(Meeting::parts) {
            let difference = was.zip(is).and_then(|(was, is)| difference(was, is, component_key));
            differences.insert(component_key, difference);
        }
        let overridden = was.iter().chain(&is).flat_map(|meeting| meeting.overrides.keys());
        let left_out = was.iter().chain(&is).flat_map(|meeting| meeting.exdates.keys());
        let instances = overridden.chain(left_out).copied().collect();
        let raised = raised(was, is);
        Self { was, is, differences, instances, raised, explained: explained(was, is) }
    }

    /// Returns the comparison with `stored`, the text to store, in place of the sent text.
    pub(super) fn with<'n>(&self, stored: &'n Meeting<'a>) -> Comparison<'n, 'a>
    where
        'm: 'n,
    {
        Comparison { raised: self.raised.clone(), ..Comparison::of(self.was, Some(stored)) }
    }

    /// Returns everybody who is an attendee in either version, with their scheduling agent, in the
    /// order of their lines. The attendees of the new version come first.
    pub(super) fn attendees(&self) -> Vec<(&'m Address, Agent)> {
        let mut seen = BTreeSet::new();
        let attendees = self.is.into_iter().chain(self.was).flat_map(Meeting::attendees);
        let attendees = attendees.filter(|attendee| seen.insert(&attendee.address));
        attendees.map(|attendee| (&attendee.address, attendee.agent)).collect()
    }

    /// Returns the part of the meeting that this attendee is no longer invited to.
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
            return Loss::Whole; // the remaining instances are sent as a new invitation
        }
        // An instance outside of the recurrence set exists only as its override.
        let was_alone = |key: InstanceKey| was.overrides.contains_key(&key) && !was.recurs_at(key);
        let said = |key: InstanceKey| {
            let is_told = is.exdates.contains_key(&key) || is.overrides.contains_key(&key);
            is_told || was_alone(key) || !master_invites(is, address)
        };
        let lost = |key: &InstanceKey| was.invites(address, *key) && !is.invites(address, *key) && said(*key);
        let keys: Vec<InstanceKey> = self.instances.iter().copied().filter(lost).collect();
        if keys.is_empty() { Loss::Nothing } else { Loss::Instances(keys) }
    }

    /// Returns what was cancelled for this attendee before, and now has another explanation: texts
    /// that may state the reason (RFC 5546 §3.2.5). Other changes of a cancelled component do not
    /// concern the attendee. `told` are the components of the REQUEST that the attendee gets, which
    /// repeats their texts.
    pub(super) fn explained(&self, address: &Address, told: &[ComponentKey]) -> Loss {
        let Some((was, is)) = self.was.zip(self.is) else { return Loss::Nothing };
        let is_explained = |key: ComponentKey| {
            let versions = was.part(key).zip(is.part(key)).filter(|_| !told.contains(&key));
            versions.is_some_and(|(before, after)| before.cancels(address) && after.cancels(address))
        };
        let explained: Vec<_> = self.explained.iter().copied().filter(|key| is_explained(*key)).collect();
        // If the attendee is invited to some instances, a CANCEL of the series would cancel those
        // too.
        if explained.contains(&ComponentKey::Master) && !is_invited(is, address) {
            return Loss::Whole;
        }
        let instance = |key| match key {
            ComponentKey::Master => None,
            ComponentKey::Instance(key) => Some(key),
        };
        let keys: Vec<_> = explained.into_iter().filter_map(instance).collect();
        if keys.is_empty() { Loss::Nothing } else { Loss::Instances(keys) }
    }

    /// Returns the part of the meeting that the attendee is no longer invited to when the organizer
    /// removes the object. Every listed attendee gets a CANCEL then, even if the object was
    /// cancelled before (RFC 6638 §3.2.1.3).
    fn removal(&self, address: &Address) -> Loss {
        let Some(was) = self.was else { return Loss::Nothing };
        let lists = |part: &Part<'_>| part.invites(address) || part.cancels(address);
        if was.master.as_ref().is_some_and(lists) {
            return Loss::Whole;
        }
        let keys: Vec<InstanceKey> =
            was.overrides.iter().filter(|(_, part)| lists(part)).map(|(key, _)| *key).collect();
        if keys.is_empty() { Loss::Nothing } else { Loss::Everything(keys) }
    }
}

/// Returns whether a component of the meeting invites the attendee (see [`Part::invites`]). An
/// override that is not cancelled takes place, even if its series is cancelled (RFC 5545 §3.8.4.4).
pub(super) fn is_invited(meeting: &Meeting<'_>, address: &Address) -> bool {
    meeting.parts().any(|(_, part)| part.invites(address))
}

pub(super) fn is_cancelled(meeting: &Meeting<'_>) -> bool {
    meeting.master.as_ref().is_some_and(|master| master.cancelled)
}

pub(super) fn master_invites(meeting: &Meeting<'_>, address: &Address) -> bool {
    meeting.master.as_ref().is_some_and(|master| master.invites(address))
}

/// Returns the components that are cancelled in both versions and [explained
/// otherwise](is_explained_otherwise).
fn explained(was: Option<&Meeting<'_>>, is: Option<&Meeting<'_>>) -> BTreeSet<ComponentKey> {
    let Some(was) = was else { return BTreeSet::new() };
    let parts = is.into_iter().flat_map(Meeting::parts);
    let explained = parts.filter(|(key, part)| {
        let before = was.part(*key).filter(|before| before.cancelled && part.cancelled);
        before.is_some_and(|before| is_explained_otherwise(before, part))
    });
    explained.map(|(key, _)| key).collect()
}

/// Returns whether a cancelled component has texts that may state the reason, and that differ from
/// those of its former version.
fn is_explained_otherwise(before: &Part<'_>, after: &Part<'_>) -> bool {
    let texts = |part: &Part<'_>, name| {
        let lines = part.component.properties_named(name).map(Line::of).filter(|line| !line.says_nothing());
        lines.map(|line| meaning(&line)).collect::<BTreeSet<_>>()
    };
    EXPLAINS.into_iter().any(|name| {
        let after = texts(after, name);
        !after.is_empty() && after != texts(before, name)
    })
}

fn raised(was: Option<&Meeting<'_>>, is: Option<&Meeting<'_>>) -> BTreeSet<ComponentKey> {
    let Some(was) = was else { return BTreeSet::new() };
    let parts = is.into_iter().flat_map(Meeting::parts);
    let raised = parts
        .filter(|(component_key, part)| was.at(*component_key).is_some_and(|known| part.sequence() > known.sequence()));
    raised.map(|(component_key, _)| component_key).collect()
}

fn difference(was: &Meeting<'_>, is: &Meeting<'_>, component_key: ComponentKey) -> Option<Difference> {
    is.part(component_key)?;
    let difference = diff::of_component(was, is, component_key)?;
    let ranges = |meeting: &Meeting<'_>| meeting.part(component_key).map(|part| part.component.is_this_and_future());
    let range_changed = ranges(was).is_some_and(|before| Some(before) != ranges(is));
    Some(Difference { rescheduled: difference.rescheduled || range_changed, ..difference })
}
