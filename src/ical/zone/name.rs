//! Zone names.
//!
//! **Invariant:** only databases of names decide. The contents of a VTIMEZONE do not.

use super::Iana;
use windows_timezones::WindowsTimezone;

/// Segments of the longest zone name: `America/Indiana/Knox`.
const LONGEST_NAME_SEGMENTS: usize = 3;

/// Finds a zone or link of the IANA database in any case, also behind a vendor's path:
/// `/vendor.example/20260101_1/Europe/Berlin`.
pub(super) fn iana(name: &str) -> Option<Iana> {
    let name = name.trim().trim_matches('"');
    let tails = name.rmatch_indices('/').take(LONGEST_NAME_SEGMENTS).map(|(at, _)| &name[at + 1..]);
    let vendors = || if name.starts_with('/') { tails.filter_map(exact_or_any_case).last() } else { None };
    exact_or_any_case(name).or_else(vendors)
}

/// True for a name of the IANA database in its exact spelling, which other programs know.
pub(super) fn is_iana(name: &str) -> bool {
    Iana::exactly(name).is_some()
}

/// Finds a Windows zone by the first territory that CLDR lists.
pub(super) fn windows(name: &str) -> Option<Iana> {
    let name = name.trim().trim_matches('"');
    name.parse::<WindowsTimezone>().ok().and_then(|zone| Iana::exactly(zone.tzdb_id()))
}

fn exact_or_any_case(name: &str) -> Option<Iana> {
    Iana::exactly(name).or_else(|| Iana::in_any_case(name))
}
