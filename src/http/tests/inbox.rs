//! Tests of scheduling messages as resources. Transcripts cannot test them, because the server
//! chooses their names.

use schemas::Fact as _;

use super::server::{Response, Server};

const MEETING: &str = include_str!("objects/meeting.ics");

/// Returns the paths of the members of a collection.
async fn members(server: &Server, who: &str, collection: &str) -> Vec<String> {
    let wishes = [("Depth", "1"), ("Prefer", "depth-noroot")];
    let answer = server.send(who, "PROPFIND", collection, &wishes, "").await;
    let hrefs = answer.body.split("<D:href>").skip(1);
    hrefs.filter_map(|rest| rest.split_once("</D:href>").map(|(href, _)| href.to_owned())).collect()
}

#[actix_web::test]
async fn an_invitation_waits_in_the_inbox_until_it_is_deleted() {
    let server = Server::start().await;
    let put = server.send("anna", "PUT", "/calendars/anna/calendar/meeting.ics", &[], MEETING).await;
    assert_eq!(put.status.as_u16(), 201, "{}", put.body);
    let waiting = members(&server, "bert", "/calendars/bert/inbox/").await;
    assert_eq!(waiting.len(), 1, "{waiting:?}");
    let item = server.send("bert", "GET", &waiting[0], &[], "").await;
    assert!(item.body.contains("METHOD:REQUEST"), "{}", item.body);
    assert_eq!(server.send("anna", "GET", &waiting[0], &[], "").await.status.as_u16(), 403, "it is Bert's");
    let copied =
        server.send("bert", "COPY", &waiting[0], &[("Destination", "/calendars/bert/calendar/x.ics")], "").await;
    assert_eq!(copied.status.as_u16(), 403, "a message is no calendar object");
    assert_eq!(server.send("bert", "DELETE", &waiting[0], &[], "").await.status.as_u16(), 204);
    assert!(members(&server, "bert", "/calendars/bert/inbox/").await.is_empty());
}

#[actix_web::test]
async fn deleting_the_copy_declines_unless_schedule_reply_is_f() {
    for (headers, answers) in [(&[][..], 1), (&[("Schedule-Reply", "T")][..], 1), (&[("Schedule-Reply", "F")][..], 0)] {
        let server = Server::start().await;
        server.send("anna", "PUT", "/calendars/anna/calendar/meeting.ics", &[], MEETING).await;
        let copies = members(&server, "bert", "/calendars/bert/calendar/").await;
        assert_eq!(copies.len(), 1, "{copies:?}");
        let removed = server.send("bert", "DELETE", &copies[0], headers, "").await;
        assert_eq!(removed.status.as_u16(), 204, "{}", removed.body);
        assert_eq!(members(&server, "anna", "/calendars/anna/inbox/").await.len(), answers, "{headers:?}");
    }
}

#[actix_web::test]
async fn a_reply_keeps_the_schedule_tag() {
    let server = Server::start().await;
    let path = "/calendars/anna/calendar/meeting.ics";
    let put = server.send("anna", "PUT", path, &[], MEETING).await;
    let tag = put.headers.get("schedule-tag").and_then(|tag| tag.to_str().ok()).expect("a tag").to_owned();
    let etag = |answer: &Response| answer.headers.get("etag").cloned();
    let before = etag(&server.send("anna", "GET", path, &[], "").await);
    let copies = members(&server, "bert", "/calendars/bert/calendar/").await;
    server.send("bert", "DELETE", &copies[0], &[], "").await;
    let after = server.send("anna", "GET", path, &[], "").await;
    assert_ne!(etag(&after), before, "the answer is in there");
    let changed = after.body.replace("SUMMARY:Meeting", "SUMMARY:Long meeting");
    let put = server.send("anna", "PUT", path, &[("If-Schedule-Tag-Match", &tag)], &changed).await;
    assert_eq!(put.status.as_u16(), 204, "{}", put.body);
    let put = server.send("anna", "PUT", path, &[("If-Schedule-Tag-Match", &tag)], MEETING).await;
    assert_eq!(put.status.as_u16(), 412, "one's own change is another tag");
}

#[actix_web::test]
async fn post_to_a_calendar_chooses_a_name() {
    let server = Server::start().await;
    let lunch = include_str!("objects/lunch.ics");
    let posted = server.send("anna", "POST", "/calendars/anna/calendar/", &[], lunch).await;
    assert_eq!(posted.status.as_u16(), 201, "{}", posted.body);
    let place = posted.headers.get("location").and_then(|place| place.to_str().ok()).expect("a place").to_owned();
    assert_eq!(members(&server, "anna", "/calendars/anna/calendar/").await, [place]);
}

#[actix_web::test]
async fn items_that_are_older_than_a_moment_are_removed_as_recorded_acts_of_the_server() {
    let server = Server::start().await;
    let meeting = specimens::event(
        "1",
        "DTSTART:20270105T120000Z\nORGANIZER:mailto:anna@example.com\nATTENDEE:mailto:bert@example.com",
    );
    let put = server.send("anna", "PUT", "/calendars/anna/calendar/1.ics", &[], &meeting).await;
    assert_eq!(put.status.as_u16(), 201, "{}", put.body);
    let items = || async { members(&server, "bert", "/calendars/bert/inbox/").await.len() };
    assert_eq!(items().await, 1);
    let service = server.service();
    let now = service::clock::now();
    let hour_before = schemas::Timestamp(now.0 - 3_600_000_000);
    assert_eq!(service.remove_inbox_items(hour_before).await.expect("looked"), 0, "it is younger");
    assert_eq!(items().await, 1);
    assert_eq!(service.remove_inbox_items(now).await.expect("removed"), 1);
    assert_eq!(items().await, 0);
    assert_eq!(members(&server, "bert", "/calendars/bert/calendar/").await.len(), 1, "the meeting stays");
    let last = server.events().await.pop().expect("an event");
    assert_eq!((last.event.kind(), last.metadata.client.via.as_str()), ("inbox-item-removed.v2", "inbox age limit"));
    assert_eq!(last.metadata.actor, None);
}
