//! Tests of the records of requests in the access journal.

use std::{path::Path, sync::Arc};

use access_journal::{Access, Recorder};
use schemas::AccessEvent;
use tempfile::TempDir;

use super::server::Server;

const PATH: &str = "/calendars/anna/calendar/1.ics";
const MULTIGET: &str = "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:getetag/>\
                        <C:calendar-data/></D:prop><D:href>/calendars/anna/calendar/1.ics</D:href></C:calendar-multiget>";
const ETAGS: &str = "<D:propfind xmlns:D='DAV:'><D:prop><D:getetag/></D:prop></D:propfind>";

/// A calendar-query that reads the text of every object, but returns no texts.
const QUERY_OF_ETAGS: &str = "<C:calendar-query xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/>\
    </D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter></C:calendar-query>";

/// Starts a server that records requests, with one object in Anna's calendar.
async fn server() -> (Server, Arc<Recorder>, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let (server, recorder) = Server::start().await.recording(folder.path()).await;
    assert_eq!(put(&server, "one").await, 201);
    (server, recorder, folder)
}

async fn put(server: &Server, summary: &str) -> u16 {
    let text = specimens::event("1", &format!("DTSTART:20260105T120000Z\nSUMMARY:{summary}"));
    server.send("anna", "PUT", PATH, &[("User-Agent", "Desktop/1")], &text).await.status.as_u16()
}

async fn get(server: &Server, agent: &str) -> u16 {
    server.send("anna", "GET", PATH, &[("User-Agent", agent)], "").await.status.as_u16()
}

/// Returns all records, except for the first record of a segment.
pub(super) async fn recorded(recorder: &Recorder, folder: &Path) -> Vec<Access> {
    recorder.flush().await.expect("written");
    let mut found = vec![];
    access_journal::read(folder, &access_journal::plain(), |access| found.push(access)).await.expect("read");
    found.retain(|access| !matches!(access.event, AccessEvent::SegmentBegun(_)));
    found
}

/// Returns the object versions that were served, each as client program and position.
async fn served(recorder: &Recorder, folder: &Path) -> Vec<(String, u64)> {
    let found = recorded(recorder, folder).await;
    let versions = |access: &Access| match &access.event {
        AccessEvent::VersionsServed(served) => {
            served.unpack().map(|(_, position)| (access.metadata.client.agent.clone(), position.0)).collect()
        }
        _ => vec![],
    };
    found.iter().flat_map(versions).collect()
}

#[actix_web::test]
async fn a_version_is_recorded_once_for_each_program_however_it_is_read() {
    let (server, recorder, folder) = server().await;
    let report = [("User-Agent", "Phone/1"), ("Depth", "1")];
    assert_eq!(get(&server, "Phone/1").await, 200);
    assert_eq!(get(&server, "Phone/1").await, 200);
    server.send("anna", "REPORT", "/calendars/anna/calendar/", &report, MULTIGET).await;
    let first = served(&recorder, folder.path()).await;
    assert_eq!(first.len(), 1, "one program, one version: {first:?}");
    server
        .send("anna", "REPORT", "/calendars/anna/calendar/", &[("User-Agent", "Web/1"), ("Depth", "1")], MULTIGET)
        .await;
    let poller = [("User-Agent", "Poller/1"), ("Depth", "0")];
    server.send("anna", "PROPFIND", PATH, &poller, ETAGS).await;
    server.send("anna", "REPORT", PATH, &poller, QUERY_OF_ETAGS).await;
    server.send("anna", "HEAD", PATH, &poller, "").await;
    server.send("anna", "HEAD", "/calendars/anna/calendar/", &poller, "").await;
    server.send("anna", "GET", "/calendars/anna/calendar/", &[("User-Agent", "Subscriber/1")], "").await;
    assert_eq!(put(&server, "two").await, 204);
    get(&server, "Phone/1").await;
    let all = served(&recorder, folder.path()).await;
    let of = |agent: &str| all.iter().filter(|(by, _)| by == agent).map(|(_, at)| *at).collect::<Vec<_>>();
    assert_eq!((of("Web/1").len(), of("Subscriber/1").len(), of("Poller/1").len()), (1, 1, 0));
    let [one, two] = of("Phone/1")[..] else { panic!("{all:?}") };
    assert!(one < two, "the second version is another event");
}

#[actix_web::test]
async fn a_refused_request_is_recorded_with_its_condition_reason_and_body() {
    let (server, recorder, folder) = server().await;
    let broken = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n";
    server.send("anna", "PUT", PATH, &[("If-Match", "\"no\"")], broken).await;
    server.send("anna", "PUT", "/calendars/anna/calendar/2.ics", &[], broken).await;
    server.send("bert", "GET", PATH, &[], "").await;
    server.send("", "GET", PATH, &[], "").await;
    server.send("anna", "GET", PATH, &[], "").await;
    let found = recorded(&recorder, folder.path()).await;
    let refused: Vec<_> = found
        .iter()
        .filter_map(|access| match &access.event {
            AccessEvent::RequestRefused(refused) => Some((access, refused)),
            _ => None,
        })
        .collect();
    let rows: Vec<_> = refused.iter().map(|(_, refused)| (refused.status, refused.condition.as_deref())).collect();
    assert_eq!(rows.len(), 3, "a request without credentials is no refusal: {rows:?}");
    assert_eq!(rows[1..], [(403, Some("valid-calendar-object-resource")), (403, Some("need-privileges"))]);
    let (access, first) = refused[0];
    assert_eq!(access.metadata.conditions.if_match.as_deref(), Some("\"no\""));
    let sent = first.sent.as_ref().expect("a body");
    assert_eq!((sent.bytes, sent.text.as_deref()), (broken.len() as u64, Some(broken)));
    assert_eq!(refused[2].1.sent, None, "a read has none");
}

#[actix_web::test]
async fn logins_are_recorded_once_and_wrong_ones_with_the_name_that_was_given() {
    let (server, recorder, folder) = server().await;
    for password in ["bert", "bert", "wrong"] {
        server.ask_with("bert", password, actix_web::test::TestRequest::get().uri("/calendars/bert/")).await;
    }
    let found = recorded(&recorder, folder.path()).await;
    let logins = found.iter().filter_map(|access| match &access.event {
        AccessEvent::LoggedIn(login) => Some((login.login.as_str(), true)),
        AccessEvent::LoginRefused(login) => Some((login.login.as_str(), false)),
        _ => None,
    });
    assert_eq!(logins.collect::<Vec<_>>(), [("anna", true), ("bert", true), ("bert", false)]);
}

#[actix_web::test]
async fn a_free_busy_question_is_recorded_with_addresses_and_window() {
    let (server, recorder, folder) = server().await;
    let day = ("20260105T000000Z", "20260106T000000Z");
    let request = specimens::free_busy_request("mailto:anna@example.com", "mailto:bert@example.com", day);
    let headers = [("Content-Type", "text/calendar")];
    let answer = server.send("anna", "POST", "/calendars/anna/outbox/", &headers, &request).await;
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    let found = recorded(&recorder, folder.path()).await;
    let asked = found.iter().find_map(|access| match &access.event {
        AccessEvent::FreeBusyAsked(asked) => Some(asked),
        _ => None,
    });
    let asked = asked.expect("recorded");
    assert_eq!(asked.about, ["mailto:bert@example.com"]);
    assert_eq!((asked.addresses, asked.until - asked.from), (1, 86_400));
}
