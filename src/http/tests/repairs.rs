//! Tests of objects with errors that have one obvious correction. The server repairs and stores
//! them, and sends no `ETag` (RFC 4791 §5.3.4).

use actix_web::test::TestRequest;

use super::server::{Server, method};

const OBJECT: &str = "/calendars/anna/calendar/1.ics";

fn event(header: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//EN\r\n{header}BEGIN:VEVENT\r\nUID:1\r\nDTSTART:20260105T120000Z\r\n\
         {lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[actix_web::test]
async fn a_put_with_repairs_has_no_etag_and_one_without_has_one() {
    let server = Server::start().await;
    let stamp = "DTSTAMP:20260101T000000Z\r\n";
    let cut = [
        event("", stamp).trim_end_matches("END:VEVENT\r\nEND:VCALENDAR\r\n").as_bytes(),
        b"SUMMARY:\xc3\r\n \xa4\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    ]
    .concat();
    let rows = [
        ("as it is", event("", stamp).into_bytes(), true, stamp),
        (
            "a mailed invitation",
            event("METHOD:REQUEST\r\n", stamp).into_bytes(),
            false,
            "PRODID:-//X//EN\r\nBEGIN:VEVENT",
        ),
        ("no DTSTAMP", event("", "").into_bytes(), false, "DTSTAMP:2"),
        ("a cut character", cut, false, "SUMMARY:ä\r\n"),
        ("a vertical tab", event("", &format!("{stamp}SUMMARY:a\u{b}b\r\n")).into_bytes(), false, "SUMMARY:a\\nb\r\n"),
    ];
    for (title, body, has_etag, stored) in rows {
        let put = TestRequest::with_uri(OBJECT).method(method("PUT")).set_payload(body);
        let answer = server.ask_with("anna", "anna", put).await;
        assert!(answer.status.is_success(), "{title}: {}", answer.body);
        assert_eq!(answer.header("etag").is_some(), has_etag, "{title}");
        let got = server.send("anna", "GET", OBJECT, &[], "").await;
        assert!(got.body.contains(stored), "{title}: {}", got.body);
    }
}

#[actix_web::test]
async fn an_ambiguous_object_is_refused_with_its_line_its_property_and_what_to_do() {
    let server = Server::start().await;
    let body = event("", "DTSTAMP:20260101T000000Z\r\nSUMMARY:a\r\nSUMMARY:b\r\n");
    let answer = server.send("anna", "PUT", OBJECT, &[], &body).await;
    assert_eq!(answer.status.as_u16(), 403);
    let why = "line 9, VCALENDAR/VEVENT, SUMMARY: SUMMARY occurs more than once, and the lines differ; keep one (at-most-once)";
    assert!(answer.body.contains(why), "{}", answer.body);
}

#[actix_web::test]
async fn an_unknown_timezone_is_refused_with_the_precondition_that_asks_for_its_definition() {
    let server = Server::start().await;
    let body = event("", "DTSTAMP:20260101T000000Z\r\nDTEND;TZID=Mars/Olympus:20260105T130000\r\n");
    let answer = server.send("anna", "PUT", OBJECT, &[], &body).await;
    assert_eq!(answer.status.as_u16(), 403);
    assert!(answer.body.contains("valid-timezone"), "{}", answer.body);
}
