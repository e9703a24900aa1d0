//! Tests of a server on a real socket: it listens, answers, enforces its time limits, and shuts
//! down.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use super::server::{Server, credentials};
use crate::{Limits, Running, Settings, serve};

pub(super) async fn listen(settings: Settings) -> (Server, Running) {
    let server = Server::start().await;
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let settings = Settings { listen, workers: Some(1), ..settings };
    let running = serve(server.service(), settings, None).expect("a free port");
    (server, running)
}

pub(super) async fn connect(running: &Running) -> TcpStream {
    TcpStream::connect(running.address()).await.expect("a connection")
}

/// Returns the head of a request. Each of the `headers` ends with CRLF.
pub(super) fn head(line: &str, name: &str, password: &str, headers: &str) -> String {
    let credentials = credentials(name, password);
    format!("{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {credentials}\r\n{headers}\r\n")
}

/// Sends the request, and reads the response until the connection is closed.
pub(super) async fn exchange(mut stream: impl AsyncRead + AsyncWrite + Unpin, request: &str) -> String {
    // The server may close the connection before it has read everything. The test uses what it
    // received until then.
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8_lossy(&answer).into_owned()
}

/// Reads until the text ends with `end`.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut read = String::new();
    while !read.ends_with(end) {
        read.push(char::from(stream.read_u8().await.expect("more")));
    }
    read
}

const HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
const LAST_HEALTH: &str = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const LUNCH: &str = include_str!("objects/lunch.ics");

#[tokio::test(flavor = "multi_thread")]
async fn a_server_listens_answers_and_stops() {
    let (_server, running) = listen(Settings::default()).await;
    let address = running.address();
    let mut stream = connect(&running).await;
    stream.write_all(HEALTH.as_bytes()).await.expect("sent");
    read_until(&mut stream, "alive\n").await;
    let answer = exchange(stream, LAST_HEALTH).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "a second request on the same connection: {answer}");
    running.stop().await.expect("a graceful end");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn expect_100_continue_is_answered() {
    let (_server, running) = listen(Settings::default()).await;
    let mut stream = connect(&running).await;
    let headers = format!("Expect: 100-continue\r\nContent-Length: {}\r\nConnection: close\r\n", LUNCH.len());
    let head = head("PUT /calendars/anna/calendar/lunch.ics", "anna", "anna", &headers);
    stream.write_all(head.as_bytes()).await.expect("sent");
    assert_eq!(read_until(&mut stream, "\r\n\r\n").await, "HTTP/1.1 100 Continue\r\n\r\n");
    let answer = exchange(stream, LUNCH).await;
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_the_head_rules_out_is_not_asked_for() {
    let (_server, running) = listen(Settings::default()).await;
    let asking = "Expect: 100-continue\r\n";
    let path = "PUT /calendars/anna/calendar/lunch.ics";
    let anonymous = format!("{path} HTTP/1.1\r\nHost: localhost\r\n{asking}Content-Length: 9\r\n\r\n");
    let with = |headers: &str| head(path, "anna", "anna", &format!("{asking}{headers}"));
    let to = |request: &str, headers: &str| head(request, "anna", "anna", &format!("{asking}{headers}"));
    let report = "Content-Length: 50000000\r\n";
    let short = "Content-Length: 9\r\n";
    let known = "PUT /calendars/anna/calendar/known.ics";
    let body = LUNCH.replace("UID:lunch", "UID:known");
    let headers = format!("Content-Length: {}\r\nConnection: close\r\n", body.len());
    let stored = exchange(connect(&running).await, &(head(known, "anna", "anna", &headers) + &body)).await;
    assert!(stored.starts_with("HTTP/1.1 201 "), "{stored}");
    let rows = [
        ("no credentials", anonymous, "HTTP/1.1 401 "),
        ("too large an object", with("Content-Length: 50000000\r\n"), "HTTP/1.1 403 "),
        ("too large a report", to("REPORT /calendars/anna/calendar/", report), "HTTP/1.1 413 "),
        ("a coding", with("Content-Length: 9\r\nContent-Encoding: gzip\r\n"), "HTTP/1.1 415 "),
        ("no calendar data", with("Content-Length: 9\r\nContent-Type: image/png\r\n"), "HTTP/1.1 403 "),
        ("a condition", with("Content-Length: 9\r\nIf-Match: *\r\n"), "HTTP/1.1 412 "),
        ("it is there", to(known, "Content-Length: 9\r\nIf-None-Match: *\r\n"), "HTTP/1.1 412 "),
        ("another tag", to(known, "Content-Length: 9\r\nIf-Match: \"1\"\r\n"), "HTTP/1.1 412 "),
        ("a file", to("PUT /calendars/anna/a.txt", "Content-Length: 9\r\nIf-Match: \"1\"\r\n"), "HTTP/1.1 412 "),
        ("a method", to("PUT /calendars/anna/calendar/", short), "HTTP/1.1 405 "),
        ("an unknown method", to("BREW /calendars/anna/calendar/", short), "HTTP/1.1 501 "),
        ("no parent", to("PUT /calendars/anna/none/1.ics", short), "HTTP/1.1 409 "),
        ("another home", to("PUT /calendars/bert/calendar/1.ics", short), "HTTP/1.1 403 "),
        ("no body is wanted", to("OPTIONS /calendars/anna/", short), "HTTP/1.1 200 "),
    ];
    for (title, request, expected) in rows {
        // The server closes the connection after the response.
        let answer = exchange(connect(&running).await, &request).await;
        assert!(answer.starts_with(expected), "{title}: {answer}");
        assert!(answer.to_lowercase().contains("connection: close"), "{title}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_finishes_requests_and_closes_idle_connections() {
    let (_server, running) = listen(Settings::default()).await;
    let mut idle = connect(&running).await;
    idle.write_all(HEALTH.as_bytes()).await.expect("sent");
    read_until(&mut idle, "alive\n").await;
    let mut stream = connect(&running).await;
    let headers = format!("Expect: 100-continue\r\nContent-Length: {}\r\n", LUNCH.len());
    let head = head("PUT /calendars/anna/calendar/lunch.ics", "anna", "anna", &headers);
    stream.write_all(head.as_bytes()).await.expect("sent");
    // Once the server has asked for the body (100 Continue), the request is in progress.
    read_until(&mut stream, "\r\n\r\n").await;
    let stopping = tokio::spawn(running.stop());
    assert_eq!(idle.read(&mut [0]).await.expect("an end"), 0, "the idle connection is closed");
    let answer = exchange(stream, LUNCH).await;
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    stopping.await.expect("no panic").expect("a graceful end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_client_is_disconnected_after_the_limit() {
    let short = Duration::from_millis(100);
    let heads = Limits { request_head: short, ..Limits::default() };
    let pauses = Limits { request_pause: short, ..Limits::default() };
    let bodies = Limits { request_body: short, ..Limits::default() };
    let body = head("PUT /calendars/anna/calendar/lunch.ics", "anna", "anna", "Content-Length: 400\r\n") + "BEGIN:";
    let rows = [
        ("a head that does not end", heads, "GET / HTTP/1.1\r\nHost:", "HTTP/1.1 408 "),
        ("a body that does not go on", pauses, &body, "HTTP/1.1 408 "),
        ("a body that does not end", bodies, &body, "HTTP/1.1 408 "),
    ];
    for (title, limits, request, expected) in rows {
        let (_server, running) = listen(Settings { limits, ..Settings::default() }).await;
        let answer = exchange(connect(&running).await, request).await;
        assert!(answer.starts_with(expected), "{title}: {answer}");
    }
}

/// Returns settings with this time limit for heads.
fn with_heads_of(request_head: Duration) -> Settings {
    Settings { limits: Limits { request_head, ..Limits::default() }, ..Settings::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_head_of_a_later_request_has_the_same_limit() {
    let short = Duration::from_millis(300);
    let (_server, running) = listen(with_heads_of(short)).await;
    let mut stream = connect(&running).await;
    for _ in 0..2 {
        stream.write_all(HEALTH.as_bytes()).await.expect("sent");
        read_until(&mut stream, "alive\n").await;
        // An idle connection stays open for the keep-alive time.
        tokio::time::sleep(2 * short).await;
    }
    let begin = "GET /healthz HTTP/1.1\r\nHost:";
    let answer = tokio::time::timeout(20 * short, exchange(stream, begin)).await.expect("the connection is closed");
    assert_eq!(answer, "");
}

/// The second request is there before the first is answered, so no time counts against it.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_waits_for_the_one_before_it_is_not_cut_off() {
    let short = Duration::from_millis(300);
    let (_server, running) = listen(with_heads_of(short)).await;
    let mut stream = connect(&running).await;
    let headers = format!("Content-Length: {}\r\n", LUNCH.len());
    let put = head("PUT /calendars/anna/calendar/lunch.ics", "anna", "anna", &headers);
    stream.write_all(put.as_bytes()).await.expect("sent");
    tokio::time::sleep(2 * short).await;
    let answers = exchange(stream, &format!("{LUNCH}{LAST_HEALTH}")).await;
    assert!(answers.starts_with("HTTP/1.1 201 ") && answers.ends_with("alive\n"), "{answers}");
}

#[tokio::test(flavor = "multi_thread")]
#[cfg(target_os = "linux")]
async fn a_client_that_does_not_read_is_disconnected() {
    let limits = Limits { answer_pause: Duration::from_millis(500), ..Limits::default() };
    let (_server, running) = listen(Settings { limits, ..Settings::default() }).await;
    let padding = "x".repeat(1_000_000);
    // The objects together are larger than the send and receive buffers of the kernel.
    for number in 0..12 {
        let ics = LUNCH
            .replace("UID:lunch", &format!("UID:{number}"))
            .replace("SUMMARY:Lunch", &format!("SUMMARY:{padding}"));
        let headers = format!("Content-Length: {}\r\nConnection: close\r\n", ics.len());
        let put = head(&format!("PUT /calendars/anna/calendar/{number}.ics"), "anna", "anna", &headers) + &ics;
        let answer = exchange(connect(&running).await, &put).await;
        assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    }
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.set_recv_buffer_size(4096).expect("a small buffer");
    let mut stream = socket.connect(running.address()).await.expect("a connection");
    stream.write_all(head("GET /calendars/anna/calendar/", "anna", "anna", "").as_bytes()).await.expect("sent");
    // After the kernel has closed the connection, a write to it fails.
    let mut again = tokio::time::interval(Duration::from_millis(100));
    while stream.write_all(b"\n").await.is_ok() {
        again.tick().await;
    }
}
