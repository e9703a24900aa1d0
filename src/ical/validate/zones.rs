//! Every TZID names a zone: one the document brings along, or one everybody knows (RFC 5545 §3.2.19, RFC 7809).
//!
//! **Invariant:** asks only whether a zone can be found; what it says is not looked at.

use super::invalid::Invalid;
use crate::text::Document;
use chrono_tz::{TZ_VARIANTS, Tz};
use std::collections::BTreeSet;
use windows_timezones::WindowsTimezone;

pub(super) fn judge(document: &Document) -> Result<(), Invalid> {
    let brought = document.root().components_named("VTIMEZONE").filter_map(|zone| zone.property("TZID"));
    let mut known: BTreeSet<String> = brought.map(|tzid| tzid.value().trim().to_owned()).collect();
    for property in document.components().flat_map(crate::text::Component::properties) {
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

/// A name of the IANA data base in any case, with or without a vendor's path before it, or one of Windows.
fn is_well_known(tzid: &str) -> bool {
    let iana = |name: &str| {
        name.parse::<Tz>().is_ok() || TZ_VARIANTS.iter().any(|zone| zone.name().eq_ignore_ascii_case(name))
    };
    // `/vendor.example/20260101_1/America/Indiana/Knox`: a zone has three names at most.
    let tails = tzid.rmatch_indices('/').take(3).map(|(at, _)| &tzid[at + 1..]);
    iana(tzid) || tzid.starts_with('/') && tails.into_iter().any(iana) || tzid.parse::<WindowsTimezone>().is_ok()
}
