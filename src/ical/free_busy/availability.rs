//! When somebody is there at all (RFC 7953): office hours, and the weeks they do not hold.
//!
//! **Invariant:** of two that say something of the same time, the one of higher priority is heard (RFC 7953 §4); of two with the
//! same priority, whoever says that the time is free, and else the busier.

use super::{BusyPeriod, Kind};
use crate::recur::{self, MAX_INSTANCES, TooMany};
use crate::series::Series;
use crate::time::{Instant, TimeRange, Window};
use crate::value::DateTime;
use crate::zone::{Zone, Zones};
use crate::{Document, view};
use std::collections::BTreeMap;

/// What one VAVAILABILITY says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Availability {
    /// From 0, the lowest, to 9: RFC 5545 §3.8.1.9 counts the other way.
    rank: u8,
    kind: Kind,
    span: Window,
    /// The AVAILABLE times within the span.
    free: Vec<Window>,
}

/// What the object says of when its owner is there.
pub fn availabilities(object: &Document, range: TimeRange, floating: &Zone) -> Result<Vec<Availability>, TooMany> {
    let mut found = Vec::new();
    let mut said = object.root().components().filter_map(view::Availability::of).peekable();
    if said.peek().is_none() {
        return Ok(found);
    }
    let zones = Zones::of(object);
    for said in said {
        let asked = clipped(span(said, &zones, floating), range.window());
        if asked.start < asked.end {
            let free = free(said, asked, &zones, floating)?;
            // RFC 7953 §4: from 1, the highest, to 9; 0 is below.
            let rank = said.priority().map_or(0, |priority| 10 - priority);
            found.push(Availability { rank, kind: said.busy_type(), span: asked, free });
        }
    }
    Ok(found)
}

/// When it holds (RFC 7953 §3.1): for ever, where it does not say.
pub(crate) fn span(said: view::Availability<'_>, zones: &Zones, floating: &Zone) -> Window {
    let instant = |time: DateTime| zones.instant(&time, floating);
    let (start, end) = (said.start(), said.end().map(instant));
    let after = || Some(zones.after(start.as_ref()?, said.duration()?, floating));
    let end = end.or_else(after).unwrap_or(Window::ALL.end);
    Window::new(start.clone().map_or(Window::ALL.start, instant), end)
}

fn free(said: view::Availability<'_>, asked: Window, zones: &Zones, floating: &Zone) -> Result<Vec<Window>, TooMany> {
    let mut free = Vec::new();
    for series in Series::among(said.available().map(view::Available::component), zones) {
        let left = MAX_INSTANCES - free.len();
        let instances = recur::instances(&series, zones, floating, asked, left)?;
        free.extend(instances.iter().map(|instance| clipped(Window::new(instance.start, instance.end), asked)));
    }
    Ok(free)
}

fn clipped(window: Window, to: Window) -> Window {
    Window::new(window.start.max(to.start), window.end.min(to.end))
}

/// When somebody of whom all this is said is not there (RFC 7953 §4), in order.
pub fn unavailable(mut availabilities: Vec<Availability>, range: TimeRange) -> Vec<BusyPeriod> {
    let mut day = Timeline::of(range.window());
    // The busier later, so that it stays; `Kind` has the busiest first.
    availabilities.sort_by(|one, other| one.rank.cmp(&other.rank).then(other.kind.cmp(&one.kind)));
    for level in availabilities.chunk_by(|one, other| one.rank == other.rank) {
        for availability in level {
            day.paint(availability.span, Some(availability.kind));
        }
        for window in level.iter().flat_map(|availability| &availability.free) {
            day.paint(*window, None);
        }
    }
    day.periods()
}

/// What is the case from each instant on.
struct Timeline {
    end: Instant,
    since: BTreeMap<Instant, Option<Kind>>,
}

impl Timeline {
    fn of(window: Window) -> Self {
        Self { end: window.end, since: BTreeMap::from([(window.start, None)]) }
    }

    fn paint(&mut self, window: Window, kind: Option<Kind>) {
        if window.start >= window.end {
            return;
        }
        let behind = self.since.range(..=window.end).next_back().and_then(|(_, kind)| *kind);
        let hidden: Vec<Instant> = self.since.range(window.start..window.end).map(|(at, _)| *at).collect();
        for at in hidden {
            self.since.remove(&at);
        }
        self.since.insert(window.start, kind);
        if window.end < self.end {
            self.since.insert(window.end, behind);
        }
    }

    fn periods(self) -> Vec<BusyPeriod> {
        let ends = self.since.keys().skip(1).copied().chain([self.end]);
        let pieces = self.since.values().zip(self.since.keys().zip(ends));
        pieces.filter_map(|(kind, (start, end))| kind.map(|kind| BusyPeriod { start: *start, end, kind })).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-05T00:00:00Z, a Monday.
    const MONDAY: Instant = 1_767_571_200;
    const SLOT: Instant = 2 * 3600;

    fn office(lines: &str, hours: &str) -> String {
        let hours: Vec<String> = hours
            .split(' ')
            .filter(|hours| !hours.is_empty())
            .map(|hours| {
                let (from, to) = hours.split_once('-').expect("from and to");
                format!(
                    "BEGIN:AVAILABLE\nUID:{hours}\nDTSTART:20260101T{from}0000Z\nDTEND:20260101T{to}0000Z\n\
                    RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEND:AVAILABLE\n"
                )
            })
            .collect();
        let lines = lines.replace(' ', "\n");
        format!("BEGIN:VAVAILABILITY\nUID:1\n{lines}\n{}END:VAVAILABILITY\n", hours.concat())
    }

    /// The Monday in slots of two hours, as RFC 7953 §5.1 draws it.
    fn monday(offices: &[String]) -> String {
        let range = TimeRange::new(Some(MONDAY), Some(MONDAY + 12 * SLOT));
        let text = format!("BEGIN:VCALENDAR\n{}END:VCALENDAR\n", offices.concat());
        let object = Document::parse(text).expect("the text is well-formed");
        let found = availabilities(&object, range, &Zone::Utc).expect("there are few");
        let periods = unavailable(found, range);
        let letter = |slot: Instant| {
            let at = MONDAY + slot * SLOT;
            periods.iter().find(|period| (period.start..period.end).contains(&at)).map_or('F', |period| {
                match period.kind {
                    Kind::Busy => 'B',
                    Kind::Unavailable => 'U',
                    Kind::Tentative => 'T',
                    Kind::Free => '?',
                }
            })
        };
        (0..12).map(letter).collect()
    }

    #[test]
    fn who_is_there_is_told_by_the_availability_of_the_highest_priority() {
        let usual = || office("SUMMARY:x", "08-18");
        let rows = [
            ("nothing said", vec![], "FFFFFFFFFFFF"),
            ("never there", vec![office("SUMMARY:x", "")], "UUUUUUUUUUUU"),
            ("office hours, as in RFC 7953 §5.1.1", vec![usual()], "UUUUFFFFFUUU"),
            (
                "elsewhere for a week, as in RFC 7953 §5.1.2",
                vec![usual(), office("PRIORITY:1 DTSTART:20260104T000000Z DTEND:20260111T000000Z", "10-20")],
                "UUUUUFFFFFUU",
            ),
            (
                "away for some hours",
                vec![office("PRIORITY:9 DTSTART:20260105T100000Z DURATION:PT4H BUSYTYPE:BUSY", ""), usual()],
                "UUUUFBBFFUUU",
            ),
            (
                "away only before and after",
                vec![
                    usual(),
                    office("PRIORITY:5 DTEND:20260105T100000Z", ""),
                    office("PRIORITY:5 DTSTART:20260105T160000Z BUSYTYPE:BUSY-TENTATIVE", ""),
                ],
                "UUUUUFFFTTTT",
            ),
            (
                "the higher priority is heard, in whatever order",
                vec![office("PRIORITY:1", "08-10"), office("PRIORITY:2 BUSYTYPE:BUSY", "00-24")],
                "UUUUFUUUUUUU",
            ),
            (
                "the same priority: the busier, but free where one says so",
                vec![office("BUSYTYPE:BUSY", "08-10"), office("BUSYTYPE:BUSY-TENTATIVE", "12-14")],
                "BBBBFBFBBBBB",
            ),
            ("an unknown type", vec![office("BUSYTYPE:X-GOLF", "")], "UUUUUUUUUUUU"),
            ("another day", vec![office("DTSTART:20260106T000000Z", "")], "FFFFFFFFFFFF"),
            ("hours outside of its time", vec![office("DTEND:20260105T100000Z", "08-18")], "UUUUFFFFFFFF"),
        ];
        for (title, offices, expected) in rows {
            let offices: Vec<String> =
                offices.into_iter().map(|office| office.replace("T240000Z", "T235959Z")).collect();
            assert_eq!(monday(&offices), expected, "{title}");
        }
    }

    #[test]
    fn an_available_time_may_be_moved_on_one_day() {
        let usual = office("SUMMARY:x", "08-18");
        let moved = "BEGIN:AVAILABLE\nUID:08-18\nRECURRENCE-ID:20260105T080000Z\nDTSTART:20260105T140000Z\n\
                     DTEND:20260105T160000Z\nEND:AVAILABLE\nEND:VAVAILABILITY\n";
        assert_eq!(monday(&[usual.replace("END:VAVAILABILITY\n", moved)]), "UUUUUUUFUUUU");
    }
}
