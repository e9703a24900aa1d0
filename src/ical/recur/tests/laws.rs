//! Property-based tests of expansion, for generated series in all forms, zones and with overrides.

use super::{events, instant};
use crate::Document;
use crate::bounds::{self, Bounds};
use crate::intervals::{self, MAX_INTERVALS};
use crate::recur::{Budget, Instance, any, instances};
use crate::series::Series;
use crate::time::{DAY, TimeRange, Window, local};
use crate::zone::{Zone, Zones};
use proptest::prelude::*;

const YEAR: i64 = 366 * DAY;

/// A form in which times are written: the parameters, and a format for the value.
#[derive(Debug, Clone, Copy)]
struct Form(&'static str, &'static str);

const FORMS: [Form; 6] = [
    Form(";VALUE=DATE", "%Y%m%d"),
    Form("", "%Y%m%dT%H%M%S"),
    Form("", "%Y%m%dT%H%M%SZ"),
    Form(";TZID=Europe/Berlin", "%Y%m%dT%H%M%S"),
    Form(";TZID=America/New_York", "%Y%m%dT%H%M%S"),
    Form(";TZID=Australia/Lord_Howe", "%Y%m%dT%H%M%S"),
];

impl Form {
    fn line(self, name: &str, more: &str, time: i64) -> String {
        format!("{name}{more}{}:{}", self.0, local(time).format(self.1))
    }
}

fn form() -> impl Strategy<Value = Form> {
    proptest::sample::select(FORMS.to_vec())
}

fn rule() -> impl Strategy<Value = String> {
    let rules = vec![
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=3",
        "FREQ=WEEKLY;BYDAY=MO,TH,SU",
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SA,SU",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYDAY=-1FR",
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1,-1",
        "FREQ=YEARLY",
        "FREQ=YEARLY;BYWEEKNO=1,-1;BYDAY=MO",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=1,30,31,-31;SKIP=FORWARD",
        "RSCALE=GREGORIAN;FREQ=MONTHLY;BYMONTHDAY=1,30,31,-31;SKIP=BACKWARD",
        "FREQ=HOURLY;INTERVAL=7",
        "FREQ=HOURLY;BYHOUR=1,2,3;BYMINUTE=30",
    ];
    let ends = prop_oneof![
        Just(String::new()),
        (1..40_u32).prop_map(|count| format!(";COUNT={count}")),
        (0..500_i64).prop_map(|day| format!(";UNTIL={}", local(START + day * DAY).format("%Y%m%dT%H%M%SZ"))),
        (0..500_i64).prop_map(|day| format!(";UNTIL={}", local(START + day * DAY).format("%Y%m%d"))),
    ];
    (proptest::sample::select(rules), ends).prop_map(|(rule, end)| format!(" RRULE:{rule}{end}"))
}

/// 2026-01-01T00:00:00Z, in seconds since the epoch.
const START: i64 = 1_767_225_600;

fn start() -> impl Strategy<Value = i64> {
    // The range includes days on which clocks change.
    (0..400_i64, 0..48_i64).prop_map(|(day, half_hour)| START + day * DAY + half_hour * 1800)
}

fn length() -> impl Strategy<Value = &'static str> {
    proptest::sample::select(vec!["", " DURATION:PT1H", " DURATION:P1D", " DURATION:P3DT2H", " DURATION:PT30H"])
}

/// Generates an override of an instance, which may not exist.
fn override_of(series: Form, begin: i64) -> impl Strategy<Value = String> {
    let ranges = prop_oneof![Just(""), Just(";RANGE=THISANDFUTURE")];
    (0..60_i64, -50..50_i64, ranges, form(), length()).prop_map(move |(day, hours, range, own, length)| {
        let id = begin + day * DAY;
        let id = series.line("RECURRENCE-ID", range, id);
        format!("{id} {}{length}", own.line("DTSTART", "", begin + day * DAY + hours * 3600))
    })
}

fn series() -> impl Strategy<Value = Vec<String>> {
    (form(), start(), prop_oneof![Just(String::new()), rule()], length(), 0..30_i64).prop_flat_map(
        |(form, begin, rule, length, excluded)| {
            let exdate = form.line("EXDATE", "", begin + excluded * DAY);
            let rdate = form.line("RDATE", "", begin + (excluded * 5 - 40) * DAY);
            let master = format!("{}{length}{rule} {exdate} {rdate}", form.line("DTSTART", "", begin));
            proptest::collection::vec(override_of(form, begin), 0..3).prop_map(move |mut overrides| {
                overrides.insert(0, master.clone());
                overrides
            })
        },
    )
}

fn reader() -> impl Strategy<Value = Zone> {
    let names = vec!["UTC", "Pacific/Kiritimati", "Etc/GMT+12", "America/New_York", "Pacific/Apia"];
    proptest::sample::select(names).prop_map(|name| Zone::named(name).expect("the zone is known"))
}

type Shown = (i64, i64, bool);

fn found(document: &Document, reader: &Zone, window: Window) -> Vec<Shown> {
    let zones = Zones::of(document);
    let series = Series::of(document, &zones).remove(0);
    let found = instances(&series, &zones, reader, window, &Budget::default()).expect("there are few");
    found.iter().map(|instance| (instance.start, instance.end, instance.is_override)).collect()
}

fn parsed(components: &[String]) -> Document {
    events(&components.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Returns the instances of a document that are not completely within one of the intervals.
fn outside(intervals: &[Bounds], document: &Document, reader: &Zone) -> Vec<Shown> {
    let mut shown = found(document, reader, Window::new(START - YEAR, START + 9 * YEAR));
    shown.retain(|(start, end, _)| {
        let holds = |piece: &Bounds| {
            piece.first.is_none_or(|first| first <= *start) && piece.last.is_none_or(|last| *end <= last)
        };
        !intervals.iter().any(holds)
    });
    shown
}

#[test]
fn the_first_interval_ends_later_for_readers_in_the_west() {
    let document = events(&["DTSTART;VALUE=DATE:20260101 DURATION:P1D RRULE:FREQ=DAILY;INTERVAL=3"]);
    let reader = Zone::named("Etc/GMT+12").expect("the zone is known");
    for around in 1279..1282 {
        let intervals = intervals::of(&document, START + around * DAY);
        assert_eq!(outside(&intervals, &document, &reader), [], "{around}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_window_holds_what_overlaps_it_of_all(components in series(), reader in reader(), from in -60..800_i64, hours in 1..2000_i64) {
        let document = parsed(&components);
        let window = Window::new(START + from * DAY, START + from * DAY + hours * 3600);
        let all = found(&document, &reader, Window::new(START - YEAR, START + 4 * YEAR));
        let range = TimeRange::from(window);
        let expected: Vec<_> = all.into_iter().filter(|(start, end, _)| range.overlaps(*start, *end)).collect();
        prop_assert_eq!(found(&document, &reader, window), expected);
    }

    #[test]
    fn an_open_window_has_any_if_there_is_one(components in series(), reader in reader(), from in -60..800_i64) {
        let document = parsed(&components);
        let zones = Zones::of(&document);
        let series = Series::of(&document, &zones).remove(0);
        let from = START + from * DAY;
        let expected = !found(&document, &reader, Window::new(from, START + 10 * YEAR)).is_empty();
        let open = TimeRange::new(Some(from), None);
        prop_assert_eq!(any(&series, &zones, &reader, open, &Budget::default(), &mut |_: &Instance<'_>| true), Ok(expected));
    }

    #[test]
    fn one_of_the_pieces_holds_every_instance(components in series(), reader in reader(), around in -100..1500_i64) {
        let document = parsed(&components);
        let intervals = intervals::of(&document, START + around * DAY);
        prop_assert!(intervals.len() <= MAX_INTERVALS);
        let outside = outside(&intervals, &document, &reader);
        prop_assert!(outside.is_empty(), "{:?} {:?}", intervals, outside);
    }

    #[test]
    fn bounds_hold_every_instance(components in series(), reader in reader()) {
        let document = parsed(&components);
        let bounds = bounds::of(&document);
        for (start, end, _) in found(&document, &reader, Window::new(START - YEAR, START + 4 * YEAR)) {
            prop_assert!(bounds.first.is_none_or(|first| first <= start), "{:?} {}", bounds, start);
            prop_assert!(bounds.last.is_none_or(|last| end <= last), "{:?} {}", bounds, end);
        }
    }
}

/// Generates properties with values at the limits of what they can state.
fn edge() -> impl Strategy<Value = String> {
    let times = ["00010101", "00010101T000000Z", "99991231", "99991231T235959Z", "99991231T235959", "19700101T000000Z"];
    let lengths = ["P999999W", "PT999999999S", "-P1D", "P0D", "P9999D"];
    let rules = [
        "FREQ=DAILY;INTERVAL=4294967295",
        "FREQ=SECONDLY",
        "FREQ=YEARLY;COUNT=4294967295",
        "FREQ=HOURLY;UNTIL=99991231",
    ];
    let time = || proptest::sample::select(times.to_vec());
    let length = || proptest::sample::select(lengths.to_vec());
    prop_oneof![
        time().prop_map(|time| format!("DTSTART:{time}")),
        time().prop_map(|time| format!("DTSTART;TZID=Pacific/Kiritimati:{time}")),
        time().prop_map(|time| format!("DTEND;TZID=America/New_York:{time}")),
        time().prop_map(|time| format!("RDATE:{time}")),
        time().prop_map(|time| format!("EXDATE:{time}")),
        time().prop_map(|time| format!("RECURRENCE-ID;RANGE=THISANDFUTURE:{time}")),
        (time(), length()).prop_map(|(time, length)| format!("RDATE;VALUE=PERIOD:{time}/{length}")),
        length().prop_map(|length| format!("DURATION:{length}")),
        proptest::sample::select(rules.to_vec()).prop_map(|rule| format!("RRULE:{rule}")),
    ]
}

fn edges() -> impl Strategy<Value = Vec<String>> {
    let component = proptest::collection::vec(edge(), 1..6).prop_map(|lines| lines.join(" "));
    proptest::collection::vec(component, 1..3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_edges_of_time_are_no_place_to_fall_from(components in edges(), from in any_instant(), to in any_instant()) {
        let document = parsed(&components);
        let zones = Zones::of(&document);
        bounds::of(&document);
        for series in Series::of(&document, &zones) {
            for found in instances(&series, &zones, &Zone::Floating, Window::new(from, to), &Budget::default()).unwrap_or_default() {
                prop_assert!(found.start <= found.end);
            }
            let open = TimeRange::new(Some(from), None);
            let _ = any(&series, &zones, &Zone::Floating, open, &Budget::default(), &mut |_: &Instance<'_>| true);
        }
    }
}

fn any_instant() -> impl Strategy<Value = i64> {
    prop_oneof![Just(i64::MIN), Just(i64::MAX), Just(0), proptest::num::i64::ANY, Window::ALL.start..Window::ALL.end]
}

#[test]
fn the_start_of_these_laws_is_a_new_year() {
    assert_eq!(START, instant("20260101"));
}
