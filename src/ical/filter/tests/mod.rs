//! Tests of the results of queries.

mod alarms;
mod properties;
mod tables;

use super::*;
use crate::query::{Collation, MatchType, ParamFilter, PropFilter, TextMatch};

/// The instant 2026-01-07T12:00:00Z, in seconds since the epoch.
const NOON: i64 = 1_767_787_200;
const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

fn calendar(component: &str) -> Document {
    let text = specimens::calendar(component);
    Document::parse(text).expect("well-formed")
}

fn event(lines: &str) -> Document {
    calendar(&format!("BEGIN:VEVENT\nUID:1\n{lines}END:VEVENT\n"))
}

fn comp(name: &str) -> CompFilter {
    CompFilter {
        name: name.to_owned(),
        is_not_defined: false,
        time_range: None,
        prop_filters: vec![],
        comp_filters: vec![],
    }
}

fn prop(name: &str) -> PropFilter {
    PropFilter {
        name: name.to_owned(),
        is_not_defined: false,
        time_range: None,
        text_match: None,
        param_filters: vec![],
    }
}

fn text(text: &str, collation: Collation, negate: bool) -> TextMatch {
    TextMatch { text: text.to_owned(), match_type: MatchType::Contains, collation, negate }
}

fn within(name: &str, start: Option<i64>, end: Option<i64>) -> CompFilter {
    CompFilter { time_range: Some(TimeRange { start, end }), ..comp(name) }
}

fn asks(object: &Document, filter: CompFilter) -> bool {
    let component = CompFilter { comp_filters: vec![filter], ..comp("VCALENDAR") };
    matches(object, &Filter { component }, &Zone::Utc, &Budget::default())
}

#[test]
fn a_range_takes_in_what_happens_in_it() {
    let single = "DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\n";
    let weekly = "DTSTART:20200101T120000Z\nDTEND:20200101T130000Z\nRRULE:FREQ=WEEKLY\n";
    let rows = [
        ("during", single, NOON, NOON + HOUR, true),
        ("just before", single, NOON - HOUR, NOON, false),
        ("just behind", single, NOON + HOUR, NOON + 2 * HOUR, false),
        ("overlapping its end", single, NOON + 1, NOON + 2 * HOUR, true),
        ("no duration, at its start", "DTSTART:20260107T120000Z\n", NOON, NOON + 1, true),
        ("no duration, behind", "DTSTART:20260107T120000Z\n", NOON + 1, NOON + 2, false),
        ("a day", "DTSTART;VALUE=DATE:20260107\n", NOON, NOON + HOUR, true),
        ("the day before", "DTSTART;VALUE=DATE:20260106\n", NOON, NOON + HOUR, false),
        ("an old series", weekly, NOON, NOON + HOUR, true),
        ("an old series, between", weekly, NOON + DAY, NOON + 2 * DAY, false),
    ];
    for (title, lines, start, end, expected) in rows {
        assert_eq!(asks(&event(lines), within("VEVENT", Some(start), Some(end))), expected, "{title}");
    }
    assert!(asks(&event(weekly), within("VEVENT", Some(NOON), None)), "open to the future");
    assert!(!asks(&event(single), within("VEVENT", Some(NOON + DAY), None)), "open to the future, past");
    assert!(asks(&event(single), within("VEVENT", None, Some(NOON + DAY))), "open to the past");
}

#[test]
fn an_override_counts_where_it_was_moved_to() {
    let series = "BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nRRULE:FREQ=WEEKLY;COUNT=2\nEND:VEVENT\n\
        BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260114T120000Z\nDTSTART:20260115T120000Z\nDTEND:20260115T130000Z\nEND:VEVENT\n";
    let ask =
        |day: i64| asks(&calendar(series), within("VEVENT", Some(NOON + day * DAY), Some(NOON + day * DAY + HOUR)));
    assert_eq!([ask(0), ask(7), ask(8), ask(14)], [true, false, true, false]);
}

#[test]
fn a_filter_can_require_that_a_component_is_absent() {
    let absent = |name: &str| CompFilter { is_not_defined: true, ..comp(name) };
    let object = event("DTSTART:20260107T120000Z\n");
    assert!(asks(&object, absent("VTODO")));
    assert!(!asks(&object, absent("VEVENT")));
    let without_alarm = CompFilter { comp_filters: vec![absent("VALARM")], ..comp("VEVENT") };
    assert!(asks(&object, without_alarm));
    assert!(!asks(&object, comp("VJOURNAL")));
}

#[test]
fn floating_times_are_in_the_zone_of_the_reader() {
    let object = event("DTSTART:20260107T120000\nDURATION:PT1H\n");
    let tokyo = Zone::named("Asia/Tokyo").expect("it is known");
    let noon = within("VEVENT", Some(NOON), Some(NOON + HOUR));
    let filter = Filter { component: CompFilter { comp_filters: vec![noon], ..comp("VCALENDAR") } };
    assert!(matches(&object, &filter, &Zone::Utc, &Budget::default()));
    assert!(!matches(&object, &filter, &tokyo, &Budget::default()));
}

#[test]
fn a_filter_for_no_calendar_matches_none() {
    let object = event("DTSTART:20260107T120000Z\n");
    let ask = |component: CompFilter| matches(&object, &Filter { component }, &Zone::Utc, &Budget::default());
    assert!(ask(comp("VCALENDAR")));
    assert!(!ask(comp("VCARD")));
    assert!(!ask(CompFilter { is_not_defined: true, ..comp("VCALENDAR") }));
}

#[test]
fn thousands_of_overrides_are_matched_in_linear_time() {
    let override_of = |at: i64| {
        let time = |at: i64| crate::time::local(NOON + at * HOUR).format("%Y%m%dT%H%M%SZ");
        let range = if at % 2 == 0 { ";RANGE=THISANDFUTURE" } else { "" };
        format!("BEGIN:VEVENT\nUID:1\nRECURRENCE-ID{range}:{}\nDTSTART:{}\nEND:VEVENT\n", time(at), time(at + 1))
    };
    let overrides: String = (0..5_000).map(override_of).collect();
    let master = "BEGIN:VEVENT\nUID:1\nDTSTART:20260107T120000Z\nRRULE:FREQ=HOURLY;COUNT=5000\nEND:VEVENT\n";
    let object = calendar(&format!("{master}{overrides}"));
    let ask = |day: i64| asks(&object, within("VEVENT", Some(NOON + day * DAY), Some(NOON + day * DAY + HOUR)));
    assert_eq!([ask(-1), ask(100), ask(1_000)], [false, true, false]);
}
