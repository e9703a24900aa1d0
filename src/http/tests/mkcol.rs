//! Tests of the responses to MKCOL and MKCALENDAR.

use actix_web::http::header::CACHE_CONTROL;

use super::server::Server;

#[actix_web::test]
async fn answers_to_mkcol_and_mkcalendar_are_not_cached() {
    let server = Server::start().await;
    let unknown = "<D:mkcol xmlns:D='DAV:'><D:set><D:prop><D:resourcetype/></D:prop></D:set></D:mkcol>";
    let rows = [("MKCALENDAR", "new", "", 201), ("MKCOL", "files", "", 201), ("MKCOL", "odd", unknown, 403)];
    for (verb, name, body, status) in rows {
        let answer = server.send("anna", verb, &format!("/calendars/anna/{name}/"), &[], body).await;
        assert_eq!(answer.status.as_u16(), status, "{verb} {name}: {}", answer.body);
        assert_eq!(answer.headers.get(CACHE_CONTROL).unwrap(), "no-cache", "{verb} {name}");
    }
}
