//! Tests of the properties that clients set: what is accepted is returned.

use super::{
    server::Server,
    sharing::{WORK, xml},
};

/// Live properties that clients set, each with a value.
const PROPERTIES: [(&str, &str); 5] = [
    ("D:displayname", "Shown"),
    ("C:calendar-timezone-id", "Europe/Berlin"),
    ("C:schedule-calendar-transp", "<C:transparent/>"),
    ("C:schedule-default-calendar-URL", "<D:href>/calendars/anna/calendar/</D:href>"),
    ("C:supported-calendar-component-set", "<C:comp name='VEVENT'/>"),
];

async fn filled() -> Server {
    let server = Server::start().await;
    let event = specimens::event("x", "DTSTART:20260105T120000Z");
    let rows = [
        ("PUT", "/calendars/anna/calendar/x.ics", "text/calendar", event.as_str()),
        ("MKCOL", "/calendars/anna/files/", "text/plain", ""),
        ("PUT", "/calendars/anna/files/note.txt", "text/plain", "Call Bert"),
    ];
    for (verb, path, media_type, body) in rows {
        let answer = server.send("anna", verb, path, &[("Content-Type", media_type)], body).await;
        assert_eq!(answer.status.as_u16(), 201, "{path}: {}", answer.body);
    }
    server
}

/// Sets a property. Returns true if it is accepted; otherwise it is refused with 403.
async fn is_set(server: &Server, path: &str, (name, value): (&str, &str)) -> bool {
    let body = format!("<D:propertyupdate><D:set><D:prop><{name}>{value}</{name}></D:prop></D:set></D:propertyupdate>");
    let (status, answer) = xml(server, "anna", "PROPPATCH", path, &body).await;
    let is_accepted = answer.contains("HTTP/1.1 200");
    assert!(status == 207 && is_accepted != answer.contains("HTTP/1.1 403"), "{path} {name}: {answer}");
    is_accepted
}

async fn has(server: &Server, path: &str, name: &str) -> bool {
    let body = format!(
        "<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><{name}/></D:prop></D:propfind>"
    );
    let answer = server.send("anna", "PROPFIND", path, &[("Depth", "0")], &body).await;
    answer.body.contains("HTTP/1.1 200")
}

#[actix_web::test]
async fn rfc4918_9_2_what_proppatch_accepts_is_returned_by_propfind() {
    let server = filled().await;
    let rows = [
        ("/calendars/anna/", &["D:displayname", "C:calendar-timezone-id"][..]),
        (WORK, &["D:displayname", "C:calendar-timezone-id", "C:schedule-calendar-transp"]),
        ("/calendars/anna/inbox/", &["D:displayname", "C:calendar-timezone-id", "C:schedule-default-calendar-URL"]),
        ("/calendars/anna/outbox/", &["D:displayname", "C:calendar-timezone-id"]),
        ("/calendars/anna/files/", &["D:displayname", "C:calendar-timezone-id"]),
        ("/calendars/anna/calendar/x.ics", &["D:displayname"]),
        ("/calendars/anna/files/note.txt", &["D:displayname"]),
        ("/principals/anna/", &[]),
        ("/principals/anna/calendar-proxy-read/", &[]),
    ];
    for (path, expected) in rows {
        let mut accepted = vec![];
        for property in PROPERTIES {
            if is_set(&server, path, property).await {
                accepted.push(property.0);
                assert!(has(&server, path, property.0).await, "{path}: {}", property.0);
            }
        }
        assert_eq!(accepted, expected, "{path}");
    }
}

#[actix_web::test]
async fn rfc4918_9_2_a_property_that_a_resource_does_not_have_can_be_removed() {
    let server = filled().await;
    for path in ["/calendars/anna/calendar/x.ics", "/calendars/anna/files/note.txt", "/principals/anna/"] {
        let body = "<D:propertyupdate><D:remove><D:prop><C:calendar-timezone-id/><C:schedule-calendar-transp/></D:prop>\
                    </D:remove></D:propertyupdate>";
        let (_, answer) = xml(&server, "anna", "PROPPATCH", path, body).await;
        assert!(answer.contains("HTTP/1.1 200") && !answer.contains("HTTP/1.1 403"), "{path}: {answer}");
    }
}
