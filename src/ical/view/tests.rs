//! Tests of views: a calendar with one component of each type, and the values that its views
//! return.

use super::*;
use crate::free_busy::FreeBusyType;
use crate::rule::Frequency;
use crate::value::{DateTime, Duration};
use crate::{Address, Component, Document};

/// Returns a calendar with a component `name` that has these lines.
fn calendar(name: &str, lines: &str) -> Document {
    // The specimens would trim blanks at the ends of lines, which matter here.
    let text = format!("BEGIN:VCALENDAR\nBEGIN:{name}\n{lines}END:{name}\nEND:VCALENDAR\n");
    Document::parse(text).expect("the text is well-formed")
}

fn first(document: &Document) -> Component<'_> {
    document.root().components().next().expect("there is one")
}

fn time(value: &str) -> Option<DateTime> {
    DateTime::parse(value, None).ok()
}

fn canonical(addresses: impl Iterator<Item = Address>) -> Vec<String> {
    addresses.map(|address| address.canonical().to_owned()).collect()
}

#[test]
fn a_view_is_of_its_own_components_and_no_others() {
    let kinds = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY", "AVAILABLE", "VALARM", "VTIMEZONE"];
    for kind in kinds.into_iter().chain(["STANDARD", "DAYLIGHT", "X-COMPONENT"]) {
        let document = calendar(&kind.to_lowercase(), "UID:1\n");
        let component = first(&document);
        let views = [
            Event::of(component).map(Event::component),
            Todo::of(component).map(Todo::component),
            Journal::of(component).map(Journal::component),
            FreeBusy::of(component).map(FreeBusy::component),
            Availability::of(component).map(Availability::component),
            Available::of(component).map(Available::component),
            Alarm::of(component).map(Alarm::component),
            Timezone::of(component).map(Timezone::component),
        ];
        let found: Vec<_> = kinds.iter().zip(views).filter_map(|(kind, view)| Some((*kind, view?.id()))).collect();
        let expected: Vec<_> =
            kinds.into_iter().filter(|known| *known == kind).map(|kind| (kind, component.id())).collect();
        assert_eq!(found, expected, "{kind}");
        assert_eq!(Observance::of(component).is_some(), ["STANDARD", "DAYLIGHT"].contains(&kind), "{kind}");
    }
}

#[test]
fn a_view_returns_the_values_of_an_event() {
    let document = calendar(
        "VEVENT",
        "UID: 1 \nDTSTAMP:20260101T000000Z\nCREATED:20260101T000001Z\nLAST-MODIFIED:20260101T000002Z\n\
        DTSTART;TZID=Europe/Berlin:20260105T120000\nDTEND;TZID=Europe/Berlin:20260105T130000\nDURATION:PT1H\n\
        SEQUENCE:2\nPRIORITY:9\nSUMMARY:Lunch\\, late\nDESCRIPTION:At\\nnoon\nLOCATION:Canteen\n\
        CATEGORIES:a\\,b,c\nCATEGORIES:d\nSTATUS:tentative\nTRANSP:Transparent\nORGANIZER:MAILTO:Anna@Example.org\n\
        RECURRENCE-ID;RANGE=thisandfuture:20260105T110000Z\nRRULE:FREQ=DAILY\nRRULE:FREQ=NEVER\n\
        BEGIN:VALARM\nEND:VALARM\n",
    );
    let event = Event::of(first(&document)).expect("it is an event");
    assert_eq!((event.uid(), event.sequence(), event.priority()), (Some("1"), 2, Some(9)));
    assert_eq!(event.dtstamp(), time("20260101T000000Z"));
    assert_eq!((event.created(), event.last_modified()), (time("20260101T000001Z"), time("20260101T000002Z")));
    let spelled = [event.start(), event.end()].map(|time| time.map(|time| (time.to_string(), time.tzid().is_some())));
    assert_eq!(
        spelled,
        [("20260105T120000", true), ("20260105T130000", true)].map(|(at, zoned)| Some((at.to_owned(), zoned)))
    );
    assert_eq!(event.duration(), Some(Duration::of_seconds(3600)));
    assert_eq!(event.summary().as_deref(), Some("Lunch, late"));
    assert_eq!((event.description().as_deref(), event.location().as_deref()), (Some("At\nnoon"), Some("Canteen")));
    assert_eq!(event.categories().collect::<Vec<_>>(), ["a,b", "c", "d"]);
    assert_eq!((event.status(), event.is_transparent()), (Some(Status::Tentative), true));
    assert_eq!(event.organizer().as_ref().map(Address::canonical), Some("mailto:anna@example.org"));
    assert_eq!((event.recurrence_id(), event.is_this_and_future()), (time("20260105T110000Z"), true));
    assert_eq!(event.rules().map(|rule| rule.frequency).collect::<Vec<_>>(), [Frequency::Daily]);
    assert_eq!((event.recurs(), event.alarms().count()), (true, 1));
}

#[test]
fn missing_and_invalid_values_are_none() {
    let unreadable = "UID: \nDTSTAMP:x\nDTSTART:x\nDTEND:x\nDURATION:x\nDUE:x\nCOMPLETED:x\nSEQUENCE:x\nPRIORITY:0\n\
        PERCENT-COMPLETE:101\nSTATUS:GOLF\nORGANIZER:\nRECURRENCE-ID:x\nTRIGGER:x\nREPEAT:-1\nTZOFFSETTO:x\nFREEBUSY:x\n";
    for lines in ["", unreadable] {
        let of = |name: &str| calendar(name, lines);
        let (event, todo, alarm) = (of("VEVENT"), of("VTODO"), of("VALARM"));
        let event = Event::of(first(&event)).expect("it is an event");
        assert_eq!((event.uid(), event.sequence(), event.priority(), event.status()), (None, 0, None, None));
        assert_eq!((event.dtstamp(), event.start(), event.end(), event.duration()), (None, None, None, None));
        assert_eq!((event.organizer(), event.recurrence_id(), event.is_this_and_future()), (None, None, false));
        assert_eq!((event.is_transparent(), event.recurs()), (false, false));
        let todo = Todo::of(first(&todo)).expect("it is a task");
        assert_eq!((todo.due(), todo.completed(), todo.percent_complete()), (None, None, None));
        let alarm = Alarm::of(first(&alarm)).expect("it is an alarm");
        assert_eq!((alarm.action(), alarm.trigger(), alarm.repeat(), alarm.acknowledged()), (None, None, None, None));
        let (published, observance, availability) = (of("VFREEBUSY"), of("STANDARD"), of("VAVAILABILITY"));
        let published = FreeBusy::of(first(&published)).expect("it is busy time");
        assert_eq!((published.end(), published.periods().count()), (None, 0));
        let observance = Observance::of(first(&observance)).expect("it is an observance");
        assert_eq!((observance.offset_from(), observance.offset_to(), observance.name()), (None, None, None));
        let availability = Availability::of(first(&availability)).expect("it is availability");
        assert_eq!((availability.end(), availability.available().count()), (None, 0));
    }
}

#[test]
fn a_view_returns_the_values_of_an_attendee() {
    let document = calendar(
        "VEVENT",
        "ATTENDEE:mailto:Anna@example.org\n\
        ATTENDEE;CN=\"Bob, the second\";PARTSTAT=DELEGATED;ROLE=CHAIR;CUTYPE=ROOM;RSVP=true;\
        DELEGATED-TO=\"mailto:C@example.org\",\"mailto:d@example.org\";DELEGATED-FROM=\"mailto:e@example.org\";\
        MEMBER=\"mailto:team@example.org\":mailto:bob@example.org\n\
        ATTENDEE;PARTSTAT=;RSVP=FALSE:\n",
    );
    let attendees: Vec<_> = first(&document).attendees().collect();
    let [anna, bob, nobody] = attendees[..] else { panic!("three are invited") };
    assert_eq!(anna.address().as_ref().map(Address::canonical), Some("mailto:anna@example.org"));
    assert_eq!((anna.name(), anna.expects_reply()), (None, false));
    assert_eq!([anna.participation(), anna.role(), anna.kind()], ["NEEDS-ACTION", "REQ-PARTICIPANT", "INDIVIDUAL"]);
    assert_eq!((bob.name().as_deref(), bob.expects_reply()), (Some("Bob, the second"), true));
    assert_eq!([bob.participation(), bob.role(), bob.kind()], ["DELEGATED", "CHAIR", "ROOM"]);
    assert_eq!(canonical(bob.delegated_to()), ["mailto:c@example.org", "mailto:d@example.org"]);
    assert_eq!(
        canonical(bob.delegated_from().chain(bob.member_of())),
        ["mailto:e@example.org", "mailto:team@example.org"]
    );
    assert_eq!(bob.property().value(), "mailto:bob@example.org");
    assert_eq!((nobody.address(), nobody.expects_reply()), (None, false));
    assert_eq!(nobody.participation(), "NEEDS-ACTION");
}

#[test]
fn every_status_value_is_known() {
    for word in ["TENTATIVE", "CONFIRMED", "CANCELLED", "NEEDS-ACTION", "IN-PROCESS", "COMPLETED", "DRAFT", "FINAL"] {
        let document = calendar("VTODO", &format!("STATUS:{}\n", word.to_lowercase()));
        assert_eq!(first(&document).status().map(Status::as_str), Some(word));
    }
}

#[test]
fn views_return_the_values_of_tasks_and_journal_entries() {
    let document = calendar("VTODO", "DUE;VALUE=DATE:20260105\nCOMPLETED:20260104T000000Z\nPERCENT-COMPLETE:100\n");
    let todo = Todo::of(first(&document)).expect("it is a task");
    assert_eq!(
        (todo.due(), todo.completed(), todo.percent_complete()),
        (time("20260105"), time("20260104T000000Z"), Some(100))
    );
    let document = calendar("VJOURNAL", "DTSTART;VALUE=DATE:20260105\nDESCRIPTION:One\\, \nDESCRIPTION:two\n");
    let journal = Journal::of(first(&document)).expect("it is an entry");
    assert_eq!(
        (journal.start(), journal.descriptions().collect::<Vec<_>>()),
        (time("20260105"), vec!["One, ".into(), "two".into()])
    );
}

#[test]
fn busy_periods_carry_their_type() {
    let document = calendar(
        "VFREEBUSY",
        "DTEND:20260106T000000Z\nFREEBUSY:20260105T100000Z/PT1H,20260105T120000Z/20260105T130000Z\n\
        FREEBUSY;FBTYPE=busy-tentative:20260105T140000Z/PT1H\nFREEBUSY;FBTYPE=X-GOLF:20260105T160000Z/PT1H\n\
        FREEBUSY;FBTYPE=FREE:20260105T180000Z/PT1H\nFREEBUSY:soon/PT1H\n",
    );
    let published = FreeBusy::of(first(&document)).expect("it is busy time");
    assert_eq!(published.end(), time("20260106T000000Z"));
    let told: Vec<_> =
        published.periods().map(|(kind, period)| (kind, period.start.local().format("%H").to_string())).collect();
    let expected = [
        (FreeBusyType::Busy, "10"),
        (FreeBusyType::Busy, "12"),
        (FreeBusyType::Tentative, "14"),
        (FreeBusyType::Busy, "16"),
        (FreeBusyType::Free, "18"),
    ];
    assert_eq!(told, expected.map(|(kind, hour)| (kind, hour.to_owned())));
}

#[test]
fn a_view_returns_available_times_and_the_busy_type() {
    let rows = [
        ("", FreeBusyType::Unavailable),
        ("BUSYTYPE:busy\n", FreeBusyType::Busy),
        ("BUSYTYPE:BUSY-TENTATIVE\n", FreeBusyType::Tentative),
        ("BUSYTYPE:BUSY-UNAVAILABLE\n", FreeBusyType::Unavailable),
        ("BUSYTYPE:FREE\n", FreeBusyType::Unavailable),
    ];
    for (line, kind) in rows {
        let available = "BEGIN:AVAILABLE\nDTSTART:20260105T080000Z\nDTEND:20260105T160000Z\nEND:AVAILABLE\n";
        let document = calendar("VAVAILABILITY", &format!("DTEND:20260201T000000Z\n{line}{available}"));
        let availability = Availability::of(first(&document)).expect("it is availability");
        assert_eq!((availability.busy_type(), availability.end()), (kind, time("20260201T000000Z")), "{line}");
        let times: Vec<_> = availability.available().map(|available| (available.start(), available.end())).collect();
        assert_eq!(times, [(time("20260105T080000Z"), time("20260105T160000Z"))], "{line}");
    }
}

#[test]
fn an_alarm_rings_when_its_trigger_says_and_again() {
    let before = || Duration::of_seconds(-900);
    let rows = [
        ("before the start", "TRIGGER:-PT15M\n", Some(Trigger::FromStart(before())), None),
        ("before the start, said", "TRIGGER;RELATED=START:-PT15M\n", Some(Trigger::FromStart(before())), None),
        ("before the end", "TRIGGER;RELATED=end:-PT15M\n", Some(Trigger::FromEnd(before())), None),
        ("at a time", "TRIGGER;VALUE=DATE-TIME:20260105T080000Z\n", time("20260105T080000Z").map(Trigger::At), None),
        ("again", "REPEAT:2\nDURATION:PT5M\n", None, Some((2, 300))),
        ("repeated without DURATION", "REPEAT:2\n", None, None),
        ("again at once", "REPEAT:2\nDURATION:PT0S\n", None, None),
        ("never again", "REPEAT:0\nDURATION:PT5M\n", None, None),
    ];
    for (title, lines, trigger, repeat) in rows {
        let document = calendar("VALARM", lines);
        let alarm = Alarm::of(first(&document)).expect("it is an alarm");
        assert_eq!(alarm.trigger(), trigger, "{title}");
        assert_eq!(alarm.repeat().map(|repeat| (repeat.times, repeat.every.seconds)), repeat, "{title}");
    }
    let document = calendar("VALARM", "ACTION: DISPLAY\nACKNOWLEDGED:20260105T080000Z\n");
    let alarm = Alarm::of(first(&document)).expect("it is an alarm");
    assert_eq!((alarm.action(), alarm.acknowledged()), (Some("DISPLAY"), time("20260105T080000Z")));
}

#[test]
fn a_view_returns_the_observances_of_a_zone() {
    let document = calendar(
        "VTIMEZONE",
        "TZID: \"Berlin\"\nBEGIN:DAYLIGHT\nDTSTART:20260329T020000\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nTZNAME:CEST\n\
        RDATE:20270328T020000,20280326T020000\nRDATE:x\nRRULE:FREQ=YEARLY;COUNT=2\nEND:DAYLIGHT\nX-BETWEEN:1\n\
        BEGIN:STANDARD\nEND:STANDARD\nBEGIN:X-OTHER\nEND:X-OTHER\n",
    );
    let zone = Timezone::of(first(&document)).expect("it is a zone");
    assert_eq!(zone.tzid().as_deref(), Some("Berlin"));
    let told: Vec<_> = zone.observances().collect();
    let [summer, winter] = told[..] else { panic!("there are two") };
    assert_eq!((summer.is_daylight(), winter.is_daylight()), (true, false));
    assert_eq!((summer.start(), summer.name().as_deref()), (time("20260329T020000"), Some("CEST")));
    assert_eq!((summer.offset_from().map(|it| it.0), summer.offset_to().map(|it| it.0)), (Some(3600), Some(7200)));
    assert_eq!((summer.dates().count(), summer.rules().count(), winter.dates().count()), (2, 1, 0));
}
