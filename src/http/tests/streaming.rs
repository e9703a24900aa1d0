//! Long responses are streamed in chunks; short responses are sent with their length.

use super::server::{Response, Server};

/// Number of objects whose listing needs more than one chunk.
const OBJECTS: usize = 400;

const SYNC: &str = "<D:sync-collection xmlns:D='DAV:'><D:sync-token/><D:sync-level>1</D:sync-level>\
                    <D:prop><D:getetag/></D:prop></D:sync-collection>";
const DATA: &str = "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop>\
                    <C:calendar-data/></D:prop><D:href>/calendars/anna/calendar/7.ics</D:href></C:calendar-multiget>";

async fn send(server: &Server, verb: &str, path: &str, body: &str) -> Response {
    server.send("anna", verb, path, &[("Depth", "1")], body).await
}

#[actix_web::test]
async fn a_long_answer_is_streamed_and_complete() {
    let server = Server::start().await;
    for number in 0..OBJECTS {
        let ics = specimens::event(&number.to_string(), "DTSTART:20260105T120000Z");
        let answer = send(&server, "PUT", &format!("/calendars/anna/calendar/{number}.ics"), &ics).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    }
    let rows = [
        ("PROPFIND", String::new(), OBJECTS + 1, true),
        ("REPORT", SYNC.to_owned(), OBJECTS, true),
        ("REPORT", DATA.to_owned(), 1, false),
    ];
    for (verb, body, responses, is_streamed) in rows {
        let answer = send(&server, verb, "/calendars/anna/calendar/", &body).await;
        assert_eq!(answer.status.as_u16(), 207, "{verb} {body}");
        assert_eq!(answer.body.matches("<D:response>").count(), responses, "{verb} {body}");
        assert!(answer.body.ends_with("</D:multistatus>"), "{verb} {body}");
        assert_eq!(answer.is_whole, !is_streamed, "{verb} {body}");
    }
    let answer = send(&server, "GET", "/calendars/anna/calendar/", "").await;
    assert_eq!(answer.body.matches("BEGIN:VEVENT").count(), OBJECTS);
    assert!(answer.body.ends_with("END:VCALENDAR\r\n"));
}
