//! Slow work runs on threads that serve no connection, so that other requests are answered in the
//! meantime.

use std::sync::mpsc;

use actix_web::rt::System;
use futures::{FutureExt, StreamExt, stream::FuturesUnordered};
use tokio::runtime::Builder;

use super::server::Server;

const CALENDAR: &str = "/calendars/anna/calendar/";
/// Number of times that the slow requests are polled after a quick request has been answered.
const POLLS: usize = 1_000;

const RANGE: &str = "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'>\
    <C:time-range start='20260105T000000Z' end='20260106T000000Z'/></C:free-busy-query>";
const EXPANSION: &str = "<D:expand-property xmlns:D='DAV:'><D:property name='owner'>\
    <D:property name='displayname'/></D:property></D:expand-property>";
const SEARCH: &str = "<D:principal-property-search xmlns:D='DAV:'><D:property-search><D:prop><D:displayname/></D:prop>\
    <D:match>e</D:match></D:property-search><D:prop><D:displayname/></D:prop></D:principal-property-search>";
const MATCH: &str = "<D:principal-match xmlns:D='DAV:'><D:self/></D:principal-match>";
const PRINCIPALS_OF_ACL: &str =
    "<D:acl-principal-prop-set xmlns:D='DAV:'><D:prop><D:displayname/></D:prop></D:acl-principal-prop-set>";
const QUERY: &str = "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:getetag/></D:prop>\
    <C:filter><C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>";
const MULTIGET: &str = "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop>\
    <D:getetag/></D:prop><D:href>/calendars/anna/calendar/stays.ics</D:href></C:calendar-multiget>";
const SYNC: &str = "<D:sync-collection xmlns:D='DAV:'><D:sync-token/><D:sync-level>1</D:sync-level>\
    <D:prop><D:getetag/></D:prop></D:sync-collection>";

/// A request and its expected status: method, path, one header, body, status.
type Row<'a> = (&'a str, &'a str, (&'a str, &'a str), &'a str, u16);

#[test]
fn a_cheap_request_is_answered_while_the_others_wait_for_a_thread() {
    // The runtime has one thread for slow work, and the test occupies it. Meanwhile, only the
    // thread of the connections can do any work.
    let runtime = || {
        let mut builder = Builder::new_current_thread();
        builder.enable_all().max_blocking_threads(1).build().expect("a runtime")
    };
    System::with_tokio_rt(runtime).block_on(async {
        let server = Server::start().await;
        let long_line = format!("DTSTART:20260105T120000Z\r\nDESCRIPTION:{}", "x".repeat(8 << 10));
        for name in ["stays", "goes", "moves", "short"] {
            let line = if name == "goes" { &*long_line } else { "DTSTART:20260105T120000Z" };
            let ics = specimens::event(name, line);
            let put = server.send("anna", "PUT", &format!("{CALENDAR}{name}.ics"), &[], &ics).await;
            assert_eq!(put.status.as_u16(), 201, "{}", put.body);
        }
        let put = specimens::event("new", &long_line);
        let (zero, one) = (("Depth", "0"), ("Depth", "1"));
        let moved = format!("{CALENDAR}moved.ics");
        let day = ("20260105T000000Z", "20260106T000000Z");
        let free_busy = specimens::free_busy_request("mailto:anna@example.com", "mailto:bert@example.com", day);
        let rows: [Row<'_>; 15] = [
            ("POST", "/calendars/anna/outbox/", ("Content-Type", "text/calendar"), &free_busy, 200),
            ("REPORT", CALENDAR, one, RANGE, 200),
            ("REPORT", CALENDAR, zero, EXPANSION, 207),
            ("REPORT", "/principals/", zero, SEARCH, 207),
            ("REPORT", "/principals/", zero, MATCH, 207),
            ("REPORT", CALENDAR, zero, PRINCIPALS_OF_ACL, 207),
            ("REPORT", CALENDAR, one, QUERY, 207),
            ("REPORT", CALENDAR, one, MULTIGET, 207),
            ("REPORT", CALENDAR, zero, SYNC, 207),
            ("PROPFIND", "/principals/", one, "", 207),
            ("PROPFIND", CALENDAR, one, "", 207),
            ("GET", CALENDAR, one, "", 200),
            ("PUT", "/calendars/anna/calendar/new.ics", ("Content-Type", "text/calendar"), &put, 201),
            ("DELETE", "/calendars/anna/calendar/goes.ics", zero, "", 204),
            ("MOVE", "/calendars/anna/calendar/moves.ics", ("Destination", &moved), "", 201),
        ];
        let (release, held) = mpsc::channel::<()>();
        let holding = tokio::task::spawn_blocking(move || held.recv());
        let mut long: FuturesUnordered<_> = rows
            .iter()
            .map(|(verb, path, header, body, status)| {
                let answer = server.send("anna", verb, path, std::slice::from_ref(header), body);
                answer.map(move |answer| (*verb, *path, *body, *status, answer))
            })
            .collect();
        assert!(long.next().now_or_never().is_none(), "a long request was answered by the thread of connections");
        let cheap = server.send("anna", "GET", "/calendars/anna/calendar/stays.ics", &[], "").await;
        assert_eq!(cheap.status.as_u16(), 200, "{}", cheap.body);
        let ics = specimens::event("cheap", "DTSTART:20260105T120000Z");
        let cheap = server.send("anna", "PUT", &format!("{CALENDAR}cheap.ics"), &[], &ics).await;
        assert_eq!(cheap.status.as_u16(), 201, "{}", cheap.body);
        let cheap = server.send("anna", "DELETE", &format!("{CALENDAR}short.ics"), &[], "").await;
        assert_eq!(cheap.status.as_u16(), 204, "{}", cheap.body);
        for _ in 0..POLLS {
            let answered = long.next().now_or_never().flatten().map(|(verb, path, body, ..)| (verb, path, body));
            assert_eq!(answered, None, "the thread of connections answered it");
            tokio::task::yield_now().await;
        }
        release.send(()).expect("the thread is held");
        holding.await.expect("a thread").expect("a release");
        while let Some((verb, path, body, status, answer)) = long.next().await {
            assert_eq!(answer.status.as_u16(), status, "{verb} {path} {body}: {}", answer.body);
        }
    });
}
