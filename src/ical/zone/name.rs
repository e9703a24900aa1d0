//! Resolution of zone names.
//!
//! **Invariant:** a name is resolved by the databases of names alone, not by the contents of a
//! VTIMEZONE.

use chrono_tz::{TZ_VARIANTS, Tz};
use windows_timezones::WindowsTimezone;

/// The number of segments in the longest zone names, such as `America/Indiana/Knox`.
const LONGEST_NAME_SEGMENTS: usize = 3;

/// Finds a zone or link of the IANA database, ignoring case. A vendor's path before the name is
/// skipped if it begins with a slash: `/vendor.example/20260101_1/Europe/Berlin`. Returns `None` if
/// the name is unknown.
pub(super) fn iana(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    let tails = name.rmatch_indices('/').take(LONGEST_NAME_SEGMENTS).map(|(at, _)| &name[at + 1..]);
    let vendors = || if name.starts_with('/') { tails.filter_map(exact_or_any_case).last() } else { None };
    exact_or_any_case(name).or_else(vendors)
}

/// True for a name of the IANA database in its exact spelling, which other programs can be expected
/// to know.
pub(super) fn is_iana(name: &str) -> bool {
    name.parse::<Tz>().is_ok()
}

/// Finds the IANA zone for a Windows zone name: the one of the first territory that CLDR lists.
/// Returns `None` if the name is unknown.
pub(super) fn windows(name: &str) -> Option<Tz> {
    let name = name.trim().trim_matches('"');
    name.parse::<WindowsTimezone>().ok().and_then(|zone| zone.tzdb_id().parse().ok())
}

fn exact_or_any_case(name: &str) -> Option<Tz> {
    let any_case = || TZ_VARIANTS.iter().copied().find(|zone| zone.name().eq_ignore_ascii_case(name));
    name.parse().ok().or_else(any_case)
}
