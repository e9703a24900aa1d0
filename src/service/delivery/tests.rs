//! Where messages go, and what their senders are told.

use std::sync::Arc;

use projections::{Directory, ReadModels};
use schemas::{
    Client, Position, PrincipalId,
    object::{MessageIssued, Method, Recipient, Visibility},
    principal::{PrincipalKind, Profile},
};
use uuid::Uuid;

use super::{
    letter::{Addressed, Letter},
    status,
    transport::{Route, Transports},
    wave::{Undelivered, Wave},
};
use crate::{
    Refusal, Service, Settings, clock,
    doorkeeper::{Doorkeeper, InboxPrivilege},
    error::Error,
    principals::Registration,
};

fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

/// Carol takes answers, but no invitations.
#[derive(Debug)]
struct Carols;

impl Doorkeeper for Carols {
    fn admits(&self, _: PrincipalId, owner: PrincipalId, privilege: InboxPrivilege) -> bool {
        owner != id("carol") || privilege == InboxPrivilege::DeliverReply
    }
}

/// Anna, Bert, Carol, and a team.
async fn directory() -> (Arc<Directory>, tempfile::TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let (models, projector) = ReadModels::open(folder.path()).expect("read models");
    let journal = Arc::new(journal::memory::Memory::default());
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

fn letter(method: Method, recipients: &[&str]) -> Letter {
    let recipient = |name: &&str| Recipient {
        address: format!("mailto:{name}@example.org"),
        principal: known(name).then(|| id(name)),
    };
    Letter {
        at: Position::START,
        cause: Uuid::nil(),
        issued: MessageIssued {
            message: Uuid::from_u128(1),
            method,
            uid: "lunch".to_owned(),
            sender: "mailto:anna@example.org".to_owned(),
            sender_home: id("anna"),
            recipients: recipients.iter().map(recipient).collect(),
            visibility: Visibility::Inbox,
            reason: String::new(),
            instances: vec![],
            ics: String::new(),
        },
    }
}

fn known(name: &str) -> bool {
    name != "nobody"
}

async fn addressed(method: Method, recipients: &[&str]) -> Addressed {
    let (directory, _folder) = directory().await;
    letter(method, recipients).addressed(&Transports::local(Arc::new(Carols)), &directory)
}

#[tokio::test]
async fn every_recipient_has_one_route() {
    let invitation = addressed(Method::Request, &["bert", "carol", "team", "nobody", "retired"]).await;
    let nowhere = Route::Nowhere(status::INVALID_USER);
    let expected = [Route::Home(id("bert")), Route::Nowhere(status::NO_AUTHORITY), Route::Members, nowhere, nowhere];
    assert_eq!(invitation.routes, expected);
    for (method, taken) in [(Method::Reply, true), (Method::Counter, true), (Method::Cancel, false)] {
        let route = addressed(method, &["carol"]).await.routes[0];
        assert_eq!(route == Route::Home(id("carol")), taken, "{method:?}");
    }
}

#[tokio::test]
async fn a_sender_is_told_what_came_of_it_for_each_recipient() {
    let sent = [addressed(Method::Request, &["bert", "carol", "team", "nobody"]).await];
    let told = |undelivered: &Undelivered| {
        let mut wave = Wave::default();
        wave.report(&sent, undelivered);
        let work = wave.0.into_values().next().expect("a report");
        assert_eq!(work.home, id("anna"));
        work.reports[0].deliveries.iter().map(|delivery| delivery.status.clone()).collect::<Vec<_>>()
    };
    let mut undelivered = Undelivered::default();
    assert_eq!(told(&undelivered), ["1.2", "3.8", "1.2", "3.7"]);
    for (id, work) in &Wave::of(&sent).0 {
        undelivered.fail(*id, work, &Refusal::NotFound.into());
    }
    assert_eq!(told(&undelivered), ["5.1", "3.8", "1.2", "3.7"], "what failed is not said to be delivered");
    assert!(!undelivered.waits(Uuid::from_u128(1)), "trying again would not help");
}

#[tokio::test]
async fn what_a_stream_did_not_take_in_comes_before_what_is_new() {
    let busy = Error::Behind("the journal cannot be reached".into());
    let (mut first, mut second) = (letter(Method::Request, &["bert"]), letter(Method::Cancel, &["bert"]));
    (first.issued.message, second.issued.message) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let (directory, _folder) = directory().await;
    let transports = Transports::local(Arc::new(Carols));
    let [first, second] = [first, second].map(|letter| [letter.addressed(&transports, &directory)]);

    let mut undelivered = Undelivered::default();
    for (id, work) in &Wave::of(&first).0 {
        undelivered.fail(*id, work, &busy);
    }
    assert!(undelivered.waits(Uuid::from_u128(1)));
    let (failed, late) = undelivered.again();
    assert!(late.contains(&Uuid::from_u128(1)), "nobody is told of it yet");
    let mut wave = Wave::of(&second);
    wave.begin_with(failed);
    let order =
        |wave: &Wave| wave.0.values().flat_map(|work| &work.incoming).map(|one| one.message()).collect::<Vec<_>>();
    assert_eq!(order(&wave), [Uuid::from_u128(1), Uuid::from_u128(2)]);

    let mut wave = Wave::default();
    wave.report(&first, &undelivered);
    for (id, work) in &wave.0 {
        undelivered.fail(*id, work, &busy);
    }
    assert!(undelivered.waits(Uuid::from_u128(1)), "the report itself did not get through");
    let (failed, late) = undelivered.again();
    assert!(late.is_empty());
    let mut again = Wave::default();
    again.begin_with(failed);
    again.report(&first, &undelivered);
    assert_eq!(again.0.values().map(|work| work.reports.len()).sum::<usize>(), 1, "told once");
}

#[tokio::test]
async fn two_addresses_of_one_person_are_one_recipient() {
    let twice = [addressed(Method::Request, &["bert", "bert"]).await];
    let incoming: Vec<_> = Wave::of(&twice).0.into_values().flat_map(|work| work.incoming).collect();
    assert_eq!(incoming.len(), 1);
}
