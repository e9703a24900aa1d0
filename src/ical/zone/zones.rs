//! Which zone each TZID of a document is.
//!
//! **Invariant:** a name everybody knows means what everybody knows, whatever the VTIMEZONE beside it says: many an abridged
//! one is wrong for the past. A name of Windows, or a hint, is trusted only where the VTIMEZONE does not contradict it.

use super::observance;
use super::transitions::Transitions;
use super::{Zone, name};
use crate::recur::Budget;
use crate::time::{DAY, Instant, Window, civil, local};
use crate::value::{DateTime, Duration, Period, PeriodEnd};
use crate::view::Timezone;
use crate::{Component, Document, Property};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The zones of one document.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    zones: BTreeMap<String, Option<Zone>>,
}

/// What work the VTIMEZONEs of a document may cost together.
const MAX_ZONE_WORK: u32 = 100_000;
/// More names are not looked up: there are not so many zones in one meeting.
const MAX_NAMES: usize = 200;

/// For how long a guess must agree with the VTIMEZONE.
const AGREEMENT_DAYS: i64 = 2 * 365;
/// Where the document says nothing of when it was written: 2025-01-01.
const USUAL_PRESENT: Instant = 1_735_689_600;

impl Zones {
    /// Resolves every TZID the document uses or explains.
    pub fn of(document: &Document) -> Self {
        let mut timezones = BTreeMap::new();
        for timezone in document.root().components().filter_map(Timezone::of) {
            if let Some(tzid) = timezone.tzid() {
                timezones.entry(tzid).or_insert(timezone);
            }
        }
        let mut names: BTreeSet<String> = timezones.keys().map(|name| (*name).to_owned()).collect();
        names.extend(self::names(document));
        let budget = Budget::new(MAX_ZONE_WORK);
        let resolved = names.into_iter().enumerate().map(|(at, tzid)| {
            let timezone = timezones.get(tzid.trim()).copied();
            let zone = if at < MAX_NAMES { resolve(&tzid, timezone, document, &budget) } else { None };
            (tzid, zone)
        });
        Self { zones: resolved.collect() }
    }

    /// The zone of a TZID, if anything says what it is.
    pub fn find(&self, tzid: &str) -> Option<Zone> {
        match self.zones.get(tzid) {
            Some(zone) => zone.clone(),
            None => named(tzid),
        }
    }

    /// The zone of a TZID; what nobody knows floats.
    pub fn get(&self, tzid: &str) -> Zone {
        self.find(tzid).unwrap_or(Zone::Floating)
    }

    /// The TZIDs nothing says what they are, in the order of their names.
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

    /// Whether the instant of a value depends on who reads it.
    pub fn floats(&self, value: &DateTime) -> bool {
        match value {
            DateTime::Date(_) | DateTime::Floating(_) => true,
            DateTime::Utc(_) => false,
            DateTime::Zoned(_, tzid) => self.get(tzid) == Zone::Floating,
        }
    }

    /// The instant so long after a value: so many days later at the same time of day (RFC 5545 §3.3.6), and then the seconds.
    pub fn after(&self, value: &DateTime, lasting: Duration, floating: &Zone) -> Instant {
        let day = local(civil(value.local()).saturating_add(lasting.days.saturating_mul(DAY)));
        self.instant(&value.at(day), floating).saturating_add(lasting.seconds)
    }

    /// From the first instant of a period to its end.
    pub fn window(&self, period: &Period, floating: &Zone) -> Window {
        let end = match &period.end {
            PeriodEnd::At(end) => self.instant(end, floating),
            PeriodEnd::After(lasting) => self.after(&period.start, *lasting, floating),
        };
        Window::new(self.instant(&period.start, floating), end)
    }
}

/// The TZIDs the properties of a document name, again and again.
pub(super) fn names(document: &Document) -> impl Iterator<Item = String> {
    let properties = document.components().flat_map(Component::properties).filter(may_name_zone);
    properties.filter_map(|property| property.param("TZID").map(Cow::into_owned))
}

/// Asked of every line: most have no parameters, hundreds of attendees have many, but none of this name, and the values may be
/// long.
fn may_name_zone(property: &Property<'_>) -> bool {
    const PARAM: &[u8] = b";TZID=";
    /// Where the rarest of its letters stands.
    const Z: usize = 2;
    let line = property.content_line();
    let line = &line.as_bytes()[property.name().len()..line.len() - property.value().len()];
    let stands_around = |z: usize| {
        let start = z.checked_sub(Z)?;
        line.get(start..start + PARAM.len())
    };
    let mut places = memchr::memchr2_iter(b'Z', b'z', line);
    places.any(|z| stands_around(z).is_some_and(|around| around.eq_ignore_ascii_case(PARAM)))
}

/// The zone everybody knows by that name.
pub(super) fn named(tzid: &str) -> Option<Zone> {
    if is_utc(tzid) { Some(Zone::Utc) } else { Zone::named(tzid) }
}

fn resolve(tzid: &str, timezone: Option<Timezone<'_>>, document: &Document, budget: &Budget) -> Option<Zone> {
    if is_utc(tzid) {
        return Some(Zone::Utc);
    }
    if let Some(zone) = name::iana(tzid) {
        return Some(Zone::Iana(zone));
    }
    let table = timezone.and_then(|timezone| observance::table(timezone, budget));
    let agreed = |zone: &Tz| table.as_ref().is_none_or(|table| agree(*zone, table, present(document)));
    let hint = || {
        let location = timezone?.property("X-LIC-LOCATION")?;
        name::iana(location.value()).filter(agreed)
    };
    let zone = name::windows(tzid).filter(agreed).or_else(hint);
    zone.map(Zone::Iana).or_else(|| table.map(Zone::Custom))
}

fn is_utc(tzid: &str) -> bool {
    ["UTC", "Etc/UTC", "GMT", "Z"].iter().any(|name| name.eq_ignore_ascii_case(tzid))
}

/// When the document was written: the latest DTSTAMP.
fn present(document: &Document) -> Instant {
    let stamps = document.root().components().filter_map(Component::dtstamp);
    stamps.map(|stamp| civil(stamp.local())).max().unwrap_or(USUAL_PRESENT)
}

/// Whether both have the same offset for the time to come: looked at every week, and around every change of the table.
fn agree(zone: Tz, table: &Transitions, from: Instant) -> bool {
    let zone = Zone::Iana(zone);
    let same = |instant: Instant| zone.offset_at(instant) == table.offset_at(instant);
    let until = from + AGREEMENT_DAYS * DAY;
    let mut days = (0..=AGREEMENT_DAYS).step_by(7).map(|day| from + day * DAY);
    let mut changes = table.onsets().filter(|onset| (from..until).contains(onset));
    days.all(same) && changes.all(|onset| same(onset - 1) && same(onset))
}
