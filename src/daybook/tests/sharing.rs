//! Tests of `daybook share`, while a server runs and while none runs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod served;

use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

use reqwest::{Client, Method};
use serde_json::Value;

use served::Served;

const PEOPLE: &str = r#"
version = 1

[[account]]
id = "alice"
kind = "user"
email = "alice@example.com"
login = true

[[account]]
id = "bob"
kind = "user"
email = "bob@example.com"
login = true
"#;

/// A real server on a data folder. It is killed when the value is dropped.
struct Server(Served);

impl Server {
    fn start(folder: &Path) -> Self {
        let mut command = daybook(folder, &[]);
        command.stderr(Stdio::null());
        Self(Served::start(command).unwrap())
    }

    /// Sends a PROPFIND as Bob, and returns the status and the body of the answer.
    async fn bob_sees(&self, path: &str, depth: &str) -> (u16, String) {
        let propfind = Method::from_bytes(b"PROPFIND").unwrap();
        let request = Client::new().request(propfind, format!("{}/{path}", self.0.url)).header("Depth", depth);
        let answer = request.basic_auth("bob", Some("bob")).send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

impl Server {
    async fn bob_removes(&self, path: &str) -> u16 {
        let request = Client::new().delete(format!("{}/{path}", self.0.url)).basic_auth("bob", Some("bob"));
        request.send().await.unwrap().status().as_u16()
    }
}

fn daybook(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
    command.arg("--data").arg(folder).args(arguments).stdin(Stdio::null());
    command.env("DAYBOOK_ACCOUNTS_CALENDAR_NAME", "calendar");
    command
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    daybook(folder, arguments).output().unwrap()
}

/// Runs a command that must succeed, and returns its JSON lines.
fn lines(folder: &Path, arguments: &[&str]) -> Vec<Value> {
    let output = run(folder, &[arguments, &["--json"]].concat());
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn outcomes(told: &[Value]) -> Vec<&str> {
    told.iter().map(|line| line["outcome"].as_str().unwrap()).collect()
}

fn people(folder: &Path) {
    let file = folder.join("people.toml");
    fs::write(&file, PEOPLE).unwrap();
    let imported = run(folder, &["principal", "import", "--password-is-id", file.to_str().unwrap()]);
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
}

#[tokio::test]
async fn a_share_is_given_listed_and_withdrawn_while_the_server_runs() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    people(folder);
    let server = Server::start(folder);
    let calendar = "calendars/alice/calendar/";
    let give = ["share", "give", "alice", "bob", "--calendar", "calendar"];
    assert_eq!(outcomes(&lines(folder, &[&give[..], &["--dry-run"]].concat())), ["given"]);
    assert_eq!(server.bob_sees(calendar, "0").await.0, 403, "a trial changes nothing");
    assert_eq!(outcomes(&lines(folder, &give)), ["given"]);
    assert_eq!(outcomes(&lines(folder, &give)), ["unchanged"]);
    assert_eq!(server.bob_sees(calendar, "0").await.0, 207);
    let (status, home) = server.bob_sees("calendars/bob/", "1").await;
    assert!(
        status == 207 && home.contains("/calendars/bob/alice-calendar/") && home.contains("<CS:shared/>"),
        "{home}"
    );
    let (status, homes) = server.bob_sees("calendars/", "1").await;
    assert!(status == 207 && !homes.contains("/calendars/alice/"), "it is not listed twice: {homes}");

    let listed = lines(folder, &["share", "list", "bob"]);
    let expected = serde_json::json!({
        "direction": "received", "owner": "alice", "to": "bob", "calendar": "calendar", "level": "read", "sends": false,
        "answer": "accepted",
    });
    assert_eq!(listed, [expected]);
    assert_eq!(server.bob_removes("calendars/bob/alice-calendar/").await, 204);
    assert_eq!(lines(folder, &["share", "list", "alice"])[0]["answer"], "declined");
    let listed = run(folder, &["share", "list", "alice"]).stdout;
    assert_eq!(String::from_utf8(listed).unwrap(), "given  bob reads “calendar” of alice, declined\n");

    assert_eq!(outcomes(&lines(folder, &["share", "withdraw", "alice", "bob"])), ["withdrawn"]);
    for (scope, told) in [
        (&[][..], "unchanged: alice has given bob no share\n"),
        (&["--all-calendars"], "unchanged: alice has given bob no share of all calendars\n"),
        (&["--calendar", "calendar"], "unchanged: alice has given bob no share of `calendar`\n"),
    ] {
        let output = run(folder, &[&["share", "withdraw", "alice", "bob"], scope].concat());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), told);
    }
    assert_eq!(server.bob_sees(calendar, "0").await.0, 403);
    assert_eq!(server.bob_sees("calendars/bob/alice-calendar/", "0").await.0, 404);
    assert_eq!(lines(folder, &["share", "list", "alice"]), <[Value; 0]>::default());
    server.0.stop();
    let permissions = run(folder, &["permissions", "/calendars/alice/calendar/"]);
    let permissions = String::from_utf8(permissions.stdout).unwrap();
    assert!(permissions.contains("+ bob may read") && permissions.contains("- bob may read"), "{permissions}");
}

#[test]
fn a_delegate_is_named_while_no_server_runs_and_what_cannot_be_shared_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    people(folder);
    assert_eq!(outcomes(&lines(folder, &["share", "give", "alice", "bob", "--level", "write", "--send"])), ["given"]);
    let listed = lines(folder, &["share", "list", "alice"]);
    assert_eq!(
        (&listed[0]["calendar"], &listed[0]["level"], &listed[0]["sends"]),
        (&Value::Null, &"write".into(), &true.into())
    );
    // A lower level also withdraws the right to send.
    lines(folder, &["share", "give", "alice", "bob", "--level", "read"]);
    let listed = lines(folder, &["share", "list", "alice"]);
    assert_eq!((&listed[0]["level"], &listed[0]["sends"]), (&"read".into(), &false.into()));
    for (arguments, why) in [
        (&["share", "give", "alice", "alice"][..], "the other person is the owner, who has every right already"),
        (&["share", "give", "alice", "bob", "--send"], "sending in the owner's name needs the level `write`"),
        (&["share", "give", "alice", "nobody"], "no account is called `nobody`"),
        (&["share", "give", "alice", "bob", "--calendar", "none"], "alice has no calendar `none`; there are: calendar"),
    ] {
        let output = run(folder, arguments);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(why), "{arguments:?}: {told}");
    }
}

const ALARM: &str = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Soon\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";

#[tokio::test]
async fn an_alarm_that_a_sharee_sets_is_told_by_the_history_of_the_meeting() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    people(folder);
    let server = Server::start(folder);
    assert_eq!(outcomes(&lines(folder, &["share", "give", "alice", "bob", "--calendar", "calendar"])), ["given"]);
    let put = async |who: &str, path: &str, body: String| {
        let request = Client::new().put(format!("{}/calendars/{path}", server.0.url)).basic_auth(who, Some(who));
        request.header("Content-Type", "text/calendar").body(body).send().await.unwrap().status().as_u16()
    };
    let event = specimens::event("lunch", "DTSTART:20260105T120000Z\nSUMMARY:Lunch");
    assert_eq!(put("alice", "alice/calendar/1.ics", event.clone()).await, 201);
    let with_alarm = event.replace("END:VEVENT", ALARM);
    assert_eq!(put("bob", "bob/alice-calendar/1.ics", with_alarm).await, 204);
    assert_eq!(put("bob", "bob/alice-calendar/1.ics", event).await, 204);
    let output = |arguments: &[&str]| {
        let output = run(folder, arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let timeline = output(&["timeline", "lunch"]);
    for words in [
        "changed data of their own, which include alarms, for “1.ics” in alice's calendar",
        "removed all data of their own for “1.ics”",
    ] {
        assert!(timeline.contains(words), "{words}: {timeline}");
    }
    assert!(output(&["replay"]).contains("0 of them differently"));
    assert!(output(&["verify", "--read-models"]).contains("read models: ok"));
}

#[tokio::test]
async fn the_list_says_what_people_may_do_also_where_no_word_for_a_share_fits() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    people(folder);
    for command in
        [&["principal", "add", "team", "--kind", "group"][..], &["principal", "member", "team", "--add", "bob"]]
    {
        assert!(run(folder, command).status.success());
    }
    let server = Server::start(folder);
    let entry = |to: &str, what: &str, privileges: &str| {
        let privileges: Vec<_> =
            privileges.split(' ').map(|name| format!("<D:privilege><D:{name}/></D:privilege>")).collect();
        let privileges = privileges.concat();
        format!(
            "<D:ace><D:principal><D:href>/principals/{to}/</D:href></D:principal><D:{what}>{privileges}</D:{what}></D:ace>"
        )
    };
    let rows = [
        (entry("bob", "grant", "read"), "given  bob reads “calendar” of alice\n"),
        (
            entry("bob", "grant", "read write-content"),
            "given  bob has read, write-content on “calendar” of alice: see `daybook permissions /calendars/alice/calendar/`\n",
        ),
        (
            entry("team", "deny", "read") + &entry("bob", "grant", "read write"),
            "given  bob has write on “calendar” of alice: see `daybook permissions /calendars/alice/calendar/`\n\
             given  “calendar” of alice: there are further access control entries, which deny or name no single person; \
             `daybook permissions /calendars/alice/calendar/` shows them\n",
        ),
    ];
    for (entries, expected) in rows {
        let acl = Method::from_bytes(b"ACL").unwrap();
        let request = Client::new().request(acl, format!("{}/calendars/alice/calendar/", server.0.url));
        let body = format!("<D:acl xmlns:D='DAV:'>{entries}</D:acl>");
        let request = request.basic_auth("alice", Some("alice")).header("Content-Type", "application/xml").body(body);
        assert_eq!(request.send().await.unwrap().status().as_u16(), 200, "{entries}");
        let listed = run(folder, &["share", "list", "alice"]).stdout;
        assert_eq!(String::from_utf8(listed).unwrap(), expected);
    }
    let listed = lines(folder, &["share", "list", "alice"]);
    assert_eq!((&listed[0]["level"], &listed[0]["privileges"]), (&Value::Null, &serde_json::json!(["write"])));
}
