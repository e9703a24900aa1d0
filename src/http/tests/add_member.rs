//! Tests of POST to a calendar (RFC 5995): the server chooses the name of the new object.

use actix_web::http::header::LOCATION;

use super::server::Server;

const WHERE: &str = "<D:propfind xmlns:D='DAV:'><D:prop><D:add-member/></D:prop></D:propfind>";

#[actix_web::test]
async fn post_to_add_member_stores_an_object_at_the_returned_location() {
    let event = specimens::event("added", "DTSTART:20260105T120000Z");
    for prefer in ["return=minimal", "return=representation"] {
        let server = Server::start().await;
        let found = server.send("anna", "PROPFIND", "/calendars/anna/calendar/", &[("Depth", "0")], WHERE).await;
        let (_, href) = found.body.split_once("<D:add-member><D:href>").expect("a place to add objects");
        let href = href.split('<').next().unwrap_or_default();
        let headers = [("Content-Type", "text/calendar"), ("Prefer", prefer)];
        let added = server.send("anna", "POST", href, &headers, &event).await;
        assert_eq!(added.status.as_u16(), 201, "{}", added.body);
        let body = if prefer == "return=representation" { event.as_str() } else { "" };
        assert_eq!(added.body, body, "{prefer}");
        let location = added.headers.get(LOCATION).and_then(|location| location.to_str().ok()).expect("a Location");
        let got = server.send("anna", "GET", location, &[], "").await;
        assert_eq!((got.status.as_u16(), got.body.as_str()), (200, event.as_str()));
    }
}

/// No resource exists at the add-member path (RFC 5995 §3.1). Therefore the conditions there are
/// evaluated as for a missing resource.
#[actix_web::test]
async fn conditions_on_the_address_for_new_members_are_those_of_a_missing_resource() {
    let event = specimens::event("added", "DTSTART:20260105T120000Z");
    let server = Server::start().await;
    let found = server.send("anna", "PROPFIND", "/calendars/anna/calendar/", &[("Depth", "0")], WHERE).await;
    let (_, href) = found.body.split_once("<D:add-member><D:href>").expect("a place to add objects");
    let href = href.split('<').next().unwrap_or_default();
    for (name, value, status) in [("If-Match", "*", 412), ("If-None-Match", "*", 201)] {
        let added =
            server.send("anna", "POST", href, &[("Content-Type", "text/calendar"), (name, value)], &event).await;
        assert_eq!(added.status.as_u16(), status, "{name}: {}", added.body);
    }
}

#[actix_web::test]
async fn allow_lists_post_where_members_can_be_added() {
    let server = Server::start().await;
    for (verb, path) in [("MKCOL", "/calendars/anna/folder/"), ("MKCALENDAR", "/calendars/anna/folder/inner/")] {
        assert_eq!(server.send("anna", verb, path, &[], "").await.status, 201, "{path}");
    }
    let inner = "/calendars/anna/folder/inner/";
    let add_member = format!("{inner};add-member");
    let event = |uid: &str| specimens::event(uid, "DTSTART:20260105T120000Z");
    let calendar = [("Content-Type", "text/calendar")];
    for (uid, path) in [("1", inner), ("2", &add_member)] {
        assert_eq!(server.send("anna", "POST", path, &calendar, &event(uid)).await.status, 201, "{path}");
        let options = server.send("anna", "OPTIONS", path, &[], "").await;
        assert!(options.header("allow").expect("methods").contains("POST"), "{path}");
    }
    let refused = server.send("anna", "PUT", inner, &calendar, &event("3")).await;
    assert_eq!(refused.status, 405);
    assert!(refused.header("allow").expect("methods").contains("POST"));
    let elsewhere =
        [("anna", "/calendars/anna/folder/other/"), ("anna", "/calendars/anna/folder/inner/1.ics"), ("bert", inner)];
    for (who, path) in elsewhere {
        let options = server.send(who, "OPTIONS", path, &[], "").await;
        assert!(!options.header("allow").expect("methods").contains("POST"), "{who} {path}");
    }
}
