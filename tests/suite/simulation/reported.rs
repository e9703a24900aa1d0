//! A test of the delivery status if the process dies after a message arrived and before its status
//! was reported.

use std::sync::Arc;

use journal::memory::Memory;
use schemas::{Client, CollectionId, Event, ObjectEvent, object::Place};
use service::{Attributes, Put, Require, clock};
use uuid::Uuid;

use super::{
    act::perform,
    check,
    faulty::Crash,
    history::{History, Lag, Patience, Step, Weather},
    life::{self, Life, Lived},
    people::{id, registrations, uid},
    plan::Plan,
};

const BOB: [bool; 4] = [false, true, false, false];
const CALM: History = History {
    seed: 1,
    weather: Weather::Calm,
    patience: Patience::UntilDelivered,
    lag: Lag::None,
    nodes: 1,
    steps: vec![],
};

#[test]
fn a_refusal_is_reported_although_the_process_died() {
    let (memory, folder) = (Arc::new(Memory::new()), life::place());
    let first = Life::begin(&memory, folder.path(), &CALM, 0);
    let stamp = |number| clock::stamp(None, None, Client::default(), Uuid::from_u128(number));
    assert!(matches!(first.run(0, None, first.service(0).register(&stamp(1), registrations())), Lived::On(Ok(()))));
    let stored = first.run(0, None, first.service(0).put(&stamp(2), bobs_own()));
    assert!(matches!(stored, Lived::On(Ok(_))), "bob has something under that UID");
    // Alice stores her meeting, Bob's object receives the message, and the process dies before the
    // delivery is reported.
    let invites = Step::Store { meeting: 0, plan: Plan::once(13, 1, BOB) };
    let crash = Crash { left: 2, stored: false };
    assert!(matches!(first.run(0, Some(crash), perform(first.service(0), &invites, &stamp(3))), Lived::Died));
    first.die();

    let second = Life::begin(&memory, folder.path(), &CALM, 1);
    assert!(second.settle(), "what waited is carried on");
    second.end();
    let status: Vec<_> =
        check::everything(&memory).into_iter().filter_map(|recorded| status(&recorded.event)).collect();
    assert_eq!(status, ["5.3"], "RFC 6638 §3.2.9: the copy is of another organizer's meeting");
}

/// Returns a meeting that Bob organizes and that has the UID of one of Alice's meetings.
fn bobs_own() -> Put {
    let ics = Plan::once(9, 2, [false; 4]).text(0).replace("mailto:alice", "mailto:bob");
    assert!(ics.contains(&uid(0)) && !ics.contains("alice"));
    let place = Place { collection: CollectionId::derive(id("bob"), "calendar", 0), name: "own.ics".to_owned() };
    Put {
        home: id("bob"),
        place,
        ics,
        source: service::Source::Body,
        require: Require::default(),
        attributes: Attributes::default(),
    }
}

fn status(event: &Event) -> Option<String> {
    let Event::Object(ObjectEvent::DeliveryReported(reported)) = event else { return None };
    Some(reported.deliveries[0].status.clone())
}
