//! Tests of methods: where they are allowed, from which sites they are accepted, and the headers of
//! their responses.

use super::server::Server;

/// Returns the value of a header; empty if the response does not have it.
fn header<'a>(answer: &'a super::server::Response, name: &str) -> &'a str {
    answer.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[actix_web::test]
async fn rfc9110_15_5_6_allow_leaves_the_refused_method_out() {
    let server = Server::start().await;
    let event = specimens::event("x", "DTSTART:20260105T120000Z");
    let rows = [
        ("PUT", "/calendars/anna/calendar/", event.as_str()),
        ("POST", "/calendars/anna/inbox/", ""),
        ("MKCOL", "/calendars/anna/calendar/", ""),
        ("DELETE", "/calendars/anna/", ""),
        ("LOCK", "/calendars/anna/calendar/", ""),
    ];
    for (method, path, body) in rows {
        let answer = server.send("anna", method, path, &[], body).await;
        assert_eq!(answer.status.as_u16(), 405, "{method} {path}: {}", answer.body);
        let allowed: Vec<_> = header(&answer, "allow").split(", ").collect();
        assert!(allowed.contains(&"GET") && !allowed.contains(&method), "{method} {path}: {allowed:?}");
    }
}

#[actix_web::test]
async fn a_page_of_another_site_changes_nothing() {
    let server = Server::start().await;
    let event = specimens::event("x", "DTSTART:20260105T120000Z");
    let rows = [
        ("POST", "/calendars/anna/calendar/"),
        ("PUT", "/calendars/anna/calendar/x.ics"),
        ("DELETE", "/calendars/anna/calendar/"),
        ("PROPPATCH", "/calendars/anna/calendar/"),
        ("MKCALENDAR", "/calendars/anna/new/"),
        ("ACL", "/calendars/anna/calendar/"),
    ];
    for (method, path) in rows {
        for sent in [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://elsewhere.example")] {
            let answer = server.send("anna", method, path, &[sent], &event).await;
            assert_eq!(answer.status.as_u16(), 403, "{method} {path} {sent:?}: {}", answer.body);
            assert!(answer.body.contains("another site"), "{method} {path} {sent:?}: {}", answer.body);
        }
    }
    let read = server.send("anna", "GET", "/calendars/anna/calendar/", &[("Sec-Fetch-Site", "cross-site")], "").await;
    assert_eq!(read.status.as_u16(), 200);
    let own = [("Sec-Fetch-Site", "same-origin"), ("Content-Type", "text/calendar")];
    let stored = server.send("anna", "PUT", "/calendars/anna/calendar/x.ics", &own, &event).await;
    assert_eq!(stored.status.as_u16(), 201, "{}", stored.body);
}

#[actix_web::test]
async fn rfc4791_5_3_1_no_response_to_mkcalendar_may_be_cached_also_none_that_refuses() {
    let server = Server::start().await;
    for (who, path, status) in [
        ("anna", "/calendars/anna/new/", 201),
        ("anna", "/calendars/anna/new/", 403),
        ("anna", "/calendars/anna/missing/new/", 409),
        ("bert", "/calendars/anna/other/", 403),
    ] {
        let answer = server.send(who, "MKCALENDAR", path, &[], "").await;
        assert_eq!(header(&answer, "cache-control"), "no-cache", "{who} {path}");
        assert_eq!(answer.status.as_u16(), status, "{who} {path}: {}", answer.body);
    }
}

#[actix_web::test]
async fn rfc6764_5_the_well_known_redirection_may_be_kept_for_a_day() {
    let server = Server::start().await;
    let answer = server.send("anna", "PROPFIND", "/.well-known/caldav", &[], "").await;
    assert_eq!((answer.status.as_u16(), header(&answer, "location")), (301, "/"));
    assert_eq!(header(&answer, "cache-control"), "max-age=86400");
}

#[actix_web::test]
async fn rfc4918_9_1_below_a_principal_are_two_groups_of_delegates_so_that_every_depth_is_finite() {
    let server = Server::start().await;
    let body = "<D:propfind xmlns:D='DAV:'><D:prop><D:displayname/></D:prop></D:propfind>";
    for depth in [None, Some("0"), Some("1"), Some("infinity")] {
        let headers: Vec<_> = depth.map(|depth| ("Depth", depth)).into_iter().collect();
        let answer = server.send("anna", "PROPFIND", "/principals/anna/", &headers, body).await;
        assert_eq!(answer.status.as_u16(), 207, "{depth:?}: {}", answer.body);
        let expected = if depth == Some("0") { 1 } else { 3 };
        assert_eq!(answer.body.matches("<D:response>").count(), expected, "{depth:?}: {}", answer.body);
    }
}

#[actix_web::test]
async fn an_object_may_be_named_after_any_uid() {
    let server = Server::start().await;
    let long = "x".repeat(1_020) + ".ics";
    let too_long = "x".repeat(1_021) + ".ics";
    let rows = [("a%2Fb.ics", 201), ("%2F.ics", 201), (long.as_str(), 201), (too_long.as_str(), 403)];
    for (number, (name, expected)) in rows.into_iter().enumerate() {
        let event = specimens::event(&format!("uid-{number}"), "DTSTART:20260105T120000Z");
        let path = format!("/calendars/anna/calendar/{name}");
        let stored = server.send("anna", "PUT", &path, &[], &event).await;
        assert_eq!(stored.status.as_u16(), expected, "{path}: {}", stored.body);
        let listed = server.send("anna", "PROPFIND", "/calendars/anna/calendar/", &[("Depth", "1")], "").await;
        assert_eq!(listed.body.contains(&path), expected == 201, "{path}");
        let read = server.send("anna", "GET", &path, &[], "").await;
        assert_eq!(read.status.is_success(), expected == 201, "{path}: {}", read.body);
    }
    let href = "<D:href>/calendars/anna/calendar/a/b.ics</D:href>";
    let namespaces = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'";
    let body = format!("<C:calendar-multiget {namespaces}><D:prop><D:getetag/></D:prop>{href}</C:calendar-multiget>");
    let found = server.send("anna", "REPORT", "/calendars/anna/calendar/", &[], &body).await;
    assert!(found.body.contains("200 OK"), "an href whose slash is not encoded: {}", found.body);
    // An encoded slash belongs to a name, and the name of a collection must not contain a slash.
    for (method, path) in [("MKCALENDAR", "/calendars/anna/a%2Fb/"), ("MKCOL", "/calendars/anna/a%2Fb/")] {
        let refused = server.send("anna", method, path, &[], "").await;
        assert_eq!(refused.status.as_u16(), 403, "{method} {path}: {}", refused.body);
    }
}
