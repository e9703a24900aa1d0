//! Tests of the state on which a command is decided, and of the number of journal reads for it.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use async_trait::async_trait;
use calendar::{
    Refusal,
    collection::{self, Collection, Command},
};
use journal::{Around, Failure, memory::Memory};
use schemas::{
    Client, CollectionId, Expected, NewEvent, ObjectEvent, PrincipalId, Stored, Timestamp,
    access::{AccessControlEntry, Effect, Grantee},
    collection::{CollectionCreated, CollectionKind, Settings},
    object::DeliveryReported,
};
use uuid::Uuid;

use super::*;
use crate::clock;

const ID: CollectionId = CollectionId(Uuid::from_u128(1));

/// A journal that counts the reads of streams.
#[derive(Debug, Default)]
struct Watched {
    journal: Memory,
    questions: AtomicUsize,
}

#[async_trait]
impl Around for Watched {
    fn inner(&self) -> &dyn Journal {
        &self.journal
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.questions.fetch_add(1, Ordering::Relaxed);
        self.journal.read_stream(stream, from, limit).await
    }
}

/// Executes a command by `execute_new`. Returns the resulting revision, and the number of reads of
/// streams.
async fn execute(journal: &Arc<Watched>, command: &Command) -> (Result<Option<Revision>, Error>, usize) {
    let store = Store::new(Arc::clone(journal) as Arc<dyn Journal>, Position::START, &calendar::Limits::default());
    let stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
    let before = journal.questions.load(Ordering::Relaxed);
    let decide = |known: &Collection| collection::decide(known, command).map_err(Error::from);
    let executed = store.execute_new::<Collection>(Subject::Directory, ID, &stamp, decide).await;
    let asked = journal.questions.load(Ordering::Relaxed) - before;
    let last = journal.journal.read_last(Stream::Collection(ID)).await.expect("memory answers");
    (executed.map(|_| last.map(|last| last.revision)), asked)
}

fn creation() -> Command {
    Command::Create(CollectionCreated {
        home: PrincipalId(Uuid::from_u128(2)),
        name: "work".to_owned(),
        kind: CollectionKind::Calendar,
        components: vec![],
        properties: vec![],
        settings: Settings::default(),
    })
}

#[tokio::test]
async fn what_is_new_is_stored_without_a_question() {
    let journal = Arc::new(Watched::default());
    let (stored, asked) = execute(&journal, &creation()).await;
    assert_eq!((stored.expect("it is new"), asked), (Some(Revision(0)), 0));
}

#[tokio::test]
async fn what_is_not_new_after_all_is_decided_on_what_is_there() {
    let journal = Arc::new(Watched::default());
    execute(&journal, &creation()).await.0.expect("it is new");
    let (refused, asked) = execute(&journal, &creation()).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Exists))), "{refused:?}");
    assert!(asked > 0);
    assert_eq!(journal.journal.read_all(Position::START, 9).await.expect("memory answers").len(), 1);
}

#[tokio::test]
async fn what_would_be_refused_if_it_were_new_is_decided_on_what_is_there() {
    let journal = Arc::new(Watched::default());
    execute(&journal, &creation()).await.0.expect("it is new");
    let everybody = AccessControlEntry {
        to: Grantee::All,
        inverted: false,
        effect: Effect::Grant,
        privileges: vec!["read".to_owned()],
    };
    let (stored, _) = execute(&journal, &Command::ChangeAcl { entries: vec![everybody] }).await;
    assert_eq!(stored.expect("it is there"), Some(Revision(1)));
}

/// Another server changes the second stream between the decision and the append.
#[tokio::test]
async fn commands_together_are_decided_again_together() {
    const OTHER: CollectionId = CollectionId(Uuid::from_u128(3));
    let journal = Arc::new(Watched::default());
    let store = Store::new(Arc::clone(&journal) as Arc<dyn Journal>, Position::START, &calendar::Limits::default());
    let stamp = |act| clock::stamp(None, None, Client::default(), Uuid::from_u128(act));
    for (id, act) in [(ID, 1), (OTHER, 2)] {
        let create = |known: &Collection| collection::decide(known, &creation()).map_err(Error::from);
        store.execute_new::<Collection>(Subject::Directory, id, &stamp(act), create).await.expect("it is new");
    }
    let moved = |name: &str| Command::Move { name: name.to_owned() };
    let commands = [(ID, stamp(3), moved("one")), (OTHER, stamp(4), moved("two"))];
    let decided = AtomicUsize::new(0);
    let decide = |known: &Collection, command: &Command| {
        if decided.fetch_add(1, Ordering::Relaxed) == 1 {
            let event = collection::decide(known, &moved("theirs"))?.remove(0);
            let events = vec![NewEvent::new(Uuid::from_u128(9), &event)];
            let (expected, metadata) = (Expected::Exact(Revision(0)), stamp(5).metadata);
            let theirs = Append { stream: Stream::Collection(OTHER), expected, metadata, events };
            futures::executor::block_on(journal.journal.append(theirs)).expect("first");
        }
        Ok(collection::decide(known, command)?)
    };
    let executed = store.execute_together::<Collection, _>(Subject::Directory, &commands, decide).await;
    assert_eq!(executed.expect("stored").len(), 2);
    let stored = journal.journal.read_all(Position(2), 9).await.expect("memory answers");
    let streams: Vec<_> = stored.iter().map(|stored| stored.stream).collect();
    assert_eq!(streams, [OTHER, ID, OTHER].map(Stream::Collection), "the first command waits for the second");
    assert_eq!(decided.into_inner(), 4);
}

#[tokio::test]
async fn a_clock_that_was_set_back_dates_nothing_before_what_is_known_of_an_object() {
    let journal = Arc::new(Watched::default());
    let store = Store::new(Arc::clone(&journal) as Arc<dyn Journal>, Position::START, &calendar::Limits::default());
    let id = ObjectId(Uuid::from_u128(2));
    let report = |number| {
        let message = Uuid::from_u128(number);
        move |_: &Object| {
            let (home, uid, deliveries) = (None, None, vec![]);
            Ok(vec![ObjectEvent::DeliveryReported(DeliveryReported { home, uid, message, deliveries })])
        }
    };
    for (number, seconds) in (0..).zip([2_000, 1_000, 3_000, -5_000]) {
        let mut stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
        stamp.metadata.at = Timestamp::from_seconds(seconds);
        // Every second command uses the cached state; the others fold it from the journal again.
        if number % 2 == 0 {
            store.forget(id);
        }
        store.execute::<Object>(Subject::Directory, id, &stamp, report(number)).await.expect("stored");
    }
    let stored = journal.journal.read_stream(Stream::Object(id), Revision(0), 9).await.expect("read");
    let seconds: Vec<_> = stored.iter().map(|stored| stored.metadata.at.seconds()).collect();
    assert_eq!(seconds, [2_000, 2_000, 3_000, 3_000]);
}

/// A group gets a member while a meeting that invites it is decided. The meeting is stored first,
/// so that the update of the group's meetings finds it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_directory_does_not_change_between_a_decision_and_its_append() {
    let journal = Arc::new(Watched::default());
    let store = Store::new(Arc::clone(&journal) as Arc<dyn Journal>, Position::START, &calendar::Limits::default());
    let store = Arc::new(store);
    let (object, principal) = (ObjectId(Uuid::from_u128(2)), ObjectId(Uuid::from_u128(3)));
    let stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
    let event = ObjectEvent::DeliveryReported(DeliveryReported {
        home: None,
        uid: None,
        message: Uuid::from_u128(4),
        deliveries: vec![],
    });
    let change = std::sync::Mutex::new(None);
    let decided = store
        .execute::<Object>(Subject::Home(PrincipalId(Uuid::from_u128(1))), object, &stamp, |_| {
            let (store, stamp, changed) = (Arc::clone(&store), stamp.next("change"), event.clone());
            let begun = tokio::spawn(async move {
                store.execute::<Object>(Subject::Directory, principal, &stamp, |_| Ok(vec![changed.clone()])).await
            });
            *change.lock().expect("not poisoned") = Some(begun);
            // Long enough for the other append if no lock delays it.
            std::thread::sleep(Duration::from_millis(50));
            Ok(vec![event.clone()])
        })
        .await;
    let begun = change.into_inner().expect("not poisoned").expect("it was decided");
    let changed = begun.await.expect("it ends").expect("stored");
    assert!(decided.expect("stored").position < changed.position);
}

#[tokio::test]
async fn a_stream_is_read_whole_over_any_number_of_pages() {
    let journal = Arc::new(Watched::default());
    let store = Store::new(Arc::clone(&journal) as Arc<dyn Journal>, Position::START, &calendar::Limits::default());
    for count in [PAGE_EVENTS - 1, PAGE_EVENTS, 2 * PAGE_EVENTS + 1] {
        let stream = Stream::Object(ObjectId(Uuid::from_u128(count as u128)));
        let event = |number: usize| {
            let message = Uuid::from_u128(number as u128);
            let report = DeliveryReported { home: None, uid: None, message, deliveries: vec![] };
            NewEvent::new(
                Uuid::new_v5(&message, &count.to_be_bytes()),
                &Event::Object(ObjectEvent::DeliveryReported(report)),
            )
        };
        let metadata = clock::stamp(None, None, Client::default(), Uuid::nil()).metadata;
        let events = (0..count).map(event).collect();
        let append = Append { stream, expected: Expected::NoStream, metadata, events };
        journal.journal.append(append).await.expect("appended");
        let read = store.events(stream).await.expect("read");
        let revisions: Vec<_> = read.into_iter().map(|recorded| recorded.revision.0).collect();
        assert_eq!(revisions, (0..count as u64).collect::<Vec<_>>());
    }
}
