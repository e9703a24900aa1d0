//! Every TZID names a zone: one the document brings along, or one everybody knows (RFC 5545 §3.2.19, RFC 7809).
//!
//! **Invariant:** refuses exactly what [`Zones`] cannot find, and what would be two zones of one name.

use super::invalid::Invalid;
use crate::text::{Component, Document};
use crate::zone::{Zone, Zones};
use std::collections::BTreeMap;

pub(super) fn judge(document: &Document, zones: &Zones) -> Result<(), Invalid> {
    judge_doubles(document.root())?;
    if zones.unknown().next().is_none() {
        return Ok(());
    }
    for property in document.components().flat_map(Component::properties) {
        let Some(tzid) = property.param("TZID") else { continue };
        if zones.find(&tzid).is_none() {
            return Err(Invalid::property("known-zone", property, format!("nothing says what zone “{tzid}” is")));
        }
    }
    Ok(())
}

/// A zone twice in the same words is known from clients; in others, it is two zones of one name, unless everybody knows the name:
/// then nobody reads the words.
fn judge_doubles(root: Component<'_>) -> Result<(), Invalid> {
    let mut texts: BTreeMap<&str, &str> = BTreeMap::new();
    for zone in root.components_named("VTIMEZONE") {
        let Some(tzid) = zone.property("TZID") else { continue };
        let name = tzid.value().trim();
        let first = *texts.entry(name).or_insert(zone.text());
        if first != zone.text() && Zone::named(name).is_none() {
            return Err(Invalid::property("one-zone", tzid, format!("a second zone “{name}”, unlike the first")));
        }
    }
    Ok(())
}
