//! Tests of the commands about accounts, while the server runs and while it is stopped.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod served;

use std::{
    fs,
    io::Write as _,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use reqwest::{Client, Method, redirect::Policy};
use serde_json::Value;

use served::Served;
use specimens::inside;

/// A real server on a data folder. It is killed when the value is dropped.
struct Server {
    served: Served,
    client: Client,
}

impl Server {
    fn start(folder: &Path) -> Self {
        let mut command = daybook(folder, &[]);
        command.stderr(Stdio::null());
        let client = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { served: Served::start(command).unwrap(), client }
    }

    /// Returns the status of a request for the root with these credentials.
    async fn login(&self, name: &str, password: &str) -> u16 {
        self.ask(name, password, "").await.status().as_u16()
    }

    async fn put(&self, who: &str, path: &str, body: &str) {
        let request = self.client.put(format!("{}/{path}", self.served.url)).header("Content-Type", "text/calendar");
        let answer = request.basic_auth(who, Some("secret")).body(body.to_owned()).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 201, "{}", answer.text().await.unwrap());
    }

    async fn get(&self, who: &str, password: &str, path: &str) -> String {
        let request = self.client.get(format!("{}/{path}", self.served.url)).basic_auth(who, Some(password));
        request.send().await.unwrap().text().await.unwrap()
    }

    async fn ask(&self, name: &str, password: &str, path: &str) -> reqwest::Response {
        let propfind = Method::from_bytes(b"PROPFIND").unwrap();
        let request = self.client.request(propfind, format!("{}/{path}", self.served.url)).header("Depth", "0");
        request.basic_auth(name, Some(password)).send().await.unwrap()
    }
}

fn daybook(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    // The program takes each variable with this beginning for a setting.
    command.env_remove("DAYBOOK_TEST_INSIDE");
    command.arg("--data").arg(folder).args(arguments).stdin(Stdio::null());
    command
}

/// Runs `daybook principal …` with a password on standard input.
fn principal(folder: &Path, arguments: &[&str], password: &str) -> Output {
    let mut command = daybook(folder, &[&["principal"], arguments].concat());
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    // An error is ignored, because a command that does not read its input may end first.
    let _ = child.stdin.take().unwrap().write_all(password.as_bytes());
    child.wait_with_output().unwrap()
}

fn done(folder: &Path, arguments: &[&str]) -> String {
    let output = principal(folder, arguments, "secret\n");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command about the history, which must succeed, and returns its output.
fn output_of(folder: &Path, arguments: &[&str]) -> String {
    let output = daybook(folder, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn refused(folder: &Path, arguments: &[&str]) -> String {
    let output = principal(folder, arguments, "secret\n");
    assert!(!output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8(output.stderr).unwrap()
}

fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&done(folder, &[arguments, &["--json"]].concat())).unwrap()
}

/// Returns the number of events in the journal.
fn events(folder: &Path) -> u64 {
    let output = daybook(folder, &["journal", "stats", "--format", "json"]).output().unwrap();
    let figures: Value = serde_json::from_slice(&output.stdout).unwrap();
    figures["events"].as_u64().unwrap()
}

/// Returns a daily meeting of Bob and a guest that repeats without an end.
fn standup() -> String {
    specimens::event(
        "standup",
        "DTSTART:20300105T100000Z\nRRULE:FREQ=DAILY\nSUMMARY:Standup\nORGANIZER:mailto:bob@example.com\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:bob@example.com\nATTENDEE:mailto:guest@example.net\n",
    )
}

#[tokio::test]
async fn accounts_change_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = &folder.path().join("data");
    let server = Server::start(folder);
    let socket = fs::metadata(folder.join("control.socket")).unwrap();
    assert_eq!(socket.permissions().mode() & 0o777, 0o600);

    done(folder, &["add", "alice", "--address", "mailto:alice@example.com", "--password-stdin"]);
    done(folder, &["add", "bob", "--address", "mailto:bob@example.com", "--password-stdin"]);
    assert_eq!(server.login("alice", "secret").await, 207);
    assert_eq!(server.login("Alice@Example.com", "secret").await, 207);

    let output = principal(folder, &["password", "alice", "--password-stdin"], "other\n");
    assert!(output.status.success());
    assert_eq!((server.login("alice", "secret").await, server.login("alice", "other").await), (401, 207));

    done(folder, &["disable", "alice"]);
    assert_eq!(server.login("alice", "other").await, 401, "the login that was remembered ends");
    done(folder, &["enable", "alice"]);
    assert_eq!(server.login("alice", "other").await, 207);

    let changed =
        json(folder, &["set", "alice", "--display-name", "Alice Bond", "--address", "mailto:bond@example.com"]);
    assert_eq!(changed["outcome"], "changed");
    done(folder, &["alias", "alice", "mailto:sales@example.com", "--remove", "mailto:alice@example.com"]);
    done(folder, &["rename", "alice", "alice.bond"]);
    let shown = json(folder, &["show", "ALICE.bond"]);
    assert_eq!(shown["addresses"], serde_json::json!(["mailto:bond@example.com", "mailto:sales@example.com"]));
    assert_eq!(shown["former_names"], serde_json::json!(["alice"]));
    let moved = server.ask("alice", "other", "calendars/alice/").await;
    assert_eq!(
        (moved.status().as_u16(), &moved.headers()["location"]),
        (308, &"/calendars/alice.bond/".parse().unwrap())
    );

    done(folder, &["add", "team", "--kind", "group", "--member", "bob"]);
    let members = json(folder, &["member", "team", "--add", "alice.bond", "--remove", "bob"]);
    assert_eq!(members["changes"][0]["after"], serde_json::json!(["alice.bond"]));

    for (to, why) in
        [("team", "cannot organize meetings"), ("bob", "cannot take over"), ("nobody", "no account is named")]
    {
        let told = refused(folder, &["retire", "bob", "--meetings", "hand-over", "--to", to]);
        assert!(told.contains(why), "{to}: {told}");
    }
    assert!(refused(folder, &["retire", "bob", "--meetings", "hand-over"]).contains("--to"));
    server.put("bob", "calendars/bob/calendar/standup.ics", &standup()).await;
    let told = done(folder, &["retire", "bob", "--meetings", "hand-over", "--to", "alice.bond"]);
    assert!(told.contains("Meetings that have another organizer now, of those that bob has organized: 1"), "{told}");
    assert_eq!(json(folder, &["show", "bob"])["state"], "retired");
    let taken = server.get("alice.bond", "other", "calendars/alice.bond/calendar/standup.ics").await;
    let told = output_of(folder, &["timeline", "standup"]);
    assert!(
        told.contains("handed the meeting over from its organizer bob to the owner of Alice Bond's calendar"),
        "{told}"
    );
    let copies = output_of(folder, &["copies", "standup"]);
    assert!(copies.starts_with("Alice Bond organizes it"), "{copies}");
    assert!(copies.contains("bob organized it, and handed it over") && !copies.contains("differs"), "{copies}");
    assert!(output_of(folder, &["copies", "standup", "--repair"]).contains("nothing to repair"));
    assert!(taken.contains("ORGANIZER") && taken.contains("mailto:bond@example.com"), "{taken}");
    assert_eq!(server.login("bob", "secret").await, 401);
    assert!(refused(folder, &["add", "Bob"]).contains("the name `Bob` already belongs to `bob`"));
    let claim = refused(folder, &["alias", "team", "mailto:bob@example.com"]);
    assert!(claim.contains("`mailto:bob@example.com` already belongs to `bob`"), "{claim}");
    assert!(!done(folder, &["list"]).contains("bob@"));
    assert!(done(folder, &["list", "--all"]).contains("retired"));
}

#[tokio::test]
async fn a_refusal_and_a_plan_write_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let folder = &folder.path().join("data");
    let _server = Server::start(folder);
    done(folder, &["add", "alice", "--address", "mailto:alice@example.com"]);
    let before = events(folder);
    let rows: [(&[&str], &str); 6] = [
        (&["set", "nobody", "--display-name", "x"], "no account is named `nobody`"),
        (&["set", "alice", "--kind", "room"], "the kind of `alice` cannot change"),
        (&["rename", "alice", "a/b"], "the name contains a slash"),
        (&["alias", "alice", "--remove", "mailto:alice@example.com"], "the last address of `alice` cannot be removed"),
        (&["member", "alice", "--add", "alice"], "`alice` is not a group"),
        (&["password", "alice"], "no password is given: use --password-stdin or --password-file"),
    ];
    for (arguments, expected) in rows {
        let error = refused(folder, arguments);
        assert!(error.contains(expected) && error.lines().count() == 1, "{arguments:?}: {error}");
    }
    for planned in [
        &["add", "bob", "--dry-run"][..],
        &["set", "alice", "--display-name", "Alice", "--dry-run"],
        &["disable", "alice", "--dry-run"],
        &["retire", "alice", "--meetings", "cancel", "--dry-run"],
    ] {
        let told = done(folder, planned);
        assert!(told.contains(" would be "), "{planned:?}: {told}");
    }
    assert_eq!(events(folder), before);
}

#[tokio::test]
async fn a_socket_that_a_killed_server_left_is_no_hindrance() {
    let folder = tempfile::tempdir().unwrap();
    let folder = &folder.path().join("data");
    drop(Server::start(folder));
    assert!(folder.join("control.socket").exists());
    done(folder, &["add", "alice"]);
    done(folder, &["disable", "alice"]);
    let server = Server::start(folder);
    assert_eq!(json(folder, &["enable", "alice"])["outcome"], "changed");
    drop(server);
}

#[tokio::test]
async fn an_import_is_a_difference() {
    let folder = tempfile::tempdir().unwrap();
    let data = &folder.path().join("data");
    let _server = Server::start(data);
    let file = folder.path().join("staff.toml");
    let import = |more: &[&str]| done(data, &[&["import", file.to_str().unwrap()], more].concat());
    let account = |id: &str, more: &str| format!("[[account]]\nid = '{id}'\nemail = '{id}@example.com'\n{more}\n");
    // The file has more accounts than one batch, and a group before its members.
    let people: String = (0..250).map(|number| account(&format!("p{number}"), "")).collect();
    let group = "[[account]]\nid = 'team'\nkind = 'group'\nmembers = ['p0', 'p249', 'all']\n\
                 [[account]]\nid = 'all'\nkind = 'group'\nmembers = ['p1']\n";
    fs::write(&file, format!("version = 1\n{group}{people}")).unwrap();
    let planned = import(&["--dry-run"]);
    assert!(planned.contains("p249 would be registered"), "{planned}");
    assert!(planned.contains("252 accounts would be new, 0 changed, 0 unchanged"), "{planned}");
    assert_eq!(events(data), 1, "the start of the server");
    let done = import(&[]);
    assert!(done.contains("252 accounts are new, 0 changed, 0 unchanged"), "{done}");
    assert!(done.starts_with("team is registered in ") && !done.contains("would be"), "{done}");
    assert_eq!(json(data, &["show", "team"])["members"], serde_json::json!(["p0", "p249", "all"]));

    let before = events(data);
    assert!(import(&[]).contains("0 accounts are new, 0 changed, 252 unchanged"));
    assert_eq!(events(data), before);

    let changed = people.replacen(&account("p7", ""), &account("p7", "display_name = 'Seven'"), 1);
    let group = group.replace("'p249', ", "");
    fs::write(&file, format!("version = 1\n{group}{changed}")).unwrap();
    let told = import(&[]);
    assert!(told.contains("display name: p7 → Seven") && told.contains("2 changed, 250 unchanged"), "{told}");
    assert_eq!(events(data), before + 2);

    fs::write(&file, format!("version = 1\n{people}")).unwrap();
    let told = import(&["--retire-missing"]);
    assert!(told.contains("0 accounts are new, 0 changed, 2 retired, 250 unchanged"), "{told}");
    assert_eq!(json(data, &["show", "team"])["state"], "retired");

    let before = events(data);
    fs::write(&file, format!("version = 1\n{}", account("p0", ""))).unwrap();
    let import = |more: &[&str]| refused(data, &[&["import", file.to_str().unwrap()], more].concat());
    assert!(
        import(&["--retire-missing"])
            .contains("does not contain 249 of 250 registered principals, so nothing was written")
    );
    fs::write(&file, format!("version = 1\n{}{}", account("p0", ""), account("p0", ""))).unwrap();
    assert!(import(&[]).contains("the account `p0` is listed twice"));
    let twice = account("x", "").replace("x@", "P0@");
    fs::write(&file, format!("version = 1\n{people}{twice}")).unwrap();
    assert!(import(&[]).contains("the file gives the address `mailto:P0@example.com` to both `p0` and `x`"));
    fs::write(&file, format!("version = 1\n{people}[[account]]\nid = 'g'\nkind = 'group'\nmembers = ['y']\n")).unwrap();
    assert!(import(&[]).contains("`y`, named as a member of `g`, is not registered"));
    assert_eq!(events(data), before);
}

/// Hashes of the password `Hello world!` from other systems.
const HASHES: [(&str, &str); 4] = [
    ("bcrypt", "$2b$04$abcdefghijklmnopqrstuuyeG8laUfZvsCmc.AE6qIDYSPGM2efmK"),
    ("crypt", "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5"),
    ("django", "pbkdf2_sha256$1000$seasalt$Ef3RYVahgD/fiuZm7bxL8BcLo5iWEoR4WjUZyeOSdgg="),
    ("ldap", "{SSHA}XB28/VAf+1ugxITmbGEhTAHzBVBzZWFzYWx0"),
];

#[tokio::test]
async fn passwords_of_other_systems_open_and_are_replaced_by_the_first_login() {
    let folder = tempfile::tempdir().unwrap();
    let data = &folder.path().join("data");
    let server = Server::start(data);
    let file = folder.path().join("staff.toml");
    let account = |(id, hash): &(&str, &str)| format!("[[account]]\nid = '{id}'\npassword_hash = '{hash}'\n");
    let accounts: String = HASHES.iter().map(account).collect();
    fs::write(&file, format!("version = 1\n{accounts}")).unwrap();
    let import = || done(data, &["import", file.to_str().unwrap()]);
    assert!(import().contains("4 accounts are new"));
    for (name, _) in HASHES {
        assert_eq!(server.login(name, "Hello world?").await, 401, "{name}");
        let before = events(data);
        assert_eq!(server.login(name, "Hello world!").await, 207, "{name}");
        until(|| events(data) == before + 1);
        assert_eq!(server.login(name, "Hello world!").await, 207, "{name}, by the new hash");
        assert_eq!(server.login(name, "Hello world?").await, 401, "{name}, by the new hash");
        assert_eq!(events(data), before + 1, "{name}: one login replaces the hash");
    }
    let before = events(data);
    assert!(import().contains("0 accounts are new, 0 changed, 4 unchanged"));
    assert_eq!(events(data), before);
    fs::write(&file, "version = 1\n[[account]]\nid = 'md5'\npassword_hash = '$1$salt$hash'\n").unwrap();
    let error = refused(data, &["import", file.to_str().unwrap()]);
    assert!(error.contains("the password hash of `md5` has an unknown form"), "{error}");
}

#[tokio::test]
async fn an_app_password_opens_the_account_until_it_is_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = &folder.path().join("data");
    let server = Server::start(folder);
    done(folder, &["add", "alice", "--password-stdin"]);
    let app = |arguments: &[&str]| {
        let output = daybook(folder, &[&["app-password"], arguments].concat()).output().unwrap();
        let told = if output.status.success() { output.stdout } else { output.stderr };
        (output.status.success(), String::from_utf8(told).unwrap())
    };
    let (_, phone) = app(&["add", "alice", "Phone"]);
    let (_, laptop) = app(&["add", "alice", "Laptop"]);
    for password in [phone.trim(), &phone.trim().to_uppercase().replace('-', " "), laptop.trim(), "secret"] {
        assert_eq!(server.login("alice", password).await, 207, "{password}");
    }
    assert!(app(&["add", "alice", "Phone"]).1.contains("the app password `Phone` exists already"));
    until(|| app(&["list", "alice"]).1.matches(", last used 20").count() == 2);
    assert!(app(&["revoke", "alice", "Phone"]).0);
    assert_eq!(server.login("alice", phone.trim()).await, 401, "it was remembered");
    assert_eq!(server.login("alice", laptop.trim()).await, 207);
    assert!(!app(&["revoke", "alice", "Phone"]).0);
    assert!(!app(&["list", "alice"]).1.contains("Phone"));
    done(folder, &["disable", "alice"]);
    assert_eq!(server.login("alice", laptop.trim()).await, 401);
}

#[tokio::test]
async fn looks_at_the_history_are_recorded() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let ask = |arguments: &[&str]| {
        let output = daybook(folder, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let server = Server::start(folder);
    ask(&["find", "while it runs"]);
    server.served.stop();
    ask(&["find", "while it stands"]);
    let looks = ask(&["readers", "--history"]);
    let questions: Vec<_> =
        looks.lines().map(|line| line.rsplit_once("find ").map_or("", |(_, words)| words)).collect();
    assert_eq!(questions, ["while it runs", "while it stands", ""], "{looks}");
    assert!(looks.lines().all(|line| line.contains("operator")), "{looks}");
}

/// Calls `holds` at most 600 times until it returns true. For results that the server produces in
/// the background.
fn until(holds: impl Fn() -> bool) {
    assert!((0..600).any(|_| holds()), "it never holds");
}

#[test]
fn a_server_that_starts_on_a_full_disk_shows_what_it_has() {
    let folder = tempfile::tempdir().unwrap();
    inside::run_on_small_disk(folder.path(), "12m", "on_a_full_disk");
}

/// Runs in the second process. Does nothing unless [`inside::place`] returns the path of the disk.
#[tokio::test]
async fn on_a_full_disk() {
    let Some(disk) = inside::place() else { return };
    let (data, filling) = (disk.join("data"), disk.join("filling"));
    let added =
        principal(&data, &["add", "alice", "--address", "mailto:alice@example.com", "--password-stdin"], "secret");
    assert!(added.status.success(), "{added:?}");
    Server::start(&data).served.stop();
    // Whatever room a stopped server leaves is taken by others.
    let fill = || {
        let mut file = fs::File::options().create(true).append(true).open(&filling).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    };
    for _ in 0..2 {
        fill();
        let server = Server::start(&data);
        assert_eq!(server.ask("alice", "secret", "calendars/alice/calendar/").await.status(), 207);
        let ready = server.client.get(format!("{}/readyz", server.served.url)).send().await.unwrap();
        assert_eq!(ready.status(), 503);
        assert!(ready.text().await.unwrap().contains("the disk is full"));
        let event = specimens::event("1", "DTSTART:20260105T120000Z");
        let put = server.client.put(format!("{}/calendars/alice/calendar/1.ics", server.served.url));
        let refused = put.basic_auth("alice", Some("secret")).body(event).send().await.unwrap();
        assert_eq!(refused.status(), 507);
        server.served.stop();
    }
    fill();
    fs::remove_file(data.join("reserve")).unwrap();
    fill();
    let ended = daybook(&data, &["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(!ended.status.success() && said.contains("the disk is full: make room for"), "{said}");
    fs::remove_file(&filling).unwrap();
    let server = Server::start(&data);
    server.put("alice", "calendars/alice/calendar/1.ics", &specimens::event("1", "DTSTART:20260105T120000Z")).await;
}
