//! A user tries to learn the contents of another user's private calendar, and must not succeed.

use super::server::Server;

const NAMESPACES: &str = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'";
/// Words that occur only in the private calendar.
const SECRETS: [&str; 2] = ["Hush", "uid-of-the-secret"];
/// Pairs of paths of a hidden resource and a missing one. Their responses may differ in the names
/// only.
const PAIRS: [[&str; 2]; 5] = [
    ["/calendars/anna/", "/calendars/none/"],
    ["/calendars/anna/hidden/", "/calendars/anna/absent/"],
    ["/calendars/anna/inbox/", "/calendars/anna/absent/"],
    ["/calendars/anna/hidden/known.ics", "/calendars/anna/hidden/other.ics"],
    ["/calendars/anna/hidden/known.ics", "/calendars/anna/absent/other.ics"],
];
/// Pairs of paths of a hidden resource and a missing one, below a collection that the caller may
/// read.
const PAIRS_INSIDE: [[&str; 2]; 4] = [
    ["/calendars/anna/open/known.ics", "/calendars/anna/open/other.ics"],
    ["/calendars/anna/papers/hidden/", "/calendars/anna/papers/absent/"],
    ["/calendars/anna/papers/hidden/known.ics", "/calendars/anna/papers/absent/known.ics"],
    ["/calendars/anna/papers/known.ics", "/calendars/anna/papers/other.ics"],
];

fn secret() -> String {
    specimens::event("uid-of-the-secret", "DTSTART:20260105T120000Z\nSUMMARY:Hush")
}

async fn server() -> Server {
    let server = Server::start().await;
    for (verb, path, body) in
        [("MKCALENDAR", "/calendars/anna/hidden/", ""), ("PUT", "/calendars/anna/hidden/known.ics", &*secret())]
    {
        let (status, body) = server.send("anna", verb, path, &[], body).await.parts();
        assert_eq!(status, 201, "{body}");
    }
    server
}

/// A request: method, headers, body.
type Question = (&'static str, Vec<(&'static str, &'static str)>, String);

/// Returns all requests that a user can try on a path.
fn questions() -> Vec<Question> {
    let report = |name: &str, inside: &str| format!("<{name} {NAMESPACES}>{inside}</{name}>");
    let prop = "<D:prop><D:getetag/><D:displayname/><C:calendar-data/></D:prop>";
    let events = "<C:filter><C:comp-filter name='VCALENDAR'/></C:filter>";
    let range = "<C:time-range start='20260101T000000Z' end='20270101T000000Z'/>";
    let grant =
        "<D:ace><D:principal><D:all/></D:principal><D:grant><D:privilege><D:all/></D:privilege></D:grant></D:ace>";
    let set = "<D:set><D:prop><D:displayname>x</D:displayname></D:prop></D:set>";
    let own = vec![("Destination", "/calendars/bert/calendar/taken.ics")];
    let mut questions = vec![
        ("GET", vec![], String::new()),
        ("HEAD", vec![], String::new()),
        ("GET", vec![("If-None-Match", "*")], String::new()),
        ("GET", vec![("If-Match", "*")], String::new()),
        ("PUT", vec![], secret()),
        ("PUT", vec![("If-None-Match", "*")], secret()),
        ("PUT", vec![("If-Match", "*")], secret()),
        ("POST", vec![], secret()),
        ("DELETE", vec![], String::new()),
        ("COPY", own.clone(), String::new()),
        ("MOVE", own, String::new()),
        ("MKCALENDAR", vec![], String::new()),
        ("MKCOL", vec![], String::new()),
        ("ACL", vec![], report("D:acl", grant)),
        ("PROPPATCH", vec![], report("D:propertyupdate", set)),
        ("PROPFIND", vec![("Depth", "0")], String::new()),
        ("PROPFIND", vec![("Depth", "1")], report("D:propfind", "<D:propname/>")),
        ("PROPFIND", vec![], String::new()),
    ];
    for (name, inside) in [
        ("C:calendar-query", format!("{prop}{events}")),
        ("C:calendar-multiget", format!("{prop}<D:href>/calendars/anna/hidden/known.ics</D:href>")),
        ("C:free-busy-query", range.to_owned()),
        ("D:sync-collection", format!("<D:sync-token/><D:sync-level>1</D:sync-level>{prop}")),
        ("D:expand-property", "<D:property name='owner'/>".to_owned()),
        ("D:principal-match", format!("<D:self/>{prop}")),
        ("D:acl-principal-prop-set", prop.to_owned()),
        ("D:principal-search-property-set", String::new()),
    ] {
        questions.push(("REPORT", vec![], report(name, &inside)));
        questions.push(("REPORT", vec![("Depth", "infinity")], report(name, &inside)));
    }
    questions
}

#[actix_web::test]
async fn unreadable_and_missing_resources_get_the_same_answer() {
    let server = server().await;
    nothing_is_told(&server).await;
}

/// All privileges on one calendar reveal nothing about another calendar in the same home.
#[actix_web::test]
async fn a_delegate_sees_only_what_was_delegated() {
    let server = server().await;
    let grant = format!(
        "<D:acl {NAMESPACES}><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal>\
         <D:grant><D:privilege><D:all/></D:privilege></D:grant></D:ace></D:acl>"
    );
    for path in ["/calendars/anna/calendar/", "/calendars/anna/outbox/"] {
        assert_eq!(server.send("anna", "ACL", path, &[], &grant).await.status.as_u16(), 200);
    }
    assert_eq!(server.send("bert", "GET", "/calendars/anna/calendar/", &[], "").await.status.as_u16(), 200);
    nothing_is_told(&server).await;
}

/// The privilege to read a collection reveals nothing about a member that the caller may not read.
#[actix_web::test]
async fn hidden_members_of_a_readable_collection_look_missing() {
    let server = server().await;
    let list = |effect: &str| {
        format!(
            "<D:acl {NAMESPACES}><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal>\
             <D:{effect}><D:privilege><D:read/></D:privilege></D:{effect}></D:ace></D:acl>"
        )
    };
    let secret = secret();
    let other = secret.replace("uid-of-the-secret", "another-uid-of-the-secret");
    for (verb, path, body, expected) in [
        ("MKCALENDAR", "/calendars/anna/open/", "", 201),
        ("ACL", "/calendars/anna/open/", &*list("grant"), 200),
        ("PUT", "/calendars/anna/open/known.ics", &*other, 201),
        ("ACL", "/calendars/anna/open/known.ics", &*list("deny"), 200),
        ("MKCOL", "/calendars/anna/papers/", "", 201),
        ("ACL", "/calendars/anna/papers/", &*list("grant"), 200),
        ("MKCALENDAR", "/calendars/anna/papers/hidden/", "", 201),
        ("PUT", "/calendars/anna/papers/hidden/known.ics", &*secret, 201),
        ("ACL", "/calendars/anna/papers/hidden/", &*list("deny"), 200),
        ("PUT", "/calendars/anna/papers/known.ics", &*secret, 201),
        ("ACL", "/calendars/anna/papers/known.ics", &*list("deny"), 200),
    ] {
        let (status, answer) = server.send("anna", verb, path, &[], body).await.parts();
        assert_eq!(status, expected, "{verb} {path}: {answer}");
    }
    alike(&server, &PAIRS_INSIDE).await;
    for path in ["/calendars/anna/open/", "/calendars/anna/papers/"] {
        for (verb, headers, body) in questions() {
            let (_, answer) = server.send("bert", verb, path, &headers, &body).await.parts();
            let known = answer.contains("known.ics") && !body.contains("known.ics");
            assert!(!known && !answer.contains("hidden/<"), "{verb} {path} {body}: {answer}");
            assert!(!SECRETS.iter().any(|secret| answer.contains(secret)), "{verb} {path} {body}: {answer}");
        }
        let copied = [("Destination", "/calendars/bert/copied/")];
        let (status, answer) = server.send("bert", "COPY", path, &copied, "").await.parts();
        assert!([201, 204].contains(&status), "{path}: {answer}");
        let (_, answer) =
            server.send("bert", "PROPFIND", "/calendars/bert/copied/", &[("Depth", "1")], "").await.parts();
        assert!(!answer.contains("known.ics") && !answer.contains("hidden"), "{path}: {answer}");
    }
}

async fn nothing_is_told(server: &Server) {
    alike(server, &PAIRS).await;
    let (status, body) = server.send("anna", "GET", "/calendars/anna/hidden/known.ics", &[], "").await.parts();
    assert_eq!((status, body.as_str()), (200, secret().as_str()), "nothing was changed");
}

async fn alike(server: &Server, pairs: &[[&str; 2]]) {
    for (verb, headers, body) in questions() {
        for [there, absent] in pairs.iter().copied() {
            let (status, found) = server.send("bert", verb, there, &headers, &body).await.parts();
            let (as_absent, missing) = server.send("bert", verb, absent, &headers, &body).await.parts();
            let title = format!("{verb} {there} {headers:?} {body}");
            assert_eq!(status, as_absent, "{title}: {found}\n{missing}");
            assert_eq!(found.replace(there, "*"), missing.replace(absent, "*"), "{title}");
            assert!((400..500).contains(&status), "{title}: {status}");
            assert!(!SECRETS.iter().any(|secret| found.contains(secret)), "{title}: {found}");
            let (status, found) = server.send("", verb, there, &headers, &body).await.parts();
            assert_eq!((status, found.as_str()), (401, ""), "{title}, without credentials");
        }
    }
}

#[actix_web::test]
async fn copy_move_and_reports_do_not_reach_private_resources() {
    let server = server().await;
    let (status, _) = server.send("bert", "PUT", "/calendars/bert/calendar/own.ics", &[], &own()).await.parts();
    assert_eq!(status, 201);
    let hrefs = ["/calendars/anna/hidden/known.ics", "/calendars/anna/hidden/other.ics"];
    for verb in ["COPY", "MOVE"] {
        for overwrite in ["T", "F"] {
            let mut answers = vec![];
            for to in hrefs {
                let headers = [("Destination", to), ("Overwrite", overwrite)];
                let (status, body) =
                    server.send("bert", verb, "/calendars/bert/calendar/own.ics", &headers, "").await.parts();
                answers.push((status, body.replace(to, "*")));
            }
            assert_eq!(answers[0].0, 403, "{verb} {overwrite}: {}", answers[0].1);
            assert_eq!(answers[0], answers[1], "{verb} {overwrite}");
        }
    }
    let prop = "<D:prop><D:getetag/><C:calendar-data/></D:prop>";
    let multiget =
        |href| format!("<C:calendar-multiget {NAMESPACES}>{prop}<D:href>{href}</D:href></C:calendar-multiget>");
    for path in ["/calendars/bert/", "/calendars/bert/calendar/"] {
        let mut answers = vec![];
        for href in hrefs {
            let (status, body) = server.send("bert", "REPORT", path, &[("Depth", "1")], &multiget(href)).await.parts();
            answers.push((status, body.replace(href, "*")));
        }
        assert_eq!(answers[0], answers[1], "{path}");
        assert!(!SECRETS.iter().any(|secret| answers[0].1.contains(secret)), "{path}: {}", answers[0].1);
    }
    for path in ["/", "/calendars/", "/principals/"] {
        let (_, body) = server.send("bert", "PROPFIND", path, &[("Depth", "1")], "").await.parts();
        assert!(!body.contains("/calendars/anna/"), "{path}: {body}");
    }
}

fn own() -> String {
    secret().replace("uid-of-the-secret", "own").replace("Hush", "Mine")
}

#[actix_web::test]
async fn one_who_sees_busy_times_learns_no_names() {
    let server = server().await;
    let acl = format!(
        "<D:acl {NAMESPACES}><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal>\
         <D:grant><D:privilege><C:read-free-busy/></D:privilege></D:grant></D:ace></D:acl>"
    );
    assert_eq!(server.send("anna", "ACL", "/calendars/anna/hidden/", &[], &acl).await.status, 200);
    let asked = format!(
        "<C:free-busy-query {NAMESPACES}><C:time-range start='20260101T000000Z' end='20260201T000000Z'/></C:free-busy-query>"
    );
    let ask = async |who: &str, path: &str| server.send(who, "REPORT", path, &[], &asked).await.parts();
    assert_eq!(ask("bert", "/calendars/anna/hidden/").await.0, 200);
    let known = ask("bert", "/calendars/anna/hidden/known.ics").await;
    assert_eq!((known.0, known), (404, ask("bert", "/calendars/anna/hidden/other.ics").await));
    assert_eq!(ask("anna", "/calendars/anna/hidden/known.ics").await.0, 403, "the owner is told why");
}
