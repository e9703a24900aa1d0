//! Tests of the requests that each privilege allows (RFC 3744 §3, §8, appendix B).

use super::server::Server;

const CALENDAR: &str = "/calendars/anna/calendar/";
const OBJECT: &str = "/calendars/anna/calendar/x.ics";
const BERT: &str = "<D:href>/principals/bert/</D:href>";
const LIST: &str = "<D:propfind xmlns:D='DAV:'><D:prop><D:getetag/><D:acl/></D:prop></D:propfind>";
const BUSY: &str = "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'>\
                    <C:time-range start='20260105T000000Z' end='20260106T000000Z'/></C:free-busy-query>";
const RENAME: &str = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>Ours</D:displayname></D:prop>\
                      </D:set></D:propertyupdate>";

fn event(uid: &str) -> String {
    specimens::event(uid, "DTSTART:20260105T120000Z\nSUMMARY:Secret")
}

/// Returns the body of an `ACL` request that grants these privileges to `to`, an XML element.
fn grants(to: &str, privileges: &[&str]) -> String {
    let privileges = privileges.iter().map(|name| format!("<D:privilege><{name}/></D:privilege>"));
    let privileges = privileges.collect::<Vec<_>>().concat();
    let entry = format!("<D:ace><D:principal>{to}</D:principal><D:grant>{privileges}</D:grant></D:ace>");
    let entry = if privileges.is_empty() { String::new() } else { entry };
    format!("<D:acl xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>{entry}</D:acl>")
}

async fn server() -> Server {
    let server = Server::start().await;
    for (who, path, uid) in [("anna", OBJECT, "x"), ("bert", "/calendars/bert/calendar/own.ics", "own")] {
        let put = server.send(who, "PUT", path, &[], &event(uid)).await;
        assert_eq!(put.status.as_u16(), 201, "{}", put.body);
    }
    server
}

#[actix_web::test]
async fn each_privilege_allows_exactly_its_methods() {
    let titles =
        ["GET", "PROPFIND", "busy times", "PROPPATCH", "PUT known", "PUT new", "POST", "COPY to", "ACL", "DELETE"];
    let rows: [(&[&str], [u16; 10]); 11] = [
        (&[], [403, 403, 404, 403, 403, 403, 403, 403, 403, 403]),
        (&["D:read"], [200, 207, 200, 403, 403, 403, 403, 403, 403, 403]),
        (&["C:read-free-busy"], [403, 403, 200, 403, 403, 403, 403, 403, 403, 403]),
        (&["D:read-current-user-privilege-set"], [403, 403, 404, 403, 403, 403, 403, 403, 403, 403]),
        (&["D:read-acl"], [403, 403, 404, 403, 403, 403, 403, 403, 403, 403]),
        (&["D:write-properties"], [403, 403, 404, 207, 403, 403, 403, 403, 403, 403]),
        (&["D:write-content"], [403, 403, 404, 403, 204, 403, 403, 403, 403, 403]),
        (&["D:bind"], [403, 403, 404, 403, 403, 201, 201, 201, 403, 403]),
        (&["D:unbind"], [403, 403, 404, 403, 403, 403, 403, 403, 403, 204]),
        (&["D:write-acl"], [403, 403, 404, 403, 403, 403, 403, 403, 200, 403]),
        (&["D:read", "D:write", "D:write-acl"], [200, 207, 200, 207, 204, 201, 201, 201, 200, 204]),
    ];
    for (granted, expected) in rows {
        let server = server().await;
        let acl = grants(BERT, granted);
        assert_eq!(server.send("anna", "ACL", CALENDAR, &[], &acl).await.status.as_u16(), 200, "{granted:?}");
        let to = [("Destination", "/calendars/anna/calendar/copied.ics")];
        let new = "/calendars/anna/calendar/new.ics";
        let known = event("x").replace("Secret", "Other");
        let answers = [
            server.send("bert", "GET", OBJECT, &[], "").await,
            server.send("bert", "PROPFIND", CALENDAR, &[("Depth", "1")], LIST).await,
            server.send("bert", "REPORT", CALENDAR, &[("Depth", "1")], BUSY).await,
            server.send("bert", "PROPPATCH", CALENDAR, &[], RENAME).await,
            server.send("bert", "PUT", OBJECT, &[], &known).await,
            server.send("bert", "PUT", new, &[], &event("new")).await,
            server.send("bert", "POST", CALENDAR, &[], &event("posted")).await,
            server.send("bert", "COPY", "/calendars/bert/calendar/own.ics", &to, "").await,
            server.send("bert", "ACL", CALENDAR, &[], &acl).await,
            server.send("bert", "DELETE", OBJECT, &[], "").await,
        ];
        for ((title, answer), expected) in titles.iter().zip(&answers).zip(expected) {
            assert_eq!(answer.status.as_u16(), expected, "{title} with {granted:?}: {}", answer.body);
        }
    }
}

#[actix_web::test]
async fn a_grant_applies_to_the_principals_it_names() {
    let rows = [
        ("a person", BERT, 200),
        ("a person by another address", "<D:href>mailto:bert@example.com</D:href>", 200),
        ("a whole URL", "<D:href>http://localhost:8080/principals/bert</D:href>", 200),
        ("a group one is in", "<D:href>/principals/team/</D:href>", 200),
        ("everybody who logged in", "<D:authenticated/>", 200),
        ("everybody", "<D:all/>", 200),
        ("somebody else", "<D:href>/principals/room/</D:href>", 403),
        ("the owner", "<D:property><D:owner/></D:property>", 403),
    ];
    for (title, to, expected) in rows {
        for place in [CALENDAR, "/calendars/anna/"] {
            let server = server().await;
            let acl = grants(to, &["D:read"]);
            assert_eq!(server.send("anna", "ACL", place, &[], &acl).await.status.as_u16(), 200, "{title}");
            let answer = server.send("bert", "GET", OBJECT, &[], "").await;
            assert_eq!(answer.status.as_u16(), expected, "{title} on {place}");
            // A privilege on a calendar does not extend to the home of the calendar.
            let home = server.send("bert", "PROPFIND", "/calendars/anna/", &[("Depth", "1")], LIST).await;
            let opens = expected == 200 && place != CALENDAR;
            assert_eq!(home.status.as_u16(), if opens { 207 } else { 403 }, "{title} on {place}");
            let homes = server.send("bert", "PROPFIND", "/calendars/", &[("Depth", "1")], LIST).await;
            assert_eq!(homes.body.contains("<D:href>/calendars/anna/<"), opens, "{title} on {place}");
            // The next ACL replaces this one.
            server.send("anna", "ACL", place, &[], &grants("", &[])).await;
            assert_eq!(server.send("bert", "GET", OBJECT, &[], "").await.status.as_u16(), 403, "{title}");
        }
    }
}

#[actix_web::test]
async fn an_invalid_acl_is_refused_with_its_precondition() {
    let server = server().await;
    let entry = |principal: &str, effect: &str| {
        format!(
            "<D:acl xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:ace>{principal}{effect}</D:ace></D:acl>"
        )
    };
    let bert = "<D:principal><D:href>/principals/bert/</D:href></D:principal>";
    let read = "<D:grant><D:privilege><D:read/></D:privilege></D:grant>";
    let send = "<D:grant><D:privilege><C:schedule-send/></D:privilege></D:grant>";
    let deny = "<D:deny><D:privilege><D:write-acl/></D:privilege></D:deny>";
    let deny_delivery = "<D:deny><D:privilege><C:schedule-deliver/></D:privilege></D:deny>";
    let anna = "<D:principal><D:href>/principals/anna/</D:href></D:principal>";
    let admin = "<D:principal><D:href>/principals/admin/</D:href></D:principal>";
    let owner = "<D:principal><D:property><D:owner/></D:property></D:principal>";
    let authenticated = "<D:principal><D:authenticated/></D:principal>";
    let nobody = "<D:principal><D:href>/principals/nobody/</D:href></D:principal>";
    let rows = [
        ("denying the owner, on a calendar", CALENDAR, entry(owner, deny), "no-inherited-ace-conflict"),
        ("denying the owner by name", OBJECT, entry(anna, deny), "no-inherited-ace-conflict"),
        ("denying the owner, on the home", "/calendars/anna/", entry(owner, deny), "no-protected-ace-conflict"),
        ("denying an administrator", OBJECT, entry(admin, deny), "no-protected-ace-conflict"),
        (
            "denying what everybody may",
            "/calendars/anna/inbox/",
            entry(authenticated, deny_delivery),
            "no-protected-ace-conflict",
        ),
        (
            "an inherited entry",
            CALENDAR,
            entry(bert, &format!("{read}<D:inherited><D:href>/</D:href></D:inherited>")),
            "no-ace-conflict",
        ),
        ("a protected entry", CALENDAR, entry(bert, &format!("{read}<D:protected/>")), "no-ace-conflict"),
        ("no principal of ours", CALENDAR, entry(nobody, read), "recognized-principal"),
        (
            "nobody logged in",
            CALENDAR,
            entry("<D:principal><D:unauthenticated/></D:principal>", read),
            "allowed-principal",
        ),
        ("the resource itself", CALENDAR, entry("<D:principal><D:self/></D:principal>", read), "allowed-principal"),
        (
            "another property",
            CALENDAR,
            entry("<D:principal><D:property><D:group/></D:property></D:principal>", read),
            "allowed-principal",
        ),
        ("a privilege of the outbox", CALENDAR, entry(bert, send), "not-supported-privilege"),
        (
            "a privilege of the outbox, on the inbox",
            "/calendars/anna/inbox/",
            entry(bert, send),
            "not-supported-privilege",
        ),
        (
            "no privilege at all",
            CALENDAR,
            entry(bert, "<D:grant><D:privilege><D:fly/></D:privilege></D:grant>"),
            "not-supported-privilege",
        ),
        ("a principal", "/principals/anna/", entry(bert, read), "need-privileges"),
        ("the root", "/", entry(bert, read), "need-privileges"),
    ];
    for (title, path, body, condition) in rows {
        let answer = server.send("anna", "ACL", path, &[], &body).await;
        assert_eq!(answer.status.as_u16(), 403, "{title}: {}", answer.body);
        assert!(answer.body.contains(&format!("<D:{condition}")), "{title}: {}", answer.body);
        assert_eq!(server.send("bert", "GET", OBJECT, &[], "").await.status.as_u16(), 403, "{title}");
    }
    let outbox = server.send("anna", "ACL", "/calendars/anna/outbox/", &[], &entry(bert, send)).await;
    assert_eq!(outbox.status.as_u16(), 200, "there it is one: {}", outbox.body);
}

#[actix_web::test]
async fn the_acl_property_shows_protected_granted_and_inherited_aces() {
    let server = server().await;
    server.send("anna", "ACL", "/calendars/anna/", &[], &grants("<D:authenticated/>", &["C:read-free-busy"])).await;
    server.send("anna", "ACL", CALENDAR, &[], &grants(BERT, &["D:read", "D:bind"])).await;
    let entry = |to: &str, privileges: &str, end: &str| {
        format!("<D:ace><D:principal>{to}</D:principal><D:grant>{privileges}</D:grant>{end}</D:ace>")
    };
    let granted = "<D:privilege><D:read/></D:privilege><D:privilege><D:bind/></D:privilege>";
    let busy = "<D:privilege><C:read-free-busy/></D:privilege>";
    let from = |href: &str| format!("<D:inherited><D:href>{href}</D:href></D:inherited>");
    let owner = "<D:property><D:owner/></D:property>";
    let all = "<D:privilege><D:all/></D:privilege>";
    let owner = entry(owner, all, &format!("<D:protected/>{}", from("/calendars/anna/")));
    let administrator = entry("<D:href>/principals/admin/</D:href>", all, "<D:protected/>");
    let inherited = entry("<D:authenticated/>", busy, &from("/calendars/anna/"));
    for (path, own) in [(CALENDAR, entry(BERT, granted, "")), (OBJECT, entry(BERT, granted, &from(CALENDAR)))] {
        let answer = server.send("anna", "PROPFIND", path, &[("Depth", "0")], LIST).await;
        let expected = format!("<D:acl>{owner}{administrator}{own}{inherited}</D:acl>");
        assert!(answer.body.contains(&expected), "{path}: {}\nnot {expected}", answer.body);
        // RFC 3744 §3.6: `read` does not include `read-acl`.
        let answer = server.send("bert", "PROPFIND", path, &[("Depth", "0")], LIST).await;
        assert!(!answer.body.contains("<D:ace>"), "{path}: {}", answer.body);
        assert!(answer.body.contains("HTTP/1.1 403 Forbidden"), "{path}: {}", answer.body);
    }
}

#[actix_web::test]
async fn a_conflicting_resource_is_named_only_to_users_who_may_read_it() {
    let server = server().await;
    for (privileges, named) in [(&["D:bind"][..], false), (&["D:bind", "D:read"], true)] {
        server.send("anna", "ACL", CALENDAR, &[], &grants(BERT, privileges)).await;
        let put = server.send("bert", "PUT", "/calendars/anna/calendar/again.ics", &[], &event("x")).await;
        assert_eq!(put.status.as_u16(), 409, "{}", put.body);
        assert!(put.body.contains("no-uid-conflict"), "{}", put.body);
        assert_eq!(put.body.contains(OBJECT), named, "{privileges:?}: {}", put.body);
    }
}

#[actix_web::test]
async fn move_needs_unbind_on_the_source_and_bind_on_the_target() {
    let own = "/calendars/bert/calendar/own.ics";
    let rows: [(&str, &[&str], &str, &str, u16); 8] = [
        ("out, without reading", &["D:unbind"], OBJECT, "/calendars/bert/calendar/x.ics", 403),
        ("out, without unbinding", &["D:read"], OBJECT, "/calendars/bert/calendar/x.ics", 403),
        ("out", &["D:read", "D:unbind"], OBJECT, "/calendars/bert/calendar/x.ics", 201),
        (
            "in, without binding",
            &["D:read", "D:write-content", "D:unbind"],
            own,
            "/calendars/anna/calendar/own.ics",
            403,
        ),
        ("in", &["D:bind"], own, "/calendars/anna/calendar/own.ics", 201),
        ("within, without binding", &["D:read", "D:unbind"], OBJECT, "/calendars/anna/calendar/y.ics", 403),
        ("within", &["D:read", "D:unbind", "D:bind"], OBJECT, "/calendars/anna/calendar/y.ics", 201),
        ("over another, without unbinding", &["D:read", "D:bind", "D:write-content"], own, OBJECT, 403),
    ];
    for (title, granted, from, to, expected) in rows {
        let server = server().await;
        server.send("anna", "ACL", CALENDAR, &[], &grants(BERT, granted)).await;
        let answer = server.send("bert", "MOVE", from, &[("Destination", to)], "").await;
        assert_eq!(answer.status.as_u16(), expected, "{title}: {}", answer.body);
        let who = |path: &str| if path.contains("/anna/") { "anna" } else { "bert" };
        let there = server.send(who(to), "GET", to, &[], "").await.status.as_u16();
        let gone = server.send(who(from), "GET", from, &[], "").await.status.as_u16();
        let expected = if expected == 201 { (200, 404) } else { (if to == OBJECT { 200 } else { 404 }, 200) };
        assert_eq!((there, gone), expected, "{title}");
    }
}

#[actix_web::test]
async fn sending_for_another_user_needs_a_privilege_on_their_outbox() {
    let meeting = include_str!("objects/meeting.ics");
    let outbox = "/calendars/anna/outbox/";
    let to = "<D:href>/principals/room/</D:href>";
    let rows: [(&[&str], u16); 4] = [
        (&[], 403),
        (&["C:schedule-send-reply"], 403),
        (&["C:schedule-send-invite"], 201),
        (&["C:schedule-send"], 201),
    ];
    for (granted, expected) in rows {
        let server = server().await;
        server.send("anna", "ACL", CALENDAR, &[], &grants(to, &["D:read", "D:write"])).await;
        server.send("anna", "ACL", outbox, &[], &grants(to, granted)).await;
        let path = "/calendars/anna/calendar/meeting.ics";
        let answer = server.send("room", "PUT", path, &[], meeting).await;
        assert_eq!(answer.status.as_u16(), expected, "{granted:?}: {}", answer.body);
        if expected == 403 {
            assert!(answer.body.contains("/calendars/anna/outbox/"), "{granted:?}: {}", answer.body);
            assert!(answer.body.contains("<C:schedule-send-invite/>"), "{granted:?}: {}", answer.body);
            assert_eq!(server.send("anna", "GET", path, &[], "").await.status.as_u16(), 404, "{granted:?}");
        }
        // A change that sends no scheduling message needs no scheduling privilege.
        let alone = server.send("room", "PUT", "/calendars/anna/calendar/alone.ics", &[], &event("alone")).await;
        assert_eq!(alone.status.as_u16(), 201, "{granted:?}: {}", alone.body);
    }
}
