//! The bounds of an object in time: its earliest and its latest instant, for an index of objects.
//!
//! **Invariant:** bounds are never too narrow: if an object matches a time range, its bounds
//! overlap the range, in whatever IANA zone floating times are read. Alarms are ignored.

use crate::recur::{RecurrenceSet, Timing};
use crate::series::Series;
use crate::time::Instant;
use crate::value::DateTime;
use crate::view::{Availability, FreeBusy};
use crate::zone::{Zone, Zones};
use crate::{Component, Document};

/// The earliest and the latest instant of an object or a component, both included. A bound of
/// `None` is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bounds {
    /// The earliest instant; `None` if there is no lower bound.
    pub first: Option<Instant>,
    /// The latest instant; `None` if there is no upper bound.
    pub last: Option<Instant>,
}

/// Largest difference between local time and UTC in any zone since 1900, in seconds.
pub(crate) const WIDEST_OFFSET: i64 = 14 * 3600;

/// Returns bounds that contain the bounds of all series of the document; open on both sides if it
/// has no series.
pub fn of(document: &Document) -> Bounds {
    let zones = Zones::of(document);
    let series = Series::of(document, &zones);
    let all = series.iter().map(|series| of_series(series, &zones));
    all.reduce(Bounds::with).unwrap_or_default()
}

impl Bounds {
    const UNBOUNDED: Self = Self { first: None, last: None };

    fn with(self, other: Self) -> Self {
        Self {
            first: self.first.zip(other.first).map(|(one, other)| one.min(other)),
            last: self.last.zip(other.last).map(|(one, other)| one.max(other)),
        }
    }

    /// Widens the bounds by [`WIDEST_OFFSET`] if `floats` is true, so that the bounds of floating
    /// times are right in every time zone.
    fn widened(self, floats: bool) -> Self {
        let by = if floats { WIDEST_OFFSET } else { 0 };
        Self { first: self.first.map(|first| first - by), last: self.last.map(|last| last + by) }
    }
}

pub(crate) fn of_series(series: &Series<'_>, zones: &Zones) -> Bounds {
    let mut bounds = series.master.map(|master| of_master(master, zones));
    for one in &series.overrides {
        let mut own = of_times(one.component, zones).unwrap_or(Bounds::UNBOUNDED);
        if let (true, Some(master)) = (one.this_and_future, bounds) {
            // An override with RANGE=THISANDFUTURE moves all later instances, so each of them may
            // be earlier, later or longer by as much as the override.
            let moved = own.last.zip(own.first).map(|(last, first)| last - first);
            let shift = own.first.map(|first| (first - one.key.mark()).abs());
            let later = moved.zip(shift).map(|(length, shift)| length + shift + 2 * WIDEST_OFFSET);
            own.last = own.last.zip(master.last).zip(later).map(|((own, master), later)| own.max(master + later));
            own.first = own.first.zip(shift).map(|(first, shift)| first - shift);
        }
        bounds = Some(bounds.map_or(own, |bounds| bounds.with(own)));
    }
    bounds.unwrap_or(Bounds::UNBOUNDED)
}

fn of_master(component: Component<'_>, zones: &Zones) -> Bounds {
    if let Some(said) = Availability::of(component) {
        return of_availability(said, zones);
    }
    let Some(times) = Timing::of(component, zones, &Zone::Utc).filter(|_| !component.is("VFREEBUSY")) else {
        return without_start(component, zones);
    };
    let set = RecurrenceSet::of(component, &times, zones, &Zone::Utc);
    let lasts = times.length.nominal_seconds().max(set.longest_date());
    // Slack for days longer than 24 hours, on which clocks are set back. Floating times are widened
    // below in any case.
    let nominal = times.length.days > 0 || !set.is_single();
    let slack = if nominal && !times.clock.floats() { WIDEST_OFFSET } else { 0 };
    let last = set.last().map(|last| times.clock.instant(last).saturating_add(lasts + slack));
    let bounds = Bounds { first: Some(times.clock.instant(set.first())), last };
    bounds.widened(times.clock.floats())
}

/// Returns the bounds of a VAVAILABILITY: DTSTART, and DTEND or, without DTEND, the end of
/// DURATION. A missing or invalid value leaves that side open (RFC 7953 §7.2.2).
fn of_availability(said: Availability<'_>, zones: &Zones) -> Bounds {
    let start = said.start();
    let after = || Some((zones.after(start.as_ref()?, said.duration()?, &Zone::Utc), start.as_ref()?));
    let last = match (said.property("DTEND"), said.end()) {
        (Some(_), end) => end.and_then(|end| moment_of(&end, zones).last),
        (None, _) => after().and_then(|(end, start)| moment(end, zones.floats(start)).last),
    };
    Bounds { first: start.as_ref().and_then(|start| moment_of(start, zones).first), last }
}

fn of_times(component: Component<'_>, zones: &Zones) -> Option<Bounds> {
    let times = Timing::of(component, zones, &Zone::Utc)?;
    let start = times.clock.instant_of_local(times.start.local());
    let end = times.end_of(times.start.local(), times.length);
    Some(Bounds { first: Some(start), last: Some(end) }.widened(times.clock.floats()))
}

/// Returns the bounds of a VFREEBUSY, or of a component without a start (RFC 4791 §9.9). A task is
/// bounded by CREATED and COMPLETED; without COMPLETED it has no upper bound. A VFREEBUSY is
/// bounded by DTSTART, DTEND and its periods.
fn without_start(component: Component<'_>, zones: &Zones) -> Bounds {
    let moment = |name: &str| component.date_time(name).map(|value| moment_of(&value, zones));
    if component.is("VTODO") {
        return match (moment("CREATED"), moment("COMPLETED")) {
            (Some(created), Some(completed)) => created.with(completed),
            (None, Some(completed)) => completed,
            (Some(created), None) => Bounds { last: None, ..created },
            (None, None) => Bounds::UNBOUNDED,
        };
    }
    let ends = moment("DTSTART").into_iter().chain(moment("DTEND"));
    let periods = FreeBusy::of(component).into_iter().flat_map(FreeBusy::periods);
    let periods = periods.map(|(_, period)| {
        let busy = zones.window(&period, &Zone::Utc);
        let floats = zones.floats(&period.start);
        self::moment(busy.start, floats).with(self::moment(busy.end, floats))
    });
    ends.chain(periods).reduce(Bounds::with).unwrap_or(Bounds::UNBOUNDED)
}

fn moment_of(value: &DateTime, zones: &Zones) -> Bounds {
    moment(zones.instant(value, &Zone::Utc), zones.floats(value))
}

fn moment(instant: Instant, floats: bool) -> Bounds {
    Bounds { first: Some(instant), last: Some(instant) }.widened(floats)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::local;

    #[test]
    fn bounds_contain_every_instance() {
        let rows = [
            ("one event", "VEVENT", "DTSTART:20260105T120000Z DURATION:PT1H", "20260105T1200", "20260105T1300"),
            ("a day, in any zone", "VEVENT", "DTSTART;VALUE=DATE:20260105", "20260104T1000", "20260106T1400"),
            ("floating", "VEVENT", "DTSTART:20260105T120000", "20260104T2200", "20260106T0200"),
            ("without end", "VEVENT", "DTSTART:20260105T120000Z RRULE:FREQ=DAILY", "20260105T1200", "-"),
            (
                "counted",
                "VEVENT",
                "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;COUNT=3",
                "20260105T1200",
                "20260108T0200",
            ),
            (
                "counted from long ago",
                "VEVENT",
                "DTSTART:19960105T120000Z RRULE:FREQ=WEEKLY;COUNT=5000",
                "19960105T1200",
                "20911027T0200",
            ),
            (
                "counted in weekdays",
                "VEVENT",
                "DTSTART:20260102T120000Z RRULE:FREQ=WEEKLY;BYDAY=TU,WE;COUNT=4",
                "20260102T1200",
                "20260114T0200",
            ),
            (
                "counted without rhythm",
                "VEVENT",
                "DTSTART:20260131T120000Z RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3",
                "20260131T1200",
                "20260601T0200",
            ),
            (
                "too much to count",
                "VEVENT",
                "DTSTART:20260131T120000Z RRULE:FREQ=DAILY;BYMONTHDAY=31;COUNT=30000",
                "20260131T1200",
                "-",
            ),
            (
                "until",
                "VEVENT",
                "DTSTART:20260105T120000Z DURATION:PT1H RRULE:FREQ=DAILY;UNTIL=20260107T120000Z",
                "20260105T1200",
                "20260109T0300",
            ),
            ("a task from its due", "VTODO", "DUE:20260105T120000Z", "20260105T1200", "20260105T1200"),
            ("a task without times", "VTODO", "SUMMARY:x", "-", "-"),
            ("a task created", "VTODO", "CREATED:20260105T120000Z", "20260105T1200", "-"),
            (
                "a task completed",
                "VTODO",
                "COMPLETED:20260106T120000Z CREATED:20260105T120000Z",
                "20260105T1200",
                "20260106T1200",
            ),
            (
                "a task of which only the end is known",
                "VTODO",
                "COMPLETED:20260106T120000Z",
                "20260106T1200",
                "20260106T1200",
            ),
            ("always", "VAVAILABILITY", "SUMMARY:x", "-", "-"),
            ("from now on", "VAVAILABILITY", "DTSTART:20260105T120000Z", "20260105T1200", "-"),
            ("until then", "VAVAILABILITY", "DTEND:20260105T120000Z", "-", "20260105T1200"),
            (
                "a time of availability",
                "VAVAILABILITY",
                "DTSTART:20260105T120000Z DURATION:PT1H",
                "20260105T1200",
                "20260105T1300",
            ),
            ("an invalid end", "VAVAILABILITY", "DTSTART:20260105T120000Z DTEND:soon", "20260105T1200", "-"),
            ("busy time", "VFREEBUSY", "FREEBUSY:20260105T120000Z/20260105T130000Z", "20260105T1200", "20260105T1300"),
            (
                "busy time between",
                "VFREEBUSY",
                "DTSTART:20260105T000000Z DTEND:20260106T000000Z",
                "20260105T0000",
                "20260106T0000",
            ),
        ];
        let show = |instant: Option<Instant>| {
            instant.map_or_else(|| "-".to_owned(), |instant| local(instant).format("%Y%m%dT%H%M").to_string())
        };
        for (title, name, lines, first, last) in rows {
            let lines = lines.replace(' ', "\n");
            let text = specimens::calendar(&specimens::component(name, "1", &lines));
            let bounds = of(&Document::parse(text).expect("the text is well-formed"));
            assert_eq!((show(bounds.first).as_str(), show(bounds.last).as_str()), (first, last), "{title}");
        }
    }
}
