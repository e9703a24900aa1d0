//! Tests that create events and compare the report that people read.

use schemas::{
    Client, CollectionEvent, CollectionId, Hash, Metadata, ObjectId, Position, PrincipalEvent, PrincipalId, Revision,
    ShareEvent, ShareId, Stream, Timestamp,
    collection::{
        CollectionCreated, CollectionKind, CollectionMoved, CollectionPropertiesChanged, DISPLAY_NAME, Property,
        Settings,
    },
    event::Nothing,
    object::{
        Content, Delivery, DeliveryReported, InboxItem, MessageIssued, MessageReceived, MessageSuppressed,
        MessageWithdrawn, Method, ObjectMoved, ObjectPut, ObjectRemoved, ObjectRevised, Outcome, Place, Recipient,
        RevisionReason, Role, Visibility,
    },
    principal::{PrincipalKind, PrincipalRegistered, PrincipalRenamed, Profile},
    share::{ShareAccepted, ShareAccess, ShareOffered},
};

use super::*;
use crate::{Clock, Names, Selection, access_report::About as AccessAbout, calendars::Membership, explain, text};

const ALICE: PrincipalId = PrincipalId(Uuid::from_u128(0xa));
const BOB: PrincipalId = PrincipalId(Uuid::from_u128(0xb));
const UID: &str = "lunch";

/// Events as a journal would contain them, with positions from 1.
#[derive(Default)]
struct Journal(Vec<Recorded>);

impl Journal {
    /// Appends the events of one command to the stream of one home.
    fn append(&mut self, home: PrincipalId, actor: Option<PrincipalId>, causation: Option<usize>, events: Vec<Event>) {
        let (via, agent) = if actor.is_some() { ("PUT", "Thunderbird") } else { ("delivery", "") };
        let stream = Stream::Object(ObjectId::derive(home, UID));
        let at = Timestamp(1_767_603_600_000_000 + 5_000 * i64::try_from(self.0.len()).unwrap());
        let request =
            causation.map_or(Uuid::from_u128(self.0.len() as u128), |number| self.0[number - 1].metadata.correlation);
        let metadata = Metadata {
            at,
            actor,
            client: Client { via: via.to_owned(), agent: agent.to_owned(), address: String::new() },
            request,
            correlation: request,
            causation: causation.map(|number| self.0[number - 1].id),
            ..Metadata::default()
        };
        for event in events {
            let number = self.0.len() + 1;
            let revision = self.0.iter().filter(|other| other.stream == stream).count();
            self.0.push(Recorded {
                position: Position(u64::try_from(number).unwrap()),
                stream,
                revision: Revision(u64::try_from(revision).unwrap()),
                id: Uuid::from_u128(u128::try_from(number).unwrap()),
                event,
                metadata: metadata.clone(),
                hash: Hash::default(),
            });
        }
    }

    fn evidence(&self) -> Evidence {
        let mut names = Names::default();
        names.add(ALICE, "Alice", &["mailto:alice@example.com".to_owned()]);
        names.add(BOB, "Bob", &["mailto:bob@example.com".to_owned()]);
        let collections = [ALICE, BOB].map(calendar).into();
        Evidence { uid: UID.to_owned(), events: self.0.clone(), collections, names, ..Evidence::default() }
    }

    fn described(&self) -> String {
        let evidence = self.evidence();
        text::unfolded(&Timeline::of(&evidence, Detail::Events), &evidence.names, &Clock::default())
    }

    fn folded(&self) -> String {
        text::folded(&Timeline::of(&self.evidence(), Detail::Acts), &Clock::default())
    }
}

/// Returns the event that created the calendar of a home.
fn calendar(home: PrincipalId) -> Recorded {
    let created = CollectionCreated {
        home,
        name: "calendar".to_owned(),
        kind: CollectionKind::Calendar,
        components: vec![],
        properties: vec![],
        settings: Settings::default(),
    };
    Recorded {
        position: Position(0),
        stream: Stream::Collection(CollectionId::derive(home, "calendar", 0)),
        revision: Revision(0),
        id: Uuid::nil(),
        event: Event::Collection(CollectionEvent::Created(created)),
        metadata: Metadata::default(),
        hash: Hash::default(),
    }
}

fn content(partstat: &str) -> Content {
    let ics = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:t\r\nBEGIN:VEVENT\r\nUID:lunch\r\nSUMMARY:Lunch\r\n\
         ATTENDEE;PARTSTAT={partstat}:mailto:bob@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    Content { ics, etag: "1".to_owned(), schedule_tag: None, role: Role::Organizer }
}

fn place(home: PrincipalId) -> Place {
    Place { collection: CollectionId::derive(home, "calendar", 0), name: "lunch.ics".to_owned() }
}

fn put(home: PrincipalId, partstat: &str) -> Event {
    Event::Object(ObjectEvent::Put(ObjectPut {
        home,
        place: place(home),
        uid: UID.to_owned(),
        component: "VEVENT".to_owned(),
        content: content(partstat),
        sent: None,
        edits: vec![],
        imported: None,
        copied: None,
    }))
}

fn removed(home: PrincipalId) -> Event {
    let removed = ObjectRemoved { home: Some(home), uid: Some(UID.to_owned()), place: place(home) };
    Event::Object(ObjectEvent::Removed(removed))
}

fn withdrawn(home: PrincipalId) -> Event {
    let withdrawn = MessageWithdrawn { home, uid: UID.to_owned(), message: Uuid::from_u128(7) };
    Event::Object(ObjectEvent::MessageWithdrawn(withdrawn))
}

fn as_attendee(mut event: Event) -> Event {
    if let Event::Object(ObjectEvent::Put(put)) = &mut event {
        put.content.role = Role::Attendee;
    }
    event
}

fn revised(home: PrincipalId, partstat: &str, reason: RevisionReason) -> Event {
    Event::Object(ObjectEvent::Revised(ObjectRevised {
        home: Some(home),
        uid: Some(UID.to_owned()),
        place: place(home),
        content: content(partstat),
        reason,
        message: None,
        automatic: None,
    }))
}

fn issued(message: u128, method: Method, from: PrincipalId, to: &str, principal: PrincipalId, reason: &str) -> Event {
    Event::Object(ObjectEvent::MessageIssued(MessageIssued {
        message: Uuid::from_u128(message),
        method,
        uid: UID.to_owned(),
        sender: "mailto:sender@example.com".to_owned(),
        sender_home: from,
        taken_over_from: None,
        recipients: vec![Recipient { address: to.to_owned(), principal: Some(principal) }],
        visibility: Visibility::Inbox,
        reason: reason.to_owned(),
        instances: vec![],
        ics: String::new(),
    }))
}

fn received(message: u128, home: PrincipalId, method: Method, sender: &str, outcome: Outcome) -> Event {
    let item = InboxItem {
        place: Place { collection: CollectionId::derive(home, "inbox", 0), name: "1.ics".to_owned() },
        component: "VEVENT".to_owned(),
        ics: String::new(),
        etag: "1".to_owned(),
    };
    Event::Object(ObjectEvent::MessageReceived(MessageReceived {
        message: Uuid::from_u128(message),
        also: vec![],
        home,
        method,
        uid: UID.to_owned(),
        sender: sender.to_owned(),
        outcome,
        item: Some(item),
        answers: None,
    }))
}

#[test]
fn an_invitation_and_its_answer_are_told_cause_above_effect() {
    let mut journal = Journal::default();
    let (alice, bob) = ("mailto:alice@example.com", "mailto:bob@example.com");
    let invitation = issued(0x1, Method::Request, ALICE, bob, BOB, "invited");
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION"), invitation]);
    let arrival = received(0x1, BOB, Method::Request, alice, Outcome::Applied);
    journal.append(BOB, None, Some(2), vec![arrival, put(BOB, "NEEDS-ACTION")]);
    let delivered = Delivery { address: bob.to_owned(), status: "1.2".to_owned() };
    let report = DeliveryReported {
        home: Some(ALICE),
        uid: Some(UID.to_owned()),
        message: Uuid::from_u128(0x1),
        deliveries: vec![delivered],
    };
    journal.append(ALICE, None, Some(2), vec![Event::Object(ObjectEvent::DeliveryReported(report))]);
    let answer = issued(0x2, Method::Reply, BOB, alice, ALICE, "answered");
    journal.append(BOB, Some(BOB), None, vec![put(BOB, "ACCEPTED"), answer]);
    let arrival = received(0x2, ALICE, Method::Reply, bob, Outcome::Applied);
    journal.append(ALICE, None, Some(7), vec![arrival, revised(ALICE, "ACCEPTED", RevisionReason::Reply)]);
    assert_eq!(
        journal.described(),
        "\
“Lunch” (lunch): 2 acts, 9 events in 2 homes

#1      Mon 5 Jan 2026 09:00:00 UTC  Alice stored it in Alice's calendar “calendar”  [PUT, “Thunderbird”]
            PRODID “t” (new)  [trivial]
            VERSION “2.0” (new)  [trivial]
            Bob added  [significant]
            title “Lunch” (new)  [significant]
#2        → REQUEST to Bob: invited  (+0 ms)
#3          → Bob received the REQUEST of Alice, in the inbox  (+10 ms)
#4            → the server put a copy into Bob's calendar “calendar”  (+10 ms)
                  PRODID “t” (new)  [trivial]
                  VERSION “2.0” (new)  [trivial]
                  Bob added  [significant]
                  title “Lunch” (new)  [significant]
#5          → Alice's copy shows the outcome of the delivery: Bob (1.2, delivered)  (+20 ms)

#6      Mon 5 Jan 2026 09:00:00 UTC  Bob changed it in Bob's calendar “calendar”  [PUT, “Thunderbird”]
            Bob: NEEDS-ACTION → ACCEPTED  [significant]
#7        → REPLY to Alice: answered  (+0 ms)
#8          → Alice received the REPLY of Bob, in the inbox  (+10 ms)
#9            → the server wrote the answer into Alice's meeting  (+10 ms)
                  Bob: NEEDS-ACTION → ACCEPTED  [significant]
"
    );
}

#[test]
fn an_act_and_its_consequences_are_folded_and_an_answer_is_one_line() {
    let mut journal = Journal::default();
    let (alice, bob) = ("mailto:alice@example.com", "mailto:bob@example.com");
    let invitation = issued(0x1, Method::Request, ALICE, bob, BOB, "invited");
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION"), invitation]);
    let arrival = received(0x1, BOB, Method::Request, alice, Outcome::Applied);
    journal.append(BOB, None, Some(2), vec![arrival, as_attendee(put(BOB, "NEEDS-ACTION"))]);
    let answer = issued(0x2, Method::Reply, BOB, alice, ALICE, "answered");
    journal.append(BOB, Some(BOB), None, vec![as_attendee(put(BOB, "ACCEPTED")), answer]);
    let arrival = received(0x2, ALICE, Method::Reply, bob, Outcome::Applied);
    journal.append(ALICE, None, Some(6), vec![arrival, revised(ALICE, "ACCEPTED", RevisionReason::Reply)]);
    assert_eq!(
        journal.folded(),
        "\
“Lunch” (lunch): 2 acts, 8 events in 2 homes
#1    Mon 5 Jan 2026 09:00:00 UTC  Alice  “Thunderbird”
      stored it in Alice's calendar “calendar”
      “Lunch”
      attendees: Bob
      server: 1 copy created
      told: Bob (invited: arrived)  [4 events]
#5    Mon 5 Jan 2026 09:00:00 UTC  Bob accepted (before: no answer); told Alice (answered: arrived)  “Thunderbird”  [4 events]
"
    );
}

#[test]
fn names_are_those_of_the_time_with_todays_beside_them() {
    let mut journal = Journal::default();
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION")]);
    let mut evidence = journal.evidence();
    let profile = |name: &str| Profile { display_name: name.to_owned(), ..Profile::default() };
    let registered = PrincipalRegistered {
        short_name: "alice".to_owned(),
        kind: PrincipalKind::Individual,
        profile: profile("Alice Ames"),
    };
    let of_alice = |position: u64, event: PrincipalEvent| Recorded {
        position: Position(position),
        stream: Stream::Principal(ALICE),
        event: Event::Principal(event),
        ..journal.0[0].clone()
    };
    let renamed = of_alice(9, PrincipalEvent::ProfileChanged(profile("Alice\nBerg")));
    evidence.names.learn(&[of_alice(0, PrincipalEvent::Registered(registered)), renamed]);
    let told = text::folded(&Timeline::of(&evidence, Detail::Acts), &Clock::default());
    assert!(told.contains("UTC  Alice Ames (today Alice\\nBerg)  “Thunderbird”"), "{told}");
}

#[test]
fn an_event_that_is_not_what_was_stored_is_marked() {
    let mut journal = Journal::default();
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION")]);
    let mut evidence = journal.evidence();
    evidence.faults.push(Fault { position: Position(1), why: "its bytes were changed".to_owned() });
    let timeline = Timeline::of(&evidence, Detail::Events);
    let folded = text::folded(&timeline, &Clock::default());
    assert!(folded.contains("ALTERED #1: its bytes were changed\n#1    ALTERED  Mon 5 Jan"), "{folded}");
    let whole = text::unfolded(&timeline, &evidence.names, &Clock::default());
    assert!(whole.contains("#1      ALTERED  Mon 5 Jan"), "{whole}");
}

#[test]
fn a_move_to_another_home_and_the_removal_of_a_calendar_are_one_act_each() {
    let mut journal = Journal::default();
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION")]);
    journal.append(BOB, Some(ALICE), None, vec![put(BOB, "NEEDS-ACTION")]);
    journal.append(ALICE, Some(ALICE), None, vec![removed(ALICE)]);
    for moved in &mut journal.0[1..] {
        moved.metadata.client.via = "MOVE".to_owned();
        moved.metadata.correlation = Uuid::from_u128(7);
    }
    let folded = journal.folded();
    assert!(folded.contains("moved it from Alice's calendar “calendar” to Bob's calendar “calendar”"), "{folded}");

    let mut journal = Journal::default();
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION")]);
    journal.append(ALICE, Some(ALICE), None, vec![removed(ALICE)]);
    let mut evidence = journal.evidence();
    let gone = Event::Collection(CollectionEvent::Removed(schemas::event::Nothing {}));
    let metadata = journal.0[1].metadata.clone();
    evidence.collections.push(Recorded { event: gone, metadata, position: Position(3), ..calendar(ALICE) });
    let folded = text::folded(&Timeline::of(&evidence, Detail::Acts), &Clock::default());
    assert!(folded.contains("removed Alice's calendar “calendar” with everything in it"), "{folded}");
}

#[test]
fn what_was_not_sent_or_not_taken_in_is_told_with_the_reason() {
    let mut journal = Journal::default();
    let recipient = Recipient { address: "mailto:stranger@example.com".to_owned(), principal: None };
    let suppressed = MessageSuppressed {
        home: Some(ALICE),
        uid: Some(UID.to_owned()),
        method: Method::Request,
        recipients: vec![recipient],
        reason: "agent-client".to_owned(),
        instances: vec!["20260105".to_owned(), "20260112".to_owned()],
        ics: "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".to_owned(),
    };
    journal.append(
        ALICE,
        Some(ALICE),
        None,
        vec![put(ALICE, "ACCEPTED"), Event::Object(ObjectEvent::MessageSuppressed(suppressed))],
    );
    let stale = Outcome::Ignored { reason: schemas::Ignored::Stale };
    journal.append(ALICE, None, None, vec![received(0x9, ALICE, Method::Reply, "mailto:bob@example.com", stale)]);
    let told = journal.described();
    assert!(
        told.contains(
            "→ no REQUEST to mailto:stranger@example.com: Alice's program said that it sends the message itself"
        ),
        "{told}"
    );
    assert!(told.contains("title “Lunch”"), "what it would have said: {told}");
    let stale = "the REPLY of Bob, in the inbox, and nothing changed: the copy was already newer than the message";
    assert!(told.contains(stale), "{told}");
}

#[test]
fn nothing_is_known_of_an_unknown_meeting() {
    assert_eq!(Journal::default().described(), "No meeting with the UID lunch is recorded.\n");
}

#[test]
fn what_a_client_wrote_cannot_forge_a_line() {
    let mut journal = Journal::default();
    let mut stored = put(ALICE, "NEEDS-ACTION");
    let Event::Object(ObjectEvent::Put(put)) = &mut stored else { panic!("it is a put") };
    let forged = "SUMMARY:Chat\\n\\n#7  2026-11-27 09:00:00  Bob removed it\u{202e}\u{9b}2J";
    put.content.ics = put.content.ics.replace("SUMMARY:Lunch", forged);
    journal.append(ALICE, Some(ALICE), None, vec![stored]);
    journal.0[0].metadata.client.agent = "Client\u{202e}\u{9b}2J\n#8  forged".to_owned();
    let told = journal.described();
    assert!(told.lines().all(|line| !line.starts_with("#7") && !line.starts_with("#8")), "{told}");
    assert!(!told.contains(['\u{202e}', '\u{9b}']), "{told}");
    assert!(told.contains("Chat\\n\\n#7  2026-11-27 09:00:00  Bob removed it\\u{202e}\\u{9b}2J"), "{told}");
    assert!(told.contains("Client\\u{202e}\\u{9b}2J\\n#8  forged"), "{told}");
}

/// Returns an event of Alice's calendar, or of its share with Bob. The actor is Alice.
fn recorded(number: u64, stream: Stream, event: Event) -> Recorded {
    let id = Uuid::from_u128(u128::from(number) + 1_000);
    let client = Client { via: "MOVE".to_owned(), agent: String::new(), address: String::new() };
    let metadata = Metadata { actor: Some(ALICE), client, request: id, correlation: id, ..Metadata::default() };
    Recorded {
        position: Position(number),
        stream,
        revision: Revision(number),
        id,
        event,
        metadata,
        hash: Hash::default(),
    }
}

/// Returns the events of a meeting that Alice stores at #1 and deletes at #9. Alice's calendar is
/// shared at #2, moved at #4 together with the folder `old` that contains it, and no longer shared
/// after #6.
fn shared() -> Evidence {
    let mut journal = Journal::default();
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION")]);
    journal.append(ALICE, Some(ALICE), None, vec![removed(ALICE)]);
    let mut evidence = journal.evidence();
    evidence.events[1].position = Position(9);
    let (work, folder) = (place(ALICE).collection, CollectionId::derive(ALICE, "old", 0));
    let Event::Collection(CollectionEvent::Created(mut created)) = calendar(ALICE).event else { unreachable!() };
    created.name = "old/calendar".to_owned();
    let above = CollectionCreated { name: "old".to_owned(), kind: CollectionKind::Plain, ..created.clone() };
    let moved = CollectionMoved { name: "new".to_owned() };
    let share = Stream::Share(ShareId::derive(work, BOB));
    let (invitation, access, summary) = (Uuid::nil(), ShareAccess::Read, String::new());
    let offered = ShareOffered { home: BOB, owner: ALICE, calendar: work, invitation, access, summary };
    let accepted = ShareAccepted { name: "alices".to_owned(), summary: String::new() };
    let on_folder = |number, event| recorded(number, Stream::Collection(folder), Event::Collection(event));
    evidence.collections = vec![
        on_folder(0, CollectionEvent::Created(above)),
        recorded(0, Stream::Collection(work), Event::Collection(CollectionEvent::Created(created))),
        on_folder(4, CollectionEvent::Moved(moved.clone())),
        on_folder(12, CollectionEvent::Moved(moved)),
    ];
    evidence.shares = vec![
        recorded(2, share, Event::Share(ShareEvent::Offered(offered))),
        recorded(3, share, Event::Share(ShareEvent::Accepted(accepted))),
        recorded(6, share, Event::Share(ShareEvent::Withdrawn(Nothing {}))),
    ];
    evidence
}

/// Adds the events of calendars and shares that concern the meeting, as reading from a journal
/// does.
fn with_calendars(mut evidence: Evidence) -> Evidence {
    let membership = Membership::of(&evidence);
    let all = evidence.collections.iter().chain(&evidence.shares);
    let told = all.filter(|recorded| membership.concerns(recorded)).cloned().collect();
    evidence.add(told, vec![]);
    evidence
}

#[test]
fn acts_on_a_calendar_are_told_while_the_meeting_was_in_it() {
    let evidence = with_calendars(shared());
    let positions: Vec<u64> = evidence.events.iter().map(|recorded| recorded.position.0).collect();
    assert_eq!(positions, [1, 2, 3, 4, 6, 9]);
    let told: Vec<String> = Timeline::of(&evidence, Detail::Acts).acts.into_iter().map(|act| act.deed).collect();
    assert_eq!(
        told,
        [
            "stored it in Alice's calendar “old/calendar”",
            "shared Alice's calendar “old/calendar” with Bob, to read",
            "put Alice's calendar “old/calendar” into the home of Bob, as “alices”",
            "moved Alice's folder “old” to “new”, and this meeting with it",
            "withdrew the share of Alice's calendar “new/calendar” from Bob, and this meeting with it",
            "deleted it from Alice's calendar “new/calendar”",
        ]
        .map(|deed| deed.replace("deleted it", "cancelled the meeting by deleting it"))
    );
}

#[test]
fn an_offer_that_was_not_accepted_is_withdrawn_without_the_meeting() {
    let mut declined = shared();
    declined.shares[1].event = Event::Share(ShareEvent::Declined(Nothing {}));
    let mut offered = shared();
    offered.shares.remove(1);
    for evidence in [declined, offered].map(with_calendars) {
        let acts = Timeline::of(&evidence, Detail::Acts).acts;
        let told: Vec<String> = acts.into_iter().map(|act| act.deed).collect();
        let withdrawn = "withdrew the offer of Alice's calendar “new/calendar” to Bob";
        assert!(told.iter().any(|deed| deed == withdrawn), "{told:?}");
    }
}

#[test]
fn a_shared_calendar_is_in_the_calendars_of_the_sharee_until_it_is_taken_back() {
    let missing = |evidence: &Evidence| {
        let head = explain::Head { position: Position(12), hash: String::new(), signed: None };
        let why = Some(explain::Why::Missing);
        explain::explain(evidence, Some(BOB), why, &head, &Clock::default()).sentences[0].clone()
    };
    let said = missing(&with_calendars(shared()));
    let gone = "“Lunch” is not in Bob's calendars any more, where it was in Alice's calendar “new/calendar”: Alice \
        withdrew \
        the share of Alice's calendar “new/calendar” from Bob, and this meeting with it (#6, ";
    assert!(said.starts_with(gone), "{said}");
    let cut = |standing: usize| {
        let mut evidence = shared();
        evidence.shares.truncate(standing);
        evidence.events.truncate(1);
        with_calendars(evidence)
    };
    let said = missing(&cut(2));
    let there = "“Lunch” is in Alice's calendar “new/calendar”, which is shared with Bob to read as “alices”; Bob \
        has had it since #3 (";
    assert!(said.starts_with(there), "{said}");
    let said = missing(&cut(1));
    assert!(said.contains("which is shared with them, but not accepted yet (#2"), "{said}");
    // The meeting is stored after the share was withdrawn.
    let later = |withdrawn: &[usize]| {
        let mut evidence = cut(3);
        evidence.events.truncate(1);
        evidence.events[0].position = Position(8);
        evidence.shares = withdrawn.iter().map(|index| evidence.shares[*index].clone()).collect();
        with_calendars(evidence)
    };
    let said = missing(&later(&[0, 1, 2]));
    assert!(said.contains("withdrawn while the meeting was not in it (#6"), "{said}");
    let said = missing(&later(&[0, 2]));
    assert!(said.contains("withdrawn before they accepted (#6"), "{said}");
    let said = missing(&cut(0));
    assert_eq!(said, "“Lunch” was never in Bob's calendar, although the version #1 names Bob.");
}

#[test]
fn a_restore_says_from_where_something_was_put_back() {
    let mut journal = Journal::default();
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION")]);
    journal.append(ALICE, Some(ALICE), None, vec![removed(ALICE)]);
    journal.append(ALICE, None, None, vec![put(ALICE, "NEEDS-ACTION")]);
    journal.0[2].metadata.restored = Some(Position(1));
    journal.0[2].metadata.client.via = "command line".to_owned();
    for told in [journal.folded(), journal.described()] {
        assert!(told.contains("put it back into Alice's calendar “calendar”, as it was after event #1"), "{told}");
    }
    // If a waiting message is withdrawn first, the PUT is the second event of its append.
    let mut journal = Journal::default();
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION")]);
    journal.append(ALICE, Some(ALICE), None, vec![removed(ALICE)]);
    journal.append(ALICE, None, None, vec![withdrawn(ALICE), put(ALICE, "NEEDS-ACTION")]);
    journal.0[2].metadata.restored = Some(Position(1));
    journal.0[2].metadata.client.via = "command line".to_owned();
    for told in [journal.folded(), journal.described()] {
        assert!(told.contains("put it back into Alice's calendar “calendar”, as it was after event #1"), "{told}");
    }
}

#[test]
fn a_filter_that_no_act_fits_is_told_apart_from_an_unknown_meeting() {
    let mut journal = Journal::default();
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "NEEDS-ACTION")]);
    journal.append(ALICE, Some(ALICE), None, vec![put(ALICE, "ACCEPTED")]);
    let told = |selection: &Selection| {
        let timeline = Timeline::of(&journal.evidence(), Detail::Acts).select(selection);
        text::folded(&timeline, &Clock::default())
    };
    let changed = Selection { changed: vec!["NOPE".to_owned()], ..Selection::default() };
    let expected = "“Lunch” (lunch): 0 acts, 0 events in 1 home\n\
                    No act matches the filter; 2 acts are recorded. Properties that were changed: ";
    assert!(told(&changed).starts_with(expected), "{}", told(&changed));
    assert!(told(&changed).contains("PARTSTAT"), "{}", told(&changed));
    let late = Selection { since: Some(Timestamp(i64::MAX)), ..Selection::default() };
    assert!(told(&late).ends_with("No act matches the filter; 2 acts are recorded.\n"), "{}", told(&late));
    let nothing = text::folded(&Timeline::of(&Evidence::default(), Detail::Acts), &Clock::default());
    assert!(nothing.starts_with("No meeting with the UID"), "{nothing}");
}

#[test]
fn a_report_is_about_every_path_that_a_copy_had() {
    let mut evidence = shared();
    let login = |short_name: &str| PrincipalRegistered {
        short_name: short_name.to_owned(),
        kind: PrincipalKind::Individual,
        profile: Profile::default(),
    };
    for (id, name) in [(ALICE, "alice"), (BOB, "bob")] {
        let registered = PrincipalEvent::Registered(login(name));
        evidence.names.learn(&[recorded(0, Stream::Principal(id), Event::Principal(registered))]);
    }
    let renamed = PrincipalEvent::Renamed(PrincipalRenamed { short_name: "ames".to_owned() });
    evidence.names.learn(&[recorded(5, Stream::Principal(ALICE), Event::Principal(renamed))]);
    let about = AccessAbout::of(&Timeline::of(&evidence, Detail::Acts));
    let expected = [
        "/calendars/alice/new/calendar/lunch.ics",
        "/calendars/alice/old/calendar/lunch.ics",
        "/calendars/ames/new/calendar/lunch.ics",
        "/calendars/ames/old/calendar/lunch.ics",
        "/calendars/bob/alices/lunch.ics",
    ];
    assert_eq!(about.paths.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_move_gives_a_copy_its_new_schedule_tag() {
    let mut journal = Journal::default();
    let mut stored = put(ALICE, "NEEDS-ACTION");
    if let Event::Object(ObjectEvent::Put(put)) = &mut stored {
        put.content.schedule_tag = Some("old".to_owned());
    }
    let moved = |schedule_tag: Option<&str>| {
        let (from, to, schedule_tag) = (place(ALICE), place(ALICE), schedule_tag.map(str::to_owned));
        Event::Object(ObjectEvent::Moved(ObjectMoved { home: Some(ALICE), uid: None, from, to, schedule_tag }))
    };
    for event in [stored, moved(None), moved(Some("new")), moved(None)] {
        journal.append(ALICE, Some(ALICE), None, vec![event]);
    }
    let timeline = Timeline::of(&journal.evidence(), Detail::Events);
    let tags: Vec<_> = timeline.entries.iter().map(|entry| entry.schedule_tag.as_deref().unwrap_or_default()).collect();
    assert_eq!(tags, ["old", "old", "new", "new"], "an event of the first version has none");
}

#[test]
fn a_calendar_without_a_display_name_is_called_by_its_path() {
    let mut evidence = Evidence { names: Journal::default().evidence().names, ..Evidence::default() };
    let work = calendar(ALICE);
    let change =
        |number, event| Recorded { position: Position(number), event: Event::Collection(event), ..work.clone() };
    let Event::Collection(CollectionEvent::Created(created)) = work.event.clone() else { unreachable!() };
    let title = Property::of_text(DISPLAY_NAME, "Work");
    let titled = CollectionCreated { properties: vec![title.clone()], ..created.clone() };
    let plain = CollectionCreated { kind: CollectionKind::Plain, ..created };
    let properties = |set: &[&Property], removed: &[&Property]| {
        let set = set.iter().map(|property| (*property).clone()).collect();
        let removed = removed.iter().map(|property| property.name.clone()).collect();
        CollectionEvent::PropertiesChanged(CollectionPropertiesChanged { set, removed, settings: Settings::default() })
    };
    let other = Property::of_text(("DAV:", "other"), "Other");
    evidence.collections = vec![
        change(1, CollectionEvent::Created(titled)),
        change(2, properties(&[], &[&title])),
        change(3, properties(&[&title], &[])),
        change(4, properties(&[&other], &[])),
        change(5, CollectionEvent::Removed(Nothing {})),
        change(6, CollectionEvent::Created(plain)),
    ];
    let Stream::Collection(id) = work.stream else { unreachable!() };
    let called = |at| evidence.places().collection(id, &evidence.names.today(), Position(at));
    let expected = [
        "calendar “Work”",
        "calendar “calendar”",
        "calendar “Work”",
        "calendar “Work”",
        "calendar “Work”",
        "folder “calendar”",
    ];
    assert_eq!([1, 2, 3, 4, 5, 6].map(called), expected.map(|name| format!("Alice's {name}")));
}
