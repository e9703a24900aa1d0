//! Tests of `DAV:resource-id` (RFC 5842 §2.7): which changes keep it, and that no two resources
//! ever have the same.

use super::server::Server;

const OBJECT: &str = "/calendars/anna/calendar/a.ics";
const FILE: &str = "/calendars/anna/notes.txt";

async fn id(server: &Server, path: &str) -> String {
    let asked = "<D:propfind xmlns:D='DAV:'><D:prop><D:resource-id/></D:prop></D:propfind>";
    let body = server.send("admin", "PROPFIND", path, &[("Depth", "0")], asked).await.body;
    let id = body.split_once("<D:resource-id><D:href>").and_then(|(_, rest)| rest.split_once("</D:href>"));
    id.unwrap_or_else(|| panic!("{path} has no id: {body}")).0.to_owned()
}

async fn send(server: &Server, method: &str, path: &str, to: &str) {
    let body = match path {
        _ if method != "PUT" => String::new(),
        FILE => to.to_owned(),
        _ => specimens::event("a", &format!("DTSTART:20260107T100000Z\nSUMMARY:{to}")),
    };
    let status = server.send("admin", method, path, &[("destination", to)], &body).await.status;
    assert!(status.is_success(), "{method} {path}: {status}");
}

#[actix_web::test]
async fn a_change_and_a_move_of_an_object_within_its_home_keep_its_id() {
    let server = Server::start().await;
    send(&server, "PUT", OBJECT, "One").await;
    let first = id(&server, OBJECT).await;
    send(&server, "PUT", OBJECT, "Two").await;
    assert_eq!(id(&server, OBJECT).await, first);
    for (from, to) in [(OBJECT, "/calendars/anna/calendar/b.ics"), ("/calendars/anna/calendar/b.ics", OBJECT)] {
        send(&server, "MOVE", from, to).await;
        assert_eq!(id(&server, to).await, first, "{to}");
    }
    send(&server, "PUT", FILE, "one").await;
    let first = id(&server, FILE).await;
    send(&server, "PUT", FILE, "two").await;
    assert_eq!(id(&server, FILE).await, first);
}

#[actix_web::test]
async fn every_new_resource_has_an_id_that_no_other_ever_had() {
    let rows = [(FILE, "/calendars/anna/moved.txt"), (OBJECT, "/calendars/bert/calendar/a.ics")];
    for (path, elsewhere) in rows {
        let server = Server::start().await;
        let mut ids = vec![];
        send(&server, "PUT", path, "One").await;
        ids.push(id(&server, path).await);
        // These moves are a copy, a new resource, and a removal (RFC 4918 §9.9).
        for (from, to) in [(path, elsewhere), (elsewhere, path)] {
            send(&server, "MOVE", from, to).await;
            ids.push(id(&server, to).await);
        }
        send(&server, "DELETE", path, "").await;
        send(&server, "PUT", path, "One").await;
        ids.push(id(&server, path).await);
        let distinct: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(distinct.len(), ids.len(), "{path}: {ids:?}");
    }
}
