//! Names of zones.
//!
//! **Invariant:** answers only what a data base of names says; what a VTIMEZONE says of its zone is not asked.

use chrono_tz::{TZ_VARIANTS, Tz};
use windows_timezones::WindowsTimezone;

/// How many segments the longest name of a zone has: `America/Indiana/Knox`.
const LONGEST_NAME_SEGMENTS: usize = 3;

/// A zone or link of the IANA data base in any case, also behind a vendor's path: `/vendor.example/20260101_1/Europe/Berlin`.
pub(super) fn iana(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    let tails = name.rmatch_indices('/').take(LONGEST_NAME_SEGMENTS).map(|(at, _)| &name[at + 1..]);
    let vendors = || if name.starts_with('/') { tails.filter_map(exact_or_any_case).last() } else { None };
    exact_or_any_case(name).or_else(vendors)
}

/// Whether it is a name of the IANA data base itself, as others know it.
pub(super) fn is_iana(name: &str) -> bool {
    name.parse::<Tz>().is_ok()
}

/// A zone of Windows, by the territory CLDR gives it first.
pub(super) fn windows(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    name.parse::<WindowsTimezone>().ok().and_then(|zone| zone.tzdb_id().parse().ok())
}

fn exact_or_any_case(name: &str) -> Option<Tz> {
    let any_case = || TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name));
    name.parse().ok().or_else(any_case)
}
