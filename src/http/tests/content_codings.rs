//! Tests of the compression of responses. A response with an entity tag is never compressed.

use actix_web::{
    dev::Decompress,
    http::header::ContentEncoding,
    web::{Bytes, BytesMut},
};
use futures::{StreamExt, stream};

use super::server::{Response, Server};

const ALLPROP: &str = "<D:propfind xmlns:D='DAV:'><D:allprop/></D:propfind>";

async fn decoded(coding: ContentEncoding, body: Vec<u8>) -> String {
    let coded = stream::iter([Ok(Bytes::from(body))]);
    let mut pieces = Decompress::new(coded, coding);
    let mut whole = BytesMut::new();
    while let Some(piece) = pieces.next().await {
        whole.extend_from_slice(&piece.expect("well coded"));
    }
    String::from_utf8(whole.to_vec()).expect("text")
}

async fn propfind(server: &Server, path: &str, accepted: &str) -> Response {
    server.send("anna", "PROPFIND", path, &[("Depth", "1"), ("Accept-Encoding", accepted)], ALLPROP).await
}

#[actix_web::test]
async fn a_long_answer_is_compressed_if_the_client_accepts_it() {
    let server = Server::start().await;
    let plain = propfind(&server, "/calendars/anna/", "identity").await;
    assert_eq!(plain.header("content-encoding"), None);
    let rows = [
        ("gzip", "gzip", ContentEncoding::Gzip),
        ("gzip, deflate, br, zstd", "zstd", ContentEncoding::Zstd),
        ("zstd;q=0.1, gzip;q=0.9", "gzip", ContentEncoding::Gzip),
    ];
    for (accepted, expected, coding) in rows {
        let answer = propfind(&server, "/calendars/anna/", accepted).await;
        assert_eq!(answer.header("content-encoding"), Some(expected), "{accepted}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"), "{accepted}");
        assert!(answer.bytes.len() < plain.bytes.len(), "{accepted}");
        assert_eq!(decoded(coding, answer.bytes).await, plain.body, "{accepted}");
    }
    let short = propfind(&server, "/principals/nobody/", "gzip").await;
    assert_eq!(short.header("content-encoding"), None, "a short answer is not worth it");
}

#[actix_web::test]
async fn an_answer_with_an_etag_is_not_compressed() {
    let server = Server::start().await;
    let path = "/calendars/anna/calendar/lunch.ics";
    let lunch =
        include_str!("objects/lunch.ics").replace("SUMMARY:Lunch", &format!("SUMMARY:{}", "Lunch ".repeat(500)));
    let tag = server.send("anna", "PUT", path, &[], &lunch).await.header("etag").map(str::to_owned);
    let answer = server.send("anna", "GET", path, &[("Accept-Encoding", "gzip, zstd")], "").await;
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!((answer.header("etag").map(str::to_owned), answer.body), (tag, lunch));
}

#[actix_web::test]
async fn a_coded_body_is_refused_with_the_codings_that_are_read() {
    let server = Server::start().await;
    let coded = [("Content-Encoding", "gzip")];
    for (verb, path) in [("PUT", "/calendars/anna/calendar/1.ics"), ("PROPFIND", "/calendars/anna/")] {
        let answer = server.send("anna", verb, path, &coded, "x").await;
        assert_eq!((answer.status.as_u16(), answer.header("accept-encoding")), (415, Some("identity")), "{verb}");
    }
}
