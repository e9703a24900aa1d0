//! Tests of groups among the attendees (RFC 5545 §3.2.11): each member is invited, and gets a
//! cancellation after leaving the group.

use schemas::Client;
use service::{clock, principals::Registration};

use super::server::{PEOPLE, Server, registration};

const PATH: &str = "/calendars/anna/calendar/meeting.ics";

/// Returns Anna's meeting with the group `team`, whose members are Anna and Bert.
fn meeting() -> String {
    include_str!("objects/meeting.ics").replace("bert@example.com", "team@example.com").replace("2026010", "2099010")
}

/// Returns the ATTENDEE line of a user in Anna's object; `None` if the user is not invited.
async fn attendee(server: &Server, name: &str) -> Option<String> {
    let stored = server.send("anna", "GET", PATH, &[], "").await.body.replace('\r', "").replace("\n ", "");
    let ending = format!(":mailto:{name}@example.com");
    stored.lines().find(|line| line.starts_with("ATTENDEE") && line.ends_with(&ending)).map(str::to_owned)
}

async fn events(server: &Server, who: &str) -> String {
    server.send(who, "GET", &format!("/calendars/{who}/calendar/"), &[], "").await.body
}

#[actix_web::test]
async fn members_of_a_group_are_invited() {
    let server = Server::start().await;
    server.send("anna", "PUT", PATH, &[], &meeting()).await;
    let bert = attendee(&server, "bert").await.expect("Bert is in the team");
    assert!(bert.contains("MEMBER=\"mailto:team@example.com\"") && bert.contains("SCHEDULE-STATUS=1.2"), "{bert}");
    let team = attendee(&server, "team").await.expect("the team stays");
    assert!(team.contains("SCHEDULE-STATUS=1.2"), "{team}");
    assert_eq!(events(&server, "bert").await.matches("BEGIN:VEVENT").count(), 1);
    // A client that has not read the members added by the server stores its own text again.
    server.send("anna", "PUT", PATH, &[], &meeting().replace("SUMMARY:Meeting", "SUMMARY:Party")).await;
    assert!(attendee(&server, "bert").await.is_some());
    assert!(events(&server, "bert").await.contains("SUMMARY:Party"));
}

#[actix_web::test]
async fn future_meetings_follow_changes_of_the_group() {
    let server = Server::start().await;
    server.send("anna", "PUT", PATH, &[], &meeting()).await;
    let team = PEOPLE.iter().find(|(name, ..)| *name == "team").map(registration).expect("the team");
    let id = |name: &str| server.service().models().directory().by_name(name).expect("somebody known").id;
    let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
    let changed = Registration { members: vec![id("admin")], ..team };
    server.service().register(&stamp, vec![changed.clone()]).await.expect("registered");
    assert_eq!(attendee(&server, "bert").await, None, "he left the team");
    assert!(events(&server, "bert").await.contains("STATUS:CANCELLED"));
    let admin = attendee(&server, "admin").await.expect("who came into the team");
    assert!(admin.contains("SCHEDULE-STATUS=1.2"), "{admin}");
    let before = server.send("anna", "GET", PATH, &[], "").await.body;
    let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
    server.service().register(&stamp, vec![changed]).await.expect("registered");
    assert_eq!(server.send("anna", "GET", PATH, &[], "").await.body, before, "nothing changed");
}
