//! The time intervals in which an object can take place. They let an index find the objects for a
//! narrow time range with few false matches.
//!
//! **Invariant:** intervals are never too narrow, like [`bounds`]: if an object matches a time
//! range, one of its intervals overlaps the range. The time long before the reference instant is
//! covered by one long interval, and so is the time long after it. A query there may evaluate the
//! object in vain, but it misses no instance.

use crate::bounds::{self, Bounds, WIDEST_OFFSET};
use crate::recur::{Budget, Instance, instances_within};
use crate::series::Series;
use crate::time::{DAY, Instant, Window};
use crate::zone::{Zone, Zones};
use crate::{Component, Document};

/// Maximum number of intervals of one object. The first and the last may be long.
pub const MAX_INTERVALS: usize = 32;
/// Time before the reference instant from which on instances have intervals of their own, in
/// seconds.
const BEFORE: i64 = 8 * DAY;
/// A series that is shorter than this is expanded from its first instance on, even if it lies far
/// from the reference instant. In seconds.
const SHORT: i64 = 400 * DAY;
/// Lengths of the consecutive windows in which a series is expanded, in seconds.
const STRETCHES: [i64; 4] = [8 * DAY, 64 * DAY, 512 * DAY, 1_500 * DAY];
/// Expansion stops at the first window with more instances than this.
const MAX_INSTANCES: usize = 20 * MAX_INTERVALS;

/// Returns the intervals in which the object of the document can take place, in ascending order and
/// without overlap. `around` is the reference instant. There are at most [`MAX_INTERVALS`].
pub fn of(document: &Document, around: Instant) -> Vec<Bounds> {
    let whole = bounds::of(document);
    let zones = Zones::of(document);
    let all = Series::of(document, &zones);
    match all.as_slice() {
        [series] if is_spread(series) => around_moment(series, &zones, whole, around),
        _ => vec![whole],
    }
}

/// True if the series is expanded: it has DTSTART with RRULE or RDATE, or several overrides without
/// a master.
fn is_spread(series: &Series<'_>) -> bool {
    let recurs = |name| series.master.is_some_and(|master| master.property(name).is_some());
    recurs("DTSTART") && (recurs("RRULE") || recurs("RDATE")) || series.master.is_none() && series.overrides.len() > 1
}

fn around_moment(series: &Series<'_>, zones: &Zones, whole: Bounds, around: Instant) -> Vec<Bounds> {
    let begin = begin(whole, around);
    let widened = if floats(series, zones) { WIDEST_OFFSET } else { 0 };
    let mut intervals = Intervals::default();
    if whole.first.is_none_or(|first| first < begin) {
        // The first interval covers all instances before `begin`. It is widened if instances float:
        // they may end later for a person in another time zone.
        intervals.add(Bounds { first: whole.first, last: Some(begin.saturating_add(widened)) });
    }
    let mut from = begin;
    let budget = Budget::default();
    for stretch in STRETCHES {
        let to = from.saturating_add(stretch);
        let Ok(found) = instances_within(series, zones, &Zone::Utc, Window::new(from, to), (MAX_INSTANCES, &budget))
        else {
            break;
        };
        let room = MAX_INTERVALS - 1 - intervals.0.len();
        found.iter().take(room).for_each(|instance| intervals.add(interval(instance, widened)));
        if let Some(beyond) = found.get(room) {
            from = beyond.start;
            break;
        }
        from = to;
    }
    // The last interval reaches to the end of the object's bounds: it covers the instances that
    // were not expanded, the slack of the bounds, and floating instances in other time zones.
    let rest = intervals.0.last().and_then(|interval| interval.last).map_or(from, |last| last.min(from));
    if whole.last.is_none_or(|last| last > rest) {
        let first = if whole.last.is_some_and(|last| last <= from) { rest } else { from };
        intervals.add(Bounds { first: Some(first.saturating_sub(widened)), last: whole.last });
    }
    if intervals.0.is_empty() { vec![whole] } else { intervals.0 }
}

/// Returns the instant at which expansion begins: the start of a series that is shorter than
/// [`SHORT`]; for other series [`BEFORE`] the reference instant `around`, or their start if that is
/// later.
fn begin(whole: Bounds, around: Instant) -> Instant {
    match (whole.first, whole.last) {
        (Some(first), Some(last)) if last - first < SHORT => first,
        (first, _) => around.saturating_sub(BEFORE).max(first.unwrap_or(Instant::MIN)),
    }
}

fn interval(instance: &Instance<'_>, widened: i64) -> Bounds {
    let (first, last) = (instance.start.saturating_sub(widened), instance.end.saturating_add(widened));
    Bounds { first: Some(first), last: Some(last) }
}

/// True if some instances take place at other instants for people in other time zones.
fn floats(series: &Series<'_>, zones: &Zones) -> bool {
    let components = series.master.into_iter().chain(series.overrides.iter().map(|one| one.component));
    components.filter_map(Component::start).any(|start| zones.floats(&start))
}

/// A list of intervals without overlap, which are added in the order of their starts.
#[derive(Default)]
struct Intervals(Vec<Bounds>);

impl Intervals {
    fn add(&mut self, interval: Bounds) {
        match self.0.last_mut() {
            Some(before) if before.last.is_none_or(|last| interval.first.is_none_or(|first| first <= last)) => {
                before.last = before.last.zip(interval.last).map(|(one, other)| one.max(other));
            }
            _ => self.0.push(interval),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::local;
    use crate::value::DateTime;

    /// Returns the intervals of an event as days, computed around a reference day; `-` means an
    /// open end.
    fn days(lines: &str, around: &str) -> Vec<String> {
        let lines = lines.replace(' ', "\n");
        let text = specimens::event("1", &lines);
        let document = Document::parse(text).expect("the text is well-formed");
        let around = DateTime::parse(&format!("{around}T000000Z"), None).expect("a time").local();
        let show = |at: Option<Instant>| at.map_or("-".to_owned(), |at| local(at).format("%y%m%d").to_string());
        let intervals = of(&document, crate::time::civil(around));
        intervals.iter().map(|interval| format!("{}..{}", show(interval.first), show(interval.last))).collect()
    }

    #[test]
    fn intervals_cover_the_instances_of_a_series() {
        let at_noon = |rule: &str| format!("DTSTART:20260105T120000Z DURATION:PT1H RRULE:{rule}");
        let rows: [(&str, String, &str, &[&str]); 6] = [
            ("no series", "DTSTART:20260105T120000Z".to_owned(), "20260105", &["260105..260105"]),
            ("short", at_noon("FREQ=WEEKLY;COUNT=2"), "20360101", &["260105..260105", "260112..260113"]),
            (
                "without end, around its beginning",
                at_noon("FREQ=YEARLY"),
                "20260105",
                &[
                    "260105..260105",
                    "270105..270105",
                    "280105..280105",
                    "290105..290105",
                    "300105..300105",
                    "310105..310105",
                    "310920..-",
                ],
            ),
            (
                "without end, later",
                at_noon("FREQ=YEARLY;INTERVAL=3"),
                "20300101",
                &["260105..291224", "320105..320105", "350105..350105", "350908..-"],
            ),
            (
                "days, one after the other",
                "DTSTART;VALUE=DATE:20260105 RRULE:FREQ=DAILY;COUNT=5".to_owned(),
                "20260105",
                &["260104..260110"],
            ),
            (
                "nothing left",
                "DTSTART:20260105T120000Z RRULE:FREQ=DAILY;COUNT=1 EXDATE:20260105T120000Z".to_owned(),
                "20260105",
                &["260105..260106"],
            ),
        ];
        for (title, lines, around, expected) in rows {
            assert_eq!(days(&lines, around), expected, "{title}");
        }
    }

    #[test]
    fn a_series_with_many_instances_ends_in_one_long_interval() {
        let daily = days("DTSTART:20260105T120000Z DURATION:PT1H RRULE:FREQ=DAILY", "20260105");
        assert_eq!((daily.len(), daily.last().map(String::as_str)), (MAX_INTERVALS, Some("260205..-")));
        let seconds = days("DTSTART:20260105T120000Z RRULE:FREQ=SECONDLY", "20260105");
        assert_eq!(seconds.last().map(String::as_str), Some("260105..-"));
    }
}
