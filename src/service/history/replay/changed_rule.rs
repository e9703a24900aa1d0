//! Tests that a replay finds the acts that a changed rule decides differently.

use std::sync::Arc;

use journal::{Journal as _, memory::Memory};
use projections::ReadModels;
use schemas::{
    Client, CollectionId, PrincipalId,
    object::Place,
    principal::{PrincipalKind, Profile},
};
use uuid::Uuid;

use super::{Aspect, Range, replay};
use crate::{
    Attributes, Delete, Put, Require, ScheduleReply, Service, Settings, Source, Stamp, clock, principals::Registration,
};

fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes()))
}

fn stamp(who: &str) -> Stamp {
    clock::stamp(Some(id(who)), None, Client::default(), clock::new_id())
}

#[tokio::test]
async fn an_act_that_a_changed_rule_decides_otherwise_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (models, projector) = ReadModels::open(folder.path()).expect("read models");
    let journal = Arc::new(Memory::new());
    let service = Service::start(journal.clone(), models, projector, Settings::default()).await.expect("a service");
    let person = |name: &str| Registration {
        id: id(name),
        short_name: name.to_owned(),
        kind: PrincipalKind::Individual,
        profile: Profile { addresses: vec![format!("mailto:{name}@example.org")], ..Profile::default() },
        password: None,
        members: vec![],
    };
    service.register(&stamp("anna"), vec![person("anna"), person("bert")]).await.expect("people");
    let (home, require) = (id("anna"), Require::default());
    let place = Place { collection: CollectionId::derive(home, "calendar", 0), name: "lunch.ics".to_owned() };
    let ics = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:lunch\r\n\
               DTSTAMP:20260105T110000Z\r\nDTSTART:20990107T120000Z\r\nORGANIZER:mailto:anna@example.org\r\n\
               ATTENDEE:mailto:bert@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        .to_owned();
    let put = Put {
        home,
        place: place.clone(),
        ics,
        source: Source::Body,
        require: require.clone(),
        attributes: Attributes::default(),
    };
    service.put(&stamp("anna"), put).await.expect("stored");
    let before = journal.head().await.expect("a head");
    let removal = stamp("anna");
    service.delete(&removal, Delete { home, place, require, reply: ScheduleReply::Send }).await.expect("removed");

    let until = journal.head().await.expect("a head");
    let range = Range { until, ..Range::default() };
    let again =
        async || replay(&*journal, service.models(), &Settings::default(), &range).await.expect("it is replayed");
    assert_eq!(again().await.differences, vec![]);
    calendar::changed_rule::change();
    let replayed = again().await;
    let [difference] = &replayed.differences[..] else { panic!("{:?}", replayed.differences) };
    assert_eq!((difference.request, difference.aspect), (removal.metadata.request, Aspect::Messages));
    assert_eq!(difference.position.0, before.0 + 1);
    assert!(difference.recorded.starts_with("scheduling-message-issued"), "{difference:?}");
    assert_eq!(difference.decided, "nothing");
}
