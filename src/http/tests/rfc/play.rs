//! Runs the cases of a chapter against one server.

use std::fs;

use actix_web::test::TestRequest;
use specimens::text;

use super::{
    chapter::{Case, Chapter, Exchange},
    expectation,
    pattern::{self, Names},
    root, tree,
};
use crate::tests::server::{Response, Server, method};

/// Maximum number of characters of a response that a failure shows.
const SHOWN: usize = 4_000;

/// Headers that every response has, and that a failure therefore does not show.
const UNINTERESTING: [&str; 2] = ["dav", "x-request-id"];

/// The user of a request without the line `As`.
const USER: &str = "bernard";

/// Runs all cases of a chapter. The result of each is `Ok`, or a text with file, line, sentence,
/// difference and response.
pub(super) async fn chapter(chapter: &Chapter) -> Vec<Result<(), String>> {
    let server = Server::of_rfcs().await;
    let mut names = Names::new();
    let mut outcomes = Vec::new();
    for given in &chapter.given {
        let given = Chapter::read(&root().join("given").join(format!("{given}.txt")));
        outcomes.extend(cases(&server, &given, &mut names).await.into_iter().filter(Result::is_err));
    }
    outcomes.extend(cases(&server, chapter, &mut names).await);
    outcomes
}

async fn cases(server: &Server, chapter: &Chapter, names: &mut Names) -> Vec<Result<(), String>> {
    let mut outcomes = Vec::new();
    for case in &chapter.cases {
        outcomes.push(self::case(server, &chapter.name, case, names).await);
    }
    outcomes
}

async fn case(server: &Server, file: &str, case: &Case, names: &mut Names) -> Result<(), String> {
    let mut outcome = Ok(());
    // The requests after a difference are sent, too, because later cases need their effects.
    for exchange in &case.exchanges {
        let result = self::exchange(server, exchange, names).await;
        if outcome.is_ok() {
            let place = format!("{file}.txt:{}: §{} {}", exchange.line, case.section, case.title);
            outcome = result.map_err(|why| format!("{place}\n{why}"));
        }
    }
    outcome
}

async fn exchange(server: &Server, exchange: &Exchange, names: &mut Names) -> Result<(), String> {
    let expected: Vec<_> = exchange.expected.iter().map(|line| pattern::filled(line, names)).collect();
    let lines: Vec<_> = exchange.request.iter().map(|line| pattern::filled(line, names)).collect();
    if let Some(question) = lines[0].strip_prefix("? ") {
        return match question.split_once(' ') {
            None => look(server, question, &expected, names).await,
            Some((path, filter)) => query(server, path, filter, &expected[0]).await,
        };
    }
    let answer = send(server, &lines).await;
    expectation::check(&expected, &answer, names).map_err(|why| format!("{why}\n{}", shown(&answer)))
}

async fn send(server: &Server, lines: &[String]) -> Response {
    let (head, body) = lines.split_at(lines.iter().position(String::is_empty).unwrap_or(lines.len()));
    let (verb, target) = head[0].split_once(' ').expect("a method and a path");
    let target = target.trim_end_matches(" HTTP/1.1");
    let mut request = TestRequest::with_uri(target).method(method(verb));
    let mut who = USER;
    for header in &head[1..] {
        match header.split_once(':').expect("a header") {
            ("As", name) => who = name.trim(),
            // The length in an RFC's example is ignored, because the body may have another length.
            (name, _) if name.eq_ignore_ascii_case("content-length") => {}
            (name, value) => request = request.append_header((name, value.trim())),
        }
    }
    let request = request.set_payload(content(body.get(1..).unwrap_or_default()));
    if who == "nobody" { server.ask(request).await } else { server.ask_with(who, who, request).await }
}

/// Returns the body of a request: a file of `objects`, a calendar with the given components, XML
/// with declared namespaces, or the lines unchanged.
fn content(lines: &[String]) -> String {
    let body = lines.join("\n");
    if let Some(name) = body.strip_prefix('@') {
        let file = root().join("objects").join(name);
        let object = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        return object.replace('\n', "\r\n");
    }
    match lines.first().map(String::as_str) {
        Some(first) if first.starts_with("BEGIN:VCALENDAR") => lines.join("\r\n") + "\r\n",
        Some(first) if first.starts_with("BEGIN:") => text::calendar(&stamped(&body)),
        Some(first) if first.starts_with('<') => tree::declared(&body),
        _ => body,
    }
}

/// Adds the `DTSTAMP` that components need, if the case leaves it out.
fn stamped(components: &str) -> String {
    if components.contains("DTSTAMP") {
        return components.to_owned();
    }
    let stamp = format!("\nDTSTAMP:{}", text::DTSTAMP);
    let begins = ["BEGIN:VEVENT", "BEGIN:VTODO", "BEGIN:VJOURNAL", "BEGIN:VFREEBUSY", "BEGIN:VAVAILABILITY"];
    begins.into_iter().fold(components.to_owned(), |text, begin| text.replace(begin, &format!("{begin}{stamp}")))
}

/// Reads all members of a collection as its owner, and compares their number and their texts.
async fn look(server: &Server, path: &str, expected: &[String], names: &mut Names) -> Result<(), String> {
    let owner = owner(path);
    let listed = server.send(owner, "PROPFIND", path, &[("Depth", "1")], "").await;
    let listing = tree::parsed(&listed.body)?;
    let hrefs = listing.named("DAV:", "response").filter_map(|response| response.dav("href"));
    let mut members = Vec::new();
    for href in hrefs.map(|href| href.text().into_owned()).filter(|href| href != path) {
        members.push(server.send(owner, "GET", &href, &[], "").await.body);
    }
    members.sort();
    let (number, lines) = expected.split_first().ok_or("how many?")?;
    let text = members.concat();
    if number.split(' ').next() != Some(&members.len().to_string()) {
        return Err(format!("{} instead of {number} in {path}\n{text}", members.len()));
    }
    expectation::body(lines, &text, names).map_err(|why| format!("{why}\n{text}"))
}

/// Queries the objects that match a filter below `VCALENDAR`, and compares their names.
async fn query(server: &Server, path: &str, filter: &str, expected: &str) -> Result<(), String> {
    let body = format!(
        "<C:calendar-query><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\">{filter}\
         </C:comp-filter></C:filter></C:calendar-query>"
    );
    let owner = owner(path);
    let answer = server.send(owner, "REPORT", path, &[("Depth", "1")], &tree::declared(&body)).await;
    let found = tree::parsed(&answer.body)?;
    if !found.is_dav("multistatus") {
        return Err(shown(&answer));
    }
    let hrefs = found.named("DAV:", "response").filter_map(|response| response.dav("href"));
    let mut found: Vec<_> = hrefs.map(|href| href.text().trim_start_matches(path).to_owned()).collect();
    found.sort();
    let mut wanted: Vec<_> = expected.split(' ').filter(|name| *name != "nothing").collect();
    wanted.sort_unstable();
    if found == wanted { Ok(()) } else { Err(format!("{} instead of {}", found.join(" "), wanted.join(" "))) }
}

/// Returns the owner of a path below `/calendars/`.
fn owner(path: &str) -> &str {
    path.split('/').nth(2).expect("a home")
}

fn shown(answer: &Response) -> String {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !UNINTERESTING.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value.as_bytes())));
    let body: String = answer.body.replace("><", ">\n<").chars().take(SHOWN).collect();
    format!("answer: {}\n{}\n{body}", answer.status, headers.collect::<String>())
}
