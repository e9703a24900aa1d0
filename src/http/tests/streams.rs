//! Long answers come in pieces, short ones whole.

use actix_web::{http::header::AUTHORIZATION, test::TestRequest};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::server::{Server, method};

/// Enough that their list fills more than one chunk.
const OBJECTS: usize = 400;

const SYNC: &str = "<D:sync-collection xmlns:D='DAV:'><D:sync-token/><D:sync-level>1</D:sync-level>\
                    <D:prop><D:getetag/></D:prop></D:sync-collection>";
const DATA: &str = "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop>\
                    <C:calendar-data/></D:prop><D:href>/calendars/anna/calendar/7.ics</D:href></C:calendar-multiget>";

fn request(verb: &str, path: &str, body: String) -> TestRequest {
    let credentials = STANDARD.encode("anna:anna");
    TestRequest::with_uri(path)
        .method(method(verb))
        .append_header((AUTHORIZATION, format!("Basic {credentials}")))
        .append_header(("Depth", "1"))
        .set_payload(body)
}

#[actix_web::test]
async fn a_long_answer_is_streamed_and_complete() {
    let server = Server::start().await;
    for number in 0..OBJECTS {
        let ics = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:{number}\r\n\
             DTSTAMP:20260101T000000Z\r\nDTSTART:20260105T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        let answer = server.ask(request("PUT", &format!("/calendars/anna/calendar/{number}.ics"), ics)).await;
        assert_eq!(answer.status.as_u16(), 201, "{}", answer.body);
    }
    let rows = [
        ("PROPFIND", String::new(), OBJECTS + 1, true),
        ("REPORT", SYNC.to_owned(), OBJECTS, true),
        ("REPORT", DATA.to_owned(), 1, false),
    ];
    for (verb, body, responses, is_streamed) in rows {
        let answer = server.ask(request(verb, "/calendars/anna/calendar/", body.clone())).await;
        assert_eq!(answer.status.as_u16(), 207, "{verb} {body}");
        assert_eq!(answer.body.matches("<D:response>").count(), responses, "{verb} {body}");
        assert!(answer.body.ends_with("</D:multistatus>"), "{verb} {body}");
        assert_eq!(answer.is_whole, !is_streamed, "{verb} {body}");
    }
    let answer = server.ask(request("GET", "/calendars/anna/calendar/", String::new())).await;
    assert_eq!(answer.body.matches("BEGIN:VEVENT").count(), OBJECTS);
    assert!(answer.body.ends_with("END:VCALENDAR\r\n"));
}
