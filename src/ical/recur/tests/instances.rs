//! Tests of series with overrides.

use super::{events, instant, show, utc, window};
use crate::Document;
use crate::recur::{Budget, MAX_INSTANCES, MAX_WORK, TooManyInstances, any, exists, instances, instances_within};
use crate::series::{RecurrenceKey, Series};
use crate::time::{DAY, TimeRange, Window};
use crate::zone::{Zone, Zones};
use proptest::prelude::*;

const DAILY: &str =
    "DTSTART;TZID=Europe/Berlin:20260105T120000 DTEND;TZID=Europe/Berlin:20260105T130000 RRULE:FREQ=DAILY;COUNT=4";

type Row = (&'static str, &'static [&'static str], (&'static str, &'static str), &'static str);

#[rustfmt::skip]
const ROWS: &[Row] = &[
    ("an instance is moved", &[DAILY, "RECURRENCE-ID:20260106T110000Z DTSTART:20260106T150000Z DTEND:20260106T153000Z"],
     ("20260101", "20260201"), "0105T1100-1200 0106T1500-1530* 0107T1100-1200 0108T1100-1200"),
    ("into the window", &[DAILY, "RECURRENCE-ID:20260106T110000Z DTSTART:20260120T150000Z DTEND:20260120T153000Z"],
     ("20260110", "20260201"), "0120T1500-1530*"),
    ("out of it", &[DAILY, "RECURRENCE-ID:20260106T110000Z DTSTART:20260120T150000Z DTEND:20260120T153000Z"],
     ("20260106", "20260107"), ""),
    ("an override no rule knows", &[DAILY, "RECURRENCE-ID:20260220T110000Z DTSTART:20260220T150000Z"],
     ("20260108", "20260301"), "0108T1100-1200 0220T1500-1500*"),
    ("an override of an excluded instance", &["DTSTART:20260105T110000Z RRULE:FREQ=DAILY;COUNT=2 EXDATE:20260106T110000Z", "RECURRENCE-ID:20260106T110000Z DTSTART:20260106T120000Z"],
     ("20260101", "20260201"), "0105T1100-1100 0106T1200-1200*"),
    ("overrides without a master", &["RECURRENCE-ID:20260106T110000Z DTSTART:20260106T110000Z DURATION:PT1H", "RECURRENCE-ID:20260109T110000Z DTSTART:20260109T110000Z DURATION:PT1H"],
     ("20260101", "20260201"), "0106T1100-1200* 0109T1100-1200*"),
    ("this and future, an hour later and longer", &[DAILY, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T110000Z DTSTART;TZID=Europe/Berlin:20260107T130000 DTEND;TZID=Europe/Berlin:20260107T150000"],
     ("20260101", "20260201"), "0105T1100-1200 0106T1100-1200 0107T1200-1400* 0108T1200-1400*"),
    ("this and future, and one of them again", &[DAILY, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260106T110000Z DTSTART:20260106T120000Z DURATION:PT1H", "RECURRENCE-ID:20260107T110000Z DTSTART:20260107T200000Z DURATION:PT1H"],
     ("20260101", "20260201"), "0105T1100-1200 0106T1200-1300* 0107T2000-2100* 0108T1200-1300*"),
    ("this and future, twice", &[DAILY, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260106T110000Z DTSTART:20260106T120000Z DURATION:PT1H", "RECURRENCE-ID;RANGE=THISANDFUTURE:20260108T110000Z DTSTART:20260108T090000Z DURATION:PT1H"],
     ("20260101", "20260201"), "0105T1100-1200 0106T1200-1300* 0107T1200-1300* 0108T0900-1000*"),
    ("an override without times", &[DAILY, "RECURRENCE-ID:20260106T110000Z SUMMARY:other"],
     ("20260101", "20260201"), "0105T1100-1200 0106T1100-1200* 0107T1100-1200 0108T1100-1200"),
    ("this and future without times", &[DAILY, "RECURRENCE-ID;RANGE=THISANDFUTURE:20260107T110000Z SUMMARY:other"],
     ("20260101", "20260201"), "0105T1100-1200 0106T1100-1200 0107T1100-1200* 0108T1100-1200*"),
    ("an override by the day", &[DAILY, "RECURRENCE-ID;VALUE=DATE:20260106 DTSTART:20260106T150000Z"],
     ("20260101", "20260201"), "0105T1100-1200 0106T1500-1500* 0107T1100-1200 0108T1100-1200"),
    ("a day that ends as it begins", &["DTSTART;VALUE=DATE:20260105 DTEND;VALUE=DATE:20260105"], ("20260105T120000Z", "20260106"), "0105T0000-0106T0000"),
    ("a long one reaches into the window", &["DTSTART:20260105T000000Z DURATION:P30D RRULE:FREQ=YEARLY"],
     ("20280201", "20280301"), "0105T0000-0204T0000"),
    ("an event that ends when the window begins is outside", &["DTSTART:20260105T110000Z DURATION:PT1H"], ("20260105T120000Z", "20260106"), ""),
    ("an event without length that begins then is inside", &["DTSTART:20260105T120000Z"], ("20260105T120000Z", "20260106"), "0105T1200-1200"),
    ("an event that begins when the window ends is outside", &["DTSTART:20260106T000000Z DURATION:PT1H"], ("20260105T120000Z", "20260106"), ""),
];

#[test]
fn overrides_take_place_at_their_own_time() {
    for (title, components, (from, to), expected) in ROWS {
        assert_eq!(show(&events(components), &Zone::Utc, window(from, to)), *expected, "{title}");
    }
}

#[test]
fn an_instance_exists_by_a_rule_or_an_override() {
    let document = events(&[
        "DTSTART:20260105T110000Z RRULE:FREQ=DAILY;COUNT=4 EXDATE:20260107T110000Z",
        "RECURRENCE-ID:20260220T110000Z DTSTART:20260220T150000Z",
    ]);
    let zones = Zones::of(&document);
    let series = Series::of(&document, &zones).remove(0);
    let rows = [
        ("the first", "20260105T110000Z", true),
        ("the second", "20260106T110000Z", true),
        ("excluded", "20260107T110000Z", false),
        ("behind the end", "20260109T110000Z", false),
        ("at another time", "20260106T120000Z", false),
        ("an override", "20260220T110000Z", true),
    ];
    for (title, time, expected) in rows {
        assert_eq!(exists(&series, &zones, RecurrenceKey::At(instant(time))), expected, "{title}");
    }
    let day = RecurrenceKey::Date(crate::time::local(instant("20260106")).date());
    assert!(!exists(&series, &zones, day), "the form counts");
}

#[test]
fn more_instances_than_the_limit_are_an_error() {
    let document = events(&["DTSTART:20260105T110000Z RRULE:FREQ=DAILY"]);
    let zones = Zones::of(&document);
    let series = Series::of(&document, &zones).remove(0);
    let year = window("20260101", "20270101");
    let budget = Budget::default();
    let all = |limit| instances_within(&series, &zones, &Zone::Utc, year, (limit, &budget));
    assert_eq!(all(400).map(|all| all.len()), Ok(361));
    assert_eq!(all(360).map(|all| all.len()), Err(TooManyInstances { limit: 360 }));
    let most = instances(&series, &zones, &Zone::Utc, Window::ALL, &Budget::new(u32::MAX));
    assert_eq!(most.map(|all| all.len()), Err(TooManyInstances { limit: MAX_INSTANCES }), "there is a limit");
}

#[test]
fn a_request_is_bounded_by_one_budget_for_all_its_series() {
    let document = events(&["DTSTART:20260105T110000Z RRULE:FREQ=DAILY"]);
    let zones = Zones::of(&document);
    let series = Series::of(&document, &zones).remove(0);
    let budget = Budget::new(3_000);
    let year = window("20260101", "20270101");
    let found: Vec<_> = (0..10).map(|_| instances(&series, &zones, &Zone::Utc, year, &budget).is_ok()).collect();
    assert!(found[0] && !found[9], "{found:?}");
    assert!(budget.is_spent());
    let seconds = events(&["DTSTART:20260105T110000Z RRULE:FREQ=SECONDLY"]);
    let seconds = Series::of(&seconds, &zones).remove(0);
    let budget = Budget::new(10 * MAX_WORK);
    assert!(instances(&seconds, &zones, &Zone::Utc, year, &budget).is_err());
    assert!(instances(&series, &zones, &Zone::Utc, year, &budget).is_ok(), "one series leaves something to the others");
}

proptest! {
    #[test]
    fn two_windows_hold_what_one_holds(cut in 1..60_i64, shift in -5..5_i64, interval in 1..4_i64) {
        let master = format!("DTSTART;TZID=Europe/Berlin:20260301T013000 DURATION:P1DT2H RRULE:FREQ=DAILY;INTERVAL={interval}");
        let moved = instant("20260310T120000Z") + shift * DAY;
        let moved = format!("RECURRENCE-ID;VALUE=DATE:20260311 DTSTART:2026{}00Z DURATION:PT3H", utc(moved));
        let document = events(&[&master, &moved]);
        let from = instant("20260220");
        let middle = from + cut * DAY + 3 * 3600;
        let to = from + 61 * DAY;
        let of = |from, to| -> std::collections::BTreeSet<String> {
            let shown = show(&document, &Zone::Utc, Window::new(from, to));
            shown.split_whitespace().map(str::to_owned).collect()
        };
        let both: std::collections::BTreeSet<_> = of(from, middle).union(&of(middle, to)).cloned().collect();
        prop_assert_eq!(both, of(from, to));
    }
}

#[test]
fn the_search_of_an_unbounded_window_stops_early() {
    let rows = [
        ("endless", "DTSTART:20260105T110000Z RRULE:FREQ=DAILY", "20260201", true),
        ("endless and fine", "DTSTART:20260105T110000Z RRULE:FREQ=SECONDLY;INTERVAL=5", "20260201", true),
        ("over", "DTSTART:20260105T110000Z RRULE:FREQ=DAILY;UNTIL=20260110T000000Z", "20260201", false),
        ("counted", "DTSTART:20260105T110000Z RRULE:FREQ=MONTHLY;COUNT=12", "20261201", true),
        ("counted and over", "DTSTART:20260105T110000Z RRULE:FREQ=MONTHLY;COUNT=12", "20270101", false),
        ("rare", "DTSTART:20240229T110000Z RRULE:FREQ=YEARLY", "20260201", true),
        ("an RDATE far away", "DTSTART:20260105T110000Z RDATE:20990101T000000Z", "20260201", true),
        ("not recurring", "DTSTART:20260105T110000Z", "20260105", true),
        ("not recurring, and over", "DTSTART:20260105T110000Z", "20260106", false),
    ];
    for (title, event, from, expected) in rows {
        let document = events(&[event]);
        let zones = Zones::of(&document);
        let series = Series::of(&document, &zones).remove(0);
        let open = TimeRange::new(Some(instant(from)), None);
        assert_eq!(any(&series, &zones, &Zone::Utc, open, &Budget::default(), &mut |_| true), Ok(expected), "{title}");
    }
    let document = events(&[DAILY, "RECURRENCE-ID:20260106T110000Z DTSTART:20300106T110000Z"]);
    let zones = Zones::of(&document);
    let series = Series::of(&document, &zones).remove(0);
    let late = TimeRange::new(Some(instant("20290101")), None);
    assert_eq!(any(&series, &zones, &Zone::Utc, late, &Budget::default(), &mut |one| one.is_override), Ok(true));
    assert_eq!(any(&series, &zones, &Zone::Utc, late, &Budget::default(), &mut |one| !one.is_override), Ok(false));
    let nobody = any(&series, &zones, &Zone::Utc, TimeRange::default(), &Budget::default(), &mut |_| false);
    assert_eq!(nobody, Ok(false));
}

#[test]
fn tasks_and_journals_have_instances_too() {
    let rows = [
        (
            "a task from start to due",
            "VTODO",
            "DTSTART:20260105T100000Z DUE:20260105T120000Z RRULE:FREQ=DAILY;COUNT=2",
            "0105T1000-1200 0106T1000-1200",
        ),
        (
            "a task with a due alone",
            "VTODO",
            "DUE:20260105T120000Z RRULE:FREQ=DAILY;COUNT=2",
            "0105T1200-1200 0106T1200-1200",
        ),
        ("a task of a length", "VTODO", "DTSTART:20260105T100000Z DURATION:PT1H", "0105T1000-1100"),
        (
            "a task that ends as the window begins",
            "VTODO",
            "DTSTART:20260103T000000Z DUE:20260104T000000Z",
            "0103T0000-0104T0000",
        ),
        ("a task of a day lasts no time", "VTODO", "DTSTART;VALUE=DATE:20260105", "0105T0000-0000"),
        ("a task without times", "VTODO", "SUMMARY:x", ""),
        (
            "an entry of a day",
            "VJOURNAL",
            "DTSTART;VALUE=DATE:20260105 RRULE:FREQ=DAILY;COUNT=2",
            "0105T0000-0106T0000 0106T0000-0107T0000",
        ),
        ("an entry of a time", "VJOURNAL", "DTSTART:20260105T120000Z DTEND:20260105T130000Z", "0105T1200-1200"),
    ];
    for (title, name, lines, expected) in rows {
        let text = events(&[lines]).into_string().replace("VEVENT", name);
        let document = Document::parse(text).expect("the text is well-formed");
        assert_eq!(show(&document, &Zone::Utc, window("20260104", "20260201")), expected, "{title}");
    }
}
