//! Tests of the details of reports: depths, repeated elements, malformed ranges, repeated hrefs.

use std::collections::BTreeSet;

use super::server::Server;

const DAV: &str = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'";
const FILTER: &str = "<D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name='VCALENDAR'/></C:filter>";

async fn with_one_event() -> Server {
    let server = Server::start().await;
    let event = specimens::event("x", "DTSTART:20260105T120000Z\nDURATION:PT1H");
    let stored = server.send("anna", "PUT", "/calendars/anna/calendar/x.ics", &[], &event).await;
    assert_eq!(stored.status.as_u16(), 201, "{}", stored.body);
    server
}

#[actix_web::test]
async fn rfc3744_9_reports_about_principals_are_defined_for_depth_0_only() {
    let server = Server::start().await;
    let search = "<D:property-search><D:prop><D:displayname/></D:prop><D:match>a</D:match></D:property-search>";
    let reports = [
        ("rfc3744_9_2", "acl-principal-prop-set", "<D:prop/>"),
        ("rfc3744_9_3", "principal-match", "<D:self/>"),
        ("rfc3744_9_4", "principal-property-search", search),
        ("rfc3744_9_5", "principal-search-property-set", ""),
    ];
    for (section, name, inside) in reports {
        let body = format!("<D:{name} {DAV}>{inside}</D:{name}>");
        for (depth, expected) in [(None, true), (Some("0"), true), (Some("1"), false), (Some("infinity"), false)] {
            let headers: Vec<_> = depth.map(|depth| ("Depth", depth)).into_iter().collect();
            let answer = server.send("anna", "REPORT", "/calendars/anna/", &headers, &body).await;
            assert_eq!(answer.status.is_success(), expected, "{section} {depth:?}: {}", answer.body);
            assert!(expected || answer.status.as_u16() == 400, "{section} {depth:?}: {}", answer.status);
        }
    }
}

#[actix_web::test]
async fn an_expansion_is_limited_in_bytes_and_covers_only_what_is_readable() {
    let server = with_one_event().await;
    let set = format!("<D:set><D:prop><D:large>{}</D:large></D:prop></D:set>", "x".repeat(120_000));
    let body = format!("<D:propertyupdate {DAV}>{set}</D:propertyupdate>");
    let patched = server.send("anna", "PROPPATCH", "/calendars/anna/calendar/x.ics", &[], &body).await;
    assert_eq!(patched.status.as_u16(), 207, "{}", patched.body);
    let ask = |times: usize| {
        let named = "<D:property name='large'/>".repeat(times);
        format!("<D:expand-property {DAV}>{named}</D:expand-property>")
    };
    // A value of 120,000 bytes with its element fits 139 times into 16 MiB.
    for (times, expected) in [(139, 207), (140, 403)] {
        let answer = server.send("anna", "REPORT", "/calendars/anna/calendar/", &[("Depth", "1")], &ask(times)).await;
        assert_eq!(answer.status.as_u16(), expected, "{times}");
    }
    let root = server.send("bert", "REPORT", "/", &[("Depth", "infinity")], &ask(1)).await;
    assert_eq!(root.status.as_u16(), 207, "{}", root.body);
    assert!(
        root.body.contains("/calendars/bert/calendar/") && !root.body.contains("/calendars/anna/"),
        "{}",
        root.body
    );
}

#[actix_web::test]
async fn rfc4791_7_8_a_query_covers_the_objects_within_its_depth() {
    let server = with_one_event().await;
    let body = format!("<C:calendar-query {DAV}>{FILTER}</C:calendar-query>");
    let rows = [
        ("/calendars/anna/calendar/", None, true),
        ("/calendars/anna/calendar/", Some("0"), false),
        ("/calendars/anna/calendar/", Some("1"), true),
        ("/calendars/anna/", None, false),
        ("/calendars/anna/", Some("0"), false),
        ("/calendars/anna/", Some("1"), false),
        ("/calendars/anna/", Some("infinity"), true),
    ];
    for (path, depth, is_found) in rows {
        let headers: Vec<_> = depth.map(|depth| ("Depth", depth)).into_iter().collect();
        let answer = server.send("anna", "REPORT", path, &headers, &body).await;
        assert_eq!(answer.status.as_u16(), 207, "{path} {depth:?}: {}", answer.body);
        assert_eq!(answer.body.contains("x.ics"), is_found, "{path} {depth:?}: {}", answer.body);
    }
}

#[actix_web::test]
async fn rfc4791_7_10_a_free_busy_query_covers_the_objects_within_its_depth() {
    let server = with_one_event().await;
    let range = "<C:time-range start='20260101T000000Z' end='20260201T000000Z'/>";
    let body = format!("<C:free-busy-query {DAV}>{range}</C:free-busy-query>");
    let rows = [
        ("/calendars/anna/calendar/", None, true),
        ("/calendars/anna/", None, false),
        ("/calendars/anna/", Some("1"), false),
        ("/calendars/anna/", Some("infinity"), true),
    ];
    for (path, depth, is_busy) in rows {
        let headers: Vec<_> = depth.map(|depth| ("Depth", depth)).into_iter().collect();
        let answer = server.send("anna", "REPORT", path, &headers, &body).await;
        assert_eq!(answer.status.as_u16(), 200, "{path} {depth:?}: {}", answer.body);
        assert_eq!(answer.body.contains("\nFREEBUSY"), is_busy, "{path} {depth:?}: {}", answer.body);
    }
}

#[actix_web::test]
async fn rfc4791_7_10_a_malformed_range_fails_no_precondition() {
    let server = Server::start().await;
    for range in ["start='20260101'", "start='2026-01-01' end='20260201T000000Z'", ""] {
        let body = format!("<C:free-busy-query {DAV}><C:time-range {range}/></C:free-busy-query>");
        let answer = server.send("anna", "REPORT", "/calendars/anna/calendar/", &[], &body).await;
        assert_eq!(answer.status.as_u16(), 400, "{range}: {}", answer.body);
        assert!(!answer.body.contains("valid-filter"), "{range}: {}", answer.body);
    }
}

#[actix_web::test]
async fn a_multiget_answers_a_repeated_href_once() {
    let server = with_one_event().await;
    let hrefs = ["x.ics", "x.ics", "%78.ics", "none.ics", "none.ics"];
    let hrefs = hrefs.map(|name| format!("<D:href>/calendars/anna/calendar/{name}</D:href>")).concat();
    let body = format!("<C:calendar-multiget {DAV}><D:prop><D:getetag/></D:prop>{hrefs}</C:calendar-multiget>");
    let answer = server.send("anna", "REPORT", "/calendars/anna/calendar/", &[], &body).await;
    assert_eq!(answer.body.matches("<D:response>").count(), 2, "{}", answer.body);
}

/// RFC 4918 §14.24: a multistatus contains each href once, even if it is incomplete (RFC 6578
/// §3.6). RFC 6578 §3.7: no page has more results than the limit of the request.
#[actix_web::test]
async fn a_home_stands_last_in_the_pages_of_a_synchronization() {
    let server = Server::start().await;
    for name in ["one", "two", "three"] {
        let path = format!("/calendars/anna/{name}/");
        assert_eq!(server.send("anna", "MKCALENDAR", &path, &[], "").await.status, 201);
        let event = specimens::event(name, "DTSTART:20260107T120000Z\n");
        assert_eq!(server.send("anna", "PUT", &format!("{path}1.ics"), &[], &event).await.status, 201);
    }
    for (level, limit) in [("1", 2), ("1", 1), ("infinite", 2), ("infinite", 1)] {
        let shown = pages_of_home(&server, level, limit).await;
        assert_eq!(shown.last().map(String::as_str), Some("/calendars/anna/"), "{level}, {limit}: {shown:?}");
        let mut once = shown.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), shown.len(), "{level}, {limit}: {shown:?}");
        for name in ["one", "two", "three"] {
            let path = format!("/calendars/anna/{name}/");
            assert!(shown.contains(&path), "{level}, {limit}: {shown:?}");
            assert_eq!(shown.contains(&(path + "1.ics")), level == "infinite", "{level}, {limit}: {shown:?}");
        }
    }
}

/// Returns the hrefs that a client finds in Anna's home, in the order of the pages.
async fn pages_of_home(server: &Server, level: &str, limit: usize) -> Vec<String> {
    let (mut token, mut shown) = (String::new(), vec![]);
    loop {
        let body = format!(
            "<D:sync-collection xmlns:D=\"DAV:\"><D:sync-token>{token}</D:sync-token><D:sync-level>{level}</D:sync-level>\
             <D:limit><D:nresults>{limit}</D:nresults></D:limit><D:prop><D:getetag/></D:prop></D:sync-collection>"
        );
        let answer = server.send("anna", "REPORT", "/calendars/anna/", &[], &body).await;
        assert_eq!(answer.status, 207, "{}", answer.body);
        let hrefs = answer.body.split("<D:href>").skip(1).filter_map(|rest| rest.split('<').next());
        let mut hrefs: Vec<_> = hrefs.map(str::to_owned).collect();
        let is_cut = answer.body.contains("507");
        if is_cut {
            assert_eq!(hrefs.pop().as_deref(), Some("/calendars/anna/"), "{}", answer.body);
        }
        assert!(hrefs.len() <= limit, "{}", answer.body);
        shown.extend(hrefs);
        if !is_cut {
            return shown;
        }
        let (_, rest) = answer.body.split_once("<D:sync-token>").expect("a token");
        rest.split('<').next().expect("its end").clone_into(&mut token);
    }
}

/// RFC 3744 §9.3: a search for oneself finds one's own principal and groups. The administrator sees
/// the groups of others, but is in none of them.
#[actix_web::test]
async fn a_search_for_oneself_finds_no_groups_of_others() {
    let server = Server::start().await;
    let delegates = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:group-member-set>\
         <D:href>/principals/bert/</D:href></D:group-member-set></D:prop></D:set></D:propertyupdate>";
    let group = "/principals/anna/calendar-proxy-write/";
    assert_eq!(server.send("anna", "PROPPATCH", group, &[], delegates).await.status, 207);
    let own = |who: &str| match who {
        "bert" => vec!["/principals/bert/", "/principals/team/", group],
        "anna" => vec!["/principals/anna/", "/principals/team/"],
        who => vec![if who == "room" { "/principals/room/" } else { "/principals/admin/" }],
    };
    let properties = ["owner", "principal-URL", "group-member-set", "group-membership", "alternate-URI-set"];
    let by_property = properties.map(|name| format!("<D:principal-property><D:{name}/></D:principal-property>"));
    for who in ["anna", "bert", "admin", "room"] {
        for by in std::iter::once("<D:self/>".to_owned()).chain(by_property.clone()) {
            let body = format!("<D:principal-match xmlns:D='DAV:'>{by}</D:principal-match>");
            let mut found = BTreeSet::new();
            for path in ["/", "/principals/", "/principals/anna/", "/principals/bert/", "/principals/team/"] {
                let answer = server.send(who, "REPORT", path, &[("Depth", "0")], &body).await;
                assert_eq!(answer.status, 207, "{who} {path}: {}", answer.body);
                let hrefs = answer.body.split("<D:href>").skip(1).filter_map(|rest| rest.split('<').next());
                found.extend(hrefs.filter(|href| href.starts_with("/principals/")).map(str::to_owned));
            }
            let own = own(who);
            assert!(found.iter().all(|href| own.contains(&href.as_str())), "{who} {by}: {found:?}");
            assert!(by != "<D:self/>" || found.len() == own.len(), "{who}: {found:?}");
        }
    }
}
