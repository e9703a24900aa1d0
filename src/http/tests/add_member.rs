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
