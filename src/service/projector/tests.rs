//! Tests of the time at which the read models show an event, and of their behaviour while the
//! journal or one of them fails.

use std::{path::Path, sync::Arc, time::Duration};

use journal::{Append, Journal, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, CollectionEvent, CollectionId, Event, Expected, Metadata, NewEvent, ObjectEvent, ObjectId, Position,
    PrincipalEvent, PrincipalId, Stream, Timestamp,
    collection::{CollectionCreated, CollectionKind},
    object::{Content, MessageIssued, Method, ObjectPut, Place, Role, Visibility},
    principal::{PrincipalKind, PrincipalRegistered, Profile},
};
use uuid::Uuid;

use super::Projecting;
use crate::{Service, Settings, clock, delivery::Outbox};

/// Duration in which the read models would certainly apply one event.
const WHILE: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(10);

struct Running {
    journal: Arc<Memory>,
    models: ReadModels,
    outbox: Arc<Outbox>,
    projecting: Projecting,
    _folder: tempfile::TempDir,
}

async fn running() -> Running {
    let folder = tempfile::tempdir().expect("a folder");
    let (models, projector) = ReadModels::open(folder.path()).expect("read models");
    let journal = Arc::new(Memory::new());
    let outbox =
        Outbox::open(None, &*journal, Position::START, ::delivery::Delays::default()).await.expect("an outbox");
    let outbox = Arc::new(outbox);
    let shared: Arc<dyn Journal> = journal.clone();
    let projecting =
        Projecting::start(&shared, Position::START, (models.clone(), projector), Arc::clone(&outbox), WHILE)
            .expect("a thread");
    Running { journal, models, outbox, projecting, _folder: folder }
}

/// Appends the event of an issued message. Returns its position.
async fn issue(journal: &Memory) -> Position {
    let event = Event::Object(ObjectEvent::MessageIssued(MessageIssued {
        message: Uuid::from_u128(1),
        method: Method::Request,
        uid: "lunch".to_owned(),
        sender: "mailto:anna@example.org".to_owned(),
        sender_home: PrincipalId(Uuid::nil()),
        taken_over_from: None,
        recipients: vec![],
        visibility: Visibility::Inbox,
        reason: "invited".to_owned(),
        instances: vec![],
        ics: String::new(),
    }));
    let append = Append {
        stream: Stream::Object(ObjectId(Uuid::nil())),
        expected: Expected::NoStream,
        metadata: clock::stamp(None, None, Client::default(), Uuid::nil()).metadata,
        events: vec![NewEvent::new(Uuid::from_u128(2), &event)],
    };
    journal.append(append).await.expect("appended").position
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_is_pending_before_a_read_model_shows_it() {
    let running = running().await;
    let (models, outbox) = (running.models.clone(), Arc::clone(&running.outbox));
    let runtime = tokio::runtime::Handle::current();
    let waiting = tokio::task::spawn_blocking(move || {
        let nobody_knows = outbox.hold();
        let position = runtime.block_on(issue(&running.journal));
        runtime.block_on(models.wait_for(position, WHILE)).expect_err("it is not known to wait");
        drop(nobody_knows);
        runtime.block_on(models.wait_for(position, PATIENCE)).expect("shown");
        runtime.block_on(running.projecting.end());
        outbox.counts().0
    });
    assert_eq!(waiting.await.expect("no panic"), 1);
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_for_a_while_is_read_again() {
    let running = running().await;
    running.journal.interrupt(usize::MAX);
    let position = issue(&running.journal).await;
    let troubled = async {
        while running.projecting.trouble() != Some("the read models cannot be updated: the journal cannot be read") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, troubled).await.expect("it cannot be read");
    assert!(running.models.position() < position);
    running.journal.interrupt(0);
    running.models.wait_for(position, PATIENCE).await.expect("it was tried again");
    assert_eq!(running.projecting.trouble(), None);
    assert!(running.projecting.figures().iter().any(|figure| figure.name == "feed_retries" && figure.value > 0));
    running.projecting.end().await;
    assert_eq!(running.projecting.trouble(), Some("the read models have stopped"));
}

fn condition(models: &ReadModels, name: &str) -> projections::Condition {
    models.conditions().into_iter().find(|condition| condition.name == name).expect("it is in the registry")
}

/// Returns the append of an event in the room's calendar: half an hour on Monday, 5 January 2026.
fn put(name: &str, summary: &str) -> Append {
    let home = PrincipalId(Uuid::from_u128(LAKE));
    let put = ObjectPut {
        home,
        place: Place { collection: calendar(), name: name.to_owned() },
        uid: name.to_owned(),
        component: "VEVENT".to_owned(),
        content: Content {
            ics: format!(
                "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:{name}\r\nDTSTART:20260105T100000Z\r\nDTEND:20260105T103000Z\r\n\
                 SUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            ),
            etag: summary.to_owned(),
            schedule_tag: None,
            role: Role::None,
        },
        sent: None,
        edits: vec![],
        imported: None,
        copied: None,
    };
    append(Stream::Object(ObjectId::derive(home, name)), &Event::Object(ObjectEvent::Put(put)))
}

fn append(stream: Stream, event: &Event) -> Append {
    let at = Timestamp::from_seconds(1_767_614_400);
    let metadata = Metadata { at, ..clock::stamp(None, None, Client::default(), Uuid::nil()).metadata };
    let id = Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{stream} {event:?}").as_bytes());
    Append { stream, expected: Expected::NoStream, metadata, events: vec![NewEvent::new(id, event)] }
}

const LAKE: u128 = 0x1a;

fn calendar() -> CollectionId {
    CollectionId::derive(PrincipalId(Uuid::from_u128(LAKE)), "calendar", 0)
}

/// Returns the appends of a room called lake and of its calendar.
fn lake() -> [Append; 2] {
    let home = PrincipalId(Uuid::from_u128(LAKE));
    let registered = PrincipalRegistered {
        short_name: "lake".to_owned(),
        kind: PrincipalKind::Room,
        profile: Profile { addresses: vec!["mailto:lake@example.org".to_owned()], ..Profile::default() },
    };
    let created = CollectionCreated {
        home,
        name: "calendar".to_owned(),
        kind: CollectionKind::Calendar,
        components: vec![],
        properties: vec![],
        settings: schemas::collection::Settings::default(),
    };
    [
        append(Stream::Principal(home), &Event::Principal(PrincipalEvent::Registered(registered))),
        append(Stream::Collection(calendar()), &Event::Collection(CollectionEvent::Created(created))),
    ]
}

/// Starts a service over this journal, with the read models in `folder`, which may exist already.
async fn service(journal: &Arc<Memory>, folder: &Path) -> Arc<Service> {
    let (models, projector) = ReadModels::open(folder).expect("read models");
    let settings = Settings { read_models_wait: PATIENCE, ..Settings::default() };
    let service = Service::start(journal.clone(), models, projector, settings).await.expect("a service");
    service.caught_up().await.expect("requests are answered");
    service
}

/// Returns a journal with the room and these resources in its calendar.
async fn journal(resources: &[(&str, &str)]) -> Arc<Memory> {
    let journal = Arc::new(Memory::new());
    let puts = resources.iter().map(|(name, summary)| put(name, summary));
    for answer in journal.append_many(lake().into_iter().chain(puts).collect()).await {
        answer.expect("appended");
    }
    journal
}

fn etags(models: &ReadModels) -> Vec<String> {
    let members = models.members(calendar(), None, 100).expect("answered");
    members.into_iter().map(|member| member.etag).collect()
}

async fn until(what: &str, is_so: impl Fn() -> bool) {
    let waiting = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.expect(what);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_models_of_another_history_are_rebuilt_whether_it_is_shorter_longer_or_as_long() {
    let ours = [("1.ics", "ours"), ("2.ics", "too")];
    let theirs: [&[(&str, &str)]; 4] = [
        &[("1.ics", "ours")],
        &[("1.ics", "theirs"), ("2.ics", "too")],
        &[("3.ics", "theirs"), ("1.ics", "ours"), ("2.ics", "too")],
        &[],
    ];
    for theirs in theirs {
        let folder = tempfile::tempdir().expect("a folder");
        service(&journal(&ours).await, folder.path()).await.end().await;

        let restored = service(&journal(theirs).await, folder.path()).await;
        let mut expected: Vec<_> = theirs.to_vec();
        expected.sort_unstable();
        let expected: Vec<_> = expected.into_iter().map(|(_, summary)| summary.to_owned()).collect();
        assert_eq!(etags(restored.models()), expected);
        until("the others follow", || {
            restored.models().conditions().iter().all(|condition| condition.complaint().is_none())
        })
        .await;
        restored.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_models_of_this_history_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = journal(&[("1.ics", "one")]).await;
    let head = journal.head().await.expect("memory answers");
    let before = service(&journal, folder.path()).await;
    // The service has waited only for the read models that requests need.
    until("the others follow", || before.models().conditions().iter().all(|condition| condition.position >= head))
        .await;
    before.end().await;
    let (_models, mut projector) = ReadModels::open(folder.path()).expect("read models");
    super::check(&*journal, &mut projector, head).await.expect("compared");
    assert_eq!(projector.checkpoint(), head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_read_model_is_named_and_rebuilt_while_the_server_runs() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = journal(&[("1.ics", "one"), ("2.ics", "two")]).await;
    let service = service(&journal, folder.path()).await;
    // The next query of a client fails because of the damage.
    let file = folder.path().join("collections.v15.sqlite");
    let breaking = rusqlite::Connection::open(file).expect("opened");
    breaking.execute_batch("ALTER TABLE member RENAME COLUMN etag TO gate").expect("broken");
    drop(breaking);
    let failure = service.models().members(calendar(), None, 9).expect_err("it is damaged");
    assert!(failure.to_string().contains("no such column"), "{failure}");

    until("rebuilt", || condition(service.models(), "collections").complaint().is_none()).await;
    assert_eq!(etags(service.models()), ["one", "two"]);
    let answer = journal.append(put("3.ics", "three")).await.expect("appended");
    service.models().wait_for(answer.position, PATIENCE).await.expect("it goes on");
    assert_eq!(etags(service.models()), ["one", "two", "three"]);
    assert_eq!(service.ready().await.expect("ready"), Vec::<String>::new());
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_model_that_fails_for_good_stops_alone_and_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = journal(&[("1.ics", "one")]).await;
    let service = service(&journal, folder.path()).await;
    until("filled", || service.models().conditions().iter().all(|condition| condition.complaint().is_none())).await;
    let file = folder.path().join("search.v8.sqlite");
    let breaking = rusqlite::Connection::open(file).expect("opened");
    let sql = "CREATE TRIGGER no AFTER INSERT ON object BEGIN SELECT RAISE(ABORT, 'no room'); END";
    breaking.execute_batch(sql).expect("broken");
    drop(breaking);

    let answer = journal.append(put("2.ics", "two")).await.expect("appended");
    service.models().wait_for(answer.position, PATIENCE).await.expect("requests do not wait for the search index");
    assert_eq!(etags(service.models()), ["one", "two"]);
    until("named", || condition(service.models(), "search").has_stopped()).await;
    let complaints = service.ready().await.expect("requests are answered");
    assert_eq!(complaints.len(), 1);
    assert!(complaints[0].starts_with("the read model `search` has stopped at position"), "{complaints:?}");
    assert!(complaints[0].contains("no room"), "{complaints:?}");
    service.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_start_goes_on_while_a_read_model_is_held_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = journal(&[("1.ics", "one")]).await;
    service(&journal, folder.path()).await.end().await;
    journal.append(put("2.ics", "two")).await.expect("appended");

    let (models, projector) = ReadModels::open(folder.path()).expect("read models");
    // Locks the file, so that the projector cannot write it.
    let holding = rusqlite::Connection::open(folder.path().join("collections.v15.sqlite")).expect("opened");
    holding.execute_batch("BEGIN IMMEDIATE").expect("held");
    let settings = Settings { read_models_wait: WHILE, ..Settings::default() };
    let service = Service::start(journal.clone(), models, projector, settings).await.expect("a service");
    let held_up = service.caught_up_or_held_up().await.expect("it may go on").expect("it has not caught up");
    assert!(held_up.starts_with("the read model `collections` cannot go on"), "{held_up}");
    let refused = service.models().members(calendar(), None, 9).expect_err("it does not show everything").to_string();
    assert!(refused.contains("held up") && refused.contains("locked"), "the reason is told: {refused}");
    assert!(service.ready().await.expect_err("not ready").to_string().contains(&held_up));

    drop(holding);
    service.caught_up().await.expect("it goes on by itself");
    assert_eq!(service.caught_up_or_held_up().await.expect("answered"), None);
    assert_eq!(etags(service.models()), ["one", "two"]);
    service.end().await;
}

/// Environment variable with the number of events: 100000 for the figures in docs/adding.md.
const EVENTS: &str = "DAYBOOK_EVENTS";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::disallowed_methods, reason = "the number of events and the longest answer are about this test alone")]
async fn requests_are_answered_while_a_read_model_is_filled() {
    let count: usize = std::env::var(EVENTS).ok().and_then(|count| count.parse().ok()).unwrap_or(5_000);
    let folder = tempfile::tempdir().expect("a folder");
    let journal = journal(&[]).await;
    for first in (0..count).step_by(1_000) {
        let puts = (first..count.min(first + 1_000)).map(|number| put(&format!("{number}.ics"), "booked"));
        for answer in journal.append_many(puts.collect()).await {
            answer.expect("appended");
        }
    }
    service(&journal, folder.path()).await.end().await;
    std::fs::remove_file(folder.path().join("room_utilisation.v4.sqlite")).expect("it was built");

    let service = service(&journal, folder.path()).await;
    let is_filled = || condition(service.models(), "room_utilisation").unavailable.is_none();
    let (mut answered, mut slowest, begun) = (0, Duration::ZERO, std::time::Instant::now());
    while !is_filled() {
        let asked = std::time::Instant::now();
        let name = format!("new {answered}.ics");
        let answer = journal.append(put(&name, "booked")).await.expect("appended");
        service.models().wait_for(answer.position, PATIENCE).await.expect("shown");
        assert!(service.models().member(calendar(), &name).expect("answered").is_some());
        service.ready().await.expect("requests are answered");
        answered += 1;
        slowest = slowest.max(asked.elapsed());
    }
    println!(
        "filled from {count} events in {:?}; {answered} writes meanwhile, the slowest {slowest:?}",
        begun.elapsed()
    );
    assert!(answered > 0, "it is not filled at once");
    let table = || service.models().table("room_utilisation").expect("answered").expect("it has a table").rows;
    let hours = |resources: usize| (f64::from(u32::try_from(resources).expect("few")) / 2.0).to_string();
    let expected = ["lake".to_owned(), "2026-01-05".to_owned(), hours(count + answered), "0".to_owned()];
    until("all of it", || table() == [expected.clone()]).await;
    service.end().await;
}
