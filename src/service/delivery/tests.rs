//! Tests of the routes of messages, and of the outbox after a restart.

use std::{path::PathBuf, sync::Arc};

use ::delivery::{Delays, Route, Routes, status};
use journal::{Append, Journal, memory::Memory};
use projections::{Directory, ReadModels};
use schemas::{
    Client, Event, Expected, NewEvent, ObjectEvent, ObjectId, Position, PrincipalId, Recorded, Stream,
    object::{MessageIssued, Method, Recipient, Visibility},
    principal::{PrincipalKind, Profile},
};
use uuid::Uuid;

use super::{Outbox, routes::LocalRoutes};
use crate::{
    Service, Settings, clock,
    principals::Registration,
    scheduling_policy::{InboxPrivilege, SchedulingPolicy},
};

fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

/// Policy under which Carol's inbox accepts replies but no invitations.
#[derive(Debug)]
struct CarolTakesAnswers;

impl SchedulingPolicy for CarolTakesAnswers {
    fn admits(&self, _: PrincipalId, owner: PrincipalId, privilege: InboxPrivilege) -> bool {
        owner != id("carol") || privilege == InboxPrivilege::DeliverReply
    }
}

/// Returns a directory with Anna, Bert, Carol and the group `team`.
async fn directory() -> (Arc<Directory>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let (models, projector) = ReadModels::open(folder.path()).expect("read models");
    let journal = Arc::new(Memory::new());
    let service = Service::start(journal, models, projector, Settings::default()).await.expect("a service");
    let register = |name: &str| Registration {
        id: id(name),
        short_name: name.to_owned(),
        kind: if name == "team" { PrincipalKind::Group } else { PrincipalKind::Individual },
        profile: Profile { addresses: vec![format!("mailto:{name}@example.org")], ..Profile::default() },
        password: None,
        members: vec![],
    };
    let people = ["anna", "bert", "carol", "team"].map(register).to_vec();
    let stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
    service.register(&stamp, people).await.expect("registered");
    (service.models().directory(), folder)
}

fn message(method: Method, recipients: &[&str]) -> MessageIssued {
    let recipient = |name: &&str| Recipient {
        address: format!("mailto:{name}@example.org"),
        principal: (*name != "nobody").then(|| id(name)),
    };
    MessageIssued {
        message: Uuid::from_u128(1),
        method,
        uid: "lunch".to_owned(),
        sender: "mailto:anna@example.org".to_owned(),
        sender_home: id("anna"),
        taken_over_from: None,
        recipients: recipients.iter().map(recipient).collect(),
        visibility: Visibility::Inbox,
        reason: String::new(),
        instances: vec![],
        ics: String::new(),
    }
}

async fn routes(method: Method, recipients: &[&str]) -> Vec<Route> {
    let (directory, _folder) = directory().await;
    let (message, routes) = (message(method, recipients), LocalRoutes::new(&directory, &CarolTakesAnswers));
    message.recipients.iter().map(|recipient| routes.route(&message, recipient)).collect()
}

#[tokio::test]
async fn every_recipient_has_one_route() {
    let nowhere = Route::Nowhere(status::INVALID_USER);
    let expected = [Route::Home(id("bert")), Route::Nowhere(status::NO_AUTHORITY), Route::Members, nowhere, nowhere];
    assert_eq!(routes(Method::Request, &["bert", "carol", "team", "nobody", "retired"]).await, expected);
    for (method, taken) in [(Method::Reply, true), (Method::Counter, true), (Method::Cancel, false)] {
        assert_eq!(routes(method, &["carol"]).await[0] == Route::Home(id("carol")), taken, "{method:?}");
    }
}

/// Returns a journal in which a message to Bert was issued, the position of that event, a path for
/// the file of an outbox, and its folder.
async fn with_message() -> (Memory, Position, PathBuf, tempfile::TempDir) {
    let (journal, folder) = (Memory::new(), tempfile::tempdir().expect("a folder"));
    let event = Event::Object(ObjectEvent::MessageIssued(message(Method::Request, &["bert"])));
    let append = Append {
        stream: Stream::Object(ObjectId::derive(id("anna"), "lunch")),
        expected: Expected::NoStream,
        metadata: clock::stamp(None, None, Client::default(), Uuid::nil()).metadata,
        events: vec![NewEvent::new(Uuid::from_u128(2), &event)],
    };
    let position = journal.append(append).await.expect("appended").position;
    let file = folder.path().join("outbox.json");
    (journal, position, file, folder)
}

async fn events(journal: &Memory) -> Vec<Recorded> {
    let stored = journal.read_all(Position::START, 100).await.expect("memory answers");
    stored.into_iter().map(|stored| stored.read().expect("it is readable")).collect()
}

#[tokio::test]
async fn a_message_waits_after_a_restart_and_a_parked_one_is_tried_again() {
    let (journal, head, file, _folder) = with_message().await;
    let first = Outbox::open(Some(file.clone()), &journal, head, Delays::default()).await.expect("an outbox");
    assert_eq!(first.counts(), (1, 0));
    let (directory, _models) = directory().await;
    let routes = LocalRoutes::new(&directory, &CarolTakesAnswers);
    first.round("lunch", &routes, ::delivery::Due::All);
    first.park(Uuid::from_u128(1), id("bert"), "the text cannot be parsed");
    first.save();
    assert!(first.entries()[0].waiting.iter().any(|part| part.last_error.is_some()));

    let next = Outbox::open(Some(file), &journal, head, Delays::default()).await.expect("an outbox");
    assert_eq!(next.counts(), (1, 0));
    let work = next.round("lunch", &routes, ::delivery::Due::All);
    assert_eq!(work.len(), 1);
}

#[tokio::test]
async fn the_file_of_another_journal_is_not_believed() {
    let (journal, head, file, _folder) = with_message().await;
    let outbox = Outbox::open(Some(file.clone()), &journal, head, Delays::default()).await.expect("an outbox");
    outbox.saw(&events(&journal).await);
    outbox.save();
    let shorter = Memory::new();
    let restored =
        Outbox::open(Some(file.clone()), &shorter, Position::START, Delays::default()).await.expect("an outbox");
    assert_eq!(restored.counts(), (0, 0));
}
