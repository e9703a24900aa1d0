//! Every TZID names a zone: one the document brings along, or one everybody knows (RFC 5545 §3.2.19, RFC 7809).
//!
//! **Invariant:** asks only whether a zone can be found; what it says is not looked at.

use super::invalid::Invalid;
use crate::text::{Component, Document};
use chrono_tz::{TZ_VARIANTS, Tz};
use std::collections::{BTreeMap, BTreeSet};
use windows_timezones::WindowsTimezone;

pub(super) fn judge(document: &Document) -> Result<(), Invalid> {
    let mut known: BTreeSet<String> = brought(document.root())?;
    for property in document.components().flat_map(Component::properties) {
        let Some(tzid) = property.param("TZID") else { continue };
        if known.contains(tzid.as_ref()) {
            continue;
        }
        if !is_well_known(&tzid) {
            return Err(Invalid::property("known-zone", property, format!("nothing says what zone “{tzid}” is")));
        }
        known.insert(tzid.into_owned());
    }
    Ok(())
}

/// The zones that stand in the document. A zone twice in the same words is known from clients; in others, it is two zones of
/// one name, unless everybody knows the name: then nobody reads the words.
fn brought(root: Component<'_>) -> Result<BTreeSet<String>, Invalid> {
    let mut zones: BTreeMap<String, &str> = BTreeMap::new();
    for zone in root.components_named("VTIMEZONE").filter(|zone| is_told(*zone)) {
        let Some(tzid) = zone.property("TZID") else { continue };
        let name = tzid.value().trim().to_owned();
        let doubtful = zones.get(&name).is_some_and(|first| *first != zone.text()) && !is_well_known(&name);
        if doubtful {
            return Err(Invalid::property("one-zone", tzid, format!("a second zone “{name}”, unlike the first")));
        }
        zones.entry(name).or_insert(zone.text());
    }
    Ok(zones.into_keys().collect())
}

/// Whether the zone says its offsets, or at least where it is.
fn is_told(zone: Component<'_>) -> bool {
    let place = zone.property("X-LIC-LOCATION").is_some_and(|place| is_well_known(place.value().trim()));
    place || zone.components().any(|observance| observance.is("STANDARD") || observance.is("DAYLIGHT"))
}

/// A name of the IANA data base in any case, with or without a vendor's path before it, or one of Windows.
fn is_well_known(tzid: &str) -> bool {
    let iana = |name: &str| {
        name.parse::<Tz>().is_ok() || TZ_VARIANTS.iter().any(|zone| zone.name().eq_ignore_ascii_case(name))
    };
    // `/vendor.example/20260101_1/America/Indiana/Knox`: a zone has three names at most.
    let tails = tzid.rmatch_indices('/').take(3).map(|(at, _)| &tzid[at + 1..]);
    iana(tzid) || tzid.starts_with('/') && tails.into_iter().any(iana) || tzid.parse::<WindowsTimezone>().is_ok()
}
