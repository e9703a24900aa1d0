//! Tests of the quota of a home (RFC 4331).

use super::server::Server;

const PROPS: &str =
    "<D:propfind xmlns:D='DAV:'><D:prop><D:quota-available-bytes/><D:quota-used-bytes/></D:prop></D:propfind>";
const QUOTA: u64 = 1_000;

/// Returns `quota-available-bytes` and `quota-used-bytes`; `None` if the response does not have the
/// property.
async fn quota(server: &Server, who: &str, path: &str) -> (Option<u64>, Option<u64>) {
    let (_, body) = server.send(who, "PROPFIND", path, &[("Depth", "0")], PROPS).await.parts();
    let number = |name: &str| {
        let value = body.split(&format!("<D:{name}>")).nth(1)?;
        value.split('<').next()?.parse().ok()
    };
    (number("quota-available-bytes"), number("quota-used-bytes"))
}

fn event(uid: &str, bytes: usize) -> String {
    let event = |summary: &str| specimens::event(uid, &format!("DTSTART:20260105T120000Z\nSUMMARY:{summary}"));
    let empty = event("").len();
    event(&"x".repeat(bytes - empty))
}

#[actix_web::test]
async fn a_home_holds_no_more_than_its_quota() {
    let limits = service::Limits { quota_bytes: Some(QUOTA), ..service::Limits::default() };
    let server = Server::with_limits(limits).await;
    let home = "/calendars/anna/";
    assert_eq!(quota(&server, "anna", home).await, (Some(QUOTA), Some(0)));
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
        let (status, answer) = server.send("anna", verb, path, headers, &body).await.parts();
        assert_eq!(status, expected, "{title}: {answer}");
        assert_eq!(answer.contains("<D:quota-not-exceeded/>"), status == 507, "{title}: {answer}");
        assert_eq!(quota(&server, "anna", home).await, (Some(QUOTA - used), Some(used)), "{title}");
    }
    assert_eq!(quota(&server, "anna", "/calendars/anna/calendar/").await, (Some(350), Some(650)));
    assert_eq!(quota(&server, "admin", "/calendars/anna/calendar/").await, (Some(350), Some(650)));
}

#[actix_web::test]
async fn copying_a_calendar_stops_at_the_quota() {
    let limits = service::Limits { quota_bytes: Some(QUOTA), ..service::Limits::default() };
    let server = Server::with_limits(limits).await;
    for (uid, path) in [("1", "/calendars/anna/calendar/1.ics"), ("2", "/calendars/anna/calendar/2.ics")] {
        assert_eq!(server.send("anna", "PUT", path, &[], &event(uid, 300)).await.status.as_u16(), 201);
    }
    let to = [("Destination", "/calendars/anna/copy/")];
    let (status, answer) = server.send("anna", "COPY", "/calendars/anna/calendar/", &to, "").await.parts();
    assert_eq!(status, 207, "{answer}");
    assert!(answer.contains("<D:href>/calendars/anna/copy/2.ics</D:href>"), "{answer}");
    assert!(answer.contains("507 Insufficient Storage") && !answer.contains("1.ics"), "{answer}");
}

/// The number of used bytes would reveal something about resources that the caller may not read.
#[actix_web::test]
async fn only_the_owner_sees_the_quota() {
    let server = Server::with_limits(service::Limits { quota_bytes: Some(QUOTA), ..service::Limits::default() }).await;
    let grant = "<D:acl xmlns:D='DAV:'><D:ace><D:principal><D:authenticated/></D:principal>\
                 <D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace></D:acl>";
    assert_eq!(server.send("anna", "ACL", "/calendars/anna/calendar/", &[], grant).await.status.as_u16(), 200);
    assert_eq!(quota(&server, "bert", "/calendars/anna/calendar/").await, (None, None));
}

#[actix_web::test]
async fn without_a_quota_available_bytes_are_not_reported() {
    let server = Server::start().await;
    assert_eq!(quota(&server, "anna", "/calendars/anna/").await, (None, Some(0)));
}

/// Returns the body of a PROPPATCH that sets one property to a text of this number of bytes.
fn note(bytes: usize) -> String {
    let text = "x".repeat(bytes);
    format!(
        "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><note xmlns='urn:example'>{text}</note></D:prop></D:set></D:propertyupdate>"
    )
}

#[actix_web::test]
async fn properties_count_against_the_quota() {
    let limits = service::Limits { quota_bytes: Some(2_000), ..service::Limits::default() };
    let server = Server::with_limits(limits).await;
    let (event_path, file) = ("/calendars/anna/calendar/1.ics", "/calendars/anna/a.txt");
    assert_eq!(server.send("anna", "PUT", event_path, &[], &event("1", 300)).await.status.as_u16(), 201);
    assert_eq!(server.send("anna", "PUT", file, &[], "a file").await.status.as_u16(), 201);
    let mut used = quota(&server, "anna", "/calendars/anna/").await.1.expect("told");
    for path in [event_path, file, "/calendars/anna/calendar/"] {
        assert_eq!(server.send("anna", "PROPPATCH", path, &[], &note(300)).await.status.as_u16(), 207, "{path}");
        let now = quota(&server, "anna", "/calendars/anna/").await.1.expect("told");
        assert!((300..500).contains(&(now - used)), "{path}: {used} and then {now}");
        used = now;
        let (status, answer) = server.send("anna", "PROPPATCH", path, &[], &note(1_700)).await.parts();
        assert!(status == 507 && answer.contains("<D:quota-not-exceeded/>"), "{path}: {answer}");
    }
    assert_eq!(server.send("anna", "DELETE", file, &[], "").await.status.as_u16(), 204);
    let without = quota(&server, "anna", "/calendars/anna/").await.1.expect("told");
    assert!(used - without > 300, "a file takes its properties with it: {used} and then {without}");
    let to = [("Destination", "/calendars/anna/tasks/1.ics")];
    assert_eq!(server.send("anna", "MOVE", event_path, &to, "").await.status.as_u16(), 403, "an event is no task");
    assert_eq!(server.send("anna", "DELETE", event_path, &[], "").await.status.as_u16(), 204);
    let left = quota(&server, "anna", "/calendars/anna/").await.1.expect("told");
    assert!((300..500).contains(&left), "what is left are the calendar's: {left}");
}

#[actix_web::test]
async fn a_resource_has_properties_up_to_a_limit() {
    let server = Server::start().await;
    let most = service::MAX_PROPERTIES_BYTES;
    for path in ["/calendars/anna/calendar/", "/principals/anna/"] {
        let fits = server.send("anna", "PROPPATCH", path, &[], &note(most - 200)).await;
        assert_eq!(fits.status.as_u16(), 207, "{path}");
        let (status, answer) = server.send("anna", "PROPPATCH", path, &[], &note(most)).await.parts();
        assert!(status == 507 && answer.contains("131072 bytes"), "{path}: {status} {answer}");
    }
}

#[actix_web::test]
async fn whoever_makes_the_history_grow_too_fast_is_told_to_wait() {
    // The allowance per hour is so small that the speed of the machine does not matter.
    let (history_burst_bytes, history_bytes_per_hour) = (100_000, Some(1_000_000));
    let limits = service::Limits { history_burst_bytes, history_bytes_per_hour, ..service::Limits::default() };
    let server = Server::with_limits(limits).await;
    let path = "/calendars/anna/calendar/1.ics";
    let mut stored = 0;
    let refused = loop {
        // The quota of the home is not reached, because each text replaces the previous one.
        let text = event("1", 20_000 + stored);
        let answer = server.send("anna", "PUT", path, &[], &text).await;
        match answer.status.as_u16() {
            201 | 204 => stored += 1,
            _ => break answer,
        }
        assert!(stored < 5, "the burst never ends");
    };
    assert_eq!((refused.status.as_u16(), stored), (429, 4));
    let wait: u64 = refused.header("retry-after").expect("a time").parse().expect("seconds");
    assert!((1..=1_200).contains(&wait), "{wait}");
    assert!(refused.body.contains("you wrote too much in a short time"), "{}", refused.body);
    assert_eq!(
        server.send("bert", "PUT", "/calendars/bert/calendar/1.ics", &[], &event("1", 20_000)).await.status.as_u16(),
        201
    );
    assert_eq!(server.send("anna", "GET", path, &[], "").await.status.as_u16(), 200, "reading goes on");
}
