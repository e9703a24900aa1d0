//! Objects whose names the server finds (RFC 5995).

use actix_web::{
    http::header::{AUTHORIZATION, LOCATION},
    test::TestRequest,
};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::server::{Answer, Server, method};

const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:added\r\n\
                     DTSTAMP:20260101T000000Z\r\nDTSTART:20260105T120000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
const WHERE: &str = "<D:propfind xmlns:D='DAV:'><D:prop><D:add-member/></D:prop></D:propfind>";

async fn ask(server: &Server, verb: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let credentials = STANDARD.encode("anna:anna");
    let mut request = TestRequest::with_uri(path)
        .method(method(verb))
        .append_header((AUTHORIZATION, format!("Basic {credentials}")))
        .set_payload(body.to_owned());
    for header in headers {
        request = request.append_header(*header);
    }
    server.ask(request).await
}

#[actix_web::test]
async fn an_object_is_added_where_the_calendar_says_and_found_where_the_answer_says() {
    for prefer in ["return=minimal", "return=representation"] {
        let server = Server::start().await;
        let found = ask(&server, "PROPFIND", "/calendars/anna/calendar/", &[("Depth", "0")], WHERE).await;
        let (_, href) = found.body.split_once("<D:add-member><D:href>").expect("a place to add objects");
        let href = href.split('<').next().unwrap_or_default();
        let headers = [("Content-Type", "text/calendar"), ("Prefer", prefer)];
        let added = ask(&server, "POST", href, &headers, EVENT).await;
        assert_eq!(added.status.as_u16(), 201, "{}", added.body);
        let body = if prefer == "return=representation" { EVENT } else { "" };
        assert_eq!(added.body, body, "{prefer}");
        let location = added.headers.get(LOCATION).and_then(|location| location.to_str().ok()).expect("a Location");
        let got = ask(&server, "GET", location, &[], "").await;
        assert_eq!((got.status.as_u16(), got.body.as_str()), (200, EVENT));
    }
}
