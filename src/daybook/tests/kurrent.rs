//! Tests of the whole program with its journal in KurrentDB. A double plays KurrentDB's protocol.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use kurrent_double::{Double, Setting};
use reqwest::{Client, Method, RequestBuilder, StatusCode};

/// The login at KurrentDB, whose password must never be shown.
const LOGIN: &str = "daybook:s3cret";

fn double() -> Double {
    let double = Double::with(1, Setting { login: Some(LOGIN.to_owned()), ..Setting::default() });
    // The same limit as in `ops/compose.yaml`.
    double.faults().max_append_bytes.store(16 * 1024 * 1024, std::sync::atomic::Ordering::Relaxed);
    double
}

fn daybook(folder: &Path, double: &Double) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    command.arg("--data").arg(folder).args(["--journal", &double.url()]).stdin(Stdio::null());
    command
}

fn run(folder: &Path, double: &Double, arguments: &[&str]) -> Output {
    daybook(folder, double).args(arguments).output().unwrap()
}

/// Runs a command that must succeed, and returns its output.
fn done(folder: &Path, double: &Double, arguments: &[&str]) -> String {
    let output = run(folder, double, arguments);
    let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {told}");
    assert!(!told.contains("s3cret"), "{arguments:?} shows a password: {told}");
    told
}

#[test]
fn kurrent_the_demo_plays_its_conversation_and_its_journal_is_read_by_every_command() {
    let (double, folder) = (double(), tempfile::tempdir().unwrap());
    let played = done(folder.path(), &double, &["demo", "--exit"]);
    assert!(played.contains("verify: ok (") && !played.contains('✗'), "{played}");
    assert!(!folder.path().join("journal.sqlite").exists(), "the journal is elsewhere");
    let uid = played.split("daybook timeline ").nth(1).unwrap().split([')', ';']).next().unwrap();

    let verified = done(folder.path(), &double, &["verify"]);
    assert!(verified.starts_with("verify: ok ("), "{verified}");
    let timeline = done(folder.path(), &double, &["timeline", uid]);
    let elsewhere = tempfile::tempdir().unwrap();
    assert_eq!(done(elsewhere.path(), &double, &["timeline", uid]), timeline, "fresh read models tell the same");
    let rebuilt = done(folder.path(), &double, &["projections", "rebuild"]);
    assert!(rebuilt.starts_with("The read models were rebuilt"), "{rebuilt}");
    assert_eq!(done(folder.path(), &double, &["timeline", uid]), timeline);

    // The chain of a stream is checked also where a report has only some of its events.
    let whole = run(folder.path(), &double, &["timeline", uid, "--format", "json"]).stdout;
    let whole: serde_json::Value = serde_json::from_slice(&whole).unwrap();
    let requests: std::collections::BTreeSet<String> = whole["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["correlation"].as_str().unwrap().to_owned())
        .collect();
    assert!(requests.len() > 3, "{requests:?}");
    for request in requests {
        let told = done(folder.path(), &double, &["timeline", &format!("request:{request}")]);
        assert!(told.contains("act") && !told.contains("ALTERED"), "{told}");
    }
}

/// A running server of the program, and the URL at which it listens.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn start(folder: &Path, double: &Double) -> Self {
        let mut command = daybook(folder, double);
        let mut child = command.args(["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = lines.next().unwrap().unwrap();
        let url = line.rsplit(' ').next().unwrap().trim_end_matches('/').to_owned();
        assert!(line.contains("kurrentdb://daybook:…@") && url.starts_with("http://"), "{line}");
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, url }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        Client::new().request(method, format!("{}{path}", self.url)).basic_auth("alice", Some("alice"))
    }

    async fn put(&self, summary: &str, etag: Option<&str>) -> StatusCode {
        let text = specimens::event("lunch", &format!("DTSTART:20260107T120000Z\nSUMMARY:{summary}"));
        let mut request = self.request(Method::PUT, LUNCH).header("content-type", "text/calendar").body(text);
        if let Some(etag) = etag {
            request = request.header("if-match", etag);
        }
        request.send().await.unwrap().status()
    }

    /// Waits until the server returns the object with this summary, and returns its `ETag`.
    async fn etag_of(&self, summary: &str) -> String {
        let expected = format!("SUMMARY:{summary}");
        for _ in 0..500 {
            let answer = self.request(Method::GET, LUNCH).send().await.unwrap();
            let etag = answer.headers().get("etag").map(|etag| etag.to_str().unwrap().to_owned());
            if answer.text().await.unwrap().contains(&expected) {
                return etag.unwrap();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("{} never tells of {summary}", self.url)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error is ignored, because the server may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

const LUNCH: &str = "/calendars/alice/calendar/lunch.ics";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_two_servers_on_one_journal_see_each_other_and_never_refuse_by_what_was() {
    let (double, one, other) = (double(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    register(one.path(), &double);
    // Password hashes are in the vault of each server, not in the shared journal.
    let vault = other.path().join("vault.sqlite");
    done(one.path(), &double, &["vault", "backup", vault.to_str().unwrap()]);
    let (one_server, other_server) = (Server::start(one.path(), &double), Server::start(other.path(), &double));
    assert_eq!(one_server.put("Soup", None).await, StatusCode::CREATED);
    let mut servers = [&other_server, &one_server];
    for (before, after) in [("Soup", "Salad"), ("Salad", "Cake"), ("Cake", "Fruit"), ("Fruit", "Cheese")] {
        // Each server has cached the object as it was when that server last wrote it, two versions
        // ago.
        let etag = servers[0].etag_of(before).await;
        assert_eq!(servers[0].put(after, Some(&etag)).await, StatusCode::NO_CONTENT, "{after}");
        assert_eq!(servers[1].put("Nothing", Some(&etag)).await, StatusCode::PRECONDITION_FAILED, "{after}");
        servers.swap(0, 1);
    }
    let second = run(one.path(), &double, &["serve", "--listen", "127.0.0.1:0"]);
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && told.contains("another daybook process uses"), "{told}");
    let metrics = one_server.request(Method::GET, "/metrics").send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("daybook_journal_retries_total 0"), "{metrics}");
    assert!(done(one.path(), &double, &["verify"]).contains("verify: ok"), "also beside running servers");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_server_answers_503_while_the_journal_is_away_and_goes_on_after() {
    let (double, folder) = (double(), tempfile::tempdir().unwrap());
    register(folder.path(), &double);
    let server = Server::start(folder.path(), &double);
    assert_eq!(server.put("Soup", None).await, StatusCode::CREATED);
    double.kill(0);
    let ready = server.request(Method::GET, "/readyz").send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(server.request(Method::GET, LUNCH).send().await.unwrap().status(), StatusCode::OK, "reading needs none");
    double.revive(0);
    assert_eq!(server.put("Salad", None).await, StatusCode::NO_CONTENT);
    server.etag_of("Salad").await;
}

fn register(folder: &Path, double: &Double) {
    let mut command = daybook(folder, double);
    command.args(["principal", "add", "alice", "--address", "mailto:alice@example.com", "--password-stdin"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"alice\n").unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert!(child.wait().unwrap().success(), "{said}");
}
