use super::*;
use crate::{
    name::{DISPLAY_NAME, GET_CTAG, GET_ETAG, OWNER},
    xml::{Limits, parse},
};

/// Returns the content of the root element.
fn inner(document: &str) -> &str {
    parse(document.as_bytes(), &Limits::default()).expect(document);
    let (_, rest) = document.split_once("/ical/\">").expect("a root");
    rest.rsplit_once("</").expect("an end").0
}

#[test]
fn found_properties_come_first_and_the_others_by_reason() {
    let mut answer = MultiStatus::new(Detail::Full);
    let foreign = QName::of("urn:x", "y");
    let mut response = answer.response("/a&b/");
    response.missing(&foreign);
    response.prop().element("D:getetag", "\"1\"");
    response.refuse(&OWNER, Status::FORBIDDEN, Some(Condition::CannotModifyProtectedProperty));
    response.missing(&GET_CTAG);
    response.finish();
    let expected = "<D:response><D:href>/a&amp;b/</D:href>\
        <D:propstat><D:prop><D:getetag>\"1\"</D:getetag></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>\
        <D:propstat><D:prop><y xmlns=\"urn:x\"/><CS:getctag/></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat>\
        <D:propstat><D:prop><D:owner/></D:prop><D:status>HTTP/1.1 403 Forbidden</D:status>\
        <D:error><D:cannot-modify-protected-property/></D:error></D:propstat></D:response>";
    assert_eq!(inner(&answer.finish()), expected);
}

#[test]
fn a_minimal_answer_leaves_out_what_is_missing() {
    let mut answer = MultiStatus::new(Detail::Minimal);
    let mut response = answer.response("/a");
    response.missing(&GET_CTAG);
    response.finish();
    let mut response = answer.response("/b");
    response.refuse(&GET_ETAG, Status::FORBIDDEN, None);
    response.finish();
    let expected = "<D:response><D:href>/a</D:href>\
        <D:propstat><D:prop></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>\
        <D:response><D:href>/b</D:href>\
        <D:propstat><D:prop><D:getetag/></D:prop><D:status>HTTP/1.1 403 Forbidden</D:status></D:propstat></D:response>";
    assert_eq!(inner(&answer.finish()), expected);
}

#[test]
fn removed_members_truncation_and_the_token_are_said() {
    let mut answer = MultiStatus::new(Detail::Full);
    answer.status("/c/gone.ics", Status::NOT_FOUND);
    answer.status("/c/late.ics", Status::TOO_MANY_REQUESTS);
    answer.status_because("/c/", Status::INSUFFICIENT_STORAGE, Condition::NumberOfMatchesWithinLimits);
    answer.sync_token("urn:t:1");
    let expected = "<D:response><D:href>/c/gone.ics</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\
        <D:response><D:href>/c/late.ics</D:href><D:status>HTTP/1.1 429 Too Many Requests</D:status></D:response>\
        <D:response><D:href>/c/</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>\
        <D:error><D:number-of-matches-within-limits/></D:error></D:response>\
        <D:sync-token>urn:t:1</D:sync-token>";
    assert_eq!(inner(&answer.finish()), expected);
}

#[test]
fn pieces_together_are_the_whole() {
    let write = |answer: &mut MultiStatus, n: u32| {
        let mut response = answer.response(&format!("/{n}"));
        response.name(&DISPLAY_NAME);
        response.finish();
    };
    let mut whole = MultiStatus::new(Detail::Full);
    let mut pieces = MultiStatus::new(Detail::Full);
    let mut sent = String::new();
    for n in 0..3 {
        write(&mut whole, n);
        write(&mut pieces, n);
        sent += &pieces.take();
        assert_eq!(pieces.pending(), 0);
    }
    sent += &pieces.finish();
    assert_eq!(sent, whole.finish());
}

#[test]
fn a_response_may_stand_inside_a_property() {
    let mut answer = MultiStatus::new(Detail::Full);
    let mut response = answer.response("/p/");
    let prop = response.prop();
    prop.start("D:group-membership");
    let mut nested = PropStats::response(prop, "/g/", Detail::Full);
    nested.name(&DISPLAY_NAME);
    nested.finish();
    prop.end("D:group-membership");
    response.finish();
    let body = answer.finish();
    assert!(inner(&body).contains("<D:group-membership><D:response><D:href>/g/</D:href><D:propstat>"), "{body}");
}

#[test]
fn a_refused_creation_names_each_property() {
    let body = mkcol_response(|properties| {
        properties.refuse(&GET_ETAG, Status::FORBIDDEN, Some(Condition::CannotModifyProtectedProperty));
        properties.refuse(&DISPLAY_NAME, Status::FAILED_DEPENDENCY, None);
    });
    assert!(body.contains("<D:mkcol-response xmlns:D=\"DAV:\""), "{body}");
    assert!(inner(&body).ends_with("<D:status>HTTP/1.1 424 Failed Dependency</D:status></D:propstat>"), "{body}");
}
