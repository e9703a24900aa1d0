//! Tests of meetings that a successor takes over from an organizer who leaves (RFC 5546 §3.2.2.4).

use super::world::{self, address, as_owner, canonical};
use crate::inbound::Message;
use crate::{Change, Owner, organizer};
use ical::{Address, Document};
use schemas::Ignored;

const NOW: i64 = 1_767_225_600; // 2026-01-01
const ALARM: &str = "BEGIN:VALARM\nACTION:DISPLAY\nDESCRIPTION:Go\nTRIGGER:-PT5M\nEND:VALARM\n";

/// Returns a series that Anna organizes, with an override of one instance.
fn series() -> Document {
    let people = "ORGANIZER;CN=Anna;SENT-BY=\"mailto:eve@example.org\":mailto:anna@example.org\n\
        ATTENDEE;PARTSTAT=ACCEPTED:mailto:anna@example.org\nATTENDEE;PARTSTAT=TENTATIVE:mailto:bob@example.org\n";
    let master = format!(
        "SEQUENCE:4\nDTSTART:20260105T120000Z\nRRULE:FREQ=DAILY;COUNT=5\n{people}{}",
        ALARM.replace("PT5M", "PT1H")
    );
    let one = format!("RECURRENCE-ID:20260107T120000Z\nDTSTART:20260107T130000Z\n{people}");
    let text = [specimens::component("VEVENT", "1", &master), specimens::component("VEVENT", "1", &one)].concat();
    Document::parse(specimens::calendar(&text)).expect("iCalendar")
}

fn taken(object: &Document, own: Option<&Document>, successor: &str, predecessor: &str) -> Option<Change> {
    let address = |name: &str| Address::parse(&format!("mailto:{name}@example.org")).expect("an address");
    let (to, from) = (address(successor), address(predecessor));
    let owner = Owner { address: &to, name: "Carol C." };
    as_owner(successor, NOW, |context| organizer::take_over(object, own, owner, &|address| *address == from, context))
}

#[test]
fn everything_but_the_organizer_and_her_own_stays() {
    let change = taken(&series(), None, "carol", "anna").expect("Anna organizes it");
    let text = change.stored.expect("a text").replace("\r\n ", "");
    assert_eq!(text.matches("ORGANIZER;CN=Carol C.:mailto:carol@example.org\r\n").count(), 2, "{text}");
    assert_eq!(
        text.matches("ATTENDEE;CN=Carol C.;PARTSTAT=ACCEPTED:mailto:carol@example.org\r\n").count(),
        2,
        "{text}"
    );
    assert_eq!(text.matches("ATTENDEE;PARTSTAT=TENTATIVE:mailto:bob@example.org\r\n").count(), 2, "{text}");
    assert!(text.contains("SEQUENCE:5\r\n") && text.contains("SEQUENCE:1\r\n"), "{text}");
    assert!(!text.contains("anna") && !text.contains("VALARM") && !text.contains("SENT-BY"), "{text}");
    let [message] = &change.messages[..] else { panic!("{:?}", change.messages) };
    assert_eq!((&message.recipients[..], message.reason), (&["mailto:bob@example.org".to_owned()][..], "handed-over"));
    assert!(message.ics.contains("RECURRENCE-ID"), "all he is invited to");
}

#[test]
fn the_successors_own_alarms_stay_and_a_refusal_too() {
    let organizers = series().into_string();
    let invited = organizers.replace(
        "ATTENDEE;PARTSTAT=TENTATIVE:mailto:bob",
        "ATTENDEE;RSVP=TRUE;PARTSTAT=DECLINED:mailto:carol@example.org\r\nATTENDEE;PARTSTAT=TENTATIVE:mailto:bob",
    );
    let own = Document::parse(invited.replace("PT1H", "PT7M")).expect("iCalendar");
    let invited = Document::parse(invited).expect("iCalendar");
    let text = taken(&invited, Some(&own), "carol", "anna").expect("taken over").stored.expect("a text");
    assert!(text.contains("TRIGGER:-PT7M") && !text.contains("PT1H"), "{text}");
    assert_eq!(text.matches("ATTENDEE;PARTSTAT=DECLINED:mailto:carol@example.org").count(), 2, "{text}");
}

#[test]
fn a_meeting_of_somebody_else_is_not_taken_over() {
    assert_eq!(taken(&series(), None, "carol", "dora"), None);
}

/// Returns why a REQUEST of Carol, who took over the meetings of `predecessor`, does not change
/// Bob's copy of a meeting of `organizer`; `None` if it does.
fn ignored(organizer: Option<&str>, predecessor: Option<&str>) -> Option<Ignored> {
    let lunch = |organizer: Option<&str>| {
        let organizer = organizer.map(|name| format!("ORGANIZER:{}\n", address(name))).unwrap_or_default();
        specimens::event("1", &format!("DTSTART:20260105T120000Z\n{organizer}ATTENDEE:mailto:bob@example.org\n"))
    };
    let request = lunch(Some("carol")).replace("VERSION:2.0", "VERSION:2.0\r\nMETHOD:REQUEST");
    let [request, copy] = [request, lunch(organizer)].map(|text| Document::parse(text).expect("iCalendar"));
    let predecessor = predecessor.map(|name| Address::parse(&address(name)).expect("an address"));
    let message = Message::read(&request, &canonical).expect("a message").taken_over_from(predecessor);
    world::ignored("bob", NOW, &message, &copy)
}

#[test]
fn a_successor_changes_the_copies_of_their_predecessors_meetings_alone() {
    let another = || Some(Ignored::AnotherOrganizer);
    let rows = [
        (Some("anna"), Some("anna"), None),
        (Some("anna"), Some("dora"), another()),
        (Some("anna"), None, another()),
        (None, Some("anna"), another()),
        (None, None, another()),
    ];
    for (organizer, predecessor, expected) in rows {
        assert_eq!(ignored(organizer, predecessor), expected, "{predecessor:?} of {organizer:?}");
    }
}
