//! Tests of imports while the server runs, and of the conversations that continue afterwards.

use std::{
    fs,
    process::{Command, Stdio},
};

use super::{Office, served::Served, specimen};

/// A running server on the data folder. It is killed when the value is dropped.
struct Server(Served);

impl Server {
    fn on(office: &Office) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
        command.arg("--data").arg(office.path("data")).stderr(Stdio::null());
        Self(Served::start(command).unwrap())
    }

    async fn put(&self, who: &str, path: &str, text: &str) -> reqwest::StatusCode {
        let request = reqwest::Client::new().put(format!("{}{path}", self.0.url)).basic_auth(who, Some(who));
        request.header("content-type", "text/calendar").body(text.to_owned()).send().await.unwrap().status()
    }

    async fn get(&self, who: &str, path: &str) -> String {
        let request = reqwest::Client::new().get(format!("{}{path}", self.0.url)).basic_auth(who, Some(who));
        request.send().await.unwrap().error_for_status().unwrap().text().await.unwrap()
    }
}

#[tokio::test]
async fn copies_that_are_imported_into_a_running_server_are_one_conversation() {
    let office = Office::open();
    for name in ["alice", "carol"] {
        office.done(&["principal", "add", name, "--password", name]);
    }
    let server = Server::on(&office);
    let file = specimen("cyrus.ics");
    office.import(&["alice", "calendar", &file]);
    office.import(&["carol", "calendar", &file]);
    let path = |who: &str| format!("/calendars/{who}/calendar/cyrus-1@example.com.ics");
    // Carol, the organizer, changes the title, and Alice's imported copy is updated.
    let text = server.get("carol", &path("carol")).await.replace("SUMMARY:Handover", "SUMMARY:Handover again");
    assert!(server.put("carol", &path("carol"), &text).await.is_success());
    let text = server.get("alice", &path("alice")).await;
    assert!(text.contains("SUMMARY:Handover again"), "{text}");
    // Alice answers, and Carol's object shows the answer.
    let answered = text.replace("\r\n ", "").replace("PARTSTAT=TENTATIVE", "PARTSTAT=ACCEPTED");
    assert!(server.put("alice", &path("alice"), &answered).await.is_success());
    let text = server.get("carol", &path("carol")).await.replace("\r\n ", "");
    let line = text.lines().find(|line| line.contains("alice@example.com")).unwrap();
    assert!(line.contains("PARTSTAT=ACCEPTED"), "{text}");
    // The other commands also work while the server is running.
    office.done(&["calendar", "make", "alice", "work"]);
    office.done(&["export", "alice", office.path("out").to_str().unwrap()]);
    assert!(fs::read_to_string(office.path("out/calendar.ics")).unwrap().contains("SUMMARY:Handover again"));
    assert!(office.path("out/work.ics").exists());
    server.0.stop();
}

#[tokio::test]
async fn an_object_of_several_mebibytes_is_imported_into_a_running_server() {
    let office = Office::open();
    office.done(&["principal", "add", "alice", "--password", "alice"]);
    fs::write(office.path("data/daybook.toml"), "[limits]\nmax_resource_size_bytes = 6000000\n").unwrap();
    let server = Server::on(&office);
    let long = office.path("long.ics");
    let comments: Vec<_> =
        (0..100_000).map(|number| format!("COMMENT:{number} of many comments, so many of them")).collect();
    let lines = format!("DTSTART:20260105T120000Z\nSUMMARY:Long\n{}", comments.join("\n"));
    // In JSON, in which the server gets it, the text is longer.
    fs::write(&long, specimens::event("long", &lines)).unwrap();
    assert!(fs::metadata(&long).unwrap().len() > 4 * 1024 * 1024);
    let (lines, counts) = office.import(&["alice", "calendar", long.to_str().unwrap()]);
    assert_eq!(counts["created"], 1, "{lines:?}");
    assert!(server.get("alice", "/calendars/alice/calendar/long.ics").await.contains("COMMENT:99999 of many"));
    server.0.stop();
}
