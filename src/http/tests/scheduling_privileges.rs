//! Tests that the owner of an inbox decides who may schedule with them (RFC 6638 §6.1).

use super::server::Server;

const INBOX: &str = "/calendars/bert/inbox/";
const MEETING: &str = include_str!("objects/meeting.ics");
const QUESTION: &str = include_str!("objects/question.ics");

/// Denies Anna a privilege on Bert's inbox.
async fn deny(server: &Server, privilege: &str) {
    let list = format!(
        "<acl xmlns='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><ace><principal><href>/principals/anna/</href></principal>\
         <deny><privilege><C:{privilege}/></privilege></deny></ace></acl>"
    );
    let (status, body) = server.send("bert", "ACL", INBOX, &[], &list).await.parts();
    assert_eq!(status, 200, "{body}");
}

/// Returns the SCHEDULE-STATUS of Bert after Anna has invited him.
async fn status(server: &Server) -> String {
    let path = "/calendars/anna/calendar/meeting.ics";
    server.send("anna", "PUT", path, &[], MEETING).await;
    let (_, stored) = server.send("anna", "GET", path, &[], "").await.parts();
    let stored = stored.replace('\r', "").replace("\n ", "");
    let bert = stored.lines().find(|line| line.ends_with(":mailto:bert@example.com")).expect("Bert is invited");
    let status = bert.split_once("SCHEDULE-STATUS=").map(|(_, rest)| &rest[..3]);
    status.unwrap_or_default().to_owned()
}

async fn copies(server: &Server) -> usize {
    let (_, body) = server.send("bert", "GET", "/calendars/bert/calendar/", &[], "").await.parts();
    body.matches("BEGIN:VEVENT").count()
}

#[actix_web::test]
async fn a_denied_sender_gets_schedule_status_3_8() {
    for (privilege, told, delivered) in [
        ("schedule-deliver-invite", "3.8", 0),
        ("schedule-deliver", "3.8", 0),
        ("schedule-deliver-reply", "1.2", 1),
        ("schedule-query-freebusy", "1.2", 1),
    ] {
        let server = Server::start().await;
        deny(&server, privilege).await;
        assert_eq!(status(&server).await, told, "{privilege}");
        assert_eq!(copies(&server).await, delivered, "{privilege}");
    }
}

#[actix_web::test]
async fn free_busy_needs_schedule_query_freebusy() {
    for (privilege, answer) in
        [("schedule-query-freebusy", "3.8;No authority"), ("schedule-deliver-invite", "2.0;Success")]
    {
        let server = Server::start().await;
        deny(&server, privilege).await;
        // The specimen is Bert's request about Anna. The test needs Anna's request about Bert.
        let question = QUESTION.replace("ORGANIZER:mailto:bert", "ORGANIZER:mailto:anna");
        let question = question.replace("ATTENDEE:mailto:anna", "ATTENDEE:mailto:bert");
        let (_, body) = server.send("anna", "POST", "/calendars/anna/outbox/", &[], &question).await.parts();
        let bert = body.split("<D:href>mailto:bert@example.com</D:href>").nth(1).expect("Bert was asked");
        assert!(bert.contains(answer) && bert.find(answer) < bert.find("</C:response>"), "{privilege}: {body}");
    }
}
