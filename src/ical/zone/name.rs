//! Zone names.
//!
//! **Invariant:** only databases of names decide. The contents of a VTIMEZONE do not.

use chrono_tz::{TZ_VARIANTS, Tz};
use windows_timezones::WindowsTimezone;

/// Segments of the longest zone name: `America/Indiana/Knox`.
const LONGEST_NAME_SEGMENTS: usize = 3;

/// Finds a zone or link of the IANA database in any case, also behind a vendor's path:
/// `/vendor.example/20260101_1/Europe/Berlin`.
pub(super) fn iana(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    let tails = name.rmatch_indices('/').take(LONGEST_NAME_SEGMENTS).map(|(at, _)| &name[at + 1..]);
    let vendors = || if name.starts_with('/') { tails.filter_map(exact_or_any_case).last() } else { None };
    exact_or_any_case(name).or_else(vendors)
}

/// True for a name of the IANA database in its exact spelling, which other programs know.
pub(super) fn is_iana(name: &str) -> bool {
    name.parse::<Tz>().is_ok()
}

/// Finds a Windows zone by the first territory that CLDR lists.
pub(super) fn windows(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    name.parse::<WindowsTimezone>().ok().and_then(|zone| zone.tzdb_id().parse().ok())
}

fn exact_or_any_case(name: &str) -> Option<Tz> {
    let any_case = || TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name));
    name.parse().ok().or_else(any_case)
}
