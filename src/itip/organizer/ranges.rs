//! Overrides of an instance and all after it (`RANGE=THISANDFUTURE`, RFC 5545 §3.2.13).
//!
//! **Invariant:** a new override of this kind invites the same people as its series. A REQUEST can
//! contain a whole series or single instances, but not only the rest of a series from one instance
//! on (RFC 6638 §3.2.6).

use crate::meeting::{Meeting, Part};
use crate::times::InstanceKey;
use crate::{Condition, Refusal};
use ical::Address;
use std::collections::BTreeSet;

/// Returns an error if a THISANDFUTURE override invites other people than its series, or takes
/// place although its series is cancelled. An override that violates this in `was` already may
/// stay.
pub(super) fn check(was: Option<&Meeting<'_>>, is: &Meeting<'_>) -> Result<(), Refusal> {
    for (key, part) in ranged(is) {
        let others = others(is, *key);
        if others.is_some() && others != was.and_then(|was| self::others(was, *key)) {
            let why = "an override of this and all future instances must invite the same people as the series; end \
                the series before this instance, and store a new series for the rest";
            return Err(refusal("ATTENDEE", part, why));
        }
        if outlives(is, part)
            && !was.is_some_and(|was| ranged(was).any(|(known, part)| known == key && outlives(was, part)))
        {
            let why = "a cancelled series cannot continue with an override of this and all future instances; cancel \
                the override too, or store a new series for the rest";
            return Err(refusal("STATUS", part, why));
        }
    }
    Ok(())
}

fn refusal(property: &str, part: &Part<'_>, why: &str) -> Refusal {
    Refusal {
        condition: Condition::AllowedOrganizerSchedulingObjectChange,
        property: property.to_owned(),
        instance: part.recurrence_id().map(|id| id.value().to_owned()),
        why: why.to_owned(),
    }
}

/// Returns whether an override takes place although its series is cancelled.
fn outlives(meeting: &Meeting<'_>, part: &Part<'_>) -> bool {
    meeting.master.as_ref().is_some_and(|master| master.cancelled) && !part.cancelled
}

/// Returns whether a THISANDFUTURE override of `was` was removed, or applies only to its own
/// instance now.
pub(super) fn ended(was: &Meeting<'_>, is: &Meeting<'_>) -> bool {
    let stands = |key: &InstanceKey| is.overrides.get(key).is_some_and(|part| part.component.is_this_and_future());
    ranged(was).any(|(key, _)| !stands(key))
}

fn ranged<'m, 'a>(meeting: &'m Meeting<'a>) -> impl Iterator<Item = (&'m InstanceKey, &'m Part<'a>)> {
    meeting.overrides.iter().filter(|(_, part)| part.component.is_this_and_future())
}

/// Returns the attendees of the series and those of its THISANDFUTURE override at `key`; `None` if
/// they are the same, or if there is no such override or it is cancelled.
fn others(meeting: &Meeting<'_>, key: InstanceKey) -> Option<(BTreeSet<Address>, BTreeSet<Address>)> {
    let people =
        |part: &Part<'_>| part.attendees.iter().map(|attendee| attendee.address.clone()).collect::<BTreeSet<_>>();
    let part = meeting.overrides.get(&key).filter(|part| part.component.is_this_and_future() && !part.cancelled)?;
    let series = people(meeting.master.as_ref()?);
    let own = people(part);
    (series != own).then_some((series, own))
}
