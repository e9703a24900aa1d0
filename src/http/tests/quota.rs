//! What a home may hold (RFC 4331).

use super::{private::ask, server::Server};

const PROPS: &str =
    "<D:propfind xmlns:D='DAV:'><D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop></D:propfind>";
const QUOTA: u64 = 1_000;

/// Available and used, where they are told.
async fn told(server: &Server, who: &str, path: &str) -> (Option<u64>, Option<u64>) {
    let (_, body) = ask(server, who, "PROPFIND", path, &[("Depth", "0")], PROPS).await;
    let number = |name: &str| {
        let value = body.split(&format!("<D:{name}>")).nth(1)?;
        value.split('<').next()?.parse().ok()
    };
    (number("quota-available-bytes"), number("quota-used-bytes"))
}

fn event(uid: &str, bytes: usize) -> String {
    let event = |summary: &str| {
        format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n\
             DTSTAMP:20260101T000000Z\r\nDTSTART:20260105T120000Z\r\nSUMMARY:{summary}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    };
    let empty = event("").len();
    event(&"x".repeat(bytes - empty))
}

#[actix_web::test]
async fn a_home_holds_as_much_as_its_quota_and_no_more() {
    let limits = service::Limits { quota_bytes: Some(QUOTA), ..service::Limits::default() };
    let server = Server::with_limits(limits).await;
    let home = "/calendars/anna/";
    assert_eq!(told(&server, "anna", home).await, (Some(QUOTA), Some(0)));
    let (one, two) = ("/calendars/anna/calendar/1.ics", "/calendars/anna/calendar/2.ics");
    let rows = [
        ("a first", "PUT", one, "", event("1", 400), 201, 400),
        ("a file", "PUT", "/calendars/anna/a.txt", "", "x".repeat(300), 201, 700),
        ("too much", "PUT", two, "", event("2", 301), 507, 700),
        ("too much of a file", "PUT", "/calendars/anna/b.txt", "", "x".repeat(301), 507, 700),
        ("too much added", "POST", "/calendars/anna/calendar/", "", event("2", 301), 507, 700),
        ("the first grows too much", "PUT", one, "", event("1", 701), 507, 700),
        ("the first grows", "PUT", one, "", event("1", 500), 204, 800),
        ("a copy is too much", "COPY", "/calendars/anna/a.txt", "/calendars/anna/b.txt", String::new(), 507, 800),
        ("a move takes no room", "MOVE", "/calendars/anna/a.txt", "/calendars/anna/c.txt", String::new(), 201, 800),
        ("just enough", "PUT", two, "", event("2", 200), 201, 1_000),
        ("less than before", "PUT", one, "", event("1", 450), 204, 950),
        ("removed", "DELETE", "/calendars/anna/c.txt", "", String::new(), 204, 650),
    ];
    for (title, verb, path, to, body, expected, used) in rows {
        let headers: &[_] = if to.is_empty() { &[] } else { &[("Destination", to)] };
        let (status, answer) = ask(&server, "anna", verb, path, headers, &body).await;
        assert_eq!(status, expected, "{title}: {answer}");
        assert_eq!(answer.contains("<D:quota-not-exceeded/>"), status == 507, "{title}: {answer}");
        assert_eq!(told(&server, "anna", home).await, (Some(QUOTA - used), Some(used)), "{title}");
    }
    assert_eq!(told(&server, "anna", "/calendars/anna/calendar/").await, (Some(350), Some(650)));
    assert_eq!(told(&server, "admin", "/calendars/anna/calendar/").await, (Some(350), Some(650)));
}

#[actix_web::test]
async fn a_whole_calendar_is_copied_as_far_as_there_is_room() {
    let limits = service::Limits { quota_bytes: Some(QUOTA), ..service::Limits::default() };
    let server = Server::with_limits(limits).await;
    for (uid, path) in [("1", "/calendars/anna/calendar/1.ics"), ("2", "/calendars/anna/calendar/2.ics")] {
        assert_eq!(ask(&server, "anna", "PUT", path, &[], &event(uid, 300)).await.0, 201);
    }
    let to = [("Destination", "/calendars/anna/copy/")];
    let (status, answer) = ask(&server, "anna", "COPY", "/calendars/anna/calendar/", &to, "").await;
    assert_eq!(status, 207, "{answer}");
    assert!(answer.contains("<D:href>/calendars/anna/copy/2.ics</D:href>"), "{answer}");
    assert!(answer.contains("507 Insufficient Storage") && !answer.contains("1.ics"), "{answer}");
}

/// Sums tell of what may not be read.
#[actix_web::test]
async fn what_a_home_holds_is_for_its_owner_to_know() {
    let server = Server::with_limits(service::Limits { quota_bytes: Some(QUOTA), ..service::Limits::default() }).await;
    let grant = "<D:acl xmlns:D='DAV:'><D:ace><D:principal><D:authenticated/></D:principal>\
                 <D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace></D:acl>";
    assert_eq!(ask(&server, "anna", "ACL", "/calendars/anna/calendar/", &[], grant).await.0, 200);
    assert_eq!(told(&server, "bert", "/calendars/anna/calendar/").await, (None, None));
}

#[actix_web::test]
async fn without_a_quota_nothing_is_said_of_what_is_left() {
    let server = Server::start().await;
    assert_eq!(told(&server, "anna", "/calendars/anna/").await, (None, Some(0)));
}
