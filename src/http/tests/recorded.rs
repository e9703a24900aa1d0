//! Tests of the metadata of a request in the journal: actor, right, conditions and body.

use actix_web::test::TestRequest;
use schemas::{
    Event, Metadata, ObjectEvent, Recorded, Right,
    access::Grantee,
    edit::{Body, EditReason, Sent},
    metadata::{Authentication, Conditions, Ground},
    object::ObjectPut,
};
use sha2::{Digest, Sha256};

use super::server::{Server, method};

const OBJECT: &str = "/calendars/anna/calendar/1.ics";

fn event(lines: &str) -> String {
    specimens::calendar(&format!("BEGIN:VEVENT\nUID:1\nDTSTART:20270105T120000Z\n{lines}END:VEVENT"))
}

/// Returns an event that needs no repair.
fn lunch(title: &str) -> String {
    event(&format!("DTSTAMP:20260101T000000Z\r\nSUMMARY:{title}\r\n"))
}

async fn last_put(server: &Server) -> (Recorded, ObjectPut) {
    let events = server.events().await.into_iter().rev();
    let mut puts = events.filter_map(|recorded| match &recorded.event {
        Event::Object(ObjectEvent::Put(put)) => Some((recorded.clone(), put.clone())),
        _ => None,
    });
    puts.next().expect("a put")
}

async fn metadata(server: &Server) -> Metadata {
    server.events().await.pop().expect("an event").metadata
}

async fn allow(server: &Server, path: &str, to: &str, privilege: &str) {
    set_entry(server, path, &format!("<principal>{to}</principal>"), privilege).await;
}

async fn allow_except(server: &Server, path: &str, href: &str, privilege: &str) {
    let inverted = format!("<invert><principal><href>{href}</href></principal></invert>");
    set_entry(server, path, &inverted, privilege).await;
}

async fn set_entry(server: &Server, path: &str, who: &str, privilege: &str) {
    let list = format!("<acl xmlns='DAV:'><ace>{who}<grant><privilege><{privilege}/></privilege></grant></ace></acl>");
    let (status, body) = server.send("anna", "ACL", path, &[], &list).await.parts();
    assert_eq!(status, 200, "{body}");
}

#[actix_web::test]
async fn the_conditions_of_a_request_are_kept_as_they_were_sent() {
    let server = Server::start().await;
    let created = server.send("anna", "PUT", OBJECT, &[("If-None-Match", "*")], &lunch("Lunch")).await;
    let etag = created.header("etag").expect("stored as sent").to_owned();
    let Metadata { conditions, auth, act, basis, .. } = metadata(&server).await;
    assert_eq!(conditions, Conditions { if_none_match: Some("*".to_owned()), ..Conditions::default() });
    assert_eq!(auth, Some(Authentication::Password));
    assert!(act.is_some() && basis.is_some());

    let headers = [("If-Match", &*etag), ("Prefer", "return=minimal"), ("If-Match", "\"other\"")];
    server.send("anna", "PUT", OBJECT, &headers, &lunch("Dinner")).await;
    let expected = Conditions {
        if_match: Some(format!("{etag}, \"other\"")),
        prefer: Some("return=minimal".to_owned()),
        ..Conditions::default()
    };
    assert_eq!(metadata(&server).await.conditions, expected);

    server.send("anna", "PUT", OBJECT, &[], &lunch("Supper")).await;
    assert!(metadata(&server).await.conditions.is_empty(), "an overwrite without condition is known as such");

    let long = "\"é\"".repeat(Conditions::MAX_BYTES);
    server.send("anna", "DELETE", OBJECT, &[("Schedule-Reply", "F"), ("Prefer", &long)], "").await;
    let Conditions { schedule_reply, prefer, .. } = metadata(&server).await.conditions;
    assert_eq!(schedule_reply.as_deref(), Some("F"));
    let kept = prefer.expect("a part of it");
    assert!(kept.len() <= Conditions::MAX_BYTES && kept.len() > Conditions::MAX_BYTES - 4, "{}", kept.len());
}

#[actix_web::test]
async fn the_right_by_which_an_act_was_allowed_is_kept() {
    let server = Server::start().await;
    let right = async || metadata(&server).await.right.expect("a right");
    server.send("anna", "PUT", OBJECT, &[], &lunch("Lunch")).await;
    assert_eq!(right().await, Right::of(Ground::Owner));
    server.send("admin", "PUT", OBJECT, &[], &lunch("Dinner")).await;
    assert_eq!(right().await, Right::of(Ground::Administrator));

    // Bert is a member of the group `team`, which may write to the calendar.
    allow(&server, "/calendars/anna/calendar/", "<href>/principals/team/</href>", "all").await;
    let changed = server.events().await.pop().expect("the change of the ACL").stream.to_string();
    for (verb, path, headers, body) in [
        ("PUT", OBJECT, vec![], lunch("Supper")),
        ("PUT", "/calendars/anna/calendar/2.ics", vec![], lunch("Two").replace("UID:1", "UID:2")),
        (
            "MOVE",
            "/calendars/anna/calendar/2.ics",
            vec![("Destination", "/calendars/anna/calendar/3.ics")],
            String::new(),
        ),
        ("DELETE", OBJECT, vec![], String::new()),
    ] {
        let answer = server.send("bert", verb, path, &headers, &body).await;
        assert!(answer.status.is_success(), "{verb}: {}", answer.body);
        let Right { by, on, to, .. } = right().await;
        assert_eq!((by, on.as_ref()), (Ground::Entry, Some(&changed)), "{verb}");
        assert!(matches!(to, Some(Grantee::Principal(_))), "{verb}: {to:?}");
    }
}

#[actix_web::test]
async fn the_right_names_the_acl_of_the_resource_itself() {
    let server = Server::start().await;
    server.send("anna", "PUT", OBJECT, &[], &lunch("Lunch")).await;
    let object = server.events().await.pop().expect("a put").stream.to_string();
    allow(&server, OBJECT, "<authenticated/>", "write-content").await;
    let answer = server.send("bert", "PUT", OBJECT, &[], &lunch("Dinner")).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    let right = metadata(&server).await.right;
    let named = Right { on: Some(object.clone()), to: Some(Grantee::Authenticated), ..Right::of(Ground::Entry) };
    assert_eq!(right, Some(named));

    // RFC 3744 §5.5.1: the entry applies to everybody except the administrator.
    allow_except(&server, OBJECT, "/principals/admin/", "write-content").await;
    let answer = server.send("bert", "PUT", OBJECT, &[], &lunch("Supper")).await;
    assert!(answer.status.is_success(), "{}", answer.body);
    let right = metadata(&server).await.right.expect("a right");
    assert_eq!((right.by, right.on, right.to), (Ground::Entry, Some(object), None));
    assert!(matches!(right.except, Some(Grantee::Principal(_))), "{:?}", right.except);
}

#[actix_web::test]
async fn a_body_is_kept_where_other_octets_were_stored() {
    let server = Server::start().await;
    let as_is = lunch("Lunch");
    let repaired = event("SUMMARY:no DTSTAMP\r\n");
    let cut = [
        lunch("X").split("SUMMARY").next().expect("a beginning").as_bytes(),
        b"SUMMARY:\xc3\r\n \xa4\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ]
    .concat();
    for (title, body, kept, reasons) in [
        ("as it is", as_is.clone().into_bytes(), None, &[][..]),
        ("a repair", repaired.clone().into_bytes(), Some(Body::Text(repaired.clone())), &[EditReason::Repaired]),
        ("a cut character", cut.clone(), Some(Body::Base64(cut.clone())), &[EditReason::Repaired]),
    ] {
        let put = TestRequest::with_uri(OBJECT).method(method("PUT")).set_payload(body.clone());
        let answer = server.ask_with("anna", "anna", put).await;
        assert!(answer.status.is_success(), "{title}: {}", answer.body);
        let (_, put) = last_put(&server).await;
        let sha256 = hex::encode(Sha256::digest(&body));
        assert_eq!(put.sent, Some(Sent { sha256, size: body.len() as u64, body: kept }), "{title}");
        let found: Vec<_> = put.edits.iter().map(|edit| edit.reason).collect();
        assert_eq!(found, reasons, "{title}");
    }
    let (_, put) = last_put(&server).await;
    assert_eq!(put.edits[0].repair.as_deref(), Some("fold-inside-character"));
}

#[actix_web::test]
async fn a_copy_was_sent_by_nobody() {
    let server = Server::start().await;
    server.send("anna", "PUT", OBJECT, &[], &lunch("Lunch")).await;
    server.send("anna", "MKCALENDAR", "/calendars/anna/other/", &[], "").await;
    let headers = [("Destination", "/calendars/anna/other/1.ics")];
    let copied = server.send("anna", "COPY", OBJECT, &headers, "").await;
    assert_eq!(copied.status.as_u16(), 201, "{}", copied.body);
    let (recorded, put) = last_put(&server).await;
    assert_eq!((recorded.metadata.client.via.as_str(), put.sent), ("COPY", None));
}

#[actix_web::test]
async fn what_the_server_changes_of_a_meeting_is_told_with_its_reasons() {
    let server = Server::start().await;
    let meeting = |at: &str, sequence: &str, attendee: &str| {
        event(&format!(
            "DTSTAMP:20260101T000000Z\r\n{sequence}ORGANIZER:mailto:anna@example.com\r\n\
             ATTENDEE:mailto:anna@example.com\r\nATTENDEE{attendee}:mailto:bert@example.com\r\n"
        ))
        .replace("T120000Z", at)
    };
    server.send("anna", "PUT", OBJECT, &[], &meeting("T120000Z", "", ";RSVP=TRUE")).await;
    let (_, put) = last_put(&server).await;
    assert_ne!(put.home, schemas::PrincipalId(uuid::Uuid::nil()));

    // Anna changes the time, leaves SEQUENCE unchanged, and sets the PARTSTAT of Bert.
    server.send("anna", "PUT", OBJECT, &[], &meeting("T150000Z", "SEQUENCE:0\r\n", ";PARTSTAT=ACCEPTED")).await;
    let events = server.events().await;
    let anna = events.iter().rev().find_map(|recorded| match &recorded.event {
        Event::Object(ObjectEvent::Put(put)) if put.place.name == "1.ics" => Some(put.clone()),
        _ => None,
    });
    let anna = anna.expect("her meeting");
    let reasons: Vec<_> = anna.edits.iter().map(|edit| edit.reason).collect();
    assert_eq!(reasons, [EditReason::AnswersReset, EditReason::ReplyRequested, EditReason::SequenceSet]);
    let sent = anna.sent.expect("a body").body.expect("other octets were stored");
    assert!(matches!(&sent, Body::Text(text) if text.contains("PARTSTAT=ACCEPTED")), "{sent:?}");
    assert!(anna.content.ics.contains("SEQUENCE:1"), "{}", anna.content.ics);
}

#[actix_web::test]
async fn only_the_first_event_of_an_act_has_its_circumstances() {
    let server = Server::start().await;
    let lines = "DTSTAMP:20260101T000000Z\r\nORGANIZER:mailto:anna@example.com\r\n\
                 ATTENDEE:mailto:anna@example.com\r\nATTENDEE:mailto:bert@example.com\r\n";
    let agent = [("User-Agent", "Calendar/1")];
    server.send("anna", "PUT", OBJECT, &agent, &event(lines)).await;
    let events = server.events().await;
    let put = events.iter().position(|recorded| recorded.metadata.client.agent == "Calendar/1").expect("the put");
    let (first, second) = (&events[put], &events[put + 1]);
    assert_eq!(first.stream, second.stream);
    assert!(first.metadata.act.is_some() && first.metadata.right.is_some());
    let Metadata { act, right, auth, basis, client, .. } = &second.metadata;
    assert_eq!((act, right, auth, basis), (&None, &None, &None, &None));
    assert_eq!(client.agent, "Calendar/1");
    let delivery = events.iter().find(|recorded| recorded.metadata.client.via == "delivery").expect("a delivery");
    assert_eq!(delivery.metadata.right, Some(Right::of(Ground::Server)));
    assert!(delivery.metadata.basis.is_some());
}
