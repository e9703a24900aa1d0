//! What is shown when, and what happens while the journal cannot be read.

use std::{sync::Arc, time::Duration};

use journal::{Append, Journal, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, Event, Expected, NewEvent, ObjectEvent, ObjectId, Position, PrincipalId, Stream,
    object::{MessageIssued, Method, Visibility},
};
use uuid::Uuid;

use super::Pump;
use crate::{clock, delivery::Tracker};

/// Longer than a pump needs for one event.
const WHILE: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(10);

struct Pumped {
    journal: Memory,
    models: ReadModels,
    tracker: Arc<Tracker>,
    pump: Pump,
    _folder: tempfile::TempDir,
}

fn pumped() -> Pumped {
    let folder = tempfile::tempdir().expect("a folder");
    let (models, feed) = ReadModels::open(folder.path()).expect("read models");
    let (journal, tracker) = (Memory::new(), Arc::new(Tracker::open(None, Position::START)));
    let pump = Pump::start(&journal, feed, Arc::clone(&tracker)).expect("a pump");
    Pumped { journal, models, tracker, pump, _folder: folder }
}

/// Issues a message.
async fn issue(journal: &Memory) -> Position {
    let event = Event::Object(ObjectEvent::MessageIssued(MessageIssued {
        message: Uuid::from_u128(1),
        method: Method::Request,
        uid: "lunch".to_owned(),
        sender: "mailto:anna@example.org".to_owned(),
        sender_home: PrincipalId(Uuid::nil()),
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
async fn whoever_is_shown_a_message_also_sees_that_it_waits() {
    let pumped = pumped();
    let (models, tracker) = (pumped.models.clone(), Arc::clone(&pumped.tracker));
    let runtime = tokio::runtime::Handle::current();
    let waiting = tokio::task::spawn_blocking(move || {
        let nobody_knows = tracker.hold();
        let position = runtime.block_on(issue(&pumped.journal));
        runtime.block_on(models.wait_for(position, WHILE)).expect_err("it is not known to wait");
        drop(nobody_knows);
        runtime.block_on(models.wait_for(position, PATIENCE)).expect("shown");
        runtime.block_on(pumped.pump.end());
        tracker.waiting()
    });
    assert_eq!(waiting.await.expect("no panic"), 1);
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_for_a_while_is_read_again() {
    let pumped = pumped();
    pumped.journal.interrupt(usize::MAX);
    let position = issue(&pumped.journal).await;
    let troubled = async {
        while pumped.pump.trouble() != Some("the journal cannot be read") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, troubled).await.expect("it cannot be read");
    assert!(pumped.models.position() < position);
    pumped.journal.interrupt(0);
    pumped.models.wait_for(position, PATIENCE).await.expect("it was tried again");
    assert_eq!(pumped.pump.trouble(), None);
    assert!(pumped.pump.figures().iter().any(|(name, count)| *name == "feed_retries_total" && *count > 0));
    pumped.pump.end().await;
    assert_eq!(pumped.pump.trouble(), Some("the read models have stopped"));
}
