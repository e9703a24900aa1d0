//! Tests of hostile requests, which ordinary clients do not send.

use super::server::{Server, credentials};

const MULTIGET: &str = "<C:calendar-multiget xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'>";

fn event(inside: &str) -> String {
    specimens::event("x", &format!("DTSTART:20260105T120000Z\n{inside}"))
}

#[actix_web::test]
async fn hostile_requests_are_refused_with_the_rule_they_break() {
    let server = Server::start().await;
    let deep = format!("{}{}", "<D:propfind xmlns:D='DAV:'>".repeat(40), "</D:propfind>".repeat(40));
    let wide = format!("<D:propfind xmlns:D='DAV:'>{}</D:propfind>", "<D:prop/>".repeat(200_000));
    let large = " ".repeat(5 * 1024 * 1024);
    let long = event(&format!("SUMMARY:{}\r\n", "x".repeat(2 * 1024 * 1024)));
    let many = format!("{MULTIGET}{}</C:calendar-multiget>", "<D:href>/</D:href>".repeat(20_001));
    let (home, object) = ("/calendars/anna/", "/calendars/anna/calendar/x.ics");
    let rows: [(&str, &str, &str, &str, u16, &str); 28] = [
        ("malformed XML", "PROPFIND", home, "<D:propfind", 400, ""),
        ("no XML at all", "PROPFIND", home, "hello", 400, ""),
        ("UTF-16 without a mark", "PROPFIND", home, "<\0D\0:\0p\0", 400, "send UTF-8"),
        ("a calendar in UTF-16", "PUT", object, "B\0E\0G\0I\0N\0:\0", 403, "valid-calendar-data"),
        ("unclosed", "PROPFIND", home, "<D:propfind xmlns:D='DAV:'><D:prop>", 400, ""),
        ("another body", "PROPFIND", home, "<D:propertyupdate xmlns:D='DAV:'/>", 400, ""),
        ("a document type", "PROPFIND", home, "<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>", 403, "no-external-entities"),
        ("too deep", "PROPFIND", home, &deep, 413, "deep"),
        ("too many elements", "PROPFIND", home, &wide, 413, "100000 elements"),
        ("too large a body", "PROPFIND", home, &large, 413, "max-request-body"),
        ("an unknown report", "REPORT", home, "<x xmlns='y'/>", 403, "supported-report"),
        ("too many hrefs", "REPORT", "/calendars/anna/calendar/", &many, 403, "max-multiget-hrefs"),
        ("not iCalendar", "PUT", object, "hello", 403, "valid-calendar-data"),
        ("a broken line", "PUT", object, &event("NONSENSE\r\n"), 403, "line 8"),
        (
            "months nobody knows here",
            "PUT",
            object,
            &event("RRULE:RSCALE=HEBREW;FREQ=YEARLY\r\n"),
            403,
            "supported-rscale",
        ),
        ("larger than an object may be", "PUT", object, &long, 403, "max-resource-size"),
        ("a path that climbs", "GET", "/calendars/anna/../bert/", "", 400, ""),
        ("a path that climbs in disguise", "GET", "/calendars/anna/%2e%2e/bert/", "", 400, ""),
        ("NUL in a path", "GET", "/calendars/anna/calendar/%00", "", 400, ""),
        ("no UTF-8 in a path", "GET", "/calendars/anna/calendar/%ff", "", 400, ""),
        ("a path nobody knows", "GET", "/elsewhere/", "", 404, ""),
        ("nothing there", "GET", object, "", 404, ""),
        ("no such calendar", "PUT", "/calendars/anna/none/x.ics", &event(""), 409, ""),
        ("a calendar is no object", "PUT", "/calendars/anna/calendar/", &event(""), 405, ""),
        ("an inbox takes no PUT", "PUT", "/calendars/anna/inbox/x.ics", &event(""), 403, ""),
        ("an unknown method", "BREW", home, "", 501, ""),
        ("a method in lower case", "get", home, "", 501, ""),
        ("a calendar inside a calendar", "MKCALENDAR", object, "", 403, "calendar-collection-location-ok"),
    ];
    for (title, verb, path, body, status, said) in rows {
        let answer = server.send("anna", verb, path, &[], body).await;
        assert_eq!(answer.status.as_u16(), status, "{title}: {}", answer.body);
        assert!(answer.body.contains(said), "{title}: {}", answer.body);
    }
}

#[actix_web::test]
async fn requests_without_valid_credentials_get_401() {
    let server = Server::start().await;
    let wrong =
        [None, Some(credentials("anna", "wrong")), Some(credentials("nobody", "nobody")), Some("Bearer x".into())];
    for authorization in wrong {
        for (verb, path) in [
            ("OPTIONS", "/"),
            ("PROPFIND", "/"),
            ("GET", "/calendars/anna/calendar/"),
            ("GET", "/calendars/nobody/calendar/x.ics"),
            ("PUT", "/calendars/anna/calendar/x.ics"),
            ("GET", "/elsewhere"),
        ] {
            let headers: Vec<_> = authorization.iter().map(|value| ("Authorization", value.as_str())).collect();
            let answer = server.send("", verb, path, &headers, "").await;
            assert_eq!(answer.status.as_u16(), 401, "{verb} {path} with {authorization:?}");
            assert!(answer.headers.contains_key("www-authenticate"), "{verb} {path}");
            assert!(answer.headers.contains_key("dav"), "{verb} {path}");
        }
    }
}

#[actix_web::test]
async fn discovery_and_health_need_no_credentials() {
    let server = Server::start().await;
    for (path, status, said) in [
        ("/.well-known/caldav", 301, ""),
        ("/healthz", 200, "alive"),
        ("/readyz", 200, "ready"),
        ("/metrics", 200, "_total"),
    ] {
        let answer = server.send("", "GET", path, &[], "").await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(answer.body.contains(said), "{path}: {}", answer.body);
    }
}
