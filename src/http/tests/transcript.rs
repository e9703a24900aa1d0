//! Sends the requests of a transcript, and compares the responses with it.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use actix_web::test::TestRequest;
use specimens::expected;

use super::server::{Response, Server, method};

/// The `DTSTAMP` in the objects of the tests.
const GIVEN_STAMP: &str = "20260101T000000Z";
/// Headers that a transcript shows, in this order.
const SHOWN: [&str; 15] = [
    "allow",
    "content-location",
    "content-range",
    "content-security-policy",
    "content-type",
    "content-length",
    "dav",
    "daybook-refused",
    "etag",
    "location",
    "preference-applied",
    "retry-after",
    "schedule-tag",
    "vary",
    "www-authenticate",
];
/// Headers that are shown only for OPTIONS, because every response has them.
const QUIET: [&str; 2] = ["content-length", "dav"];

pub(super) async fn converse(name: &str, transcript: &str) {
    let server = Server::start().await;
    let mut played = String::new();
    let mut request: Vec<&str> = Vec::new();
    for line in transcript.lines().chain([""]) {
        if let Some(sent) = line.strip_prefix("> ").or_else(|| (line == ">").then_some("")) {
            request.push(sent);
            played.push_str(line);
            played.push('\n');
            continue;
        }
        if !request.is_empty() && !line.starts_with('<') {
            play(&server, &std::mem::take(&mut request), &mut played).await;
        }
        if !line.starts_with('<') {
            played.push_str(line);
            played.push('\n');
        }
    }
    let played = played.trim_end().to_owned() + "\n";
    expected::compare(&folder("transcripts").join(format!("{name}.txt")), &played);
}

/// Returns the path of a folder of these tests.
fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(name)
}

async fn play(server: &Server, lines: &[&str], played: &mut String) {
    let (head, body) = lines.split_at(lines.iter().position(|line| line.is_empty()).unwrap_or(lines.len()));
    let (verb, target) = head[0].split_once(' ').expect("a method and a path");
    let mut request = TestRequest::with_uri(target).method(method(verb));
    let mut who = "anna";
    for header in &head[1..] {
        let (name, value) = header.split_once(": ").expect("a header");
        if name == "As" {
            who = value;
        } else {
            request = request.append_header((name, value));
        }
    }
    let body: String = body.iter().skip(1).flat_map(|line| content(line)).collect();
    let request = request.set_payload(body);
    let (name, password) = who.split_once(' ').unwrap_or((who, who));
    let answer =
        if who == "nobody" { server.ask(request).await } else { server.ask_with(name, password, request).await };
    show(&answer, verb, played);
}

/// Returns the lines for `@name.ics` from the file in `objects`; returns any other line unchanged.
fn content(line: &str) -> Vec<String> {
    let Some(name) = line.strip_prefix('@') else { return vec![format!("{line}\n")] };
    let file = folder("objects").join(name);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    text.lines().map(|line| format!("{line}\r\n")).collect()
}

fn show(answer: &Response, verb: &str, played: &mut String) {
    let is_loud = verb == "OPTIONS";
    let reason = answer.status.canonical_reason().unwrap_or_default();
    writeln!(played, "< {} {reason}", answer.status.as_u16()).expect("a String takes everything");
    for name in SHOWN.iter().filter(|name| is_loud || !QUIET.contains(name)) {
        for value in answer.headers.get_all(*name) {
            let value = String::from_utf8_lossy(value.as_bytes());
            let value = if *name == "schedule-tag" { "*" } else { &value };
            writeln!(played, "< {name}: {value}").expect("a String takes everything");
        }
    }
    // In process, the response to HEAD has a body. A real server removes the body before sending.
    if !answer.body.is_empty() && verb != "HEAD" {
        played.push_str("<\n");
        for line in readable(&answer.body).lines().map(timeless) {
            writeln!(played, "< {line}").expect("a String takes everything");
        }
    }
}

/// Replaces the DTSTAMP of a message that the server wrote by `*`.
fn timeless(line: &str) -> &str {
    match line.strip_prefix("DTSTAMP:") {
        Some(at) if at != GIVEN_STAMP => "DTSTAMP:*",
        _ => line,
    }
}

/// Returns XML with one element in each line. Times that depend on the clock become `*`.
fn readable(body: &str) -> String {
    if !body.starts_with("<?xml") {
        return body.to_owned();
    }
    let mut text = body.replace("><", ">\n<").replace("&#13;\n", "\n");
    for (start, end) in [
        ("<D:getlastmodified>", "</D:getlastmodified>"),
        ("<D:creationdate>", "</D:creationdate>"),
        ("<C:schedule-tag>", "</C:schedule-tag>"),
    ] {
        let mut pieces = text.split(start);
        let mut masked = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let rest = piece.split_once(end).map_or("", |(_, rest)| rest);
            masked = masked + start + "*" + end + rest;
        }
        text = masked;
    }
    // The XML declaration and the namespaces of the root are left out, because they are the same in
    // every response.
    let (_, document) = text.split_once('\n').unwrap_or_default();
    let (root, rest) = document.split_once('\n').unwrap_or((document, ""));
    format!("{}>\n{rest}", root.split(" xmlns:D=").next().unwrap_or_default())
}
