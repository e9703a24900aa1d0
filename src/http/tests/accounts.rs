//! Tests of accounts that are disabled, retired or renamed.

use schemas::{
    Client, Event, ObjectEvent, Recorded,
    object::Method,
    principal::{MeetingsOfRetired, PrincipalKind, PrincipalRetired},
};
use service::{clock, principals::Command};

use super::server::{Server, registration};

const RETIRE: Command = Command::Retire(PrincipalRetired { meetings: MeetingsOfRetired::Keep, successor: None });
const PATH: &str = "/calendars/anna/calendar/meeting.ics";

/// Returns Anna's meeting with Bert, which lies in the future.
fn meeting() -> String {
    include_str!("objects/meeting.ics").replace("2026010", "2099010")
}

async fn status(server: &Server, who: &str) -> u16 {
    server.send(who, "PROPFIND", "/", &[("Depth", "0")], "").await.status.as_u16()
}

/// Returns the ATTENDEE line of Bert in Anna's object.
async fn bert(server: &Server) -> String {
    let stored = server.send("anna", "GET", PATH, &[], "").await.body.replace('\r', "").replace("\n ", "");
    let line = stored.lines().find(|line| line.starts_with("ATTENDEE") && line.ends_with(":mailto:bert@example.com"));
    line.expect("Bert is invited").to_owned()
}

#[actix_web::test]
async fn a_login_that_worked_ends_at_once_and_comes_back() {
    let server = Server::start().await;
    for command in [Command::Disable, RETIRE] {
        assert_eq!(status(&server, "bert").await, 207, "before {command:?}");
        server.change("bert", command.clone()).await;
        assert_eq!(status(&server, "bert").await, 401, "{command:?}");
        assert_eq!(status(&server, "bert@example.com").await, 401, "{command:?}, by address");
        server.change("bert", Command::Enable).await;
    }
    assert_eq!(status(&server, "bert").await, 207);
}

#[actix_web::test]
async fn a_disabled_person_is_invited_and_a_retired_one_is_no_calendar_user() {
    let server = Server::start().await;
    server.change("bert", Command::Disable).await;
    server.send("anna", "PUT", PATH, &[], &meeting()).await;
    assert!(bert(&server).await.contains("SCHEDULE-STATUS=1.2"));
    server.change("bert", RETIRE).await;
    server.send("anna", "PUT", PATH, &[], &meeting().replace("SUMMARY:Meeting", "SUMMARY:Party")).await;
    assert!(bert(&server).await.contains("SCHEDULE-STATUS=3.7"), "{}", bert(&server).await);
    // Bert's calendar is kept for the record, and administrators can still read it.
    let kept = server.send("admin", "GET", "/calendars/bert/calendar/", &[], "").await;
    assert!(kept.body.contains("SUMMARY:Meeting"), "{}", kept.body);
    let listed = server.send("anna", "PROPFIND", "/principals/", &[("Depth", "1")], "").await.body;
    assert!(listed.contains("/principals/anna/") && !listed.contains("/principals/bert/"), "{listed}");
}

#[actix_web::test]
async fn whoever_leaves_is_uninvited_from_meetings_of_groups() {
    let server = Server::start().await;
    let meeting = meeting().replace("bert@example.com", "team@example.com");
    server.send("anna", "PUT", PATH, &[], &meeting).await;
    server.change("bert", RETIRE).await;
    let stored = server.send("anna", "GET", PATH, &[], "").await.body;
    assert!(!stored.contains("bert@example.com"), "{stored}");
}

#[actix_web::test]
async fn meetings_of_somebody_retired_are_cancelled_once_and_stay() {
    let server = Server::start().await;
    server.send("anna", "PUT", PATH, &[], &meeting()).await;
    server
        .change("anna", Command::Retire(PrincipalRetired { meetings: MeetingsOfRetired::Cancel, successor: None }))
        .await;
    let service = server.service();
    let anna = service.models().directory().by_name("anna").expect("Anna").id;
    let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
    assert_eq!(service.meetings_ahead(anna, 0).expect("asked"), 1);
    let cancelled = service.cancel_meetings(&stamp, anna).await.expect("cancelled");
    assert_eq!((cancelled.done, cancelled.failed), (1, 0));
    for path in [PATH, "/calendars/bert/calendar/"] {
        let body = server.send("admin", "GET", path, &[], "").await.body;
        assert!(body.contains("STATUS:CANCELLED"), "{path}: {body}");
    }
    let is_cancel = |recorded: &Recorded| matches!(&recorded.event, Event::Object(ObjectEvent::MessageIssued(issued)) if issued.method == Method::Cancel);
    assert_eq!(server.events().await.iter().filter(|recorded| is_cancel(recorded)).count(), 1);
    assert_eq!(service.meetings_ahead(anna, 0).expect("asked"), 0);
}

/// Creates Anna's meeting with Bert and the administrator. Bert has accepted it, and has an alarm
/// of his own.
async fn meeting_of_three(server: &Server) {
    let with_three = meeting().replace("END:VEVENT", "ATTENDEE:mailto:admin@example.com\r\nEND:VEVENT");
    assert_eq!(server.send("anna", "PUT", PATH, &[], &with_three).await.status.as_u16(), 201);
    let (path, copy) = copy_of(server, "bert").await;
    let accepted = copy.replace(":mailto:bert@example.com", ";PARTSTAT=ACCEPTED:mailto:bert@example.com");
    let accepted = accepted.replace(";PARTSTAT=NEEDS-ACTION;PARTSTAT", ";PARTSTAT");
    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:Go\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\nEND:VEVENT";
    let answer = server.send("bert", "PUT", &path, &[], &accepted.replace("END:VEVENT", alarm)).await;
    assert_eq!(answer.status.as_u16(), 204, "{}", answer.body);
}

/// Returns the path and the unfolded text of the only object in a user's calendar.
async fn copy_of(server: &Server, who: &str) -> (String, String) {
    let listed = server.send(who, "PROPFIND", &format!("/calendars/{who}/calendar/"), &[("Depth", "1")], "").await.body;
    let mut hrefs = listed.split("href>").map(|part| part.split('<').next().unwrap_or_default());
    let path = hrefs.find(|href| href.contains(".ics")).expect("a copy").to_owned();
    let text = server.send(who, "GET", &path, &[], "").await.body.replace("\r\n ", "");
    (path, text)
}

/// Returns the ATTENDEE line of a user; `None` if the user is not invited.
fn line<'t>(text: &'t str, who: &str) -> Option<&'t str> {
    text.lines().find(|line| line.starts_with("ATTENDEE") && line.ends_with(&format!("mailto:{who}@example.com")))
}

#[actix_web::test]
async fn meetings_of_somebody_retired_are_handed_over_with_answers_and_answered_to_the_successor() {
    let server = Server::start().await;
    meeting_of_three(&server).await;
    let service = server.service();
    let [anna, admin] = ["anna", "admin"].map(|name| service.models().directory().by_name(name).expect("known").id);
    let leaving = PrincipalRetired { meetings: MeetingsOfRetired::HandOver, successor: Some(admin) };
    server.change("anna", Command::Retire(leaving)).await;
    let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
    for _ in 0..2 {
        let settled = service.hand_over_meetings(&stamp, anna, admin).await.expect("handed over");
        assert_eq!((settled.done, settled.failed), (1, 0));
    }
    let handed_over = |recorded: &Recorded| matches!(&recorded.event, Event::Object(ObjectEvent::MessageIssued(issued)) if issued.reason == "handed-over");
    assert_eq!(server.events().await.iter().filter(|recorded| handed_over(recorded)).count(), 1);

    let (path, of_bert) = copy_of(&server, "bert").await;
    let (_, of_successor) = copy_of(&server, "admin").await;
    for text in [&of_bert, &of_successor] {
        assert!(
            text.lines().any(|line| line.starts_with("ORGANIZER") && line.ends_with(":mailto:admin@example.com")),
            "{text}"
        );
        assert!(line(text, "bert").is_some_and(|line| line.contains("PARTSTAT=ACCEPTED")), "{text}");
        assert!(line(text, "admin").is_some_and(|line| line.contains("PARTSTAT=ACCEPTED")), "{text}");
        assert_eq!(line(text, "anna"), None, "{text}");
        assert!(text.contains("SEQUENCE:1"), "{text}");
    }
    assert!(of_bert.contains("TRIGGER:-PT5M") && !of_successor.contains("TRIGGER:-PT5M"));
    let kept = server.send("admin", "GET", PATH, &[], "").await.body;
    assert!(kept.contains("anna@example.com"), "what the retired person has stays: {kept}");

    let declined = of_bert.replace("PARTSTAT=ACCEPTED:mailto:bert", "PARTSTAT=DECLINED:mailto:bert");
    let answer = server.send("bert", "PUT", &path, &[], &declined).await;
    assert_eq!(answer.status.as_u16(), 204, "{}", answer.body);
    let (_, of_successor) = copy_of(&server, "admin").await;
    assert!(line(&of_successor, "bert").is_some_and(|line| line.contains("PARTSTAT=DECLINED")), "{of_successor}");
}

#[actix_web::test]
async fn an_old_name_leads_to_the_new_one() {
    let server = Server::start().await;
    server.send("anna", "PUT", PATH, &[], &meeting()).await;
    server.change("anna", Command::Rename { short_name: "ann.lee".to_owned() }).await;
    let rows = [
        (PATH, "/calendars/ann.lee/calendar/meeting.ics"),
        ("/calendars/anna/calendar/", "/calendars/ann.lee/calendar/"),
        ("/calendars/anna/?export", "/calendars/ann.lee/?export"),
        ("/principals/anna", "/principals/ann.lee/"),
    ];
    for (old, new) in rows {
        let answer = server.send("anna", "PROPFIND", old, &[("Depth", "0")], "").await;
        assert_eq!((answer.status.as_u16(), answer.header("Location")), (308, Some(new)), "{old}");
    }
    for (name, expected) in [("ann.lee", 200), ("anna", 200), ("ANN.LEE", 200), ("nobody", 401)] {
        let request = actix_web::test::TestRequest::with_uri(rows[0].1);
        assert_eq!(server.ask_with(name, "anna", request).await.status.as_u16(), expected, "{name}");
    }
    // After the account was renamed, the user is still the organizer of the meeting, and Bert still
    // has its invitation.
    let changed = meeting().replace("SUMMARY:Meeting", "SUMMARY:Party");
    assert_eq!(server.send("anna", "PUT", rows[0].1, &[], &changed).await.status.as_u16(), 204);
    assert!(server.send("bert", "GET", "/calendars/bert/calendar/", &[], "").await.body.contains("SUMMARY:Party"));
}

#[actix_web::test]
async fn whoever_has_the_name_of_a_path_of_the_server_reaches_their_home() {
    let server = Server::start().await;
    let stamp = clock::stamp(None, None, Client::default(), clock::new_id());
    let names = ["account", "asof", "audit"];
    let people = names.map(|name| registration(&(name, PrincipalKind::Individual, false)));
    server.service().register(&stamp, people.to_vec()).await.expect("they may have these names");
    for name in names {
        let (home, principal) = (format!("/calendars/{name}/"), format!("/principals/{name}/"));
        let object = format!("{home}calendar/a.ics");
        let stored = server.send(name, "PUT", &object, &[], &meeting()).await;
        assert_eq!(stored.status, 201, "{name}: {}", stored.body);
        let now = server.service().models().position();
        for path in [home, principal, object.clone(), format!("/asof/{now}{object}")] {
            let found = server.send(name, "PROPFIND", &path, &[("Depth", "0")], "").await;
            assert_eq!(found.status, 207, "{path}: {}", found.body);
            assert!(found.body.contains(&path), "{}", found.body);
        }
    }
}

#[actix_web::test]
async fn an_ace_of_somebody_retired_is_shown_and_stays() {
    const CALENDAR: &str = "/calendars/anna/calendar/";
    const ACL: &str = "<D:acl xmlns:D='DAV:'><D:ace><D:principal><D:href>/principals/bert/</D:href></D:principal>\
                       <D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace></D:acl>";
    const SHOW: &str = "<D:propfind xmlns:D='DAV:'><D:prop><D:acl/></D:prop></D:propfind>";
    let server = Server::start().await;
    let set = async || server.send("anna", "ACL", CALENDAR, &[], ACL).await.status;
    let may_read = async || server.send("bert", "PROPFIND", CALENDAR, &[("Depth", "0")], "").await.status == 207;
    assert_eq!(set().await, 200);
    assert!(may_read().await);
    server.change("bert", RETIRE).await;
    // RFC 3744 §5.5: the ACL lists the entry, which nobody matches until Bert is enabled again. The
    // URL in it identifies a principal (§5.5.1), so that clients can send the list back (§8.1.1).
    let shown = server.send("anna", "PROPFIND", CALENDAR, &[("Depth", "0")], SHOW).await.body;
    assert!(shown.contains("/principals/bert/"), "{shown}");
    let principal = server.send("anna", "PROPFIND", "/principals/bert/", &[("Depth", "0")], "").await;
    assert_eq!(principal.status, 207, "{}", principal.body);
    assert_eq!(set().await, 200, "the list is accepted as it was shown");
    server.change("bert", Command::Enable).await;
    assert!(may_read().await);
}
