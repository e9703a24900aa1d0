//! After a restore of a collection or resource, the same people have access to it as before.

use schemas::{Client, Fact, PrincipalId};
use service::{
    clock,
    history::{Restore, Telling},
};

use super::{
    server::Server,
    sharing::{SHARED, WORK, accept, invitations, set, share, xml},
};

const PRIVATE: &str = "/calendars/anna/private/";
const EVENT: &str = include_str!("objects/hours.ics");
/// The kinds of the events that give an object its text, its ACL and its properties back.
const RESTORED: [&str; 3] =
    ["calendar-object-put.v4", "calendar-object-acl-changed.v2", "calendar-object-properties-changed.v2"];

impl Server {
    fn id(&self, name: &str) -> PrincipalId {
        self.service().models().directory().by_name(name).expect("somebody").id
    }

    async fn get(&self, who: &str, path: &str) -> u16 {
        self.send(who, "GET", path, &[], "").await.status.as_u16()
    }

    async fn put(&self, path: &str, event: &str) {
        assert_eq!(self.send("anna", "PUT", path, &[], event).await.status, 201);
    }

    /// Returns the kinds of the events of the last append, in order.
    pub(super) async fn last_append(&self) -> Vec<&'static str> {
        let events = self.events().await;
        // Only the first event of an append names the act.
        let first = events.iter().rposition(|event| event.metadata.act.is_some()).expect("an append");
        events[first..].iter().map(|event| event.event.kind()).collect()
    }

    /// Restores a collection of Anna to its state before `act`. Returns the steps of the restore,
    /// and the number of people whose homes do not get the recreated calendar back.
    async fn restore(&self, collection: &str, name: Option<&str>, act: impl AsyncFnOnce()) -> (Vec<String>, usize) {
        let (service, home) = (self.service(), self.id("anna"));
        let before = self.events().await.last().expect("an event").position;
        act().await;
        let then = service.as_of(home, before).await.expect("a view");
        let wanted = Restore { home, collection: collection.to_owned(), name: name.map(str::to_owned) };
        let (mut steps, mut not_offered) = (vec![], 0);
        for step in service.plan_restore(&then, &wanted).expect("a plan") {
            let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
            not_offered += service.not_offered_again(&then, (home, &step)).expect("people").len();
            service.restore(&stamp, &then, (home, &step), Telling::Tell).await.expect("a step");
            steps.push(step.to_string());
        }
        (steps, not_offered)
    }
}

async fn acl(server: &Server, path: &str, effect: &str, privilege: &str) {
    let body = format!(
        "<D:acl><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal>\
         <D:{effect}><D:privilege><D:{privilege}/></D:privilege></D:{effect}></D:ace></D:acl>"
    );
    assert_eq!(xml(server, "anna", "ACL", path, &body).await.0, 200);
}

#[actix_web::test]
async fn what_a_delegate_may_not_read_is_closed_to_them_when_it_is_put_back() {
    let server = Server::start().await;
    acl(&server, "/calendars/anna/", "grant", "read").await;
    assert_eq!(server.send("anna", "MKCALENDAR", PRIVATE, &[], "").await.status, 201);
    acl(&server, PRIVATE, "deny", "all").await;
    let (inside, alone) = (format!("{PRIVATE}1.ics"), format!("{WORK}2.ics"));
    server.put(&inside, EVENT).await;
    server.put(&alone, &EVENT.replace("UID:", "UID:2")).await;
    acl(&server, &alone, "deny", "all").await;
    let note = "<D:propertyupdate><D:set><D:prop><x xmlns='urn:x'>mine</x></D:prop></D:set></D:propertyupdate>";
    assert_eq!(xml(&server, "anna", "PROPPATCH", &alone, note).await.0, 207);
    let closed = async || (server.get("bert", &inside).await, server.get("bert", &alone).await);
    assert_eq!(closed().await, (404, 404));
    let removes = async |path: &str| assert_eq!(server.send("anna", "DELETE", path, &[], "").await.status, 204);
    server.restore("private", None, async || removes(PRIVATE).await).await;
    server.restore("calendar", Some("2.ics"), async || removes(&alone).await).await;
    assert_eq!(server.last_append().await, RESTORED, "nobody reads the object before its list is there");
    assert_eq!((server.get("anna", &inside).await, server.get("anna", &alone).await), (200, 200));
    assert_eq!(closed().await, (404, 404));
    let asked = "<D:propfind><D:prop><x xmlns='urn:x'/></D:prop></D:propfind>";
    assert!(xml(&server, "anna", "PROPFIND", &alone, asked).await.1.contains("mine"));
}

#[actix_web::test]
async fn a_calendar_that_is_put_back_names_those_who_had_it_in_their_homes() {
    let server = Server::start().await;
    assert_eq!(server.send("anna", "MKCALENDAR", PRIVATE, &[], "").await.status, 201);
    assert_eq!(share(&server, PRIVATE, &set("bert", "", "read")).await.0, 200);
    let invitation = invitations(&server).await.remove(0);
    assert_eq!(accept(&server, &invitation).await.0, 200);
    let shared = SHARED.replace("anna-calendar", "anna-private");
    assert_eq!(server.get("bert", &shared).await, 200);
    let removes = async || assert_eq!(server.send("anna", "DELETE", PRIVATE, &[], "").await.status, 204);
    let (steps, not_offered) = server.restore("private", None, removes).await;
    assert_eq!((steps, not_offered), (vec!["private".to_owned()], 1));
    assert_eq!((server.get("bert", PRIVATE).await, server.get("bert", &shared).await), (200, 404));
}

#[actix_web::test]
async fn an_object_that_went_to_another_calendar_is_moved_back_whichever_of_them_is_restored() {
    let server = Server::start().await;
    assert_eq!(server.send("anna", "MKCALENDAR", PRIVATE, &[], "").await.status, 201);
    let (here, there) = (format!("{WORK}1.ics"), format!("{PRIVATE}1.ics"));
    server.put(&here, EVENT).await;
    for (restored, name) in [("private", None), ("calendar", None), ("calendar", Some("1.ics"))] {
        let moves = async || {
            let moved = server.send("anna", "MOVE", &here, &[("Destination", &there)], "").await;
            assert_eq!(moved.status, 201);
        };
        let (steps, _) = server.restore(restored, name, moves).await;
        assert_eq!(steps, ["private/1.ics to calendar/1.ics"], "{restored} {name:?}");
        assert_eq!((server.get("anna", &here).await, server.get("anna", &there).await), (200, 404));
    }
}
