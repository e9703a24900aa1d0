//! The object as a whole (RFC 4791 §4.1): one UID, one type, no METHOD, one master, each instance once.
//!
//! **Invariant:** what breaks here is a fault of the resource, not of the data, except a missing UID.

use super::ObjectInfo;
use super::invalid::Invalid;
use super::kind::ComponentKind;
use crate::series::Series;
use crate::text::{Component, Property};
use crate::zone::Zones;
use std::collections::BTreeSet;

/// What the object is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Stored,
    Message,
}

pub(super) fn judge(root: Component<'_>, purpose: Purpose) -> Result<ObjectInfo, Invalid> {
    let method = judge_method(root, purpose)?;
    let mut members = members(root);
    let Some(first) = members.next() else {
        return Err(Invalid::component("no-component", root, "there is no component besides VTIMEZONE").of_resource());
    };
    let uid = uid(first)?;
    for member in members {
        if !member.is(first.name()) {
            let why = format!("{} beside {}", member.name(), first.name());
            return Err(Invalid::component("one-component-type", member, why).of_resource());
        }
        let other = self::uid(member)?;
        if other.value().trim() != uid.value().trim() {
            return Err(Invalid::property("one-uid", other, "a second UID in one object").of_resource());
        }
    }
    let component = first.name().to_ascii_uppercase();
    Ok(ObjectInfo { uid: uid.value().trim().to_owned(), component, method })
}

/// The components the object is about. Components nobody has standardised may stand beside them.
fn members(root: Component<'_>) -> impl Iterator<Item = Component<'_>> {
    root.components().filter(|component| ComponentKind::of(component.name()).is_some())
}

fn judge_method(root: Component<'_>, purpose: Purpose) -> Result<Option<String>, Invalid> {
    match (purpose, root.property("METHOD")) {
        (Purpose::Stored, None) => Ok(None),
        (Purpose::Message, Some(method)) => Ok(Some(method.value().trim().to_ascii_uppercase())),
        (Purpose::Stored, Some(method)) => {
            Err(Invalid::property("no-method", method, "a stored object has no METHOD").of_resource())
        }
        (Purpose::Message, None) => Err(Invalid::component("method", root, "a message needs a METHOD")),
    }
}

fn uid(component: Component<'_>) -> Result<Property<'_>, Invalid> {
    match component.property("UID") {
        Some(uid) if !uid.value().trim().is_empty() => Ok(uid),
        Some(uid) => Err(Invalid::property("uid", uid, "the UID is empty")),
        None => Err(Invalid::component("uid", component, "the UID is missing")),
    }
}

/// One master at most, and one component for each instance (RFC 4791 §4.1, RFC 5545 §3.8.4.4), however its RECURRENCE-ID writes it.
pub(super) fn judge_instances(root: Component<'_>, zones: &Zones) -> Result<(), Invalid> {
    let mut masters = members(root).filter(|member| member.property("RECURRENCE-ID").is_none());
    let master = masters.next();
    if let Some(second) = masters.next() {
        return Err(Invalid::component("one-master", second, "a second component without RECURRENCE-ID").of_resource());
    }
    let series = Series { uid: "", master, overrides: Vec::new(), superseded: Vec::new() };
    let mut seen = BTreeSet::new();
    for override_id in members(root).filter_map(|member| member.property("RECURRENCE-ID")) {
        let Ok(instance) = override_id.date_time() else { continue };
        if !seen.insert(series.key(&instance, zones)) {
            let why = "a second component for this instance";
            return Err(Invalid::property("one-override", override_id, why).of_resource());
        }
    }
    Ok(())
}
