//! Benchmarks of the steps of a request: decide, append, fold. `cargo bench -p daybook-benches`
//! runs them all; a name after `--` runs one.

use std::sync::Arc;

use calendar::{
    Limits, Require,
    object::{AddressBook, Command, DecisionContext, NameHolder, Object, Put, SameMeeting, decide, evolve, read},
};
use criterion::{Criterion, criterion_group, criterion_main};
use daybook_benches::meeting;
use ical::{Address, repair::Repaired};
use journal::{Append, Journal, memory::Memory, sqlite};
use projections::ReadModels;
use schemas::{
    Client, CollectionId, Event, Expected, Hash, Metadata, NewEvent, ObjectEvent, ObjectId, Position, PrincipalId,
    Recorded, Revision, Stream, Timestamp,
    object::{Content, ObjectPut, Place, Role},
};
use uuid::Uuid;

const HOME: PrincipalId = PrincipalId(Uuid::from_u128(0xa));
/// Monday 2026-01-05, 00:00 UTC, in seconds since the epoch.
const MONDAY: i64 = 1_767_571_200;

/// An address book in which every address belongs to a principal of this server. Alice is the owner
/// of [`HOME`].
struct Everybody;

impl AddressBook for Everybody {
    fn principal(&self, address: &Address) -> Option<PrincipalId> {
        if address.canonical() == "mailto:alice@example.com" {
            return Some(HOME);
        }
        Some(PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, address.canonical().as_bytes())))
    }

    fn canonical(&self, address: &Address) -> Address {
        address.clone()
    }
}

fn put(ics: String, limits: &Limits) -> Put {
    let now = Timestamp::from_seconds(MONDAY);
    let Repaired { document, repairs } = read(ics, now, limits).expect("the meeting is within the limits");
    Put {
        place: Place { collection: CollectionId::derive(HOME, "calendar", 0), name: "planning.ics".to_owned() },
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

fn decisions(criterion: &mut Criterion) {
    let limits = Limits::default();
    let act = Uuid::from_u128(1);
    let context = DecisionContext {
        now: Timestamp::from_seconds(MONDAY),
        act,
        home: HOME,
        actor: Some(HOME),
        limits: &limits,
        address_book: &Everybody,
    };
    for attendees in [1, 10, 200] {
        let ics = meeting(attendees);
        criterion.bench_function(&format!("read and decide an invitation of {attendees}"), |bencher| {
            bencher.iter(|| {
                let put = put(ics.clone(), &limits);
                decide(&Object::default(), &Command::Put(&put), &context).expect("the meeting is accepted")
            });
        });
    }
    let put = put(meeting(10), &limits);
    let events = decide(&Object::default(), &Command::Put(&put), &context).expect("the meeting is accepted");
    criterion.bench_function("fold an invitation of 10", |bencher| {
        bencher.iter(|| events.iter().fold(Object::default(), evolve));
    });
}

fn stored(number: u64) -> Event {
    Event::Object(ObjectEvent::Put(ObjectPut {
        home: HOME,
        place: Place { collection: CollectionId::derive(HOME, "calendar", 0), name: format!("{number}.ics") },
        uid: format!("planning-{number}"),
        component: "VEVENT".to_owned(),
        content: Content {
            ics: meeting(10).replace("planning", &format!("planning-{number}")),
            etag: number.to_string(),
            schedule_tag: None,
            role: Role::None,
        },
        sent: None,
        edits: vec![],
        imported: None,
        copied: None,
    }))
}

fn stream(number: u64) -> Stream {
    Stream::Object(ObjectId::derive(HOME, &format!("planning-{number}")))
}

fn metadata() -> Metadata {
    Metadata {
        at: Timestamp::from_seconds(MONDAY),
        actor: Some(HOME),
        client: Client { via: "PUT".to_owned(), ..Client::default() },
        request: Uuid::from_u128(1),
        correlation: Uuid::from_u128(1),
        ..Metadata::default()
    }
}

fn append(number: u64) -> Append {
    let event = NewEvent::new(Uuid::from_u128(u128::from(number)), &stored(number));
    Append { stream: stream(number), expected: Expected::NoStream, metadata: metadata(), events: vec![event] }
}

fn appends(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Runtime::new().expect("threads can be started");
    let folder = tempfile::tempdir().expect("a folder can be made");
    let durable = sqlite::open(&folder.path().join("journal.sqlite")).expect("a journal can be made");
    let engines: [(&str, Arc<dyn Journal>); 2] =
        [("append to memory", Arc::new(Memory::default())), ("append to SQLite, durably", Arc::new(durable))];
    for (name, journal) in engines {
        let mut number = 0;
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                number += 1;
                runtime.block_on(journal.append(append(number))).expect("the journal stores")
            });
        });
    }
}

fn folds(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (_models, mut projector) = ReadModels::open(folder.path()).expect("read models can be made");
    let mut number = 0;
    criterion.bench_function("apply one put to the read models", |bencher| {
        bencher.iter(|| {
            number += 1;
            let recorded = Recorded {
                position: Position(number),
                stream: stream(number),
                revision: Revision(0),
                id: Uuid::from_u128(u128::from(number)),
                event: stored(number),
                metadata: metadata(),
                hash: Hash::default(),
            };
            projector.apply(&[recorded]).expect("the read models take it in");
        });
    });
}

criterion_group!(benches, decisions, appends, folds);
criterion_main!(benches);
