//! Tests of the order and of the cost of the steps of a share.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use calendar::{Limits, Refusal};
use journal::memory::Memory;
use projections::{OfferedCalendar, ReadModels};
use schemas::{CollectionEvent, CollectionId, Event, ShareId, Stream, object::Place, principal::PrincipalKind};

use super::{
    Appears, Delegation, Grant, Level, Reply, Scope, ShareRequest, Wanted,
    groups::{Announcer, Message},
};
use crate::{
    Error, Require, Settings,
    collections::unconditional,
    given::{Given, calendar, id, person, stamp},
    principals::{Extent, Registration},
};

fn sending(to: &str) -> Grant {
    let (owner, to, scope) = (id("anna"), id(to), Scope::Calendar(calendar("anna")));
    let (appears, summary) = (Appears::OnceAccepted, String::new());
    Grant { owner, to, scope, level: Level::Write, sends: true, appears, summary }
}

fn outbox() -> CollectionId {
    CollectionId::derive(id("anna"), "outbox", 0)
}

#[tokio::test]
async fn the_right_to_send_is_granted_last_and_withdrawn_first_also_beside_that_of_others() {
    let given = Given::of(&["anna", "bert", "carol"], Limits::default()).await;
    let changed = async |after| {
        let lists =
            given.events(after).await.into_iter().filter_map(|recorded| match (recorded.stream, recorded.event) {
                (Stream::Collection(id), Event::Collection(CollectionEvent::AclChanged(_))) => Some(id),
                _ => None,
            });
        lists.collect::<Vec<_>>()
    };
    let (service, stamp) = (&given.service, || stamp("anna"));
    service.share(&stamp(), &sending("carol"), Extent::Apply).await.expect("shared");
    for to in ["bert", "carol"] {
        let before = service.head().await.expect("a head");
        if to == "bert" {
            service.share(&stamp(), &sending(to), Extent::Apply).await.expect("shared");
            assert_eq!(changed(before).await, [calendar("anna"), outbox()], "granted to {to}");
        }
        let before = service.head().await.expect("a head");
        let scope = Some(Scope::Calendar(calendar("anna")));
        service.withdraw(&stamp(), (id("anna"), id(to)), scope, Extent::Apply).await.expect("withdrawn");
        assert_eq!(changed(before).await, [outbox(), calendar("anna")], "withdrawn from {to}");
    }
}

#[tokio::test]
async fn a_change_of_delegates_replaces_each_list_once() {
    let given = Given::of(&["anna", "bert", "carol"], Limits::default()).await;
    let service = &given.service;
    let lists = async |members: &[&str]| {
        let before = service.head().await.expect("a head");
        let members: Vec<_> = members.iter().map(|name| id(name)).collect();
        service.set_delegates(&stamp("anna"), id("anna"), Delegation::Write, &members).await.expect("changed");
        let streams = given.events(before).await.into_iter().map(|recorded| recorded.stream);
        streams.collect::<Vec<_>>()
    };
    let (home, outbox) = (CollectionId::derive(id("anna"), "", 0), outbox());
    assert_eq!(lists(&["bert"]).await, [home, outbox].map(Stream::Collection), "sending is given last");
    assert_eq!(lists(&["carol"]).await, [outbox, home].map(Stream::Collection), "and taken first");
    assert_eq!(lists(&[]).await, [outbox, home].map(Stream::Collection));
}

#[tokio::test]
async fn a_calendar_whose_title_changes_is_named_beside_the_outbox() {
    let given = Given::of(&["anna", "bert"], Limits::default()).await;
    let share = async |grant: &Grant| {
        let planned = given.service.share(&stamp("anna"), grant, Extent::Plan).await.expect("planned");
        let shared = given.service.share(&stamp("anna"), grant, Extent::Apply).await.expect("shared");
        assert_eq!(planned, shared, "{grant:?}");
        shared
    };
    assert_eq!(share(&Grant { sends: false, ..sending("bert") }).await, ["calendar"]);
    assert_eq!(share(&Grant { summary: "Ours".to_owned(), ..sending("bert") }).await, ["outbox", "calendar"]);
    assert_eq!(share(&sending("bert")).await, [""; 0]);
}

#[tokio::test]
async fn a_request_that_changes_only_the_titles_of_offers_is_refused_before_its_first_step_too() {
    let names: Vec<_> = (0..5).map(|number| format!("p{number}")).collect();
    let mut people: Vec<&str> = names.iter().map(String::as_str).collect();
    people.push("anna");
    let limits = Limits { history_burst_bytes: 20_000, history_bytes_per_hour: Some(1_000), ..Limits::default() };
    let given = Given::of(&people, limits).await;
    let change = async |summary: &str| {
        let wanted = |name: &String| Wanted {
            to: id(name),
            level: Some(Level::Read),
            sends: false,
            summary: summary.to_owned(),
        };
        let (owner, scope) = (id("anna"), Scope::Calendar(calendar("anna")));
        let request = ShareRequest { owner, scope, wanted: names.iter().map(wanted).collect() };
        given.service.change_shares(&stamp("anna"), &request).await
    };
    assert_eq!(change("Work").await.expect("shared").len(), 5);
    assert_eq!(change("Work").await.expect("nothing to do").len(), 0);
    let before = given.service.head().await.expect("a head");
    let refused = change(&"x".repeat(1_000)).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::TooFast { .. }))), "{refused:?}");
    assert_eq!(given.service.head().await.expect("a head"), before, "nothing is stored");
}

#[tokio::test]
async fn a_share_stays_if_the_conditions_of_the_request_fail_at_the_write() {
    let given = Given::of(&["anna", "bert"], Limits::default()).await;
    let before = given.service.head().await.expect("a head");
    given.service.share(&stamp("anna"), &sending("bert"), Extent::Apply).await.expect("shared");
    let shares = given.events(before).await.into_iter().filter_map(|recorded| match recorded.stream {
        Stream::Share(share) => Some(share),
        _ => None,
    });
    let share = shares.last().expect("an offer");
    let decline = async |conditions: &(dyn Fn() -> Result<(), Error> + Send + Sync)| {
        let reply = Reply { share, invitation: None, summary: String::new() };
        given.service.decline_share(&stamp("bert"), id("bert"), reply, conditions).await
    };
    let head = given.service.head().await.expect("a head");
    let refused = decline(&|| Err(Refusal::Precondition { header: "If-Match" }.into())).await;
    assert!(matches!(refused, Err(Error::Refused(Refusal::Precondition { .. }))), "{refused:?}");
    assert_eq!(given.service.head().await.expect("a head"), head);
    decline(&unconditional).await.expect("declined");
}

/// Announcer whose notifications are not stored while the process is stopped.
#[derive(Debug, Default)]
struct Stopping {
    is_stopped: AtomicBool,
}

impl Announcer for Stopping {
    fn invitation(&self, _: &ReadModels, offered: &OfferedCalendar, _: i64) -> Option<Message> {
        let is_running = !self.is_stopped.load(Ordering::Relaxed);
        is_running.then(|| Message { name: self.name(offered.id), document: format!("<{:?}/>", offered.access) })
    }

    fn name(&self, share: ShareId) -> String {
        format!("{share}.xml")
    }
}

#[tokio::test]
async fn a_member_of_a_group_is_invited_by_the_next_attempt_if_the_process_stops_before_the_notification() {
    let announcer = Arc::new(Stopping::default());
    let settings = Settings { announcer: announcer.clone(), ..Settings::default() };
    let given = Given::with(Arc::new(Memory::new()), &["anna", "bert"], settings).await;
    let (service, stamp) = (&given.service, || stamp("anna"));
    let team = Registration { kind: PrincipalKind::Group, members: vec![id("bert")], ..person("team") };
    service.register(&stamp(), vec![team]).await.expect("registered");
    let place = Place {
        collection: CollectionId::notifications(id("bert")),
        name: announcer.name(ShareId::derive(calendar("anna"), id("bert"))),
    };
    let invitation = || {
        let found = service.models().member(place.collection, &place.name).expect("read models");
        found.map(|notification| notification.etag)
    };
    let share = async |level, is_stopped| {
        announcer.is_stopped.store(is_stopped, Ordering::Relaxed);
        let grant = Grant { level, sends: false, ..sending("team") };
        service.share(&stamp(), &grant, Extent::Apply).await.expect("shared");
    };
    for level in [Level::Read, Level::Write] {
        let before = invitation();
        share(level, true).await;
        assert_eq!(invitation(), before, "{level:?}");
        share(level, false).await;
        assert!(invitation().is_some() && invitation() != before, "{level:?}");
    }
    let deleted =
        service.delete_file(&stamp().in_home(id("bert")), id("bert"), place.clone(), Require::default()).await;
    deleted.expect("deleted");
    share(Level::Write, false).await;
    assert_eq!(invitation(), None, "who deleted the notification is not invited again");
}
