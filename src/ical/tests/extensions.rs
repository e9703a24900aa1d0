//! Tests that properties and components of RFC 7986, 9073, 9074 and 9253 are kept and can be
//! queried.

use ical::query::{CalendarData, CompFilter, Filter, ParamFilter, PropFilter, Recurrence, TextMatch};
use ical::query::{Collation, Components, MatchType, Properties, SelectedProperty, Selection};
use ical::recur::Budget;
use ical::time::Window;
use ical::zone::Zone;
use ical::{Document, filter, retrieve, validate};

/// An example object: a published concert (RFC 9073 §3, §5) with relations (RFC 9253) and a
/// proximity alarm (RFC 9074 §8).
const CONCERT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//A//B//EN\r\nNAME:Concerts\r\n\
    REFRESH-INTERVAL;VALUE=DURATION:P1W\r\nBEGIN:VEVENT\r\nUID:concert\r\nDTSTAMP:20260101T000000Z\r\n\
    DTSTART:20260105T190000Z\r\nDURATION:PT2H\r\nRRULE:FREQ=DAILY;COUNT=2\r\nCOLOR:turquoise\r\n\
    CONFERENCE;VALUE=URI;FEATURE=AUDIO:https://example.org/listen\r\n\
    STYLED-DESCRIPTION;VALUE=TEXT:<b>Mahler</b>\r\n\
    RELATED-TO;RELTYPE=FINISHTOSTART;GAP=PT15M:rehearsal\r\nLINK;LINKREL=latest-version;VALUE=URI:https://example.org/1\r\n\
    CONCEPT:https://example.org/event-types/arts/music\r\nREFID:season-2026\r\n\
    BEGIN:PARTICIPANT\r\nUID:soloist\r\nPARTICIPANT-TYPE:PERFORMER\r\nCALENDAR-ADDRESS:mailto:anna@example.org\r\n\
    BEGIN:VLOCATION\r\nUID:dressing-room\r\nNAME:Behind the stage\r\nEND:VLOCATION\r\nEND:PARTICIPANT\r\n\
    BEGIN:VLOCATION\r\nUID:hall\r\nNAME:The hall\r\nLOCATION-TYPE:arena\r\nEND:VLOCATION\r\n\
    BEGIN:VRESOURCE\r\nUID:piano\r\nRESOURCE-TYPE:INSTRUMENT\r\nEND:VRESOURCE\r\n\
    BEGIN:VALARM\r\nUID:arrive\r\nACTION:DISPLAY\r\nTRIGGER;VALUE=DATE-TIME:19760401T005545Z\r\nPROXIMITY:ARRIVE\r\n\
    ACKNOWLEDGED:20260101T000000Z\r\nRELATED-TO;RELTYPE=SNOOZE:first\r\n\
    BEGIN:VLOCATION\r\nUID:door\r\nURL:geo:40.443,-79.945;u=10\r\nEND:VLOCATION\r\nEND:VALARM\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

/// The window of 2026-01-05 and the following day.
const DAYS: Window = Window { start: 1_767_571_200, end: 1_767_744_000 };

fn concert() -> Document {
    Document::parse(CONCERT).expect("the text is well-formed")
}

#[test]
fn they_may_be_stored() {
    assert_eq!(validate::calendar_object(&concert()).map(|summary| summary.uid), Ok("concert".to_owned()));
}

#[test]
fn every_expanded_instance_keeps_them() {
    let wanted = CalendarData { recurrence: Some(Recurrence::Expand(DAYS)), ..CalendarData::default() };
    let shown = retrieve::render(CONCERT, &wanted, &Zone::Utc, &Budget::default()).expect("there are two");
    for line in CONCERT.lines().filter(|line| !["DTSTART", "RRULE"].iter().any(|name| line.starts_with(name))) {
        let times = if CONCERT.find(line) < CONCERT.find("BEGIN:VEVENT") || line == "END:VCALENDAR" { 1 } else { 2 };
        assert!(shown.matches(line).count() >= times, "{line}: {shown}");
    }
}

#[test]
fn their_parts_can_be_selected() {
    let none = |component: &str| Selection {
        component: component.to_owned(),
        properties: Properties::These(vec![SelectedProperty { name: "UID".to_owned(), no_value: false }]),
        components: Components::These(vec![]),
    };
    let event = Selection { components: Components::These(vec![none("VRESOURCE")]), ..none("VEVENT") };
    let selection = Some(Selection { components: Components::These(vec![event]), ..none("VCALENDAR") });
    let shown = retrieve::render(
        CONCERT,
        &CalendarData { selection, ..CalendarData::default() },
        &Zone::Utc,
        &Budget::default(),
    );
    let expected = "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:concert\r\nBEGIN:VRESOURCE\r\nUID:piano\r\nEND:VRESOURCE\r\n\
        END:VEVENT\r\nEND:VCALENDAR\r\n";
    assert_eq!(shown.as_deref(), Ok(expected));
}

fn component(name: &str) -> CompFilter {
    CompFilter {
        name: name.to_owned(),
        is_not_defined: false,
        time_range: None,
        prop_filters: vec![],
        comp_filters: vec![],
    }
}

fn contains(text: &str) -> TextMatch {
    TextMatch {
        text: text.to_owned(),
        match_type: MatchType::Contains,
        collation: Collation::AsciiCasemap,
        negate: false,
    }
}

fn property(name: &str, text: &str, param: Option<(&str, &str)>) -> PropFilter {
    let params = param.map(|(name, text)| ParamFilter {
        name: name.to_owned(),
        is_not_defined: false,
        text_match: Some(contains(text)),
    });
    PropFilter {
        name: name.to_owned(),
        is_not_defined: false,
        time_range: None,
        text_match: Some(contains(text)),
        param_filters: params.into_iter().collect(),
    }
}

#[test]
fn they_match_queries() {
    let rows = [
        ("a related event", vec![], property("RELATED-TO", "rehearsal", Some(("GAP", "PT15M"))), true),
        ("with another gap", vec![], property("RELATED-TO", "rehearsal", Some(("GAP", "PT16M"))), false),
        ("a concept", vec![], property("CONCEPT", "arts/music", None), true),
        ("a link by its relation", vec![], property("LINK", "example.org", Some(("LINKREL", "latest"))), true),
        ("a group", vec![], property("REFID", "season", None), true),
        ("the performer", vec!["PARTICIPANT"], property("CALENDAR-ADDRESS", "anna@", None), true),
        ("where", vec!["VLOCATION"], property("NAME", "hall", None), true),
        ("where a performer is", vec!["PARTICIPANT", "VLOCATION"], property("NAME", "stage", None), true),
        ("no such location", vec!["PARTICIPANT", "VLOCATION"], property("NAME", "hall", None), false),
        ("an alarm somewhere", vec!["VALARM", "VLOCATION"], property("URL", "geo:40.443", None), true),
        (
            "an alarm that is snoozed",
            vec!["VALARM"],
            property("RELATED-TO", "first", Some(("RELTYPE", "snooze"))),
            true,
        ),
    ];
    for (title, path, wanted, expected) in rows {
        let mut inner =
            CompFilter { prop_filters: vec![wanted], ..component(path.last().copied().unwrap_or("VEVENT")) };
        // The filters are built from the innermost component outwards.
        let around = path.iter().rev().skip(1).copied().chain((!path.is_empty()).then_some("VEVENT"));
        for name in around {
            inner = CompFilter { comp_filters: vec![inner], ..component(name) };
        }
        let filter = Filter { component: CompFilter { comp_filters: vec![inner], ..component("VCALENDAR") } };
        assert_eq!(filter::matches(&concert(), &filter, &Zone::Utc, &Budget::default()), expected, "{title}");
    }
}
