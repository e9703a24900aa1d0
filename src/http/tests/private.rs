//! Who tries to find out what is in somebody else's private calendar.

use actix_web::{http::header::AUTHORIZATION, test::TestRequest};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::server::{Server, method};

const NAMESPACES: &str = "xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'";
/// Words that stand only in the private calendar.
const SECRETS: [&str; 2] = ["Hush", "uid-of-the-secret"];
/// There, and not there: answers may differ in the names only.
const PAIRS: [[&str; 2]; 5] = [
    ["/calendars/anna/", "/calendars/none/"],
    ["/calendars/anna/hidden/", "/calendars/anna/absent/"],
    ["/calendars/anna/inbox/", "/calendars/anna/absent/"],
    ["/calendars/anna/hidden/known.ics", "/calendars/anna/hidden/other.ics"],
    ["/calendars/anna/hidden/known.ics", "/calendars/anna/absent/other.ics"],
];
/// The same below what may be read.
const PAIRS_INSIDE: [[&str; 2]; 4] = [
    ["/calendars/anna/open/known.ics", "/calendars/anna/open/other.ics"],
    ["/calendars/anna/papers/hidden/", "/calendars/anna/papers/absent/"],
    ["/calendars/anna/papers/hidden/known.ics", "/calendars/anna/papers/absent/known.ics"],
    ["/calendars/anna/papers/known.ics", "/calendars/anna/papers/other.ics"],
];
const SECRET: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//EN\r\nBEGIN:VEVENT\r\n\
                      UID:uid-of-the-secret\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260105T120000Z\r\n\
                      SUMMARY:Hush\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

pub(super) async fn ask(
    server: &Server,
    who: &str,
    verb: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> (u16, String) {
    let mut request = TestRequest::with_uri(path).method(method(verb)).set_payload(body.to_owned());
    if !who.is_empty() {
        let credentials = STANDARD.encode(format!("{who}:{who}"));
        request = request.append_header((AUTHORIZATION, format!("Basic {credentials}")));
    }
    for header in headers {
        request = request.append_header(*header);
    }
    let answer = server.ask(request).await;
    (answer.status.as_u16(), answer.body)
}

async fn server() -> Server {
    let server = Server::start().await;
    for (verb, path, body) in
        [("MKCALENDAR", "/calendars/anna/hidden/", ""), ("PUT", "/calendars/anna/hidden/known.ics", SECRET)]
    {
        let (status, body) = ask(&server, "anna", verb, path, &[], body).await;
        assert_eq!(status, 201, "{body}");
    }
    server
}

/// Method, headers, body.
type Question = (&'static str, Vec<(&'static str, &'static str)>, String);

/// Everything one can ask of a path.
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
        ("PUT", vec![], SECRET.to_owned()),
        ("PUT", vec![("If-None-Match", "*")], SECRET.to_owned()),
        ("PUT", vec![("If-Match", "*")], SECRET.to_owned()),
        ("POST", vec![], SECRET.to_owned()),
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
async fn what_may_not_be_read_and_what_is_not_there_look_alike() {
    let server = server().await;
    nothing_is_told(&server).await;
}

/// Who may do everything with one calendar learns nothing of another.
#[actix_web::test]
async fn a_delegate_learns_nothing_of_what_was_not_delegated() {
    let server = server().await;
    let grant = format!(
        "<D:acl {NAMESPACES}><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal>\
         <D:grant><D:privilege><D:all/></D:privilege></D:grant></D:ace></D:acl>"
    );
    for path in ["/calendars/anna/calendar/", "/calendars/anna/outbox/"] {
        assert_eq!(ask(&server, "anna", "ACL", path, &[], &grant).await.0, 200);
    }
    assert_eq!(ask(&server, "bert", "GET", "/calendars/anna/calendar/", &[], "").await.0, 200);
    nothing_is_told(&server).await;
}

/// Who may read a collection learns nothing of what in it is kept from him.
#[actix_web::test]
async fn what_is_hidden_in_what_may_be_read_looks_as_if_it_were_not_there() {
    let server = server().await;
    let list = |effect: &str| {
        format!(
            "<D:acl {NAMESPACES}><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal>\
             <D:{effect}><D:privilege><D:read/></D:privilege></D:{effect}></D:ace></D:acl>"
        )
    };
    let other = SECRET.replace("uid-of-the-secret", "another-uid-of-the-secret");
    for (verb, path, body, expected) in [
        ("MKCALENDAR", "/calendars/anna/open/", "", 201),
        ("ACL", "/calendars/anna/open/", &*list("grant"), 200),
        ("PUT", "/calendars/anna/open/known.ics", &*other, 201),
        ("ACL", "/calendars/anna/open/known.ics", &*list("deny"), 200),
        ("MKCOL", "/calendars/anna/papers/", "", 201),
        ("ACL", "/calendars/anna/papers/", &*list("grant"), 200),
        ("MKCALENDAR", "/calendars/anna/papers/hidden/", "", 201),
        ("PUT", "/calendars/anna/papers/hidden/known.ics", SECRET, 201),
        ("ACL", "/calendars/anna/papers/hidden/", &*list("deny"), 200),
        ("PUT", "/calendars/anna/papers/known.ics", SECRET, 201),
        ("ACL", "/calendars/anna/papers/known.ics", &*list("deny"), 200),
    ] {
        let (status, answer) = ask(&server, "anna", verb, path, &[], body).await;
        assert_eq!(status, expected, "{verb} {path}: {answer}");
    }
    alike(&server, &PAIRS_INSIDE).await;
    for path in ["/calendars/anna/open/", "/calendars/anna/papers/"] {
        for (verb, headers, body) in questions() {
            let (_, answer) = ask(&server, "bert", verb, path, &headers, &body).await;
            let known = answer.contains("known.ics") && !body.contains("known.ics");
            assert!(!known && !answer.contains("hidden/<"), "{verb} {path} {body}: {answer}");
            assert!(!SECRETS.iter().any(|secret| answer.contains(secret)), "{verb} {path} {body}: {answer}");
        }
        let copied = [("Destination", "/calendars/bert/copied/")];
        let (status, answer) = ask(&server, "bert", "COPY", path, &copied, "").await;
        assert!([201, 204].contains(&status), "{path}: {answer}");
        let (_, answer) = ask(&server, "bert", "PROPFIND", "/calendars/bert/copied/", &[("Depth", "1")], "").await;
        assert!(!answer.contains("known.ics") && !answer.contains("hidden"), "{path}: {answer}");
    }
}

async fn nothing_is_told(server: &Server) {
    alike(server, &PAIRS).await;
    let (status, body) = ask(server, "anna", "GET", "/calendars/anna/hidden/known.ics", &[], "").await;
    assert_eq!((status, body.as_str()), (200, SECRET), "nothing was changed");
}

async fn alike(server: &Server, pairs: &[[&str; 2]]) {
    for (verb, headers, body) in questions() {
        for [there, absent] in pairs.iter().copied() {
            let (status, found) = ask(server, "bert", verb, there, &headers, &body).await;
            let (as_absent, missing) = ask(server, "bert", verb, absent, &headers, &body).await;
            let title = format!("{verb} {there} {headers:?} {body}");
            assert_eq!(status, as_absent, "{title}: {found}\n{missing}");
            assert_eq!(found.replace(there, "*"), missing.replace(absent, "*"), "{title}");
            assert!((400..500).contains(&status), "{title}: {status}");
            assert!(!SECRETS.iter().any(|secret| found.contains(secret)), "{title}: {found}");
            let (status, found) = ask(server, "", verb, there, &headers, &body).await;
            assert_eq!((status, found.as_str()), (401, ""), "{title}, without credentials");
        }
    }
}

#[actix_web::test]
async fn nothing_private_is_reached_from_ones_own_side() {
    let server = server().await;
    let (status, _) = ask(&server, "bert", "PUT", "/calendars/bert/calendar/own.ics", &[], &own()).await;
    assert_eq!(status, 201);
    let hrefs = ["/calendars/anna/hidden/known.ics", "/calendars/anna/hidden/other.ics"];
    for verb in ["COPY", "MOVE"] {
        for overwrite in ["T", "F"] {
            let mut answers = vec![];
            for to in hrefs {
                let headers = [("Destination", to), ("Overwrite", overwrite)];
                let (status, body) = ask(&server, "bert", verb, "/calendars/bert/calendar/own.ics", &headers, "").await;
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
            let (status, body) = ask(&server, "bert", "REPORT", path, &[("Depth", "1")], &multiget(href)).await;
            answers.push((status, body.replace(href, "*")));
        }
        assert_eq!(answers[0], answers[1], "{path}");
        assert!(!SECRETS.iter().any(|secret| answers[0].1.contains(secret)), "{path}: {}", answers[0].1);
    }
    for path in ["/", "/calendars/", "/principals/"] {
        let (_, body) = ask(&server, "bert", "PROPFIND", path, &[("Depth", "1")], "").await;
        assert!(!body.contains("/calendars/anna/"), "{path}: {body}");
    }
}

fn own() -> String {
    SECRET.replace("uid-of-the-secret", "own").replace("Hush", "Mine")
}
