//! Updates the overrides that exist only because of answers, when their series changes.
//!
//! **Invariant:** an override that the organizer wrote stays. An override that the server made for
//! an answer follows its series: an organizer who changes the series means every instance.

use super::comparison::Comparison;
use crate::body::Body;
use crate::diff;
use crate::meeting::{ComponentKey, Meeting, Part};
use crate::times::InstanceKey;
use ical::Address;
use std::collections::BTreeSet;

/// Returns the overrides to derive again from the changed series, or to drop if it no longer
/// contains their instances: they differed from the former series only in answers, and the client
/// did not change them.
pub(super) fn following(revision: &Comparison<'_, '_>, sent: &Meeting<'_>) -> BTreeSet<InstanceKey> {
    let Some(was) = revision.was.filter(|was| was.master.is_some() && sent.master.is_some()) else {
        return BTreeSet::new();
    };
    let series = revision.differences.get(&ComponentKey::Master).copied().flatten();
    let tells = series.is_some_and(|series| series.rescheduled || series.status || series.notable);
    let changes = tells || changes_people(was, sent);
    let is_gone = |key: InstanceKey| !sent.exdates.contains_key(&key) && !sent.recurs_at(key);
    let is_changed = |key: InstanceKey| changes || is_gone(key) || changes_range(key, was, sent);
    let follows = |(key, part): &(&InstanceKey, &Part<'_>)| {
        let known = was.overrides.get(key).filter(|known| !known.cancelled && is_changed(**key));
        known.is_some_and(|known| is_as_it_was(known, part, was, sent) && is_made_by_answers(**key, known, was))
    };
    sent.overrides.iter().filter(follows).map(|(key, _)| *key).collect()
}

/// Returns whether the attendees, the scheduling agents or the nested components of the series
/// changed.
fn changes_people(was: &Meeting<'_>, sent: &Meeting<'_>) -> bool {
    let Some((before, after)) = was.master.as_ref().zip(sent.master.as_ref()) else { return false };
    let agents = |part: &Part<'_>| part.lines().map(|line| (line.address.clone(), line.agent)).collect::<BTreeSet<_>>();
    agents(before) != agents(after) || Body::of(before.component).nested != Body::of(after.component).nested
}

/// Returns whether the THISANDFUTURE override that describes an instance changed (RFC 5545
/// §3.2.13).
fn changes_range(key: InstanceKey, was: &Meeting<'_>, sent: &Meeting<'_>) -> bool {
    match (was.ranging(key), sent.ranging(key)) {
        (None, None) => false,
        (Some((former, before)), Some((later, after))) => former != later || !is_as_it_was(before, after, was, sent),
        _ => true,
    }
}

fn is_as_it_was(known: &Part<'_>, part: &Part<'_>, was: &Meeting<'_>, sent: &Meeting<'_>) -> bool {
    let (before, after) = (Body::of(known.component), Body::of(part.component));
    !diff::between(&before, &after, &was.times, &sent.times).tells()
        && before.nested == after.nested
        && addresses(known) == addresses(part)
}

fn is_made_by_answers(key: InstanceKey, known: &Part<'_>, was: &Meeting<'_>) -> bool {
    let (Some(series), Some(master)) = (was.derive(key), &was.master) else { return false };
    let body = Body::of(known.component);
    !diff::between(&series, &body, &was.times, &was.times).tells()
        && series.nested == body.nested
        && addresses(known) == addresses(master)
}

fn addresses<'p>(part: &'p Part<'_>) -> BTreeSet<&'p Address> {
    part.lines().map(|line| &line.address).collect()
}
