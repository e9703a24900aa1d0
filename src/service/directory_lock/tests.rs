//! Tests that the directory does not change between a decision about other streams and its append.

use std::{mem, time::Duration};

use async_trait::async_trait;
use calendar::Limits;
use itip::ScheduleReply;
use journal::{Append, AppendError, Appended, Around, Failure, memory::Memory};
use parking_lot::Mutex;
use schemas::{
    CollectionId, Event, ObjectEvent, Position, PrincipalEvent, Recorded, Revision, Stored, Stream,
    object::Place,
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use tokio::{runtime::Handle, task::JoinHandle};

use super::*;
use crate::{
    Attributes, Put, Require, Service, Settings, Source,
    collections::unconditional,
    given::{Given, id, object, person, stamp},
    history::{Range, replay},
    principals::Registration,
};

/// The state of a change of the directory in a test.
#[derive(Debug, Default)]
enum Planned {
    #[default]
    Nothing,
    /// Dora is registered just before the next append to this stream, unless a lock delays that.
    At(Stream, Arc<Service>),
    Begun(JoinHandle<()>),
    /// Lake is set to answer automatically while this stream is read.
    Within(Stream, Arc<Service>),
}

impl Planned {
    /// Returns the service if Dora is to be registered before one of these appends.
    fn take_at(&mut self, appends: &[Append]) -> Option<Arc<Service>> {
        match mem::take(self) {
            Self::At(stream, service) if appends.iter().any(|append| append.stream == stream) => Some(service),
            other => {
                *self = other;
                None
            }
        }
    }

    /// Returns the service if Lake is to be changed while this stream is read.
    fn take_within(&mut self, read: Stream) -> Option<Arc<Service>> {
        match mem::take(self) {
            Self::Within(stream, service) if stream == read => Some(service),
            other => {
                *self = other;
                None
            }
        }
    }
}

/// Registers or changes somebody. Called outside the runtime's own threads.
fn register(service: &Service, somebody: Registration) {
    let stamp = stamp("anna");
    Handle::current().block_on(service.register(&stamp, vec![somebody])).expect("registered");
}

/// A journal that changes the directory at a planned moment.
#[derive(Debug, Default)]
struct Interposed {
    journal: Memory,
    planned: Mutex<Planned>,
}

#[async_trait]
impl Around for Interposed {
    fn inner(&self) -> &dyn Journal {
        &self.journal
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        let within = self.planned.lock().take_within(stream);
        if let Some(service) = within {
            let change = move || register(&service, lake(AutomaticAnswer::Automatic));
            tokio::task::spawn_blocking(change).await.expect("it ends");
        }
        self.journal.read_stream(stream, from, limit).await
    }

    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let service = self.planned.lock().take_at(&appends);
        if let Some(service) = service {
            let begun = tokio::task::spawn_blocking(move || register(&service, person("dora")));
            *self.planned.lock() = Planned::Begun(begun);
            // Long enough for the other append if no lock delays it.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        self.journal.append_many(appends).await
    }
}

impl Interposed {
    /// Waits until Dora is registered, and returns true if the journal has her after the last event
    /// for which `is_it` returns true.
    async fn is_dora_after(&self, given: &Given, is_it: impl Fn(&Recorded) -> bool) -> bool {
        let planned = mem::take(&mut *self.planned.lock());
        let Planned::Begun(begun) = planned else { panic!("nothing was appended to the stream: {planned:?}") };
        begun.await.expect("Dora is registered");
        let events = given.events(Position::START).await;
        let is_dora = |recorded: &Recorded| matches!(&recorded.event, Event::Principal(PrincipalEvent::Registered(known)) if known.short_name == "dora");
        let dora = events.iter().position(is_dora).expect("Dora");
        events.iter().rposition(is_it).expect("the event") < dora
    }
}

fn lunch(guest: &str) -> String {
    let lines = format!(
        "DTSTART:20990105T100000Z\nDTEND:20990105T110000Z\nORGANIZER:mailto:anna@example.org\n\
         ATTENDEE:mailto:{guest}@example.org"
    );
    specimens::event("lunch", &lines)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delivery_is_appended_before_a_change_that_begins_after_its_decision() {
    let journal = Arc::new(Interposed::default());
    let given = Given::on(journal.clone(), &["anna", "bert"], Limits::default()).await;
    *journal.planned.lock() = Planned::At(Stream::Object(object("bert", "lunch")), Arc::clone(&given.service));
    given.put("anna", "lunch.ics", lunch("bert")).await;
    let is_received = |recorded: &Recorded| matches!(recorded.event, Event::Object(ObjectEvent::MessageReceived(_)));
    assert!(journal.is_dora_after(&given, is_received).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn members_of_a_removed_collection_are_removed_before_a_change_that_begins_after_the_decision() {
    let journal = Arc::new(Interposed::default());
    let given = Given::on(journal.clone(), &["anna"], Limits::default()).await;
    let tasks = CollectionId::derive(id("anna"), "tasks", 0);
    let put = Put {
        home: id("anna"),
        place: Place { collection: tasks, name: "1.ics".to_owned() },
        ics: specimens::event("task", "DTSTART:20990105T100000Z").replace("VEVENT", "VTODO"),
        source: Source::Body,
        require: Require::default(),
        attributes: Attributes::default(),
    };
    given.service.put(&stamp("anna"), put).await.expect("stored");
    *journal.planned.lock() = Planned::At(Stream::Object(object("anna", "task")), Arc::clone(&given.service));
    let (stamp, reply) = (stamp("anna"), ScheduleReply::Send);
    given.service.delete_collection(&stamp, id("anna"), tasks, reply, &unconditional).await.expect("removed");
    let is_removed = |recorded: &Recorded| matches!(recorded.event, Event::Object(ObjectEvent::Removed(_)));
    assert!(journal.is_dora_after(&given, is_removed).await);
}

fn lake(answers: AutomaticAnswer) -> Registration {
    let profile = Profile { automatic_answer: answers, ..person("lake").profile };
    Registration { kind: PrincipalKind::Room, profile, ..person("lake") }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_answers_as_it_is_set_when_its_copy_is_decided() {
    let journal = Arc::new(Interposed::default());
    let given = Given::on(journal.clone(), &["anna"], Limits::default()).await;
    given.service.register(&stamp("anna"), vec![lake(AutomaticAnswer::None)]).await.expect("registered");
    *journal.planned.lock() = Planned::Within(Stream::Object(object("lake", "lunch")), Arc::clone(&given.service));
    given.put("anna", "lunch.ics", lunch("lake")).await;
    let range = Range { until: given.service.head().await.expect("a head"), ..Range::default() };
    let replayed = replay(&*journal, given.service.models(), &Settings::default(), &range).await;
    assert_eq!(replayed.expect("it is replayed").differences, vec![]);
    let is_answer = |recorded: &Recorded| match &recorded.event {
        Event::Object(ObjectEvent::MessageIssued(issued)) => issued.sender.contains("lake"),
        _ => false,
    };
    assert!(given.events(Position::START).await.iter().any(is_answer));
}
