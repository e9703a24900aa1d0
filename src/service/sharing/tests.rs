//! Tests of the order and of the cost of the steps of a share.

use calendar::{Limits, Refusal};
use schemas::{CollectionEvent, CollectionId, Event, Stream};

use super::{Appears, Grant, Level, Reply, Scope, ShareRequest, Wanted};
use crate::{
    Error,
    collections::unconditional,
    given::{Given, calendar, id, stamp},
    principals::Extent,
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
