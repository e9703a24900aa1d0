//! Tests of requests that arrive at the same time: of two that require the same state, one is
//! refused.

use futures::join;
use schemas::{Client, object::Place};
use service::{Error, MemberKind, Refusal, Require, Tags, clock};

use super::server::{Response, Server};

const CALENDAR: &str = "/calendars/anna/work/";
const OBJECT: &str = "/calendars/anna/work/a.ics";
const FILE: &str = "/calendars/anna/notes.txt";
const ACL: &str = "<D:acl xmlns:D=\"DAV:\"><D:ace><D:principal><D:authenticated/></D:principal><D:grant><D:privilege>\
                   <D:read/></D:privilege></D:grant></D:ace></D:acl>";

fn color(number: u8) -> String {
    format!(
        "<D:propertyupdate xmlns:D=\"DAV:\"><D:set><D:prop><X:color xmlns:X=\"urn:x\">{number}</X:color></D:prop>\
         </D:set></D:propertyupdate>"
    )
}

fn event(summary: &str) -> String {
    specimens::event("a", &format!("DTSTART:20260107T100000Z\nSUMMARY:{summary}"))
}

/// Returns a server on which Anna has a calendar with an object, and a file.
async fn server() -> Server {
    let server = Server::start().await;
    let made =
        [("MKCALENDAR", CALENDAR, String::new()), ("PUT", OBJECT, event("One")), ("PUT", FILE, "one".to_owned())];
    for (method, path, body) in made {
        assert_eq!(server.send("anna", method, path, &[], &body).await.status, 201, "{method} {path}");
    }
    server
}

/// Returns the entity tag of a resource, with its quotes.
async fn etag(server: &Server, path: &str) -> String {
    server.send("anna", "HEAD", path, &[], "").await.header("etag").expect("an entity tag").to_owned()
}

/// Sends two requests at once, and returns the responses to those whose conditions were false.
async fn refused(server: &Server, conditions: &[(&str, &str)], [one, other]: [(&str, &str, &str); 2]) -> Vec<Response> {
    let send = |(method, path, body)| {
        let headers = [conditions, &[("destination", "/calendars/anna/moved/")]].concat();
        async move { server.send("anna", method, path, &headers, body).await }
    };
    let (one, other) = join!(send(one), send(other));
    let (refused, done): (Vec<_>, Vec<_>) = [one, other].into_iter().partition(|response| response.status == 412);
    for response in done {
        assert!(response.status.is_success(), "{}: {}", response.status, response.body);
    }
    refused
}

#[actix_web::test]
async fn of_two_requests_that_require_the_same_state_of_a_calendar_one_is_refused() {
    let (red, blue) = (color(1), color(2));
    let rows = [
        [("PROPPATCH", red.as_str()), ("PROPPATCH", blue.as_str())],
        [("PROPPATCH", &red), ("ACL", ACL)],
        [("ACL", ACL), ("PROPPATCH", &blue)],
        [("PROPPATCH", &red), ("DELETE", "")],
        [("PROPPATCH", &red), ("MOVE", "")],
    ];
    for row in rows {
        for header in ["if-match", "if"] {
            let server = server().await;
            let tag = etag(&server, CALENDAR).await;
            let condition = if header == "if" { format!("([{tag}])") } else { tag };
            let requests = row.map(|(method, body)| (method, CALENDAR, body));
            let refused = refused(&server, &[(header, &condition)], requests).await;
            assert_eq!(refused.len(), 1, "{requests:?} {header}");
        }
    }
}

#[actix_web::test]
async fn a_refusal_names_the_header_whose_condition_is_false() {
    let (red, blue) = (color(1), color(2));
    let requests = [("PROPPATCH", CALENDAR, red.as_str()), ("PROPPATCH", CALENDAR, blue.as_str())];
    let rows = [("If", ["*", "([TAG])"]), ("If-Match", ["TAG", "(Not [\"no tag\"])"])];
    for (expected, conditions) in rows {
        let server = server().await;
        let tag = etag(&server, CALENDAR).await;
        let [if_match, if_header] = conditions.map(|condition| condition.replace("TAG", &tag));
        let refused = refused(&server, &[("if-match", &if_match), ("if", &if_header)], requests).await;
        let told: Vec<_> = refused.iter().map(|response| response.body.contains(&format!("`{expected}`"))).collect();
        assert_eq!(told, [true], "{expected}: {:?}", refused.first().map(|response| &response.body));
    }
}

#[actix_web::test]
async fn properties_and_lists_of_a_member_that_has_changed_meanwhile_stay() {
    let rows = [(OBJECT, MemberKind::Object, "work", event("Two")), (FILE, MemberKind::File, "", "two".to_owned())];
    for (path, kind, collection, new) in rows {
        let server = server().await;
        let tag = etag(&server, path).await.trim_matches('"').to_owned();
        assert_eq!(server.send("anna", "PUT", path, &[], &new).await.status, 204, "{path}");
        let service = server.service();
        let anna = service.models().directory().by_name("anna").expect("Anna").id;
        let collection = service.models().collection(anna, collection).expect("it is read").expect("it exists").id;
        let name = path.rsplit('/').next().unwrap_or_default().to_owned();
        let require = Require { if_match: Some(Tags::Listed(vec![tag])), ..Require::default() };
        let at = (kind, Place { collection, name }, require);
        let stamp = clock::stamp(Some(anna), None, Client::default(), clock::new_id());
        let listed = service.change_member_acl(&stamp, anna, at.clone(), vec![]).await;
        let changed = service.change_member_properties(&stamp.next("properties"), anna, at, vec![], vec![]).await;
        for refused in [listed, changed] {
            assert!(matches!(refused, Err(Error::Refused(Refusal::Precondition { .. }))), "{path}: {refused:?}");
        }
    }
}
