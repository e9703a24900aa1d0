//! Collections that are made, or not.

use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use actix_web::test::TestRequest;
use base64::{Engine, engine::general_purpose::STANDARD};

use super::server::{Server, method};

#[actix_web::test]
async fn what_became_of_a_collection_is_not_kept_in_caches() {
    let server = Server::start().await;
    let unknown = "<D:mkcol xmlns:D='DAV:'><D:set><D:prop><D:resourcetype/></D:prop></D:set></D:mkcol>";
    let rows = [("MKCALENDAR", "new", "", 201), ("MKCOL", "files", "", 201), ("MKCOL", "odd", unknown, 403)];
    for (verb, name, body, status) in rows {
        let request = TestRequest::with_uri(&format!("/calendars/anna/{name}/"))
            .method(method(verb))
            .append_header((AUTHORIZATION, format!("Basic {}", STANDARD.encode("anna:anna"))))
            .set_payload(body);
        let answer = server.ask(request).await;
        assert_eq!(answer.status.as_u16(), status, "{verb} {name}: {}", answer.body);
        assert_eq!(answer.headers.get(CACHE_CONTROL).unwrap(), "no-cache", "{verb} {name}");
    }
}
