//! Tests of the whole program with encryption: no file reveals data of people, and data whose key
//! was destroyed cannot be read any more.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod served;

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use kurrent_double::Double;
use reqwest::{Client, Method};
use schemas::{PrincipalId, Timestamp};
use specimens::accounts::{self, person};
use tempfile::TempDir;
use vault::Vault as _;

use served::Served;

const ALICE: PrincipalId = PrincipalId(uuid::Uuid::from_u128(0xa11ce));

/// Texts that must not be in the files: names, addresses, titles, places, programs.
const WORDS: [&str; 10] =
    ["alice", "Alice", "bob@", "Brown", "example.com", "Circus", "Dentist", "Secret/1.0", "127.0.0.1", "circus.ics"];

/// A data folder with encryption, and a folder in memory for the files that are derived from it.
struct Office {
    folder: TempDir,
    memory: TempDir,
    server: Option<Served>,
    /// The KurrentDB double with the journal; `None` if the journal is in the data folder.
    kurrentdb: Option<Double>,
}

impl Office {
    fn open(kurrentdb: Option<Double>) -> Self {
        let (folder, memory) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in("/dev/shm").unwrap());
        let office = Self { folder, memory, server: None, kurrentdb };
        let file = office.folder.path().join("accounts.toml");
        let alice = person("alice", "Alice Ames", "guid = '00000000-0000-0000-0000-0000000a11ce'\n");
        fs::write(&file, accounts::file(&[alice, person("bob", "Bob Brown", "")])).unwrap();
        office.done(&["principal", "import", file.to_str().unwrap(), "--password-is-id"]);
        office
    }

    fn data(&self) -> std::path::PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
        command.arg("--data").arg(self.data()).args(arguments).stdin(Stdio::null());
        if let Some(double) = &self.kurrentdb {
            command.env("DAYBOOK_JOURNAL", double.url());
        }
        command.env("DAYBOOK_ENCRYPTION", "true").env("DAYBOOK_READ_MODELS_MEMORY_FOLDER", self.memory.path());
        command
    }

    fn done(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let told = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "{arguments:?}: {told}");
        told
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn serve(&mut self) {
        let log = fs::File::create(self.folder.path().join("log")).unwrap();
        let mut command = self.command(&[]);
        command.stderr(log);
        self.server = Some(Served::start(command).unwrap_or_else(|| panic!("{}", self.log())));
    }

    fn stop(&mut self) {
        if let Some(served) = self.server.take() {
            served.stop();
        }
    }

    async fn send(&self, who: &str, method: &str, path: &str, body: &str) -> (u16, String) {
        let url = format!("{}{path}", self.server.as_ref().unwrap().url);
        let request = Client::new().request(Method::from_bytes(method.as_bytes()).unwrap(), url);
        let request = request.basic_auth(who, Some(who)).header("user-agent", "Secret/1.0").header("depth", "1");
        let typed = request.header("content-type", if method == "PUT" { "text/calendar" } else { "application/xml" });
        let answer = typed.body(body.to_owned()).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

fn event(uid: &str, lines: &str) -> String {
    specimens::event(uid, &format!("DTSTART:20300105T100000Z\nDTEND:20300105T110000Z\n{lines}"))
}

/// Returns the names of the files in a folder and its subfolders that contain a text.
fn files_with(folder: &Path, text: &str) -> Vec<String> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()) {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            found.extend(files_with(&entry.path(), text));
        } else if kind.is_file()
            && fs::read(entry.path()).unwrap().windows(text.len()).any(|bytes| bytes == text.as_bytes())
        {
            found.push(entry.file_name().into_string().unwrap());
        }
    }
    found
}

/// True if an event in KurrentDB contains a text.
fn is_told_by(double: &Double, text: &str) -> bool {
    let holds = |bytes: &[u8]| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    double.log().forwards(0, usize::MAX).iter().any(|record| holds(&record.data) || holds(&record.metadata))
}

/// Performs some requests. Alice stores a meeting with Bob whose text is compressed before it is
/// encrypted, and an appointment without attendees, and one of her requests is refused. Bob reads
/// his calendar.
async fn live(office: &Office) {
    let guests = "SUMMARY:Circus\nORGANIZER:mailto:alice@example.com\nATTENDEE:mailto:alice@example.com\n\
                  ATTENDEE:mailto:bob@example.com\n";
    let circus = event("circus-uid", &format!("{guests}DESCRIPTION:{}\n", "Circus ".repeat(400)));
    assert_eq!(office.send("alice", "PUT", "/calendars/alice/calendar/circus.ics", &circus).await.0, 201);
    let dentist = event("dentist-uid", "SUMMARY:Dentist\n");
    assert_eq!(office.send("alice", "PUT", "/calendars/alice/calendar/dentist.ics", &dentist).await.0, 201);
    assert_eq!(office.send("alice", "PUT", "/calendars/bob/calendar/circus.ics", &dentist).await.0, 403);
    assert!(office.send("bob", "REPORT", "/calendars/bob/calendar/", QUERY).await.1.contains("Circus"));
}

const QUERY: &str = "<C:calendar-query xmlns:D=\"DAV:\" xmlns:C=\"urn:ietf:params:xml:ns:caldav\"><D:prop>\
                     <C:calendar-data/></D:prop><C:filter><C:comp-filter name=\"VCALENDAR\"/></C:filter>\
                     </C:calendar-query>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_tells_anything_and_a_destroyed_key_takes_what_it_protected_with_it() {
    keeps_to_itself(Office::open(None)).await;
}

#[cfg(feature = "kurrentdb")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrentdb_tells_nothing_and_a_destroyed_key_takes_what_it_protected_with_it() {
    let double = Double::start();
    double.faults().max_append_bytes.store(16 * 1024 * 1024, std::sync::atomic::Ordering::Relaxed);
    keeps_to_itself(Office::open(Some(double))).await;
}

async fn keeps_to_itself(mut office: Office) {
    office.serve();
    live(&office).await;
    // The files are searched while the server runs and after it has stopped. SQLite's logs must not
    // contain the texts either.
    for stops in [true, false] {
        for word in WORDS {
            assert_eq!(files_with(&office.data(), word), <Vec<String>>::new(), "{word}");
            assert!(
                !office.kurrentdb.as_ref().is_some_and(|double| is_told_by(double, word)),
                "KurrentDB tells {word}"
            );
        }
        if stops {
            office.stop();
        }
    }
    assert!(office.done(&["verify"]).starts_with("verify: ok"));
    assert!(office.done(&["refusals"]).contains("403"), "the access journal is read with the keys");

    let vault = vault::sqlite::open(&office.data().join("vault.sqlite")).unwrap();
    assert_eq!(vault.destroy_keys(ALICE, Timestamp::from_seconds(1)).unwrap(), 1);
    assert!(office.done(&["verify"]).starts_with("verify: ok"), "the chain covers what is stored");
    office.serve();
    let (status, bobs) = office.send("bob", "REPORT", "/calendars/bob/calendar/", QUERY).await;
    assert!(status == 207 && bobs.contains("Circus"), "what is Bob's stays: {bobs}");
    assert_eq!(office.send("alice", "GET", "/calendars/alice/calendar/dentist.ics", "").await.0, 401);
    let [hers, nobodys] = ["alice", "nobody"].map(|home| format!("/calendars/{home}/calendar/circus.ics"));
    let hers = office.send("bob", "GET", &hers, "").await.0;
    assert_eq!(hers, office.send("bob", "GET", &nobodys, "").await.0, "as if she had never been there");
    let lunch = event("lunch-uid", "SUMMARY:Lunch\n");
    assert_eq!(office.send("bob", "PUT", "/calendars/bob/calendar/lunch.ics", &lunch).await.0, 201);
    assert_eq!(files_with(office.memory.path(), "Dentist"), <Vec<String>>::new(), "what was derived is built again");
    office.stop();
    assert!(!office.log().contains("panicked"), "{}", office.log());
    assert!(office.done(&["verify", "--read-models"]).contains("read models: ok"));
    let told = office.done(&["timeline", "circus-uid"]);
    assert!(told.contains("Circus") && !told.contains("Alice Ames"), "{told}");
}

#[test]
fn read_models_on_a_disk_are_refused() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    command.arg("--data").arg(folder.path().join("data")).args(["principal", "add", "alice"]);
    command.env("DAYBOOK_ENCRYPTION", "true").env("DAYBOOK_READ_MODELS_MEMORY_FOLDER", folder.path());
    let output = command.output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && told.contains("name a folder of a tmpfs"), "{told}");
}

/// Executes an SQL statement that changes one row of the vault.
fn sql(office: &Office, statement: &str) {
    let file = rusqlite::Connection::open(office.data().join("vault.sqlite")).unwrap();
    assert_eq!(file.execute(statement, []).unwrap(), 1);
}

#[test]
fn an_altered_or_missing_key_is_told_of_the_vault_and_not_of_the_journal() {
    let office = Office::open(None);
    assert!(office.done(&["verify"]).contains("vault: ok (2 passwords and "));
    let whole = fs::read(office.data().join("vault.sqlite")).unwrap();
    let alices = "(SELECT id FROM key WHERE hex(subject) LIKE '%0A11CE')";
    for (statement, found) in [
        (format!("UPDATE key SET secret = zeroblob(32) WHERE id = {alices}"), "ALTERED: the key "),
        (format!("DELETE FROM key WHERE id = {alices}"), "MISSING: the key "),
    ] {
        fs::write(office.data().join("vault.sqlite"), &whole).unwrap();
        sql(&office, &statement);
        let output = office.command(&["verify"]).output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.code(), Some(1), "{told}");
        assert!(told.starts_with("verify: ok") && told.contains("vault: NOT WHOLE: "), "{told}");
        assert!(told.contains(found), "{told}");
        let output = office.command(&["projections", "rebuild"]).output().unwrap();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && told.contains("restore the latest copy of the vault"), "{told}");
        let is_altered = found.starts_with("ALTERED");
        assert!(!is_altered || (told.contains("vault.sqlite: the key ") && !told.contains("is damaged")), "{told}");
    }
}
