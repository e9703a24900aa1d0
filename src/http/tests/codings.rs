//! Long answers are compressed for whoever asks; what has an entity tag never is.

use actix_web::{
    dev::Decompress,
    http::header::{ACCEPT_ENCODING, ContentEncoding},
    test::TestRequest,
    web::{Bytes, BytesMut},
};
use futures::{StreamExt, stream};

use super::server::{Server, method};

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

fn propfind(path: &str, accepted: &'static str) -> TestRequest {
    let request = TestRequest::with_uri(path).method(method("PROPFIND")).set_payload(ALLPROP);
    request.append_header(("Depth", "1")).append_header((ACCEPT_ENCODING, accepted))
}

#[actix_web::test]
async fn long_answers_are_compressed_for_whoever_asks() {
    let server = Server::start().await;
    let plain = server.ask_as("anna", propfind("/calendars/anna/", "identity")).await;
    assert_eq!(plain.header("content-encoding"), None);
    let rows = [
        ("gzip", "gzip", ContentEncoding::Gzip),
        ("gzip, deflate, br, zstd", "zstd", ContentEncoding::Zstd),
        ("zstd;q=0.1, gzip;q=0.9", "gzip", ContentEncoding::Gzip),
    ];
    for (accepted, expected, coding) in rows {
        let answer = server.ask_as("anna", propfind("/calendars/anna/", accepted)).await;
        assert_eq!(answer.header("content-encoding"), Some(expected), "{accepted}");
        assert_eq!(answer.header("vary"), Some("accept-encoding"), "{accepted}");
        assert!(answer.bytes.len() < plain.bytes.len(), "{accepted}");
        assert_eq!(decoded(coding, answer.bytes).await, plain.body, "{accepted}");
    }
    let short = server.ask_as("anna", propfind("/principals/nobody/", "gzip")).await;
    assert_eq!(short.header("content-encoding"), None, "a short answer is not worth it");
}

#[actix_web::test]
async fn what_has_an_entity_tag_goes_out_as_it_is() {
    let server = Server::start().await;
    let path = "/calendars/anna/calendar/lunch.ics";
    let lunch =
        include_str!("objects/lunch.ics").replace("SUMMARY:Lunch", &format!("SUMMARY:{}", "Lunch ".repeat(500)));
    let put = TestRequest::put().uri(path).set_payload(lunch.clone());
    let tag = server.ask_as("anna", put).await.header("etag").map(str::to_owned);
    let get = TestRequest::get().uri(path).append_header((ACCEPT_ENCODING, "gzip, zstd"));
    let answer = server.ask_as("anna", get).await;
    assert_eq!(answer.header("content-encoding"), None);
    assert_eq!((answer.header("etag").map(str::to_owned), answer.body), (tag, lunch));
}
