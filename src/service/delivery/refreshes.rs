//! Tests of delayed messages: the number of refreshes if all attendees answer a meeting, a meeting
//! that a client moves by DELETE and PUT, and copies that are refreshed before they are read.

use std::{sync::Arc, time::Duration};

use journal::{Journal, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, CollectionId, Event, ObjectEvent, ObjectId, Position, PrincipalId,
    object::{Place, RevisionReason},
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    Attributes, Delete, Put, Require, ScheduleReply, Service, Settings, Source, Stamp, clock, principals::Registration,
};

const GUESTS: usize = 12;
const NEVER: Duration = Duration::from_secs(3_600);

fn name(number: usize) -> String {
    format!("guest{number}")
}

fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes()))
}

fn calendar(name: &str) -> CollectionId {
    CollectionId::derive(id(name), "calendar", 0)
}

fn stamp() -> Stamp {
    clock::stamp(None, None, Client::default(), Uuid::nil())
}

/// A meeting that `guest0` organizes with all other guests, who have not answered yet.
struct Meeting {
    journal: Arc<Memory>,
    service: Arc<Service>,
    _folder: TempDir,
}

impl Meeting {
    async fn called(delay: Duration) -> Self {
        Self::answered_by_last(AutomaticAnswer::None, delay).await
    }

    /// Creates the meeting. `answer`: how the last guest answers invitations automatically.
    async fn answered_by_last(answer: AutomaticAnswer, delay: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (models, projector) = ReadModels::open(folder.path()).expect("read models");
        let journal = Arc::new(Memory::new());
        let settings = Settings { refresh_delay: delay, removal_delay: delay, ..Settings::default() };
        let service = Service::start(journal.clone(), models, projector, settings).await.expect("a service");
        let registration = |name: String| Registration {
            id: id(&name),
            profile: Profile {
                addresses: vec![format!("mailto:{name}@example.org")],
                automatic_answer: if name == self::name(GUESTS) { answer } else { AutomaticAnswer::None },
                ..Profile::default()
            },
            short_name: name,
            kind: PrincipalKind::Individual,
            password: None,
            members: vec![],
        };
        let people = (0..=GUESTS).map(name).map(registration).collect();
        service.register(&stamp(), people).await.expect("registered");
        let guests: Vec<_> =
            (1..=GUESTS).map(|guest| format!("ATTENDEE:mailto:{}@example.org\n", name(guest))).collect();
        let lines = format!(
            "DTSTART:20270105T100000Z\nDTEND:20270105T110000Z\nORGANIZER:mailto:guest0@example.org\n{}",
            guests.concat()
        );
        let meeting = Self { journal, service, _folder: folder };
        let place = Place { collection: calendar("guest0"), name: "all.ics".to_owned() };
        meeting.put("guest0", place, specimens::event("all", &lines)).await;
        meeting
    }

    async fn put(&self, home: &str, place: Place, ics: String) {
        let put = Put {
            home: id(home),
            place,
            ics,
            source: Source::Body,
            require: Require::default(),
            attributes: Attributes::default(),
        };
        self.service.put(&stamp(), put).await.expect("stored");
    }

    /// Returns the place and the stored text of this guest's copy.
    fn copy(&self, name: &str) -> (Place, String) {
        let places = self.service.models().object_places(ObjectId::derive(id(name), "all")).expect("read models");
        let place =
            places.iter().find(|place| place.collection == calendar(name)).expect("a copy, beside the inbox item");
        let found = self.service.models().member_with_body(place.collection, &place.name).expect("read models");
        (place.clone(), found.expect("a copy").1)
    }

    async fn remove(&self, name: &str, place: Place) {
        let delete = Delete { home: id(name), place, require: Require::default(), reply: ScheduleReply::Send };
        let client = Client { via: "DELETE".to_owned(), ..Client::default() };
        let stamp = clock::stamp(None, None, client, Uuid::nil());
        self.service.delete(&stamp, delete).await.expect("removed");
    }

    /// Returns true if this guest's copy shows that the meeting is cancelled.
    fn is_cancelled(&self, name: &str) -> bool {
        self.copy(name).1.contains("STATUS:CANCELLED")
    }

    /// Accepts the meeting as a client does: reads the guest's copy, and stores it with
    /// PARTSTAT=ACCEPTED.
    async fn accept(&self, name: &str) {
        self.service.refresh(id(name)).await.expect("up to date");
        let (place, text) = self.copy(name);
        let unfolded = text.replace("\r\n ", "");
        let own = format!(":mailto:{name}@example.org");
        let answered = unfolded.lines().map(|line| match line.strip_suffix(&own) {
            Some(begun) if line.starts_with("ATTENDEE") => format!("{begun};PARTSTAT=ACCEPTED{own}\r\n"),
            _ => format!("{line}\r\n"),
        });
        self.put(name, place, answered.collect()).await;
    }

    fn accepted(&self, name: &str) -> usize {
        self.copy(name).1.replace("\r\n ", "").matches("PARTSTAT=ACCEPTED").count()
    }

    /// Returns the number of times that a copy was changed because another attendee answered.
    async fn refreshes(&self) -> usize {
        let stored = self.journal.read_all(Position::START, 10_000).await.expect("memory answers");
        let events = stored.into_iter().map(|stored| stored.read().expect("readable").event);
        let is_refresh = |event: &Event| match event {
            Event::Object(ObjectEvent::Revised(revised)) => revised.reason == RevisionReason::Refresh,
            _ => false,
        };
        events.filter(is_refresh).count()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_answers_and_each_copy_is_refreshed_when_it_is_read() {
    let meeting = Meeting::called(NEVER).await;
    for guest in 1..=GUESTS {
        let name = name(guest);
        meeting.accept(&name).await;
        assert_eq!(meeting.accepted("guest0"), guest, "the organizer sees each answer at once");
        assert_eq!(meeting.accepted(&name), guest, "{name} had read the others' answers");
    }
    assert_eq!(meeting.refreshes().await, GUESTS - 1, "each but the first read the answers before, once");
    assert_eq!(meeting.accepted("guest1"), 1);

    meeting.service.refresh(id("guest1")).await.expect("up to date");
    assert_eq!(meeting.accepted("guest1"), GUESTS);
    assert_eq!(meeting.accepted("guest2"), 2, "nobody looks at this one");
    let before = meeting.refreshes().await;
    meeting.service.refresh(id("guest1")).await.expect("up to date");
    assert_eq!(meeting.refreshes().await, before, "nothing is new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_that_nobody_reads_are_refreshed_after_a_while() {
    let meeting = Meeting::called(Duration::from_millis(50)).await;
    meeting.accept("guest1").await;
    meeting.accept("guest2").await;
    for _ in 0..1_000 {
        if (3..=GUESTS).all(|guest| meeting.accepted(&name(guest)) == 2) && meeting.service.undelivered() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("guest3 sees {} answers", meeting.accepted("guest3"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_by_the_organizer_brings_the_answers_along() {
    let meeting = Meeting::called(NEVER).await;
    meeting.accept("guest1").await;
    let (place, text) = meeting.copy("guest0");
    meeting.put("guest0", place, text.replace("DTEND:", "SUMMARY:Lunch\r\nDTEND:")).await;
    assert_eq!(meeting.accepted("guest5"), 1);
    assert!(meeting.copy("guest5").1.contains("SUMMARY:Lunch"), "{}", meeting.copy("guest5").1);
    assert_eq!(meeting.service.undelivered(), 0, "nothing waits any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_that_is_removed_and_stored_elsewhere_is_moved() {
    let meeting = Meeting::called(NEVER).await;
    let (place, text) = meeting.copy("guest0");
    meeting.remove("guest0", place.clone()).await;
    assert_eq!(meeting.service.undelivered(), 1, "the CANCEL waits");
    let elsewhere = Place { name: "moved.ics".to_owned(), ..place };
    meeting.put("guest0", elsewhere.clone(), text.clone()).await;
    assert_eq!(meeting.service.undelivered(), 0, "it is withdrawn");
    meeting.service.refresh(id("guest1")).await.expect("up to date");
    assert!(!meeting.is_cancelled("guest1"));
    assert_eq!(meeting.copy("guest0"), (elsewhere, text), "its text is as the client stored it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_meeting_with_a_room_is_moved_like_any_other() {
    let meeting = Meeting::answered_by_last(AutomaticAnswer::Automatic, NEVER).await;
    let (place, text) = meeting.copy("guest0");
    assert_eq!(meeting.accepted("guest0"), 1, "the room has accepted");
    meeting.remove("guest0", place.clone()).await;
    let elsewhere = Place { name: "moved.ics".to_owned(), ..place };
    meeting.put("guest0", elsewhere.clone(), text.clone()).await;
    meeting.service.refresh(id("guest1")).await.expect("up to date");
    assert!(!meeting.is_cancelled("guest1"));
    assert_eq!(meeting.copy("guest0"), (elsewhere, text), "nobody is asked again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_looks_sees_that_a_meeting_was_removed_and_is_invited_anew() {
    let meeting = Meeting::called(NEVER).await;
    let (place, text) = meeting.copy("guest0");
    meeting.remove("guest0", place.clone()).await;
    meeting.service.refresh(id("guest1")).await.expect("up to date");
    assert_eq!(
        (meeting.is_cancelled("guest1"), meeting.is_cancelled("guest2")),
        (true, true),
        "nobody need wait any more"
    );
    meeting.put("guest0", place, text).await;
    for guest in ["guest1", "guest2"] {
        meeting.service.refresh(id(guest)).await.expect("up to date");
        assert!(!meeting.is_cancelled(guest), "{guest}: {}", meeting.copy(guest).1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removal_is_told_after_a_while() {
    let meeting = Meeting::called(Duration::from_millis(50)).await;
    meeting.remove("guest0", meeting.copy("guest0").0).await;
    for _ in 0..1_000 {
        if (1..=GUESTS).all(|guest| meeting.is_cancelled(&name(guest))) && meeting.service.undelivered() == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("guest1 has {}", meeting.copy("guest1").1);
}
