//! Checks of the object as a whole (RFC 4791 §4.1): one UID, one component type, no METHOD, one
//! master, and one override for each instance.
//!
//! **Invariant:** every error fails `CALDAV:valid-calendar-object-resource`, except that a missing
//! or empty UID, or a missing METHOD of a message, fails `CALDAV:valid-calendar-data`.

use super::ObjectInfo;
use super::invalid::Invalid;
use super::kind::ComponentKind;
use crate::series::Series;
use crate::text::{Component, Property};
use crate::zone::Zones;
use std::collections::BTreeSet;

/// The purpose of an object: stored as a calendar object resource, or received as a scheduling
/// message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    Stored,
    Message,
}

pub(super) fn judge(root: Component<'_>, purpose: Purpose) -> Result<ObjectInfo, Invalid> {
    let method = judge_method(root, purpose)?;
    let mut members = members(root);
    let Some(first) = members.next() else {
        return Err(Invalid::component("no-component", root, "the object has no component such as VEVENT or VTODO")
            .of_resource());
    };
    let uid = uid(first)?;
    for member in members {
        if !member.is(first.name()) {
            let why = format!(
                "{} and {} are not allowed in one object; make a separate object for each",
                member.name(),
                first.name()
            );
            return Err(Invalid::component("one-component-type", member, why).of_resource());
        }
        let other = self::uid(member)?;
        if other.text().trim() != uid.text().trim() {
            return Err(Invalid::property(
                "one-uid",
                other,
                "the components have different UIDs; make a separate object for each UID",
            )
            .of_resource());
        }
    }
    let component = first.name().to_ascii_uppercase();
    Ok(ObjectInfo { uid: uid.text().trim().to_owned(), component, method })
}

/// Returns the components that make up the object. Components of unknown types are allowed in
/// addition, and ignored.
fn members(root: Component<'_>) -> impl Iterator<Item = Component<'_>> {
    root.components().filter(|component| ComponentKind::of(component.name()).is_some())
}

fn judge_method(root: Component<'_>, purpose: Purpose) -> Result<Option<String>, Invalid> {
    match (purpose, root.property("METHOD")) {
        (Purpose::Stored, None) => Ok(None),
        (Purpose::Message, Some(method)) => Ok(Some(method.value().trim().to_ascii_uppercase())),
        (Purpose::Stored, Some(method)) => {
            Err(Invalid::property("no-method", method, "METHOD is not allowed in a stored object; remove it")
                .of_resource())
        }
        (Purpose::Message, None) => Err(Invalid::component("method", root, "a scheduling message requires METHOD")),
    }
}

fn uid(component: Component<'_>) -> Result<Property<'_>, Invalid> {
    match component.property("UID") {
        Some(uid) if !uid.value().trim().is_empty() => Ok(uid),
        Some(uid) => Err(Invalid::property("uid", uid, "the UID is empty")),
        None => Err(Invalid::component("uid", component, "the UID is missing")),
    }
}

/// Checks that there is at most one master, and one override for each instance (RFC 4791 §4.1, RFC
/// 5545 §3.8.4.4). RECURRENCE-IDs that spell the same instance differently count as equal.
pub(super) fn judge_instances(root: Component<'_>, zones: &Zones) -> Result<(), Invalid> {
    let mut masters = members(root).filter(|member| member.property("RECURRENCE-ID").is_none());
    let master = masters.next();
    if let Some(second) = masters.next() {
        return Err(Invalid::component(
            "one-master",
            second,
            "two components have no RECURRENCE-ID; only the master may omit it",
        )
        .of_resource());
    }
    let series = Series { uid: "", master, overrides: Vec::new(), superseded: Vec::new() };
    let mut seen = BTreeSet::new();
    for override_id in members(root).filter_map(|member| member.property("RECURRENCE-ID")) {
        let Ok(instance) = override_id.date_time() else { continue };
        if !seen.insert(series.key(&instance, zones)) {
            let why = "two components replace this instance; keep one";
            return Err(Invalid::property("one-override", override_id, why).of_resource());
        }
    }
    Ok(())
}
