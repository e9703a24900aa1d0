//! Tests of scheduling rules that concern several resources, several users, or several texts of one
//! copy.

use std::collections::BTreeMap;

use ical::{Address, time::Window};
use schemas::{
    CollectionId, ObjectEvent, PrincipalId, Timestamp,
    object::{MessageIssued, MessageReceived, ObjectRevised, Outcome, Place, RevisionReason, Role, Visibility},
    principal::AutomaticAnswer,
};
use uuid::Uuid;

use super::*;
use crate::{Limits, Refusal, Require, Tags};

const PEOPLE: [&str; 4] = ["alice", "bob", "carol", "mallory"];
/// 2026-01-05T12:00:00Z, in seconds since the epoch.
const NOON: i64 = 1_767_614_400;

fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

struct People;

impl AddressBook for People {
    fn principal(&self, address: &Address) -> Option<PrincipalId> {
        let name = address.canonical().strip_prefix("mailto:")?.strip_suffix("@x")?.to_owned();
        PEOPLE.contains(&name.as_str()).then(|| id(&name))
    }

    fn canonical(&self, address: &Address) -> Address {
        address.clone()
    }
}

struct Free;

impl Availability for Free {
    fn are_busy(&self, times: &[Window], _: &str) -> Vec<bool> {
        vec![false; times.len()]
    }
}

/// A test world of homes with one object each. All objects have the same UID.
#[derive(Default)]
struct Homes {
    objects: BTreeMap<&'static str, Object>,
    limits: Limits,
    acts: u128,
    /// The events of the last step, each with its home.
    happened: Vec<(&'static str, ObjectEvent)>,
}

impl Homes {
    fn put(&mut self, home: &'static str, calendar: &str, ics: &str) -> Result<(), Refusal> {
        self.put_by(home, home, calendar, ics)
    }

    fn put_by(&mut self, actor: &str, home: &'static str, calendar: &str, ics: &str) -> Result<(), Refusal> {
        let place = place(home, calendar);
        let is_new = self.objects.get(home).is_none_or(|object| object.at(&place).is_none());
        let if_none_match = is_new.then_some(Tags::Any);
        let put = Put {
            place,
            document: read(ics.to_owned(), Timestamp(0), &self.limits)?.document,
            repairs: vec![],
            sent: None,
            require: Require { if_none_match, ..Require::default() },
            components: vec![],
            name_holder: NameHolder::Own,
            same_meeting: SameMeeting::Moves,
            withdrawable: vec![],
        };
        self.act(Some(id(actor)), home, &Command::Put(&put))
    }

    fn remove(&mut self, home: &'static str, calendar: &str) -> Result<(), Refusal> {
        let remove =
            Remove { place: place(home, calendar), require: Require::default(), reply: itip::ScheduleReply::Send };
        self.act(Some(id(home)), home, &Command::Remove(&remove))
    }

    fn act(&mut self, actor: Option<PrincipalId>, home: &'static str, command: &Command<'_>) -> Result<(), Refusal> {
        self.happened.clear();
        let mut messages = self.run(actor, home, command)?;
        while !messages.is_empty() {
            let mut next = vec![];
            for (message, home) in messages.iter().flat_map(|message| PEOPLE.map(|home| (message, home))) {
                if message.recipients.iter().any(|recipient| recipient.principal == Some(id(home))) {
                    next.extend(self.receive(home, message));
                }
            }
            messages = next;
        }
        Ok(())
    }

    fn receive(&mut self, home: &'static str, message: &MessageIssued) -> Vec<MessageIssued> {
        self.receive_together(home, &[message])
    }

    fn receive_together(&mut self, home: &'static str, messages: &[&MessageIssued]) -> Vec<MessageIssued> {
        let inbound: Vec<_> = messages.iter().map(|message| InboundMessage::of(message)).collect();
        let parsed: Vec<_> = inbound.iter().map(|inbound| ParsedMessage::of(inbound, &People)).collect();
        let default = Some(place(home, "default").collection);
        let receive = Receive {
            reports: &[],
            messages: &parsed.iter().collect::<Vec<_>>(),
            copy: None,
            inbox: place(home, "inbox").collection,
            default_calendars: DefaultCalendars { events: default, tasks: default, journals: default },
            answer: AutomaticAnswer::None,
            availability: &Free,
        };
        self.run(None, home, &Command::Receive(&receive)).expect("a delivery is recorded, not refused")
    }

    fn run(
        &mut self,
        actor: Option<PrincipalId>,
        home: &'static str,
        command: &Command<'_>,
    ) -> Result<Vec<MessageIssued>, Refusal> {
        self.acts += 1;
        let context = DecisionContext {
            now: Timestamp::from_seconds(NOON + i64::try_from(self.acts).expect("few") * 60),
            act: Uuid::from_u128(self.acts),
            home: id(home),
            actor,
            limits: &self.limits,
            address_book: &People,
        };
        let object = self.objects.remove(home).unwrap_or_default();
        let decided = decide(&object, command, &context);
        let events = match &decided {
            Ok(events) => events.clone(),
            Err(_) => vec![],
        };
        self.objects.insert(home, events.iter().fold(object, evolve));
        self.happened.extend(events.iter().cloned().map(|event| (home, event)));
        let issued = decided?.into_iter().filter_map(|event| match event {
            ObjectEvent::MessageIssued(message) => Some(message),
            _ => None,
        });
        Ok(issued.collect())
    }

    fn text(&self, home: &str, calendar: &str) -> Option<&str> {
        Some(self.objects.get(home)?.at(&place(home, calendar))?.content.ics.as_str())
    }

    /// Returns the text of the scheduling object resource in a home; empty if there is none.
    fn copy(&self, home: &str) -> String {
        let copy = self.objects.get(home).and_then(Object::scheduled);
        copy.map(|copy| copy.content.ics.clone()).unwrap_or_default()
    }

    /// Returns the reasons why messages changed nothing in the last step.
    fn ignored(&self) -> Vec<&str> {
        let reasons = self.happened.iter().filter_map(|(_, event)| match event {
            ObjectEvent::MessageReceived(received) => match &received.outcome {
                Outcome::Ignored { reason } => Some(reason.as_str()),
                Outcome::Applied => None,
            },
            _ => None,
        });
        reasons.collect()
    }

    fn messages(&self) -> usize {
        self.happened.iter().filter(|(_, event)| matches!(event, ObjectEvent::MessageIssued(_))).count()
    }
}

/// Returns the place of a test's resource. The server names invitations in the default calendar
/// after the message's id; tests name everything else `1.ics`.
fn place(home: &str, calendar: &str) -> Place {
    Place { collection: CollectionId::derive(id(home), calendar, 0), name: "1.ics".to_owned() }
}

fn event(lines: &str) -> String {
    events(&[lines])
}

fn events(components: &[&str]) -> String {
    let components: String = components.iter().map(|lines| specimens::component("VEVENT", "1", lines)).collect();
    specimens::calendar(&components)
}

const OWN: &str = "DTSTART:20260107T120000Z\nRRULE:FREQ=DAILY;COUNT=5\nSUMMARY:Mine";

fn meeting(organizer: &str, attendees: &[&str]) -> String {
    let attendees = attendees.iter().map(|name| format!("\nATTENDEE:mailto:{name}@x")).collect::<Vec<_>>().concat();
    event(&format!("DTSTART:20260108T120000Z\nSUMMARY:Lunch\nORGANIZER:mailto:{organizer}@x{attendees}"))
}

#[test]
fn an_invitation_leaves_what_the_owner_stored_alone() {
    for calendar in ["default", "private"] {
        let mut homes = Homes::default();
        homes.put("alice", calendar, &event(OWN)).expect("an event of her own");
        homes.put("mallory", "default", &meeting("mallory", &["alice"])).expect("anybody may invite");
        assert_eq!(homes.text("alice", calendar), Some(event(OWN).as_str()), "{calendar}");
        // If Alice's event is in another calendar, the invitation is stored. If it is in the
        // default calendar, the UID is in use there, and the invitation stays in the inbox.
        let expected = if calendar == "default" { vec!["uid-in-use"] } else { vec![] };
        assert_eq!(homes.ignored(), expected, "{calendar}");
        assert_eq!(homes.objects["alice"].inbox.len(), 1, "{calendar}");
        assert_eq!(homes.copy("alice").is_empty(), calendar == "default", "{calendar}");
        // Alice can still change and remove her own event.
        let changed = event(OWN).replace("Mine", "Still mine");
        homes.put("alice", calendar, &changed).expect("her own event");
        homes.remove("mallory", "default").expect("his own meeting");
        assert_eq!(homes.text("alice", calendar), Some(changed.as_str()), "{calendar}");
        homes.remove("alice", calendar).expect("her own event");
        assert_eq!(homes.messages(), 0, "{calendar}");
    }
}

#[test]
fn no_message_of_a_stranger_changes_what_the_owner_stored() {
    let methods = ["REQUEST", "ADD", "CANCEL", "REPLY", "REFRESH", "COUNTER", "PUBLISH"];
    let own = [
        event(OWN),
        meeting("alice", &["bob"]),
        meeting("alice", &["bob"]).replace("SUMMARY", "STATUS:CANCELLED\r\nSUMMARY"),
    ];
    for (method, own) in methods.iter().flat_map(|method| own.iter().map(move |own| (method, own))) {
        let mut homes = Homes::default();
        homes.put("alice", "default", own).expect("her own");
        let before = homes.text("alice", "default").expect("stored").to_owned();
        let ics = meeting("mallory", &["alice"]).replacen("PRODID", &format!("METHOD:{method}\r\nPRODID"), 1);
        let message = MessageIssued {
            message: Uuid::from_u128(99),
            method: schemas::object::Method::parse(method).expect("a method"),
            uid: "1".to_owned(),
            sender: "mailto:mallory@x".to_owned(),
            sender_home: id("mallory"),
            taken_over_from: None,
            recipients: vec![],
            visibility: Visibility::Inbox,
            reason: String::new(),
            instances: vec![],
            ics,
        };
        homes.receive("alice", &message);
        assert_eq!(homes.text("alice", "default"), Some(before.as_str()), "{method}");
    }
}

#[test]
fn a_series_that_never_invited_the_owner_is_no_base_for_an_instance() {
    let mut homes = Homes::default();
    let published = event(&format!("{OWN}\nORGANIZER:mailto:mallory@x\nATTENDEE:mailto:bob@x"));
    homes.put("alice", "private", &published).expect("a series she follows");
    let instance = "RECURRENCE-ID:20260108T120000Z\nDTSTART:20260108T120000Z\nSUMMARY:Come once\n\
                    ORGANIZER:mailto:mallory@x\nATTENDEE:mailto:bob@x\nATTENDEE:mailto:alice@x";
    let series = format!("{OWN}\nORGANIZER:mailto:mallory@x\nATTENDEE:mailto:bob@x");
    homes.put("mallory", "default", &events(&[&series, instance])).expect("he may invite her once");
    let copy = homes.copy("alice");
    assert!(copy.contains("Come once") && !copy.contains("RRULE"), "{copy}");
    assert_eq!(homes.objects["alice"].scheduled().map(|copy| copy.content.role), Some(Role::Attendee));
}

#[test]
fn a_meeting_stored_in_another_calendar_is_moved_and_tells_nobody() {
    for (home, copy_of) in [("alice", "the organizer"), ("bob", "an attendee")] {
        let mut homes = Homes::default();
        homes.put("alice", "default", &meeting("alice", &["bob", "carol"])).expect("stored");
        let before = homes.copy(home);
        homes.put(home, "other", &before).expect("a move");
        assert_eq!(homes.messages(), 0, "{copy_of}");
        assert_eq!(homes.text(home, "other"), Some(before.as_str()), "{copy_of}");
        assert_eq!(homes.objects[home].resources.len(), 1, "{copy_of}");
    }
}

#[test]
fn a_change_made_with_the_move_is_told_as_a_change() {
    let mut homes = Homes::default();
    homes.put("alice", "default", &meeting("alice", &["bob"])).expect("stored");
    homes.put("alice", "other", &homes.copy("alice").replace("Lunch", "Dinner")).expect("a move");
    assert!(homes.copy("bob").contains("Dinner"), "{}", homes.copy("bob"));
    assert_eq!(homes.messages(), 1);
    // A PUT without If-None-Match does not move the resource, so this is a second copy.
    let copy = homes.copy("alice");
    let put = Put {
        place: place("alice", "third"),
        document: read(copy, Timestamp(0), &homes.limits).expect("readable").document,
        repairs: vec![],
        sent: None,
        require: Require::default(),
        components: vec![],
        name_holder: NameHolder::Own,
        same_meeting: SameMeeting::Moves,
        withdrawable: vec![],
    };
    let refused = homes.act(Some(id("alice")), "alice", &Command::Put(&put)).expect_err("a second copy");
    assert!(matches!(refused, Refusal::SchedulingObjectNotUnique { .. }), "{refused:?}");
    // Carol cannot move the resource: she may lack the privilege to remove it from the other
    // calendar.
    let copy = homes.copy("alice");
    let refused = homes.put_by("carol", "alice", "third", &copy).expect_err("not hers to move");
    assert!(matches!(refused, Refusal::SchedulingObjectNotUnique { .. }), "{refused:?}");
}

#[test]
fn an_answer_on_an_outdated_copy_is_taken_and_the_rest_stays() {
    let mut homes = Homes::default();
    homes.put("alice", "default", &meeting("alice", &["bob", "carol"])).expect("stored");
    let outdated = homes.copy("bob");
    homes.put("alice", "default", &homes.copy("alice").replace("Lunch", "Dinner")).expect("renamed");
    let bob = homes.objects["bob"].scheduled().expect("his copy").place.clone();
    let answered = outdated.replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob");
    let answered = answered.replace("END:VEVENT", "TRANSP:TRANSPARENT\r\nEND:VEVENT");
    let answer = |homes: &mut Homes, ics: &str| {
        let put = Put {
            place: bob.clone(),
            document: read(ics.to_owned(), Timestamp(0), &homes.limits).expect("readable").document,
            repairs: vec![],
            sent: None,
            require: Require::default(),
            components: vec![],
            name_holder: NameHolder::Own,
            same_meeting: SameMeeting::Moves,
            withdrawable: vec![],
        };
        homes.act(Some(id("bob")), "bob", &Command::Put(&put))
    };
    answer(&mut homes, &answered).expect("an answer");
    let copy = homes.copy("bob");
    assert!(copy.contains("Dinner") && copy.contains("TRANSP:TRANSPARENT"), "{copy}");
    assert!(homes.copy("alice").contains("PARTSTAT=ACCEPTED"), "{}", homes.copy("alice"));
    // A text that was never the organizer's is an attempt to change it.
    let forged = outdated.replace("Lunch", "Breakfast");
    assert!(matches!(answer(&mut homes, &forged), Err(Refusal::Scheduling(_))));
    // An answer that was given for another time is refused.
    homes.put("alice", "default", &homes.copy("alice").replace("T120000Z", "T150000Z")).expect("moved");
    let refused = answer(&mut homes, &answered).expect_err("for another time");
    assert!(refused.to_string().contains("the times of the meeting changed"), "{refused}");
}

#[test]
fn nobody_books_their_own_meeting_in_the_calendar_of_another() {
    let mut homes = Homes::default();
    for attendees in [&["bob"][..], &["bob", "carol"]] {
        let refused = homes.put_by("alice", "carol", "default", &meeting("alice", attendees)).expect_err("not invited");
        assert!(refused.to_string().contains("nobody would be invited"), "{refused}");
    }
    homes.put_by("alice", "carol", "default", &meeting("carol", &["bob"])).expect("in Carol's name");
    assert!(!homes.copy("bob").is_empty());
    let mut homes = Homes::default();
    homes.put_by("alice", "carol", "default", &event(OWN)).expect("an event without attendees");
    let refused =
        homes.put_by("alice", "carol", "default", &meeting("alice", &["bob"])).expect_err("made of that event");
    assert!(refused.to_string().contains("nobody would be invited"), "{refused}");
}

#[test]
fn storing_a_meeting_of_another_tells_nothing_about_their_calendar() {
    let mut homes = Homes::default();
    let claimed = meeting("alice", &["mallory"]);
    let unknown = homes.put("mallory", "default", &claimed).is_ok();
    let mut homes = Homes::default();
    homes.put("alice", "default", &meeting("alice", &["bob"])).expect("stored");
    assert_eq!(homes.put("mallory", "default", &claimed).is_ok(), unknown);
    assert!(!homes.copy("alice").contains("mallory"));
}

#[test]
fn limits_hold_for_the_result_in_every_copy() {
    let attendees: Vec<String> = (0..20).map(|number| format!("guest{number}")).collect();
    let attendees: Vec<&str> = attendees.iter().map(String::as_str).chain(["bob", "carol"]).collect();
    let series = meeting("alice", &attendees).replace("SUMMARY", "RRULE:FREQ=DAILY\r\nSUMMARY");
    let mut homes =
        Homes { limits: Limits { max_resource_size_bytes: 4_000, ..Limits::default() }, ..Homes::default() };
    homes.put("alice", "default", &series).expect("stored");
    // The overrides contain only Bob's own answer. The server restores the other attendees' lines
    // in each.
    let decline = |day: u32| {
        format!(
            "RECURRENCE-ID:202601{day:02}T120000Z\nDTSTART:202601{day:02}T120000Z\nSUMMARY:Lunch\n\
             ORGANIZER:mailto:alice@x\nATTENDEE;PARTSTAT=DECLINED:mailto:bob@x"
        )
    };
    let overrides: String = (9..20).map(|day| event(&decline(day))).collect();
    let overrides: String = overrides
        .split_inclusive("\r\n")
        .filter(|line| {
            !["BEGIN:VCALENDAR", "END:VCALENDAR", "VERSION", "PRODID"].iter().any(|part| line.starts_with(part))
        })
        .collect();
    let copy = homes.objects["bob"].scheduled().expect("his copy").clone();
    let many = copy.content.ics.replace("END:VCALENDAR", &format!("{overrides}END:VCALENDAR"));
    let put = Put {
        place: copy.place,
        document: ical::Document::parse(many).expect("well-formed"),
        repairs: vec![],
        sent: None,
        require: Require::default(),
        components: vec![],
        name_holder: NameHolder::Own,
        same_meeting: SameMeeting::Moves,
        withdrawable: vec![],
    };
    let refused = homes.act(Some(id("bob")), "bob", &Command::Put(&put)).expect_err("too large");
    assert!(matches!(refused, Refusal::TooLarge { limit_bytes: 4_000 }), "{refused:?}");
    assert_eq!(homes.copy("bob"), copy.content.ics);
}

#[test]
fn comments_that_come_with_an_import_may_be_the_organizers() {
    let mut homes = Homes::default();
    homes.put("alice", "default", &meeting("alice", &["bob"])).expect("stored");
    let known = homes.objects["bob"].clone();
    assert!(known.comments.are_complete(), "all came with the invitation");
    let copy = known.scheduled().expect("a copy");
    for (reason, expected) in
        [(RevisionReason::Import, false), (RevisionReason::Repair, false), (RevisionReason::Refresh, true)]
    {
        let revised = ObjectRevised {
            home: Some(id("bob")),
            uid: Some("1".to_owned()),
            place: copy.place.clone(),
            content: copy.content.clone(),
            reason,
            message: None,
            automatic: None,
        };
        let after = evolve(known.clone(), &ObjectEvent::Revised(revised));
        assert_eq!(after.comments.are_complete(), expected, "{reason:?}");
    }
}

/// Returns a REPLY by Bob with this text.
fn reply(ics: String) -> MessageIssued {
    MessageIssued {
        message: Uuid::from_u128(99),
        method: schemas::object::Method::Reply,
        uid: "1".to_owned(),
        sender: "mailto:bob@x".to_owned(),
        sender_home: id("bob"),
        taken_over_from: None,
        recipients: vec![],
        visibility: Visibility::Inbox,
        reason: String::new(),
        instances: vec![],
        ics,
    }
}

#[test]
fn a_result_over_the_limit_is_recorded_and_not_stored() {
    let mut homes = Homes::default();
    homes.put("alice", "default", &meeting("alice", &["bob"])).expect("stored");
    let before = homes.copy("bob");
    homes.limits.max_resource_size_bytes = before.len() + 10;
    homes
        .put("alice", "default", &homes.copy("alice").replace("SUMMARY:Lunch\r\n", "SUMMARY:Lunch with\r\n"))
        .expect("short");
    homes.limits.max_resource_size_bytes = 10;
    let text =
        homes.copy("bob").replace("ATTENDEE", "ATTENDEE;PARTSTAT=ACCEPTED").replace("PRODID", "METHOD:REPLY\r\nPRODID");
    homes.happened.clear();
    let stored = homes.copy("alice");
    homes.receive("alice", &reply(text));
    assert_eq!((homes.ignored(), homes.copy("alice")), (vec!["too-large"], stored));
}

#[test]
fn a_reply_that_makes_too_many_instances_or_attendees_is_recorded_and_not_stored() {
    let series = "DTSTART:20260108T120000Z\nRRULE:FREQ=DAILY\nORGANIZER:mailto:alice@x\nATTENDEE:mailto:bob@x";
    let declined = "EXDATE:20260109T120000Z,20260110T120000Z\r\nATTENDEE;PARTSTAT=ACCEPTED:";
    let delegated = "ATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:carol@x\",\"mailto:mallory@x\":";
    let rows = [
        ("two instances", declined, Limits { max_instances: 1, ..Limits::default() }),
        ("two delegates", delegated, Limits { max_attendees_per_instance: 2, ..Limits::default() }),
    ];
    for (title, answer, limits) in rows {
        for (limits, ignored) in [(limits, vec!["too-large"]), (Limits::default(), vec![])] {
            let mut homes = Homes::default();
            homes.put("alice", "default", &event(series)).expect("stored");
            let ics = homes.copy("bob").replace("ATTENDEE:", answer).replace("PRODID", "METHOD:REPLY\r\nPRODID");
            homes.limits = limits;
            homes.happened.clear();
            let stored = homes.copy("alice");
            homes.receive("alice", &reply(ics));
            assert_eq!(homes.ignored(), ignored, "{title}");
            assert_eq!(homes.copy("alice") == stored, !ignored.is_empty(), "{title}");
        }
    }
}

#[test]
fn what_one_change_writes_to_all_copies_is_bounded() {
    let mut homes = Homes { limits: Limits { max_delivery_bytes: 600, ..Limits::default() }, ..Homes::default() };
    let refused = homes.put("alice", "default", &meeting("alice", &["bob", "carol", "mallory"])).expect_err("too much");
    assert!(matches!(refused, Refusal::DeliveryTooLarge { limit_bytes: 600 }), "{refused:?}");
    homes.put("alice", "default", &meeting("alice", &["bob"])).expect("little enough");
    homes.limits = Limits { max_refresh_bytes: 10, ..Limits::default() };
    homes
        .put("alice", "default", &homes.copy("alice").replace("END:VEVENT", "ATTENDEE:mailto:carol@x\r\nEND:VEVENT"))
        .expect("one more");
    let bob = homes.objects["bob"].scheduled().expect("his copy").clone();
    let ics = bob.content.ics.replace("ATTENDEE:mailto:bob", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob");
    let put = Put {
        place: bob.place,
        document: read(ics, Timestamp(0), &homes.limits).expect("readable").document,
        repairs: vec![],
        sent: None,
        require: Require::default(),
        components: vec![],
        name_holder: NameHolder::Own,
        same_meeting: SameMeeting::Moves,
        withdrawable: vec![],
    };
    homes.act(Some(id("bob")), "bob", &Command::Put(&put)).expect("an answer");
    assert!(homes.copy("alice").contains("PARTSTAT=ACCEPTED"));
    assert!(!homes.copy("carol").contains("PARTSTAT=ACCEPTED"), "the refresh is above the limit");
}

#[test]
fn answers_to_a_removed_meeting_do_not_count_for_the_next_one() {
    let reply = |number: u128, partstat: &str, stamp: &str| {
        let ics = meeting("alice", &["bob"]).replace("ATTENDEE", &format!("ATTENDEE;PARTSTAT={partstat}"));
        MessageIssued {
            message: Uuid::from_u128(number),
            method: schemas::object::Method::Reply,
            uid: "1".to_owned(),
            sender: "mailto:bob@x".to_owned(),
            sender_home: id("bob"),
            taken_over_from: None,
            recipients: vec![],
            visibility: Visibility::Inbox,
            reason: String::new(),
            instances: vec![],
            ics: ics.replace("PRODID", "METHOD:REPLY\r\nPRODID").replace("20260101T000000Z", stamp),
        }
    };
    let mut homes = Homes::default();
    homes.put("alice", "default", &meeting("alice", &["bob"])).expect("stored");
    homes.receive("alice", &reply(91, "ACCEPTED", "20260301T000000Z"));
    assert!(homes.copy("alice").contains("PARTSTAT=ACCEPTED"));
    homes.remove("alice", "default").expect("removed");
    homes.put("alice", "default", &meeting("alice", &["bob"])).expect("stored again");
    homes.receive("alice", &reply(92, "DECLINED", "20260201T000000Z"));
    assert!(homes.copy("alice").contains("PARTSTAT=DECLINED"), "{}", homes.copy("alice"));
}

#[test]
fn refreshes_that_arrive_together_change_the_copy_once() {
    let refresh = |number: u128, text: &str| MessageIssued {
        message: Uuid::from_u128(number),
        method: schemas::object::Method::Request,
        uid: "1".to_owned(),
        sender: "mailto:alice@x".to_owned(),
        sender_home: id("alice"),
        taken_over_from: None,
        recipients: vec![],
        visibility: Visibility::Silent,
        reason: String::new(),
        instances: vec![],
        ics: text.replace("PRODID", "METHOD:REQUEST\r\nPRODID"),
    };
    let invited = || {
        let mut homes = Homes::default();
        homes.put("alice", "default", &meeting("alice", &["bob", "carol"])).expect("stored");
        homes.happened.clear();
        homes
    };
    let (mut apart, mut together) = (invited(), invited());
    let answered = |partstat: &str, hour: &str| {
        let bob = format!("ATTENDEE;PARTSTAT={partstat}:mailto:bob");
        apart
            .copy("carol")
            .replace("ATTENDEE:mailto:bob", &bob)
            .replace("DTSTAMP:20260105T12", &format!("DTSTAMP:20260105T{hour}"))
    };
    let refreshes = [refresh(71, &answered("TENTATIVE", "13")), refresh(72, &answered("ACCEPTED", "14"))];
    for message in &refreshes {
        apart.receive("carol", message);
    }
    together.receive_together("carol", &refreshes.each_ref());

    assert!(apart.copy("carol").contains("PARTSTAT=ACCEPTED"), "{}", apart.copy("carol"));
    assert_eq!(apart.copy("carol"), together.copy("carol"));
    let [(_, ObjectEvent::MessageReceived(arrived)), (_, ObjectEvent::Revised(revised))] = &together.happened[..]
    else {
        panic!("{:?}", together.happened);
    };
    assert_eq!((arrived.message, &arrived.also[..]), (refreshes[1].message, &[refreshes[0].message][..]));
    assert_eq!((&arrived.outcome, revised.message), (&Outcome::Applied, Some(refreshes[1].message)));

    let (known, arrived) = (together.objects["carol"].clone(), arrived.clone());
    together.happened.clear();
    together.receive_together("carol", &refreshes.each_ref());
    assert!(together.happened.is_empty(), "both are known: {:?}", together.happened);
    assert_eq!(known.received, together.objects["carol"].received);

    let outcome = Outcome::Ignored { reason: schemas::Ignored::Stale };
    let object = evolve(Object::default(), &ObjectEvent::MessageReceived(MessageReceived { outcome, ..arrived }));
    assert!(refreshes.iter().all(|message| object.ignored.contains_key(&message.message)), "{:?}", object.ignored);
}

#[test]
fn answers_of_copies_count_in_any_order() {
    let object = |lines: &str, [bob, carol]: [&str; 2]| {
        let people = format!("ATTENDEE{bob}:mailto:bob@x\nATTENDEE{carol}:mailto:carol@x\n");
        event(&format!("ORGANIZER:mailto:alice@x\n{people}{lines}"))
    };
    let (at_noon, accepted) = ("DTSTART:20260108T120000Z\n", ";PARTSTAT=ACCEPTED");
    let copy = |text: String| ical::Document::parse(text).expect("well-formed");
    let copies = || {
        let of_bob = object(&format!("{at_noon}SEQUENCE:3"), [accepted, ""]);
        let of_carol = object("DTSTART:20260109T120000Z\nSEQUENCE:2", ["", accepted]);
        [(id("bob"), copy(of_bob)), (id("carol"), copy(of_carol))]
    };
    let taken = |copies: &[(PrincipalId, ical::Document)]| {
        let mut homes = Homes::default();
        homes.put("alice", "default", &object(&format!("{at_noon}SEQUENCE:1"), [""; 2])).expect("stored");
        let take = TakeAnswers { copies, reason: RevisionReason::Import };
        homes.run(None, "alice", &Command::TakeAnswers(&take)).expect("taken");
        homes.copy("alice").replace("\r\n ", "")
    };
    let mut copies = copies();
    let found = taken(&copies);
    copies.reverse();
    assert_eq!(taken(&copies), found);
    // Carol answered a later revision than Alice's object has.
    assert_eq!(found.matches("PARTSTAT=ACCEPTED").count(), 2, "{found}");
    assert!(found.contains("SEQUENCE:3"), "{found}");
}
