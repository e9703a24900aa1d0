//! Shows times to people, with weekday and time zone.

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat};
use ical::{value, zone::Zone};
use schemas::Timestamp;

use crate::foreign;

/// The zone in which times are shown.
#[derive(Debug, Clone)]
pub struct Clock {
    zone: Zone,
    /// The name of the zone that is shown after each time: `UTC`, `Europe/Berlin`.
    label: String,
}

impl Default for Clock {
    fn default() -> Self {
        Self { zone: Zone::Utc, label: "UTC".to_owned() }
    }
}

impl Clock {
    /// Creates the clock of a zone from its IANA or Windows name; `None` if the name is unknown.
    pub fn named(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("utc") {
            return Some(Self::default());
        }
        let zone = Zone::named(name)?;
        Some(Self { zone, label: foreign::identifier(name) })
    }

    /// Returns a time as `Sat 28 Nov 2026 21:41:39 UTC`.
    pub fn long(&self, at: Timestamp) -> String {
        format!("{} {}", self.local(at).format("%a %e %b %Y %H:%M:%S").to_string().replace("  ", " "), self.label)
    }

    /// Returns a time as `21:41:39.287`, for use where the day is shown nearby.
    pub fn time(&self, at: Timestamp) -> String {
        let millis = at.0.rem_euclid(1_000_000) / 1_000;
        format!("{}.{millis:03}", self.local(at).format("%H:%M:%S"))
    }

    /// Returns the day of a time as `Sat 28 Nov 2026`.
    pub fn day(&self, at: Timestamp) -> String {
        date(self.local(at).date())
    }

    /// Returns a time span as `Mon 21 Dec 2026 07:30 to 08:00 UTC`. `start` and `end` are seconds
    /// since the epoch.
    pub fn span(&self, start: i64, end: i64) -> String {
        let (start, end) = (Timestamp::from_seconds(start), Timestamp::from_seconds(end));
        let minute = |at| self.local(at).format("%H:%M").to_string();
        let (first, last) = (self.day(start), self.day(end));
        let last = if first == last { String::new() } else { format!("{last} ") };
        format!("{first} {} to {last}{} {}", minute(start), minute(end), self.label)
    }

    /// Returns the day of a time in the form that a search accepts: `2026-12-21`.
    pub fn searched_day(&self, at: Timestamp) -> String {
        self.local(at).date().to_string()
    }

    /// Returns the start of a day and of the next day in this zone, in seconds since the epoch.
    pub fn bounds_of_day(&self, day: NaiveDate) -> (i64, i64) {
        let start = |day: NaiveDate| self.zone.to_instant(day.and_time(NaiveTime::MIN));
        (start(day), start(day.checked_add_days(Days::new(1)).unwrap_or(day)))
    }

    /// Parses a time that a person typed: either RFC 3339 with an offset, or one of these forms in
    /// the clock's zone: `2026-12-01 10:00`, `2026-12-01T10:00:05` (also with a fraction),
    /// `2026-12-01` (its first second).
    ///
    /// Returns `None` for any other text.
    pub fn read(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim();
        if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
            return Some(Timestamp(exact.timestamp_micros()));
        }
        let text = text.replacen('T', " ", 1);
        let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M"];
        let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(&text, form).ok()).or_else(|| {
            let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok()?;
            Some(day.and_time(NaiveTime::MIN))
        })?;
        let micros = i64::from(local.and_utc().timestamp_subsec_micros());
        Some(Timestamp(self.zone.to_instant(local) * 1_000_000 + micros))
    }

    fn local(&self, at: Timestamp) -> NaiveDateTime {
        self.zone.to_local(at.seconds())
    }
}

/// Returns a time for programs: RFC 3339 in UTC, with microseconds.
pub fn rfc3339(at: Timestamp) -> String {
    let moment = DateTime::from_timestamp_micros(at.0).unwrap_or_default();
    moment.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Returns an iCalendar time as `Mon 14 Dec 2026 09:00 Europe/Berlin`; a date without a time as
/// `Mon 14 Dec 2026`; a floating time with `(no zone)` at the end.
pub(crate) fn value(value: &value::DateTime) -> String {
    match value {
        value::DateTime::Date(day) => date(*day),
        value::DateTime::Floating(_) => format!("{} {} (no zone)", date(value.date()), time(value)),
        value::DateTime::Utc(_) | value::DateTime::Zoned(..) => {
            format!("{} {} {}", date(value.date()), time(value), label(value))
        }
    }
}

/// Returns the old and the new iCalendar time. If both are on the same day in the same zone, day
/// and zone are shown once: `Mon 14 Dec 2026 09:00 → 14:00 Europe/Berlin`.
pub(crate) fn change(before: &value::DateTime, after: &value::DateTime) -> String {
    let is_same_day = before.date() == after.date() && !before.is_date() && !after.is_date();
    if is_same_day && label(before) == label(after) {
        return format!("{} {} → {} {}", date(before.date()), time(before), time(after), label(after));
    }
    format!("{} → {}", value(before), value(after))
}

fn label(of: &value::DateTime) -> String {
    match of {
        value::DateTime::Utc(_) => "UTC".to_owned(),
        value::DateTime::Zoned(_, tzid) => foreign::identifier(tzid),
        value::DateTime::Date(_) => String::new(),
        value::DateTime::Floating(_) => "(no zone)".to_owned(),
    }
}

fn date(day: NaiveDate) -> String {
    day.format("%a %e %b %Y").to_string().replace("  ", " ")
}

fn time(of: &value::DateTime) -> String {
    let local = of.local();
    let form = if local.format("%S").to_string() == "00" { "%H:%M" } else { "%H:%M:%S" };
    local.format(form).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SATURDAY: Timestamp = Timestamp(1_795_902_099_287_000); // 2026-11-28T21:41:39.287Z

    #[test]
    fn a_moment_is_shown_with_weekday_and_zone_and_read_back() {
        let berlin = Clock::named("Europe/Berlin").unwrap();
        assert_eq!(Clock::default().long(SATURDAY), "Sat 28 Nov 2026 21:41:39 UTC");
        assert_eq!(berlin.long(SATURDAY), "Sat 28 Nov 2026 22:41:39 Europe/Berlin");
        assert_eq!(berlin.time(SATURDAY), "22:41:39.287");
        assert_eq!(rfc3339(SATURDAY), "2026-11-28T21:41:39.287000Z");
        for text in ["2026-11-28 22:41:39.287", "2026-11-28T21:41:39.287Z", "2026-11-28T22:41:39.287+01:00"] {
            assert_eq!(berlin.read(text), Some(SATURDAY), "{text}");
        }
        assert_eq!(berlin.read("2026-11-28"), Some(Timestamp::from_seconds(1_795_820_400)));
        assert_eq!(berlin.read("yesterday"), None);
        assert!(Clock::named("Nowhere/Nothing").is_none());
    }

    #[test]
    fn values_are_shown_with_their_own_zone() {
        let read = |text: &str, tzid: Option<&str>| value::DateTime::parse(text, tzid).unwrap();
        let berlin = Some("Europe/Berlin");
        assert_eq!(value(&read("20261214T090000", berlin)), "Mon 14 Dec 2026 09:00 Europe/Berlin");
        assert_eq!(value(&read("20261204", None)), "Fri 4 Dec 2026");
        assert_eq!(value(&read("20261214T090000", None)), "Mon 14 Dec 2026 09:00 (no zone)");
        let moved = change(&read("20261214T090000", berlin), &read("20261214T140000", berlin));
        assert_eq!(moved, "Mon 14 Dec 2026 09:00 → 14:00 Europe/Berlin");
        assert_eq!(Clock::default().span(1_798_011_000, 1_798_012_800), "Wed 23 Dec 2026 07:30 to 08:00 UTC");
        assert_eq!(
            Clock::default().span(1_798_011_000, 1_798_099_200),
            "Wed 23 Dec 2026 07:30 to Thu 24 Dec 2026 08:00 UTC"
        );
        let zone_alone = change(&read("20261214T090000", berlin), &read("20261214T090000", Some("Europe/Paris")));
        assert_eq!(zone_alone, "Mon 14 Dec 2026 09:00 Europe/Berlin → Mon 14 Dec 2026 09:00 Europe/Paris");
    }
}
