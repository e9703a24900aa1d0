//! Tests of ACEs that deny, ACEs with `invert`, and ACLs of single objects (RFC 3744 §5.5, §6).

use super::server::Server;

const HOME: &str = "/calendars/anna/";
const CALENDAR: &str = "/calendars/anna/calendar/";
const OPEN: &str = "/calendars/anna/calendar/open.ics";
const HIDDEN: &str = "/calendars/anna/calendar/hidden.ics";
const BERT: &str = "<D:principal><D:href>/principals/bert/</D:href></D:principal>";
const TEAM: &str = "<D:principal><D:href>/principals/team/</D:href></D:principal>";
const EVERYBODY: &str = "<D:principal><D:authenticated/></D:principal>";
const NOT_ROOM: &str = "<D:invert><D:principal><D:href>/principals/room/</D:href></D:principal></D:invert>";
const NOT_BERT: &str = "<D:invert><D:principal><D:href>/principals/bert/</D:href></D:principal></D:invert>";
const STRANGERS: &str = "<D:principal><D:unauthenticated/></D:principal>";

fn event(uid: &str, hour: u8) -> String {
    specimens::event(uid, &format!("DTSTART:20260105T{hour:02}0000Z\nDURATION:PT1H\nSUMMARY:{uid}"))
}

fn list(entries: &[(&str, &str, &str)]) -> String {
    let entries = entries.iter().map(|(principal, effect, privilege)| {
        format!("<D:ace>{principal}<D:{effect}><D:privilege><{privilege}/></D:privilege></D:{effect}></D:ace>")
    });
    let entries: String = entries.collect();
    format!("<D:acl xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'>{entries}</D:acl>")
}

async fn server() -> Server {
    let server = Server::start().await;
    for (path, uid, hour) in [(OPEN, "open", 9), (HIDDEN, "hidden", 14)] {
        assert_eq!(server.send("anna", "PUT", path, &[], &event(uid, hour)).await.status.as_u16(), 201);
    }
    server
}

async fn set(server: &Server, path: &str, entries: &[(&str, &str, &str)]) {
    let (status, body) = server.send("anna", "ACL", path, &[], &list(entries)).await.parts();
    assert_eq!(status, 200, "{path}: {body}");
}

#[actix_web::test]
async fn the_first_ace_that_names_a_privilege_decides() {
    type Entries<'a> = &'a [(&'a str, &'a str, &'a str)];
    let rows: [(&str, Entries<'_>, Entries<'_>, Entries<'_>, u16); 12] = [
        ("denied before it is granted", &[], &[(BERT, "deny", "D:read"), (EVERYBODY, "grant", "D:read")], &[], 403),
        ("granted before it is denied", &[], &[(EVERYBODY, "grant", "D:read"), (BERT, "deny", "D:read")], &[], 200),
        (
            "a group denied, its member granted after",
            &[],
            &[(TEAM, "deny", "D:read"), (BERT, "grant", "D:read")],
            &[],
            403,
        ),
        ("everything denied, and nothing left", &[], &[(BERT, "deny", "D:all"), (BERT, "grant", "D:read")], &[], 403),
        ("a part of reading denied", &[], &[(BERT, "deny", "C:read-free-busy"), (BERT, "grant", "D:read")], &[], 403),
        ("something else denied", &[], &[(BERT, "deny", "D:write"), (BERT, "grant", "D:read")], &[], 200),
        ("the calendar before the home", &[(BERT, "deny", "D:read")], &[(BERT, "grant", "D:read")], &[], 200),
        ("the home where the calendar is silent", &[(BERT, "grant", "D:read")], &[(BERT, "deny", "D:bind")], &[], 200),
        ("the object before the calendar", &[], &[(BERT, "grant", "D:read")], &[(BERT, "deny", "D:read")], 404),
        ("the object alone", &[], &[], &[(BERT, "grant", "D:read")], 200),
        ("all but somebody else", &[], &[(NOT_ROOM, "grant", "D:read")], &[], 200),
        ("all but oneself", &[], &[(STRANGERS, "deny", "D:all"), (NOT_BERT, "grant", "D:read")], &[], 403),
    ];
    for (title, home, calendar, object, expected) in rows {
        let server = server().await;
        set(&server, HOME, home).await;
        set(&server, CALENDAR, calendar).await;
        set(&server, HIDDEN, object).await;
        assert_eq!(server.send("bert", "GET", HIDDEN, &[], "").await.status.as_u16(), expected, "{title}");
        for who in ["anna", "admin"] {
            assert_eq!(server.send(who, "GET", HIDDEN, &[], "").await.status.as_u16(), 200, "{title}: {who}");
        }
    }
}

#[actix_web::test]
async fn an_object_hidden_by_its_own_acl_is_left_out_of_every_answer() {
    let namespaces = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'";
    let prop = "<D:prop><D:getetag/><C:calendar-data/></D:prop>";
    let filter = "<C:filter><C:comp-filter name='VCALENDAR'/></C:filter>";
    let hrefs = format!("<D:href>{OPEN}</D:href><D:href>{HIDDEN}</D:href>");
    let range = "<C:time-range start='20260105T000000Z' end='20260106T000000Z'/>";
    let rows = [
        ("GET", CALENDAR, String::new(), "SUMMARY:open", "SUMMARY:hidden"),
        ("PROPFIND", CALENDAR, String::new(), "open.ics", "hidden.ics"),
        (
            "REPORT",
            CALENDAR,
            format!("<C:calendar-query {namespaces}>{prop}{filter}</C:calendar-query>"),
            "SUMMARY:open",
            "hidden",
        ),
        (
            "REPORT",
            HOME,
            format!("<C:calendar-query {namespaces}>{prop}{filter}</C:calendar-query>"),
            "SUMMARY:open",
            "hidden",
        ),
        (
            "REPORT",
            CALENDAR,
            format!("<C:calendar-multiget {namespaces}>{prop}{hrefs}</C:calendar-multiget>"),
            "SUMMARY:open",
            "SUMMARY:hidden",
        ),
        (
            "REPORT",
            CALENDAR,
            format!(
                "<D:sync-collection {namespaces}><D:sync-token/><D:sync-level>1</D:sync-level>{prop}</D:sync-collection>"
            ),
            "SUMMARY:open",
            "hidden",
        ),
        (
            "REPORT",
            CALENDAR,
            format!("<C:free-busy-query {namespaces}>{range}</C:free-busy-query>"),
            "20260105T090000Z",
            "20260105T140000Z",
        ),
    ];
    let server = server().await;
    set(&server, HOME, &[(BERT, "grant", "D:read")]).await;
    for is_hidden in [false, true] {
        set(&server, HIDDEN, if is_hidden { &[(BERT, "deny", "D:read")] } else { &[] }).await;
        for (verb, path, body, shown, hidden) in &rows {
            for who in ["bert", "anna"] {
                // The objects lie in the calendars of the home, so a report on the home needs depth
                // infinity (RFC 4791 §7.8).
                let depth = if *path == HOME { "infinity" } else { "1" };
                let (_, answer) = server.send(who, verb, path, &[("Depth", depth)], body).await.parts();
                assert!(answer.contains(shown), "{verb} {path} {who}: {answer}");
                let expected = !(is_hidden && who == "bert");
                assert_eq!(answer.contains(hidden), expected, "{verb} {path} {who}: {answer}");
            }
        }
    }
}

#[actix_web::test]
async fn sync_collection_reports_a_newly_hidden_object_as_removed() {
    let server = server().await;
    set(&server, CALENDAR, &[(BERT, "grant", "D:read")]).await;
    let sync = |token: &str| {
        format!(
            "<D:sync-collection xmlns:D='DAV:'><D:sync-token>{token}</D:sync-token><D:sync-level>1</D:sync-level>\
             <D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
    };
    let token = |answer: &str| {
        let (_, rest) = answer.split_once("<D:sync-token>").expect("a token");
        rest.split('<').next().unwrap_or_default().to_owned()
    };
    let (_, first) = server.send("bert", "REPORT", CALENDAR, &[], &sync("")).await.parts();
    set(&server, HIDDEN, &[(BERT, "deny", "D:read")]).await;
    let (_, second) = server.send("bert", "REPORT", CALENDAR, &[], &sync(&token(&first))).await.parts();
    assert!(second.contains(&format!("<D:href>{HIDDEN}</D:href><D:status>HTTP/1.1 404 Not Found")), "{second}");
    set(&server, HIDDEN, &[]).await;
    let (_, third) = server.send("bert", "REPORT", CALENDAR, &[], &sync(&token(&second))).await.parts();
    assert!(third.contains(HIDDEN) && third.contains("<D:getetag>"), "{third}");
}

#[actix_web::test]
async fn move_keeps_the_acl_and_copy_does_not() {
    for (verb, to, expected) in [
        ("MOVE", "/calendars/anna/tasks/hidden.ics", 403),
        ("MOVE", "/calendars/bert/calendar/hidden.ics", 200),
        ("COPY", "/calendars/anna/tasks/hidden.ics", 403),
    ] {
        let server = server().await;
        let todo = event("hidden", 14).replace("VEVENT", "VTODO");
        server.send("anna", "DELETE", HIDDEN, &[], "").await;
        assert_eq!(server.send("anna", "PUT", HIDDEN, &[], &todo).await.status.as_u16(), 201);
        set(&server, HIDDEN, &[("<D:principal><D:href>/principals/room/</D:href></D:principal>", "grant", "D:read")])
            .await;
        let into = [("<D:principal><D:href>/principals/anna/</D:href></D:principal>", "grant", "D:all")];
        server.send("bert", "ACL", "/calendars/bert/calendar/", &[], &list(&into)).await;
        let (status, body) = server.send("anna", verb, HIDDEN, &[("Destination", to)], "").await.parts();
        assert_eq!(status, 201, "{verb} {to}: {body}");
        let expected = if verb == "MOVE" { 200 } else { expected };
        assert_eq!(server.send("room", "GET", to, &[], "").await.status.as_u16(), expected, "{verb} {to}");
    }
}
