//! Tests of the cost of a request that shares a calendar: each ACL is changed once and each person
//! is notified once. A request that cannot be completed changes nothing.

use schemas::{Client, Event, Fact as _, PrincipalId, ShareEvent, principal::PrincipalKind};
use service::{clock, principals::Registration};
use uuid::Uuid;

use super::{
    server::{Server, registration},
    sharing::{WORK, set, share, xml},
};

const BUDGET_BYTES: u64 = 20_000;

/// Returns a person without a password.
fn person(number: u128) -> Registration {
    let name = format!("p{number}");
    let known = registration(&(&name, PrincipalKind::Individual, false));
    Registration { id: PrincipalId(Uuid::from_u128(number)), password: None, ..known }
}

fn group(name: &str, members: &[Registration]) -> Registration {
    let known = registration(&(name, PrincipalKind::Group, false));
    Registration { members: members.iter().map(|member| member.id).collect(), ..known }
}

impl Server {
    /// Registers this number of people as members of the group `one`.
    async fn with_group(self, count: usize) -> Self {
        let mut people: Vec<_> = (0..count).map(|number| person(number as u128 + 1)).collect();
        people.push(group("one", &people));
        let stamp = clock::stamp(None, None, Client::default(), Uuid::nil());
        self.service().register(&stamp, people).await.expect("people");
        self
    }

    async fn count(&self) -> usize {
        self.events().await.len()
    }
}

#[actix_web::test]
async fn of_several_changes_of_one_sharee_the_last_counts_and_its_members_are_told_once() {
    let server = Server::start().await.with_group(5).await;
    let both = [set("one", "", "read"), set("one", "", "read-write")].concat();
    assert_eq!(share(&server, WORK, &both.repeat(50)).await.0, 200);
    let events = server.events().await;
    let offers = |group: bool| {
        let is_offer = |event: &Event| match event {
            Event::Share(ShareEvent::Offered(offer)) => (offer.home.0.as_u128() > 100) == group,
            _ => false,
        };
        events.iter().filter(|recorded| is_offer(&recorded.event)).count()
    };
    assert_eq!((offers(true), offers(false)), (1, 5));
    let lists = events.iter().filter(|recorded| recorded.event.kind().contains("acl"));
    assert_eq!(lists.count(), 1, "of the calendar: nobody sends in the owner's name");
    let before = server.count().await;
    assert_eq!(share(&server, WORK, &set("one", "", "read-write")).await.0, 200);
    assert_eq!(server.count().await, before, "the last change gave them writing");
}

#[actix_web::test]
async fn a_request_that_would_write_too_much_history_is_refused_before_its_first_step() {
    let limits = service::Limits {
        history_burst_bytes: BUDGET_BYTES,
        history_bytes_per_hour: Some(1_000),
        ..service::Limits::default()
    };
    let server = Server::with_limits(limits).await.with_group(8).await;
    assert_eq!(share(&server, WORK, &set("bert", "", "read")).await.0, 200);
    let before = server.count().await;
    assert_eq!(share(&server, WORK, &set("one", "", "read")).await.0, 429);
    assert_eq!(server.count().await, before);
}

#[actix_web::test]
async fn a_request_reaches_a_thousand_people_and_stores_nothing_for_one_more() {
    const MOST: usize = 1_000;
    let server = Server::start().await.with_group(MOST).await;
    let before = server.count().await;
    let (all, more) = (set("one", "", "read"), set("bert", "", "read"));
    let (status, refused) = share(&server, WORK, &[all.clone(), more].concat()).await;
    assert!(status == 409 && refused.contains("max-reached, 1000"), "{status} {refused}");
    assert_eq!(server.count().await, before);
    // Somebody who is also named as a member of the group counts once.
    assert_eq!(share(&server, WORK, &[all, set("p7", "", "read")].concat()).await.0, 200);
    let events = server.events().await;
    let offers = events.iter().filter(|recorded| matches!(recorded.event, Event::Share(ShareEvent::Offered(_))));
    assert_eq!(offers.count(), MOST + 1, "to the people and to their group");
}

#[actix_web::test]
async fn the_delegates_of_somebody_are_set_in_one_change_of_each_list() {
    let server = Server::start().await.with_group(20).await;
    let set = async |members: std::ops::Range<usize>| {
        let hrefs: String =
            members.map(|number| format!("<D:href>/principals/p{number}/</D:href>")).collect::<Vec<_>>().concat();
        let body = format!(
            "<D:propertyupdate><D:set><D:prop><D:group-member-set>{hrefs}</D:group-member-set></D:prop></D:set>\
             </D:propertyupdate>"
        );
        let before = server.count().await;
        let path = "/principals/anna/calendar-proxy-write/";
        let (status, answer) = xml(&server, "anna", "PROPPATCH", path, &body).await;
        assert!(status == 207 && answer.contains("200 OK"), "{status} {answer}");
        server.count().await - before
    };
    assert_eq!(set(1..21).await, 2, "the lists of the home and of the outbox");
    assert_eq!(set(1..21).await, 0, "it is so already");
    assert_eq!(set(11..21).await, 2);
    assert_eq!(set(6..16).await, 2, "some come in, and others are taken out");
    assert_eq!(set(1..1).await, 2);
}
