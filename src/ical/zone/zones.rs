//! Which zone each TZID of a document is.
//!
//! **Invariant:** a name everybody knows means what everybody knows, whatever the VTIMEZONE beside it says: many an abridged
//! one is wrong for the past. A name of Windows, or a hint, is trusted only where the VTIMEZONE does not contradict it.

use super::observance;
use super::table::Table;
use super::{Zone, name};
use crate::time::{DAY, Instant, civil};
use crate::value::DateTime;
use crate::{Component, Document};
use chrono_tz::Tz;
use std::sync::Arc;

/// The zones of one document.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    zones: Vec<(String, Option<Zone>)>,
}

/// For how long a guess must agree with the VTIMEZONE.
const AGREEMENT_DAYS: i64 = 2 * 365;
/// Where the document says nothing of when it was written: 2025-01-01.
const USUAL_PRESENT: Instant = 1_735_689_600;

impl Zones {
    /// Resolves every TZID the document uses or explains.
    pub fn of(document: &Document) -> Self {
        let mut names: Vec<String> = Vec::new();
        let mut add = |tzid: &str| {
            if !names.iter().any(|known| known == tzid) {
                names.push(tzid.to_owned());
            }
        };
        for property in document.components().flat_map(Component::properties) {
            // Most properties have no parameters at all.
            if property.content_line().as_bytes().get(property.name().len()) == Some(&b';') {
                property.param("TZID").iter().for_each(|tzid| add(tzid));
            }
        }
        let timezones: Vec<_> = document.root().components_named("VTIMEZONE").collect();
        timezones.iter().filter_map(|zone| zone.property("TZID")).for_each(|tzid| add(tzid.value().trim()));
        let zones = names.into_iter().map(|tzid| {
            let timezone = timezones.iter().copied().find(|timezone| explains(*timezone, &tzid));
            let zone = resolve(&tzid, timezone, document);
            (tzid, zone)
        });
        Self { zones: zones.collect() }
    }

    /// The zone of a TZID, if anything says what it is.
    pub fn find(&self, tzid: &str) -> Option<Zone> {
        match self.zones.iter().find(|(name, _)| name == tzid) {
            Some((_, zone)) => zone.clone(),
            None => Zone::named(tzid),
        }
    }

    /// The zone of a TZID; what nobody knows floats.
    pub fn get(&self, tzid: &str) -> Zone {
        self.find(tzid).unwrap_or(Zone::Floating)
    }

    /// The TZIDs nothing says what they are, in the order of the document.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().filter(|(_, zone)| zone.is_none()).map(|(name, _)| name.as_str())
    }

    /// The instant of a value; a date is the midnight it begins with, what floats is in the zone given.
    pub fn instant(&self, value: &DateTime, floating: &Zone) -> Instant {
        match value {
            DateTime::Date(_) | DateTime::Floating(_) => floating.to_instant(value.local()),
            DateTime::Utc(time) => civil(*time),
            DateTime::Zoned(time, tzid) => match self.get(tzid) {
                Zone::Floating => floating.to_instant(*time),
                zone @ (Zone::Utc | Zone::Iana(_) | Zone::Custom(_)) => zone.to_instant(*time),
            },
        }
    }
}

fn explains(timezone: Component<'_>, tzid: &str) -> bool {
    let name = timezone.property("TZID").map(crate::Property::value);
    name.is_some_and(|name| name.trim().trim_matches('"') == tzid.trim())
}

fn resolve(tzid: &str, timezone: Option<Component<'_>>, document: &Document) -> Option<Zone> {
    if is_utc(tzid) {
        return Some(Zone::Utc);
    }
    if let Some(zone) = name::iana(tzid) {
        return Some(Zone::Iana(zone));
    }
    let table = timezone.and_then(observance::table);
    let agreed = |zone: &Tz| table.as_ref().is_none_or(|table| agree(*zone, table, present(document)));
    let hint = || {
        let location = timezone?.property("X-LIC-LOCATION")?;
        name::iana(location.value()).filter(agreed)
    };
    let zone = name::windows(tzid).filter(agreed).or_else(hint);
    zone.map(Zone::Iana).or_else(|| table.map(|table| Zone::Custom(Arc::new(table))))
}

fn is_utc(tzid: &str) -> bool {
    ["UTC", "Etc/UTC", "GMT", "Z"].iter().any(|name| name.eq_ignore_ascii_case(tzid))
}

/// When the document was written: the latest DTSTAMP.
fn present(document: &Document) -> Instant {
    let stamps = document.root().components().filter_map(|component| component.property("DTSTAMP"));
    let times = stamps.filter_map(|stamp| stamp.date_time().ok()).map(|stamp| civil(stamp.local()));
    times.max().unwrap_or(USUAL_PRESENT)
}

/// Whether both have the same offset for the time to come: looked at every week, and around every change of the table.
fn agree(zone: Tz, table: &Table, from: Instant) -> bool {
    let zone = Zone::Iana(zone);
    let same = |instant: Instant| zone.offset_at(instant) == table.offset_at(instant);
    let until = from + AGREEMENT_DAYS * DAY;
    let mut days = (0..=AGREEMENT_DAYS).step_by(7).map(|day| from + day * DAY);
    let mut changes = table.onsets().filter(|onset| (from..until).contains(onset));
    days.all(same) && changes.all(|onset| same(onset - 1) && same(onset))
}
