//! Tests of the rules for storing, moving and removing that do not depend on attendees.

use ical::{Address, repair::Repaired};
use schemas::{
    CollectionId, ObjectEvent, PrincipalId, Timestamp,
    collection::{Property, PropertyName},
    object::Place,
};
use uuid::Uuid;

use super::*;
use crate::{Limits, Refusal, Require, Tags};

/// An address book without any address.
struct Nobody;

impl AddressBook for Nobody {
    fn principal(&self, _: &Address) -> Option<PrincipalId> {
        None
    }

    fn canonical(&self, address: &Address) -> Address {
        address.clone()
    }
}

/// Returns an event with the UID 1 and these lines.
fn event(lines: &str) -> String {
    specimens::event("1", &format!("DTSTART:20260107T120000Z\n{lines}"))
}

fn place(collection: u128, name: &str) -> Place {
    Place { collection: CollectionId(Uuid::from_u128(collection)), name: name.to_owned() }
}

fn limits() -> Limits {
    Limits { max_resource_size_bytes: 1_000, max_attendees_per_instance: 2, max_instances: 3, ..Limits::default() }
}

fn put(place: Place, ics: &str) -> Put {
    let Repaired { document, repairs } =
        read(ics.to_owned(), Timestamp(0), &limits()).expect("it is readable, and not too large");
    Put {
        place,
        document,
        repairs,
        sent: None,
        require: Require::default(),
        components: vec![],
        name_holder: NameHolder::Own,
        same_meeting: SameMeeting::Moves,
        withdrawable: vec![],
    }
}

fn try_on(object: &Object, command: &Command<'_>) -> Result<Vec<ObjectEvent>, Refusal> {
    let limits = limits();
    let home = PrincipalId(Uuid::from_u128(7));
    let context = DecisionContext {
        now: Timestamp(0),
        act: Uuid::from_u128(1),
        home,
        actor: Some(home),
        limits: &limits,
        address_book: &Nobody,
    };
    decide(object, command, &context)
}

fn stored(places: &[Place]) -> Object {
    places.iter().fold(Object::default(), |object, place| {
        let events = try_on(&object, &Command::Put(&put(place.clone(), &event("")))).expect("stored");
        events.iter().fold(object, evolve)
    })
}

/// A function that returns whether a refusal is the expected one.
type Is = fn(&Refusal) -> bool;

#[test]
fn what_is_sent_is_read_within_the_limits() {
    let large = event(&format!("SUMMARY:{}", "x".repeat(1_000)));
    let crowded = event(&"ATTENDEE:mailto:a@b.c\n".repeat(3));
    let long = event("RRULE:FREQ=DAILY;COUNT=4");
    let listed = event("RDATE:20260108T120000Z,20260109T120000Z\nRRULE:FREQ=DAILY;COUNT=2");
    let rows: [(&str, &str, Is); 5] = [
        ("not iCalendar", "hello", |no| matches!(no, Refusal::NotCalendarData { .. })),
        ("too large", &large, |no| *no == Refusal::TooLarge { limit_bytes: 1_000 }),
        ("too many attendees", &crowded, |no| *no == Refusal::TooManyAttendees { limit: 2 }),
        ("too many by a rule", &long, |no| *no == Refusal::TooManyInstances { limit: 3 }),
        ("too many in all", &listed, |no| *no == Refusal::TooManyInstances { limit: 3 }),
    ];
    for (title, text, expected) in rows {
        let refusal = read(text.to_owned(), Timestamp(0), &limits()).expect_err(title);
        assert!(expected(&refusal), "{title}: {refusal:?}");
    }
}

#[test]
fn a_text_at_a_limit_is_read_and_one_above_is_not() {
    let at = |bytes: usize| {
        let text = event(&format!("SUMMARY:{}", "x".repeat(600)));
        let missing = bytes - text.len();
        text.replacen("SUMMARY:", &format!("SUMMARY:{}", "y".repeat(missing)), 1)
    };
    // The parser does not fold lines again, so the text keeps its length.
    for (bytes, is_read) in [(1_000, true), (1_001, false)] {
        let text = at(bytes);
        assert_eq!(text.len(), bytes);
        assert_eq!(read(text.clone(), Timestamp(0), &limits()).is_ok(), is_read, "{bytes}");
        assert_eq!(super::limits::fits(&text, &limits()).is_ok(), is_read, "{bytes}");
    }
    let overrides = |count: u32| {
        let series = specimens::component("VEVENT", "1", "DTSTART:20260107T120000Z\nRRULE:FREQ=DAILY;COUNT=2");
        let moved = |day: u32| {
            let lines = format!("RECURRENCE-ID:202601{day:02}T120000Z\nDTSTART:202601{day:02}T130000Z");
            specimens::component("VEVENT", "1", &lines)
        };
        specimens::calendar(&(series + &(8..8 + count).map(moved).collect::<String>()))
    };
    let roomy = Limits { max_resource_size_bytes: 10_000, ..limits() };
    for (count, is_read) in [(1, true), (2, true), (4, false)] {
        let outcome = read(overrides(count), Timestamp(0), &roomy);
        assert_eq!(outcome.is_ok(), is_read, "{count}: {outcome:?}");
    }
}

#[test]
fn the_memory_of_an_object_is_that_of_its_texts() {
    let places = [place(1, "1.ics"), place(2, "2.ics")];
    assert_eq!(stored(&places).text_bytes(), 2 * event("").len());
    assert_eq!(Object::default().text_bytes(), 0);
}

#[test]
fn a_put_is_judged_by_every_precondition() {
    let here = place(1, "1.ics");
    let component = |uid| specimens::component("VEVENT", uid, "DTSTART:20260107T120000Z");
    let two_uids = specimens::calendar(&(component("1") + &component("2")));
    let rows: [(&str, Put, Is); 4] = [
        ("two UIDs", put(here.clone(), &two_uids), |no| matches!(no, Refusal::NotCalendarObject { .. })),
        (
            "a component the calendar does not accept",
            Put { components: vec!["VTODO".into()], ..put(here.clone(), &event("")) },
            |no| matches!(no, Refusal::UnsupportedComponent { component } if component == "VEVENT"),
        ),
        (
            "a name held by another UID",
            Put { name_holder: NameHolder::Another, ..put(here.clone(), &event("")) },
            |no| matches!(no, Refusal::UidDiffers { at } if at.name == "1.ics"),
        ),
        (
            "a tag that must match where nothing is",
            Put { require: Require { if_match: Some(Tags::Any), ..Require::default() }, ..put(here, &event("")) },
            |no| *no == Refusal::Precondition { header: "If-Match" },
        ),
    ];
    for (title, put, expected) in rows {
        let refusal = try_on(&Object::default(), &Command::Put(&put)).expect_err(title);
        assert!(expected(&refusal), "{title}: {refusal:?}");
    }
}

#[test]
fn a_resource_can_be_changed_and_renamed_in_a_calendar_that_does_not_accept_its_component() {
    let tasks_only = vec!["VTODO".to_owned()];
    let object = stored(&[place(1, "1.ics")]);
    let change = Put { components: tasks_only.clone(), ..put(place(1, "1.ics"), &event("SUMMARY:Lunch")) };
    assert_eq!(try_on(&object, &Command::Put(&change)).map(|events| events.len()), Ok(1));
    let relocate = |collection| Relocate {
        from: place(1, "1.ics"),
        to: place(collection, "2.ics"),
        overwrite: Overwrite::Allowed,
        require: Require::default(),
        components: tasks_only.clone(),
        name_holder: NameHolder::Own,
    };
    let relocated = |collection| try_on(&object, &Command::Relocate(&relocate(collection)));
    assert_eq!(relocated(1).map(|events| events.len()), Ok(1), "within the calendar");
    assert_eq!(relocated(2), Err(Refusal::UnsupportedComponent { component: "VEVENT".to_owned() }), "into another");
}

#[test]
fn a_uid_is_used_once_in_a_calendar_but_may_stand_in_two() {
    let object = stored(&[place(1, "1.ics")]);
    let again = try_on(&object, &Command::Put(&put(place(1, "2.ics"), &event(""))));
    assert_eq!(again, Err(Refusal::UidConflict { by: place(1, "1.ics") }));
    assert!(try_on(&object, &Command::Put(&put(place(2, "1.ics"), &event("")))).is_ok());
}

#[test]
fn a_move_keeps_the_bytes_and_respects_the_target() {
    let object = stored(&[place(1, "1.ics"), place(2, "2.ics")]);
    let relocate = |to: Place, overwrite| {
        let relocate = Relocate {
            from: place(1, "1.ics"),
            to,
            overwrite,
            require: Require::default(),
            components: vec![],
            name_holder: NameHolder::Own,
        };
        try_on(&object, &Command::Relocate(&relocate))
    };
    assert_eq!(relocate(place(1, "1.ics"), Overwrite::Allowed), Ok(vec![]), "onto itself");
    assert_eq!(relocate(place(2, "2.ics"), Overwrite::Forbidden), Err(Refusal::Exists));
    let twin = Err(Refusal::UidConflict { by: place(2, "2.ics") });
    assert_eq!(relocate(place(2, "3.ics"), Overwrite::Allowed), twin, "beside its twin");
    let events = relocate(place(2, "2.ics"), Overwrite::Allowed).expect("over its twin");
    let moved = events.iter().fold(object.clone(), evolve);
    assert_eq!(moved.resources.len(), 1);
    assert_eq!(moved.at(&place(2, "2.ics")).map(|resource| resource.content.ics.as_str()), Some(event("").as_str()));
}

#[test]
fn what_is_not_there_cannot_be_removed_and_what_is_there_can() {
    let object = stored(&[place(1, "1.ics")]);
    let remove = |name: &str| {
        let reply = itip::ScheduleReply::Send;
        try_on(&object, &Command::Remove(&Remove { place: place(1, name), require: Require::default(), reply }))
    };
    assert_eq!(remove("2.ics"), Err(Refusal::NotFound));
    let gone = remove("1.ics").expect("removed").iter().fold(object.clone(), evolve);
    assert!(gone.resources.is_empty());
}

#[test]
fn a_decision_is_never_dated_before_an_earlier_one_of_its_object() {
    struct Owner;
    impl AddressBook for Owner {
        fn principal(&self, address: &Address) -> Option<PrincipalId> {
            (address.canonical() == "mailto:anna@example.org").then_some(PrincipalId(Uuid::from_u128(7)))
        }

        fn canonical(&self, address: &Address) -> Address {
            address.clone()
        }
    }
    let meeting = event("ORGANIZER:mailto:anna@example.org\nATTENDEE:mailto:bob@example.org");
    let (limits, home) = (limits(), PrincipalId(Uuid::from_u128(7)));
    let mut object = Object::default();
    object.seen(Timestamp::from_seconds(1_767_614_400)); // 2026-01-05T12:00:00Z
    for (title, now, dtstamp) in [
        ("the clock was set back", 1_735_689_600, "DTSTAMP:20260105T120000Z"),
        ("the clock went on", 1_767_618_000, "DTSTAMP:20260105T130000Z"),
    ] {
        let now = Timestamp::from_seconds(now);
        let context = DecisionContext {
            now,
            act: Uuid::from_u128(1),
            home,
            actor: Some(home),
            limits: &limits,
            address_book: &Owner,
        };
        let events = decide(&object, &Command::Put(&put(place(1, "a"), &meeting)), &context).expect(title);
        let sent = events.iter().find_map(|event| match event {
            ObjectEvent::MessageIssued(issued) => Some(&issued.ics),
            _ => None,
        });
        assert!(sent.is_some_and(|ics| ics.contains(dtstamp)), "{title}: {events:?}");
    }
}

#[test]
fn properties_of_a_resource_are_set_and_removed_and_a_repetition_changes_nothing() {
    let name = PropertyName { namespace: "urn:example".to_owned(), local: "note".to_owned() };
    let property = Property { name: name.clone(), xml: "<note xmlns=\"urn:example\">a</note>".to_owned() };
    let at = place(1, "a");
    let set = ChangeProperties { place: at.clone(), set: vec![property.clone()], removed: vec![] };
    let remove = ChangeProperties { place: at.clone(), set: vec![], removed: vec![name] };
    let rows = [("set", &set, 1, vec![property.clone()]), ("set again", &set, 0, vec![property])];
    let rows = rows.into_iter().chain([("removed", &remove, 1, vec![]), ("removed again", &remove, 0, vec![])]);
    let mut object = stored(std::slice::from_ref(&at));
    for (title, change, count, expected) in rows {
        let events = try_on(&object, &Command::ChangeProperties(change)).expect(title);
        object = events.iter().fold(object, evolve);
        let properties = &object.at(&at).expect(title).properties;
        assert_eq!((events.len(), properties), (count, &expected), "{title}");
    }
}
