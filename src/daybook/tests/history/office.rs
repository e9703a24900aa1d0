//! A whole server with the people of an office, and the calendar programs that they use.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use reqwest::{Client, Method, StatusCode};
use specimens::accounts::{self, person};
use tempfile::TempDir;

use super::served::Served;

/// The maximum number of times that a request is sent again after a 503.
const TRIES: u32 = 50;
/// The time before such a request is sent again.
const PAUSE: Duration = Duration::from_millis(200);

pub(crate) const THUNDERBIRD: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.2";
pub(crate) const IPHONE: &str = "iOS/18.1 (22B83) dataaccessd/1.0";
pub(crate) const MAC: &str = "macOS/15.1 (24B83) CalendarAgent/1010";
pub(crate) const ANDROID: &str = "DAVx5/4.4.3.2-ose (2024/10/18; dav4jvm; okhttp/4.12.0) Android/14";
pub(crate) const EVOLUTION: &str = "Evolution/3.54.1";
pub(crate) const KORGANIZER: &str = "KOrganizer/6.2";
pub(crate) const OUTLOOK: &str = "CalDavSynchronizer/4.5";
pub(crate) const CURL: &str = "curl/8.5.0";
pub(crate) const PYTHON: &str = "python-caldav/1.4";
pub(crate) const SCRIPT: &str = "Home grown\u{202e} #9  Bob deleted everything";

/// The people of the office: id and display name.
const PEOPLE: [(&str, &str); 6] = [
    ("alice", "Alice Ames"),
    ("bob", "Bob Brown"),
    ("carol", "Carol Chan"),
    ("dave", "Dave Dunn"),
    ("erin", "Erin Evans"),
    ("heidi", "Heidi Hahn"),
];

const LAKE: &str = "\
[[account]]
id = 'lake'
kind = 'location'
display_name = 'Lake'
email = 'lake@example.com'
schedule = 'automatic'
";

/// Returns the file of accounts, with the people, an administrator and a room.
fn accounts() -> String {
    let people = PEOPLE.iter().map(|(id, name)| person(id, name, ""));
    let others = [person("root", "Root", "rights = 'all'\n"), LAKE.to_owned()];
    accounts::file(&people.chain(others).collect::<Vec<_>>())
}

/// A data folder, with a running server unless `server` is `None`.
pub(crate) struct Office {
    folder: TempDir,
    server: Option<Served>,
    client: Client,
}

/// The answer to a request.
pub(crate) struct Response {
    pub status: StatusCode,
    pub etag: String,
    pub body: String,
}

impl Office {
    /// Registers all accounts, and starts the server.
    pub(crate) fn open() -> Self {
        Self::with_accounts(&accounts())
    }

    pub(crate) fn with_accounts(accounts: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut office = Self { folder, server: None, client: Client::new() };
        let file = office.folder.path().join("accounts.toml");
        std::fs::write(&file, accounts).unwrap();
        office.done(&["principal", "import", file.to_str().unwrap(), "--password-is-id"]);
        office.serve();
        office
    }

    /// Returns the URL of the running server.
    pub(crate) fn url(&self) -> String {
        self.server.as_ref().expect("it serves").url.clone()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn serve(&mut self) {
        let log = std::fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = self.command(&[]);
        command.stderr(log);
        self.server = Some(Served::start(command).expect("it serves"));
    }

    pub(crate) fn stop(&mut self) {
        if let Some(served) = self.server.take() {
            served.stop();
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
        command.arg("--data").arg(self.data()).args(arguments).stdin(Stdio::null()).stderr(Stdio::piped());
        command
    }

    /// Runs a command on the data folder, also while the server is running.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and returns its output.
    pub(crate) fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}{}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) async fn send(
        &self,
        (who, agent): (&str, &str),
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Response {
        let url = format!("{}{path}", self.server.as_ref().expect("it serves").url);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = self.client.request(method, url).basic_auth(who, Some(who)).body(body.to_owned());
        request = request.header("user-agent", reqwest::header::HeaderValue::from_bytes(agent.as_bytes()).unwrap());
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.timeout(Duration::from_secs(60)).send().await.unwrap();
        let etag = answer.headers().get("etag").map(|etag| etag.to_str().unwrap().to_owned()).unwrap_or_default();
        Response { status: answer.status(), etag, body: answer.text().await.unwrap() }
    }

    pub(crate) async fn put(&self, by: (&str, &str), path: &str, ics: &str) -> Response {
        let answer = self.send(by, "PUT", path, &[("content-type", "text/calendar; charset=utf-8")], ics).await;
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
        answer
    }

    pub(crate) async fn get(&self, by: (&str, &str), path: &str) -> Response {
        let answer = self.send(by, "GET", path, &[], "").await;
        assert!(answer.status.is_success(), "{path}: {}", answer.status);
        answer
    }

    /// Returns the path of the only member of a user's calendar with this UID.
    pub(crate) async fn copy(&self, who: &str, uid: &str) -> String {
        let filter = format!(
            "<C:calendar-query xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop><D:getetag/></D:prop>\
             <C:filter><C:comp-filter name=\"VCALENDAR\"><C:comp-filter name=\"VEVENT\"><C:prop-filter name=\"UID\">\
             <C:text-match collation=\"i;octet\">{uid}</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter>\
             </C:filter></C:calendar-query>"
        );
        let path = format!("/calendars/{who}/calendar/");
        let answer = self.send((who, PYTHON), "REPORT", &path, &[("depth", "1")], &filter).await;
        assert_eq!(answer.status, 207, "{}", answer.body);
        let href = answer.body.split("href>").nth(1).unwrap_or_else(|| panic!("{who} has no {uid}: {}", answer.body));
        href.split('<').next().unwrap().to_owned()
    }

    /// Reads a copy, and stores it with a changed text.
    pub(crate) async fn edit(&self, by: (&str, &str), path: &str, change: impl Fn(String) -> String) {
        let known = self.get(by, path).await;
        let text = known.body.replace("\r\n ", "");
        let changed = change(text.clone());
        assert_ne!(changed, text, "nothing was changed");
        let headers = [("content-type", "text/calendar"), ("if-match", known.etag.as_str())];
        let mut answer = self.send(by, "PUT", path, &headers, &changed).await;
        // On a busy machine a delivery may take longer than a request waits. The request is then
        // sent again, as a client does.
        for _ in 0..TRIES {
            if answer.status != 503 {
                break;
            }
            tokio::time::sleep(PAUSE).await;
            answer = self.send(by, "PUT", path, &headers, &changed).await;
        }
        assert!(answer.status.is_success(), "{path}: {} {}", answer.status, answer.body);
    }

    /// Stores a copy with another PARTSTAT for its owner.
    pub(crate) async fn answer(&self, by: (&str, &str), owner: &str, path: &str, partstat: &str) {
        let own = format!("mailto:{owner}@example.com");
        self.edit(by, path, |text| {
            let line = |line: &str| {
                if !line.starts_with("ATTENDEE") || !line.ends_with(&own) {
                    return line.to_owned();
                }
                let head = line.split(';').filter(|part| !part.starts_with("PARTSTAT=")).collect::<Vec<_>>().join(";");
                head.replacen("ATTENDEE", &format!("ATTENDEE;PARTSTAT={partstat}"), 1)
            };
            let answered: Vec<String> = text.split("\r\n").map(line).collect();
            answered.join("\r\n")
        })
        .await;
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if self.server.is_some() && std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            let tail: Vec<_> = log.lines().rev().take(20).collect();
            eprintln!("{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n"));
        }
    }
}

/// Executes SQL statements in a file of the server, as another program could.
pub(crate) fn sql(file: &Path, statement: &str) {
    let connection = rusqlite::Connection::open(file).unwrap();
    connection.execute_batch(statement).unwrap();
}
