//! Tests of shared calendars in the homes of sharees: limits, and access that is given and
//! withdrawn. The cases of the draft are in `rfc/caldav-sharing`.

use schemas::{Event, ObjectEvent, Right, ShareEvent, metadata::Ground};

use super::server::Server;

pub(super) const WORK: &str = "/calendars/anna/calendar/";
pub(super) const SHARED: &str = "/calendars/bert/anna-calendar/";
const NAMESPACES: &str =
    "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:CS='http://calendarserver.org/ns/'";

pub(super) async fn xml(server: &Server, who: &str, verb: &str, path: &str, body: &str) -> (u16, String) {
    let headers = [("Content-Type", "application/xml"), ("Depth", "1")];
    let (name, rest) = body.split_at(body.find(['>', '/', ' ']).expect("a name"));
    server.send(who, verb, path, &headers, &format!("{name} {NAMESPACES}{rest}")).await.parts()
}

pub(super) fn set(who: &str, summary: &str, access: &str) -> String {
    format!(
        "<CS:set><D:href>mailto:{who}@example.com</D:href><CS:summary>{summary}</CS:summary><CS:{access}/></CS:set>"
    )
}

pub(super) async fn share(server: &Server, path: &str, changes: &str) -> (u16, String) {
    xml(server, "anna", "POST", path, &format!("<CS:share>{changes}</CS:share>")).await
}

/// Returns the ids of Bert's invitations, in the order of their creation.
pub(super) async fn invitations(server: &Server) -> Vec<String> {
    let offered = server.events().await.into_iter().filter_map(|recorded| match recorded.event {
        Event::Share(ShareEvent::Offered(offered)) => Some(offered.invitation.to_string()),
        _ => None,
    });
    offered.collect()
}

pub(super) async fn accept(server: &Server, invitation: &str) -> (u16, String) {
    let reply = format!(
        "<CS:invite-reply><D:href>mailto:bert@example.com</D:href><CS:invite-accepted/>\
         <CS:in-reply-to>{invitation}</CS:in-reply-to></CS:invite-reply>"
    );
    xml(server, "bert", "POST", "/calendars/bert/", &reply).await
}

/// Starts a server on which Bert has accepted Anna's shared calendar.
pub(super) async fn shared(access: &str) -> Server {
    let server = Server::start().await;
    assert_eq!(share(&server, WORK, &set("bert", "", access)).await.0, 200);
    let invitations = invitations(&server).await;
    assert_eq!(accept(&server, &invitations[0]).await.0, 200);
    server
}

fn count(answer: &str, text: &str) -> usize {
    answer.matches(text).count()
}

#[actix_web::test]
async fn a_person_has_calendars_of_others_and_messages_up_to_their_limits() {
    const CALENDARS: usize = 201;
    let server = Server::start().await;
    for number in 0..CALENDARS {
        let path = format!("/calendars/anna/c{number}/");
        assert_eq!(server.send("anna", "MKCALENDAR", &path, &[], "").await.status, 201);
        assert_eq!(share(&server, &path, &set("bert", "", "read")).await.0, 200);
    }
    let props = "<D:propfind><D:prop><CS:notificationtype/></D:prop></D:propfind>";
    let (_, messages) = xml(&server, "bert", "PROPFIND", "/calendars/bert/notifications/", props).await;
    assert_eq!(count(&messages, "<CS:invite-notification"), 200, "the oldest is gone");
    for (number, invitation) in invitations(&server).await.iter().enumerate() {
        let (status, answer) = accept(&server, invitation).await;
        assert_eq!(status, if number < 200 { 200 } else { 409 }, "{number}: {answer}");
    }
    let props = "<D:propfind><D:prop><D:resourcetype/></D:prop></D:propfind>";
    let (_, home) = xml(&server, "bert", "PROPFIND", "/calendars/bert/", props).await;
    assert_eq!(count(&home, "<CS:shared/>"), 200);
}

#[actix_web::test]
async fn a_request_names_sharees_and_words_up_to_their_limits() {
    let server = Server::start().await;
    let one = "<CS:remove><D:href>mailto:bert@example.com</D:href></CS:remove>";
    assert_eq!(share(&server, WORK, &one.repeat(100)).await.0, 200);
    assert_eq!(share(&server, WORK, &one.repeat(101)).await.0, 400);
    assert_eq!(share(&server, WORK, &set("bert", &"x".repeat(1_024), "read")).await.0, 200);
    let (status, why) = share(&server, WORK, &set("bert", &"x".repeat(1_025), "read")).await;
    assert!(status == 409 && why.contains("max-share-summary"), "{status} {why}");
}

#[actix_web::test]
async fn a_calendar_that_may_not_be_read_any_more_is_hidden_until_it_may() {
    let server = shared("read").await;
    let sync = |token: &str| {
        format!(
            "<D:sync-collection><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level><D:prop>\
             <D:resourcetype/></D:prop></D:sync-collection>"
        )
    };
    let (_, first) = xml(&server, "bert", "REPORT", "/calendars/bert/", &sync("")).await;
    let token = first.split("<D:sync-token>").nth(1).and_then(|rest| rest.split('<').next()).expect("a token");
    assert!(first.contains(SHARED), "{first}");
    let look = async |who: &str| server.send(who, "PROPFIND", SHARED, &[("Depth", "0")], "").await.status.as_u16();
    assert_eq!((look("bert").await, look("admin").await, look("anna").await), (207, 207, 403));
    assert_eq!(xml(&server, "anna", "ACL", WORK, "<D:acl></D:acl>").await.0, 200);
    assert_eq!(look("bert").await, 404);
    let props = "<D:propfind><D:prop><D:resourcetype/></D:prop></D:propfind>";
    let (_, home) = xml(&server, "bert", "PROPFIND", "/calendars/bert/", props).await;
    assert!(!home.contains(SHARED), "{home}");
    let (_, changes) = xml(&server, "bert", "REPORT", "/calendars/bert/", &sync(token)).await;
    let gone = format!("<D:response><D:href>{SHARED}</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>");
    assert!(changes.contains(&gone), "{changes}");
    let ace = "<D:acl><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal><D:grant><D:privilege><D:read/>\
               </D:privilege></D:grant></D:ace></D:acl>";
    assert_eq!(xml(&server, "anna", "ACL", WORK, ace).await.0, 200);
    assert_eq!(look("bert").await, 207);
}

#[actix_web::test]
async fn a_sharee_who_takes_the_calendar_out_of_their_home_keeps_the_owners_objects() {
    let server = shared("read-write").await;
    let object = format!("{SHARED}1.ics");
    let event = specimens::event("1", "DTSTART:20260105T120000Z");
    let put = server.send("bert", "PUT", &object, &[("Content-Type", "text/calendar")], &event).await;
    let etag = put.header("etag").expect("the text is stored as it was sent").to_owned();
    let stale = server.send("bert", "PUT", &object, &[("If-Match", "\"x\"")], &event).await;
    assert_eq!((put.status.as_u16(), stale.status.as_u16()), (201, 412));
    let own = server.send("anna", "GET", &format!("{WORK}1.ics"), &[], "").await;
    assert_eq!(own.header("etag"), Some(etag.as_str()), "one object, one tag");
    // If another calendar replaces the shared calendar at its path in Bert's home, the sharing
    // ends, too.
    assert_eq!(server.send("bert", "MKCALENDAR", "/calendars/bert/own/", &[], "").await.status, 201);
    let over = [("Destination", SHARED)];
    assert_eq!(server.send("bert", "MOVE", "/calendars/bert/own/", &over, "").await.status, 204);
    assert_eq!(server.send("bert", "GET", &object, &[], "").await.status, 404);
    assert_eq!(server.send("anna", "GET", &format!("{WORK}1.ics"), &[], "").await.status, 200);
}

#[actix_web::test]
async fn what_a_sharee_stores_is_recorded_with_the_entry_that_allows_it() {
    let server = shared("read-write").await;
    let event = specimens::event("1", "DTSTART:20260105T120000Z");
    server.send("bert", "PUT", &format!("{SHARED}1.ics"), &[("Content-Type", "text/calendar")], &event).await;
    let events = server.events().await;
    let put = events.iter().find(|recorded| matches!(recorded.event, Event::Object(ObjectEvent::Put(_))));
    let Some(Right { by, on, .. }) = put.and_then(|put| put.metadata.right.clone()) else { panic!("no right") };
    assert!(by == Ground::Entry && on.is_some_and(|on| on.starts_with("calendar-")), "the calendar's list");
    let message = events.iter().find(|recorded| matches!(recorded.event, Event::File(_))).expect("an invitation");
    assert!(
        message.metadata.right.is_none() && message.metadata.on_behalf_of.is_some(),
        "the server stores it for Bert"
    );
}

#[actix_web::test]
async fn the_server_alone_writes_to_the_collection_of_messages() {
    let server = shared("read").await;
    let messages = "/calendars/bert/notifications/";
    let listed =
        xml(&server, "anna", "PROPFIND", "/calendars/anna/notifications/", "<D:propfind><D:allprop/></D:propfind>")
            .await;
    assert_eq!(listed.0, 207, "she was told his answer");
    assert_eq!(share(&server, WORK, &set("bert", "Again", "read-write")).await.0, 200);
    let listed =
        xml(&server, "bert", "PROPFIND", messages, "<D:propfind><D:prop><D:getetag/></D:prop></D:propfind>").await.1;
    let message = listed.split(messages).nth(2).and_then(|rest| rest.split('<').next()).expect("a message").to_owned();
    let (message, event) = (format!("{messages}{message}"), include_str!("objects/lunch.ics"));
    let to = |path: &str| [("Destination".to_owned(), path.to_owned())];
    let file = [("Content-Type", "application/xml")];
    for who in ["bert", "admin"] {
        let send = async |verb: &str, path: &str, headers: &[(&str, &str)], body: &str| {
            server.send(who, verb, path, headers, body).await.status.as_u16()
        };
        assert_eq!(send("PUT", &format!("{messages}evil.xml"), &file, "<forged/>").await, 403);
        assert_eq!(send("PUT", &message, &file, "<forged/>").await, 403);
        for verb in ["MKCOL", "MKCALENDAR"] {
            assert_eq!(send(verb, &format!("{messages}new/"), &[], "").await, 403, "{verb}");
        }
        send("PUT", "/calendars/bert/calendar/lunch.ics", &[], event).await;
        for (verb, path, destination) in [
            ("COPY", "/calendars/bert/calendar/lunch.ics", format!("{messages}lunch.ics")),
            ("COPY", "/calendars/bert/calendar/lunch.ics", message.clone()),
            ("MOVE", messages, "/calendars/bert/mine/".to_owned()),
            ("MOVE", "/calendars/bert/tasks/", messages.to_owned()),
        ] {
            let destination = to(&destination);
            let headers: Vec<_> = destination.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(send(verb, path, &headers, "").await, 403, "{verb} {path} {destination:?}");
        }
        assert_eq!(send("DELETE", messages, &[], "").await, 403);
    }
    assert_eq!(server.send("bert", "DELETE", &message, &[], "").await.status, 204, "a message can be removed");
}

#[actix_web::test]
async fn an_answer_names_the_calendar_of_its_invitation() {
    let server = Server::start().await;
    assert_eq!(share(&server, WORK, &set("bert", "", "read")).await.0, 200);
    let invitation = invitations(&server).await.remove(0);
    let reply = async |host: &str| {
        let reply = format!(
            "<CS:invite-reply><D:href>mailto:bert@example.com</D:href><CS:invite-accepted/>\
             <CS:hosturl><D:href>{host}</D:href></CS:hosturl><CS:in-reply-to>{invitation}</CS:in-reply-to></CS:invite-reply>"
        );
        xml(&server, "bert", "POST", "/calendars/bert/", &reply).await.0
    };
    for other in ["/calendars/anna/tasks/", "/calendars/bert/calendar/", "/calendars/room/gone/", "/", "x"] {
        assert_eq!(reply(other).await, 409, "{other}");
    }
    assert_eq!(reply("/calendars/anna/renamed/").await, 200, "a name that the calendar may have had");
}
