//! Checks that every TZID names a zone of the document or a known zone (RFC 5545 §3.2.19, RFC
//! 7809).
//!
//! **Invariant:** exactly two kinds of objects are refused: those with a TZID parameter that
//! [`Zones`] cannot find, and those with two different VTIMEZONEs for one TZID that is no known
//! name.

use super::invalid::Invalid;
use crate::text::{Component, Document};
use crate::view::bare;
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
            let why =
                format!("the time zone `{tzid}` is unknown, and the object has no valid VTIMEZONE for it; send one");
            return Err(Invalid::property("known-zone", property, why).of_timezone());
        }
    }
    Ok(())
}

/// Refuses two VTIMEZONEs with the same TZID and different texts, because they are ambiguous. Equal
/// texts are tolerated, because some clients repeat a VTIMEZONE. If the TZID is the name of a known
/// zone, the texts do not matter.
fn judge_doubles(root: Component<'_>) -> Result<(), Invalid> {
    let mut texts: BTreeMap<String, &str> = BTreeMap::new();
    for zone in root.components_named("VTIMEZONE") {
        let Some(tzid) = zone.property("TZID") else { continue };
        let name = bare(tzid.value()).into_owned();
        let first = *texts.entry(name.clone()).or_insert(zone.text());
        if first != zone.text() && Zone::named(&name).is_none() {
            return Err(Invalid::property(
                "one-zone",
                tzid,
                format!("two different VTIMEZONEs have the TZID `{name}`; keep one"),
            ));
        }
    }
    Ok(())
}
