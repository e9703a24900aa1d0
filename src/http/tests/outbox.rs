//! Questions to the outbox (RFC 6638 §5): who may ask, what is a question, and what each recipient answers.

use actix_web::{http::header::AUTHORIZATION, test::TestRequest};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::server::{Answer, Server, method};

const MEETING: &str = include_str!("objects/meeting.ics");

async fn ask(server: &Server, who: &str, verb: &str, path: &str, body: &str) -> Answer {
    let credentials = STANDARD.encode(format!("{who}:{who}"));
    let request = TestRequest::with_uri(path).method(method(verb)).set_payload(body.to_owned());
    server.ask(request.append_header((AUTHORIZATION, format!("Basic {credentials}")))).await
}

/// A question of Anna's, with these lines beside.
fn question(lines: &[&str]) -> String {
    let lines = lines.join("\r\n") + "\r\n";
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Client//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:q\r\n\
         DTSTAMP:20260101T000000Z\r\nDTSTART:20260101T000000Z\r\nDTEND:20270101T000000Z\r\n{lines}END:VFREEBUSY\r\n\
         END:VCALENDAR\r\n"
    )
}

const ANNA: &str = "ORGANIZER:mailto:anna@example.com";

/// The request statuses in their order, and how many periods are told.
fn outcomes(answer: &Answer) -> (Vec<&str>, usize) {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    let statuses = answer.body.split("<C:request-status>").skip(1);
    let statuses = statuses.filter_map(|rest| rest.split_once('<').map(|(status, _)| status)).collect();
    (statuses, answer.body.matches("FREEBUSY;FBTYPE=").count())
}

#[actix_web::test]
async fn each_recipient_answers_for_himself() {
    let server = Server::start().await;
    ask(&server, "anna", "PUT", "/calendars/anna/calendar/meeting.ics", MEETING).await;
    let recipients = [
        "ATTENDEE:MAILTO:Anna@Example.COM",
        "ATTENDEE:/principals/bert",
        "ATTENDEE:mailto:team@example.com",
        "ATTENDEE:mailto:nobody@example.org",
        "ATTENDEE:mailto:anna@example.com",
    ];
    let answer =
        ask(&server, "anna", "POST", "/calendars/anna/outbox/", &question(&[&[ANNA], &recipients[..]].concat())).await;
    let expected = ["2.0;Success", "2.0;Success", "5.3;No scheduling support for user", "3.7;Invalid calendar user"];
    // Anna is busy; Bert has not answered yet.
    assert_eq!(outcomes(&answer), (expected.to_vec(), 1), "{}", answer.body);
    assert!(answer.body.contains("<D:href>/principals/bert</D:href>"), "as it was asked: {}", answer.body);
}

#[actix_web::test]
async fn a_question_that_is_none_is_refused_with_its_condition() {
    let server = Server::start().await;
    let bert = "ATTENDEE:mailto:bert@example.com";
    let good = question(&[ANNA, bert]);
    let rows = [
        ("no iCalendar", "hello".to_owned(), 403, "valid-calendar-data"),
        (
            "a meeting",
            MEETING.replace("BEGIN:VEVENT", "METHOD:REQUEST\r\nBEGIN:VEVENT"),
            400,
            "valid-scheduling-message",
        ),
        ("nobody asked", question(&[ANNA]), 400, "valid-scheduling-message"),
        ("no organizer", question(&[bert]), 400, "valid-scheduling-message"),
        ("an answer", question(&[ANNA, bert, "FREEBUSY:20260105T000000Z/PT1H"]), 400, "valid-scheduling-message"),
        ("in another's name", question(&["ORGANIZER:mailto:bert@example.com", bert]), 403, "valid-organizer"),
    ];
    for (title, body, status, condition) in rows {
        let answer = ask(&server, "anna", "POST", "/calendars/anna/outbox/", &body).await;
        assert_eq!(answer.status.as_u16(), status, "{title}: {}", answer.body);
        assert!(answer.body.contains(&format!("<C:{condition}/>")), "{title}: {}", answer.body);
    }
    let foreign = ask(&server, "bert", "POST", "/calendars/anna/outbox/", &good).await;
    assert_eq!(foreign.status.as_u16(), 403, "{}", foreign.body);
    assert!(foreign.body.contains("need-privileges"), "{}", foreign.body);
}

#[actix_web::test]
async fn only_who_leads_a_meeting_can_have_it_left_out() {
    let server = Server::start().await;
    ask(&server, "anna", "PUT", "/calendars/anna/calendar/meeting.ics", MEETING).await;
    let uid = MEETING.lines().find_map(|line| line.strip_prefix("UID:")).expect("a UID");
    let mask = format!("X-CALENDARSERVER-MASK-UID:{uid}");
    let anna = "ATTENDEE:mailto:anna@example.com";
    for (who, mask, busy) in [("anna", "X-NOTHING:", 1), ("anna", &*mask, 0), ("bert", &*mask, 1)] {
        let organizer = format!("ORGANIZER:mailto:{who}@example.com");
        let outbox = format!("/calendars/{who}/outbox/");
        let answer = ask(&server, who, "POST", &outbox, &question(&[&organizer, anna, mask])).await;
        assert_eq!(outcomes(&answer).1, busy, "{who} {mask}: {}", answer.body);
    }
}

#[actix_web::test]
async fn office_hours_on_the_inbox_are_told_to_whoever_asks() {
    let server = Server::start().await;
    let set = |text: &str| {
        format!(
            "<propertyupdate xmlns=\"DAV:\"><set><prop><calendar-availability xmlns=\"urn:ietf:params:xml:ns:caldav\">\
             {text}</calendar-availability></prop></set></propertyupdate>"
        )
    };
    let hours = include_str!("objects/hours.ics");
    for (title, text, taken) in [("a meeting", MEETING, false), ("hours", hours, true)] {
        let answer = ask(&server, "bert", "PROPPATCH", "/calendars/bert/inbox/", &set(text)).await;
        assert_eq!(answer.body.contains("HTTP/1.1 200"), taken, "{title}: {}", answer.body);
        assert_eq!(answer.body.contains("valid-calendar-data"), !taken, "{title}: {}", answer.body);
    }
    let bert = question(&[ANNA, "ATTENDEE:mailto:bert@example.com"]);
    let answer = ask(&server, "anna", "POST", "/calendars/anna/outbox/", &bert).await;
    assert!(answer.body.contains("FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:"), "{}", answer.body);
}
