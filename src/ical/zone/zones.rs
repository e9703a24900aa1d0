//! Resolution of the TZIDs of a document.
//!
//! **Invariant:** a known IANA name means the zone of the database, even if the document's
//! VTIMEZONE differs, because many abridged VTIMEZONEs are wrong for the past. A Windows name or an
//! X-LIC-LOCATION is used only if it agrees with the VTIMEZONE, if the document has a readable one.

use super::observance;
use super::transitions::Transitions;
use super::{Zone, name};
use crate::recur::Budget;
use crate::time::{DAY, Instant, Window, civil, local};
use crate::value::{DateTime, Duration, Period, PeriodEnd};
use crate::view::{Timezone, bare};
use crate::{Component, Document, Property};
use chrono_tz::Tz;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// The zones of one document by their TZIDs, without quotation marks and escapes.
#[derive(Debug, Clone, Default)]
pub struct Zones {
    zones: BTreeMap<String, Option<Zone>>,
    /// The TZIDs that are unknown because of a limit.
    limited: BTreeMap<String, Limit>,
}

/// A limit because of which a TZID of a document is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// The document has more TZIDs than [`MAX_NAMES`].
    Names,
    /// The VTIMEZONEs of the document need more work than [`MAX_ZONE_WORK`].
    Work,
}

/// Budget for all VTIMEZONEs of a document together, in steps of expansion.
const MAX_ZONE_WORK: u32 = 100_000;
/// Maximum number of TZIDs that are resolved in one document, more than any real meeting uses.
pub(crate) const MAX_NAMES: usize = 200;

/// Number of days for which a Windows name or an X-LIC-LOCATION must agree with the VTIMEZONE.
const AGREEMENT_DAYS: i64 = 2 * 365;
/// Start of the time in which a name must agree with the VTIMEZONE, if the document has no DTSTAMP:
/// 2025-01-01, in seconds since the epoch.
const USUAL_PRESENT: Instant = 1_735_689_600;

impl Zones {
    /// Resolves every TZID that the document uses or defines. If these are more than [`MAX_NAMES`],
    /// the last ones in alphabetical order are unknown.
    pub fn of(document: &Document) -> Self {
        let mut timezones: BTreeMap<String, Timezone<'_>> = BTreeMap::new();
        for timezone in document.root().components().filter_map(Timezone::of) {
            if let Some(tzid) = timezone.tzid() {
                timezones.entry(tzid.into_owned()).or_insert(timezone);
            }
        }
        let mut names: BTreeSet<String> = timezones.keys().cloned().collect();
        names.extend(self::names(document).map(|name| bare(&name).into_owned()));
        let budget = Budget::new(MAX_ZONE_WORK);
        let mut found = Self::default();
        for (at, tzid) in names.into_iter().enumerate() {
            let timezone = timezones.get(&tzid).copied();
            let zone = if at < MAX_NAMES { resolve(&tzid, timezone, document, &budget) } else { None };
            let limit = if at < MAX_NAMES { Limit::Work } else { Limit::Names };
            if zone.is_none() && (limit == Limit::Names || timezone.is_some() && budget.is_spent()) {
                found.limited.insert(tzid.clone(), limit);
            }
            found.zones.insert(tzid, zone);
        }
        found
    }

    /// Returns these zones with the given TZIDs resolved as in `other`.
    #[must_use]
    pub fn redefined<'t>(mut self, tzids: impl IntoIterator<Item = &'t str>, other: &Self) -> Self {
        for tzid in tzids {
            self.zones.insert(bare(tzid).into_owned(), other.find(tzid));
        }
        self
    }

    /// Returns the zone of a TZID; `None` if it is unknown.
    pub fn find(&self, tzid: &str) -> Option<Zone> {
        let tzid = bare(tzid);
        match self.zones.get(tzid.as_ref()) {
            Some(zone) => zone.clone(),
            None => named(&tzid),
        }
    }

    /// Returns the zone of a TZID; [`Zone::Floating`] if it is unknown.
    pub fn get(&self, tzid: &str) -> Zone {
        self.find(tzid).unwrap_or(Zone::Floating)
    }

    /// Returns the limit because of which a TZID of the document is unknown; `None` if it is known,
    /// or unknown for another reason.
    pub(crate) fn limit_of(&self, tzid: &str) -> Option<Limit> {
        self.limited.get(bare(tzid).as_ref()).copied()
    }

    /// Returns the TZIDs of the document that are unknown, in alphabetical order.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.zones.iter().filter(|(_, zone)| zone.is_none()).map(|(name, _)| name.as_str())
    }

    /// Returns the instant of a value; for a date, that of its midnight. `floating` is the zone for
    /// dates, floating times and times with an unknown TZID.
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

    /// True if the instant of a value depends on the time zone of the person who reads it.
    pub fn floats(&self, value: &DateTime) -> bool {
        match value {
            DateTime::Date(_) | DateTime::Floating(_) => true,
            DateTime::Utc(_) => false,
            DateTime::Zoned(_, tzid) => self.get(tzid) == Zone::Floating,
        }
    }

    /// Returns the instant that is a duration after a value. Days are added in local time, so that
    /// the time of day stays (RFC 5545 §3.3.6). The seconds are added to the resulting instant.
    pub fn after(&self, value: &DateTime, lasting: Duration, floating: &Zone) -> Instant {
        let day = local(civil(value.local()).saturating_add(lasting.days.saturating_mul(DAY)));
        self.instant(&value.at(day), floating).saturating_add(lasting.seconds)
    }

    /// Returns the window of a period, from the instant of its start to that of its end. `floating`
    /// is the zone for floating times.
    pub fn window(&self, period: &Period, floating: &Zone) -> Window {
        let end = match &period.end {
            PeriodEnd::At(end) => self.instant(end, floating),
            PeriodEnd::After(lasting) => self.after(&period.start, *lasting, floating),
        };
        Window::new(self.instant(&period.start, floating), end)
    }
}

/// Returns the TZIDs that the document's properties use, with repetitions.
pub(super) fn names(document: &Document) -> impl Iterator<Item = String> {
    let properties = document.components().flat_map(Component::properties).filter(may_name_zone);
    properties.filter_map(|property| property.param("TZID").map(Cow::into_owned))
}

/// True if a line may have a TZID parameter. The test must be fast, because it is made for every
/// line, and the lines of hundreds of attendees have many parameters, but no TZID.
fn may_name_zone(property: &Property<'_>) -> bool {
    const PARAM: &[u8] = b";TZID=";
    /// The offset of `Z` in `PARAM`. It is the rarest letter of the parameter, so it is searched.
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

/// Returns the zone with that name: UTC, an IANA zone or a Windows zone. Returns `None` if the name
/// is unknown.
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

/// Names of UTC. Exchange writes the last two, and writes no VTIMEZONE for them.
const UTC_NAMES: [&str; 6] =
    ["UTC", "Etc/UTC", "GMT", "Z", "tzone://Microsoft/Utc", "(UTC) Coordinated Universal Time"];

fn is_utc(tzid: &str) -> bool {
    UTC_NAMES.iter().any(|name| name.eq_ignore_ascii_case(tzid))
}

/// Returns the time at which the document was last written: its latest DTSTAMP; [`USUAL_PRESENT`]
/// without one.
fn present(document: &Document) -> Instant {
    let stamps = document.root().components().filter_map(Component::dtstamp);
    stamps.map(|stamp| civil(stamp.local())).max().unwrap_or(USUAL_PRESENT)
}

/// True if the IANA zone and the VTIMEZONE have the same offsets for [`AGREEMENT_DAYS`] from `from`
/// on. They are compared every week and at every transition of the VTIMEZONE.
fn agree(zone: Tz, table: &Transitions, from: Instant) -> bool {
    let zone = Zone::Iana(zone);
    let same = |instant: Instant| zone.offset_at(instant) == table.offset_at(instant);
    let until = from + AGREEMENT_DAYS * DAY;
    let mut days = (0..=AGREEMENT_DAYS).step_by(7).map(|day| from + day * DAY);
    let mut changes = table.onsets().filter(|onset| (from..until).contains(onset));
    days.all(same) && changes.all(|onset| same(onset - 1) && same(onset))
}
