//! Tests that rules across streams hold while the read models lag: a command that rests on such a
//! rule is refused before it is stored.

use std::{sync::Arc, time::Duration};

use calendar::Limits;
use journal::{Journal, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, CollectionId, ObjectId, Position, PrincipalId, Stream,
    object::Place,
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    Attributes, Error, Put, Refusal, Require, Service, Settings, Source, Stamp, Tags, Written, clock,
    collections::unconditional, principals::Registration,
};

const PATIENCE: Duration = Duration::from_secs(20);
/// Maximum time that commands wait for read models that lag.
const WAIT: Duration = Duration::from_millis(20);

fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes()))
}

fn calendar(name: &str) -> CollectionId {
    CollectionId::derive(id(name), "calendar", 0)
}

fn stamp() -> Stamp {
    clock::stamp(None, None, Client::default(), Uuid::nil())
}

fn registration(name: &str, address: &str) -> Registration {
    let is_room = name == "lake";
    Registration {
        id: id(name),
        short_name: name.to_owned(),
        kind: if is_room { PrincipalKind::Room } else { PrincipalKind::Individual },
        profile: Profile {
            addresses: vec![address.to_owned()],
            automatic_answer: if is_room { AutomaticAnswer::Automatic } else { AutomaticAnswer::None },
            ..Profile::default()
        },
        password: None,
        members: vec![],
    }
}

/// Start and end of all events: 5 January 2027 from 10:00 to 11:00 UTC.
const TIMES: &str = "DTSTART:20270105T100000Z\nDTEND:20270105T110000Z\n";

fn meeting(uid: &str, organizer: &str, guest: &str) -> String {
    let lines = format!("{TIMES}ORGANIZER:mailto:{organizer}@example.org\nATTENDEE:mailto:{guest}@example.org");
    specimens::event(uid, &lines)
}

fn event(uid: &str) -> String {
    specimens::event(uid, TIMES)
}

/// A service with Anna, Bert and a room, whose read models can be held back.
struct Lagging {
    journal: Arc<Memory>,
    service: Arc<Service>,
    _folder: TempDir,
}

impl Lagging {
    async fn begin(limits: Limits) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (models, projector) = ReadModels::open(folder.path()).expect("read models");
        let journal = Arc::new(Memory::new());
        let settings = Settings { limits, read_models_wait: WAIT, redelivery_delay: WAIT, ..Settings::default() };
        let service = Service::start(journal.clone(), models, projector, settings).await.expect("a service");
        let people = ["anna", "bert", "lake"].map(|name| registration(name, &format!("mailto:{name}@example.org")));
        drop(service.register(&stamp(), people.to_vec()).await);
        service.caught_up().await.expect("read models");
        let lagging = Self { journal, service, _folder: folder };
        lagging.hold();
        lagging
    }

    /// Stops the read models from following the journal.
    fn hold(&self) {
        self.journal.interrupt(usize::MAX);
    }

    async fn release(&self) {
        self.journal.interrupt(0);
        self.service.caught_up().await.expect("read models");
    }

    async fn put(&self, home: &str, name: &str, ics: String) -> Result<Written, Error> {
        let place = Place { collection: calendar(home), name: name.to_owned() };
        let require = Require { if_none_match: Some(Tags::Any), ..Require::default() };
        self.service
            .put(
                &stamp(),
                Put { home: id(home), place, ics, source: Source::Body, require, attributes: Attributes::default() },
            )
            .await
    }

    async fn is_stored(&self, home: &str, uid: &str) -> bool {
        let stream = Stream::Object(ObjectId::derive(id(home), uid));
        self.journal.read_last(stream).await.expect("memory answers").is_some()
    }

    async fn head(&self) -> Position {
        self.journal.head().await.expect("memory answers")
    }
}

fn is_behind<T: std::fmt::Debug>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::Behind(_)))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_is_given_once() {
    let lagging = Lagging::begin(Limits::default()).await;
    let first = lagging.put("anna", "1.ics", event("first")).await;
    assert!(is_behind(&first), "it is stored and cannot be shown yet: {first:?}");
    assert!(lagging.is_stored("anna", "first").await);
    let second = lagging.put("anna", "1.ics", event("second")).await;
    assert!(is_behind(&second), "{second:?}");
    assert!(!lagging.is_stored("anna", "second").await);

    lagging.release().await;
    let second = lagging.put("anna", "1.ics", event("second")).await;
    assert!(matches!(second, Err(Error::Refused(_))), "{second:?}");
    let member = lagging.service.models().member(calendar("anna"), "1.ics").expect("read models").expect("a member");
    assert_eq!(member.uid, "first");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_home_is_not_held_up() {
    let lagging = Lagging::begin(Limits::default()).await;
    drop(lagging.put("anna", "1.ics", event("first")).await);
    drop(lagging.put("bert", "1.ics", event("first")).await);
    assert!(lagging.is_stored("bert", "first").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_stored_in_a_calendar_that_was_removed() {
    let lagging = Lagging::begin(Limits::default()).await;
    let tasks = CollectionId::derive(id("anna"), "tasks", 0);
    let removed =
        lagging.service.delete_collection(&stamp(), id("anna"), tasks, itip::ScheduleReply::Send, &unconditional).await;
    assert!(is_behind(&removed), "{removed:?}");
    let before = lagging.head().await;
    let place = Place { collection: tasks, name: "1.ics".to_owned() };
    let task = event("task").replace("VEVENT", "VTODO").replace("DTEND", "DUE");
    let put = Put {
        home: id("anna"),
        place,
        ics: task,
        source: Source::Body,
        require: Require::default(),
        attributes: Attributes::default(),
    };
    let refused = lagging.service.put(&stamp(), put.clone()).await;
    assert!(is_behind(&refused), "{refused:?}");
    assert_eq!(lagging.head().await, before);
    lagging.release().await;
    let refused = lagging.service.put(&stamp(), put).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::NotFound))), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_quota_counts_what_is_not_shown_yet() {
    let size = event("first").len();
    let limits = Limits { quota_bytes: Some(size as u64 * 3 / 2), ..Limits::default() };
    let lagging = Lagging::begin(limits).await;
    drop(lagging.put("anna", "1.ics", event("first")).await);
    let second = lagging.put("anna", "2.ics", event("other")).await;
    assert!(is_behind(&second), "{second:?}");
    assert!(!lagging.is_stored("anna", "other").await);
    lagging.release().await;
    let second = lagging.put("anna", "2.ics", event("other")).await;
    assert!(matches!(second, Err(Error::Refused(Refusal::QuotaExceeded { .. }))), "{second:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_belongs_to_one_account() {
    let lagging = Lagging::begin(Limits::default()).await;
    let first = lagging.service.register(&stamp(), vec![registration("carl", "mailto:team@example.org")]).await;
    assert!(is_behind(&first), "{first:?}");
    let before = lagging.head().await;
    let second = lagging.service.register(&stamp(), vec![registration("dora", "mailto:team@example.org")]).await;
    assert!(is_behind(&second), "{second:?}");
    assert_eq!(lagging.head().await, before);
    lagging.release().await;
    let second = lagging.service.register(&stamp(), vec![registration("dora", "mailto:team@example.org")]).await;
    assert!(matches!(second, Err(Error::Refused(Refusal::PrincipalExists { .. }))), "{second:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_accepts_one_of_two_meetings_at_once() {
    let lagging = Lagging::begin(Limits::default()).await;
    drop(lagging.put("anna", "1.ics", meeting("first", "anna", "lake")).await);
    drop(lagging.put("bert", "1.ics", meeting("second", "bert", "lake")).await);
    lagging.release().await;
    let delivered = async {
        while !lagging.service.is_at_rest().await.unwrap_or(false) {
            tokio::time::sleep(WAIT).await;
        }
    };
    tokio::time::timeout(PATIENCE, delivered).await.expect("both are answered");
    let mut answers = vec![];
    for (organizer, uid) in [("anna", "first"), ("bert", "second")] {
        let found = lagging.service.models().member_with_body(calendar(organizer), "1.ics").expect("read models");
        let (_, meeting) = found.unwrap_or_else(|| panic!("{uid} is there"));
        answers.push(meeting.contains("PARTSTAT=ACCEPTED"));
    }
    answers.sort_unstable();
    assert_eq!(answers, [false, true]);
}
