//! Time zones: conversion between local times and instants.
//!
//! **Invariant:** conversion is total and deterministic. A local time that does not exist uses the
//! offset before the gap; a local time that occurs twice means its first occurrence (RFC 5545
//! §3.3.5). The time zone of the machine has no influence.

mod cache;
mod later;
mod name;
mod observance;
mod onset;
#[cfg(test)]
mod tests;
mod timezone;
mod transitions;
mod yearly;
mod zones;

pub use timezone::{timezone_object, vtimezone, with_timezones, without_timezones};
pub use transitions::Transitions;
pub use zones::Zones;
pub(crate) use zones::{Limit, MAX_NAMES};

use crate::time::{FIRST_CIVIL, Instant, LAST_CIVIL, civil, local};
use chrono::{MappedLocalTime, NaiveDateTime, Offset, TimeDelta, TimeZone};
use chrono_tz::Tz;
use std::sync::Arc;

/// The version of the IANA time-zone database that is built into this program, such as `2025b`.
pub const DATABASE: &str = chrono_tz::IANA_TZDB_VERSION;

/// A time zone.
#[derive(Debug, Clone, PartialEq)]
pub enum Zone {
    /// Coordinated Universal Time.
    Utc,
    /// The time zone of the person who reads the object. The conversions of [`Zone`] treat it as
    /// UTC.
    Floating,
    /// A zone of the IANA database.
    Iana(Tz),
    /// A zone that a VTIMEZONE defines.
    Custom(Arc<Transitions>),
}

/// Longest gap in local time: islands that crossed the date line skipped a whole day.
const LONGEST_GAP_HOURS: i64 = 25;

impl Zone {
    /// Returns the zone with that name; `None` if the name is unknown. It may be an IANA name in
    /// any case, with or without a vendor's path before it, or a Windows name.
    pub fn named(name: &str) -> Option<Self> {
        name::iana(name).or_else(|| name::windows(name)).map(Self::Iana)
    }

    /// Returns the zone of a document with a single VTIMEZONE, as in `CALDAV:calendar-timezone`
    /// (RFC 4791 §5.2.2) and `CALDAV:timezone` (§9.8).
    ///
    /// Returns `None` if the VTIMEZONE is not the only component, or if its TZID is missing, or
    /// unknown while its observances define no zone.
    pub fn of_timezone_document(document: &crate::Document) -> Option<Self> {
        let mut components = document.root().components();
        let (Some(timezone), None) = (components.next(), components.next()) else { return None };
        if !timezone.is("VTIMEZONE") {
            return None;
        }
        let zones = Zones::of(document);
        let name = timezone.property("TZID")?.value().trim();
        zones.find(name)
    }

    /// Returns the instant of a local time in this zone.
    pub fn to_instant(&self, time: NaiveDateTime) -> Instant {
        match self {
            Self::Utc | Self::Floating => civil(time),
            Self::Iana(zone) => civil(time) - iana_offset(*zone, time),
            Self::Custom(table) => civil(time) - table.offset_of_local(civil(time)),
        }
    }

    /// Returns the local time of this zone at an instant.
    pub fn to_local(&self, instant: Instant) -> NaiveDateTime {
        let instant = instant.clamp(FIRST_CIVIL, LAST_CIVIL);
        match self {
            Self::Utc | Self::Floating => local(instant),
            Self::Iana(zone) => {
                let known = || i64::from(zone.offset_from_utc_datetime(&local(instant)).fix().local_minus_utc());
                let offset = later::around(*zone, instant).map_or_else(known, |later| later.offset_at(instant));
                local(instant + offset)
            }
            Self::Custom(table) => local(instant + table.offset_at(instant)),
        }
    }

    /// Returns the zone's offset from UTC at an instant, in seconds, positive east of Greenwich.
    pub fn offset_at(&self, instant: Instant) -> i64 {
        let instant = instant.clamp(FIRST_CIVIL, LAST_CIVIL);
        civil(self.to_local(instant)) - instant
    }
}

fn iana_offset(zone: Tz, time: NaiveDateTime) -> i64 {
    if let Some(later) = later::around(zone, civil(time)) {
        return later.offset_of_local(civil(time));
    }
    let mut before = time;
    for hours in 0..=LONGEST_GAP_HOURS {
        let offset = match zone.offset_from_local_datetime(&before) {
            MappedLocalTime::Single(offset) => offset,
            // A local time that occurs twice means its first occurrence. A local time in a gap has
            // the offset before the gap, which is found at an earlier time; if that occurs twice,
            // its second offset held just before the gap.
            MappedLocalTime::Ambiguous(first, second) => {
                if hours == 0 {
                    first
                } else {
                    second
                }
            }
            MappedLocalTime::None => {
                before = before.checked_sub_signed(TimeDelta::hours(1)).unwrap_or(before);
                continue;
            }
        };
        return i64::from(offset.fix().local_minus_utc());
    }
    0 // not reached: no zone has such a long gap
}
