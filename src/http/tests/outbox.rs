//! Tests of free-busy requests to the outbox (RFC 6638 §5).

use super::server::{Response, Server};

const MEETING: &str = include_str!("objects/meeting.ics");

/// Returns a free-busy request by Anna with these additional lines.
fn question(lines: &[&str]) -> String {
    let lines = format!("DTSTART:20260101T000000Z\nDTEND:20270101T000000Z\n{}", lines.join("\n"));
    specimens::message("REQUEST", &specimens::component("VFREEBUSY", "q", &lines))
}

const ANNA: &str = "ORGANIZER:mailto:anna@example.com";

/// Returns the request statuses in their order, and the number of busy periods.
fn outcomes(answer: &Response) -> (Vec<&str>, usize) {
    assert_eq!(answer.status.as_u16(), 200, "{}", answer.body);
    let statuses = answer.body.split("<C:request-status>").skip(1);
    let statuses = statuses.filter_map(|rest| rest.split_once('<').map(|(status, _)| status)).collect();
    (statuses, answer.body.matches("FREEBUSY;FBTYPE=").count())
}

#[actix_web::test]
async fn each_recipient_has_its_own_response() {
    let server = Server::start().await;
    server.send("anna", "PUT", "/calendars/anna/calendar/meeting.ics", &[], MEETING).await;
    let recipients = [
        "ATTENDEE:MAILTO:Anna@Example.COM",
        "ATTENDEE:/principals/bert",
        "ATTENDEE:mailto:team@example.com",
        "ATTENDEE:mailto:nobody@example.org",
        "ATTENDEE:mailto:anna@example.com",
    ];
    let answer = server
        .send("anna", "POST", "/calendars/anna/outbox/", &[], &question(&[&[ANNA], &recipients[..]].concat()))
        .await;
    let expected = ["2.0;Success", "2.0;Success", "5.3;No scheduling support for user", "3.7;Invalid calendar user"];
    // Anna is busy. Bert has not answered yet, so he has no busy time.
    assert_eq!(outcomes(&answer), (expected.to_vec(), 1), "{}", answer.body);
    assert!(answer.body.contains("<D:href>/principals/bert</D:href>"), "as it was asked: {}", answer.body);
}

#[actix_web::test]
async fn rfc6638_5_1_recipients_that_are_no_addresses_have_their_own_responses_too() {
    let server = Server::start().await;
    let recipients = ["ATTENDEE:mailto:", "ATTENDEE:mailto:?subject=Lunch", "ATTENDEE:mailto:"];
    let body = question(&[&[ANNA], &recipients[..]].concat());
    let answer = server.send("anna", "POST", "/calendars/anna/outbox/", &[], &body).await;
    assert_eq!(outcomes(&answer), (vec!["3.7;Invalid calendar user"; 2], 0), "{}", answer.body);
    for recipient in ["mailto:", "mailto:?subject=Lunch"] {
        assert!(answer.body.contains(&format!("<D:href>{recipient}</D:href>")), "{}", answer.body);
    }
}

#[actix_web::test]
async fn an_invalid_free_busy_request_is_refused_with_its_precondition() {
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
        let answer = server.send("anna", "POST", "/calendars/anna/outbox/", &[], &body).await;
        assert_eq!(answer.status.as_u16(), status, "{title}: {}", answer.body);
        assert!(answer.body.contains(&format!("<C:{condition}/>")), "{title}: {}", answer.body);
    }
    let foreign = server.send("bert", "POST", "/calendars/anna/outbox/", &[], &good).await;
    assert_eq!(foreign.status.as_u16(), 403, "{}", foreign.body);
    assert!(foreign.body.contains("need-privileges"), "{}", foreign.body);
}

#[actix_web::test]
async fn only_the_organizer_can_exclude_a_meeting_from_busy_time() {
    let server = Server::start().await;
    server.send("anna", "PUT", "/calendars/anna/calendar/meeting.ics", &[], MEETING).await;
    let uid = MEETING.lines().find_map(|line| line.strip_prefix("UID:")).expect("a UID");
    let mask = format!("X-CALENDARSERVER-MASK-UID:{uid}");
    let anna = "ATTENDEE:mailto:anna@example.com";
    for (who, mask, busy) in [("anna", "X-NOTHING:", 1), ("anna", &*mask, 0), ("bert", &*mask, 1)] {
        let organizer = format!("ORGANIZER:mailto:{who}@example.com");
        let outbox = format!("/calendars/{who}/outbox/");
        let answer = server.send(who, "POST", &outbox, &[], &question(&[&organizer, anna, mask])).await;
        assert_eq!(outcomes(&answer).1, busy, "{who} {mask}: {}", answer.body);
    }
}

#[actix_web::test]
async fn availability_on_the_inbox_counts_as_busy_time() {
    let server = Server::start().await;
    let set = |text: &str| {
        format!(
            "<propertyupdate xmlns=\"DAV:\"><set><prop><calendar-availability xmlns=\"urn:ietf:params:xml:ns:caldav\">\
             {text}</calendar-availability></prop></set></propertyupdate>"
        )
    };
    let hours = include_str!("objects/hours.ics");
    for (title, text, taken) in [("a meeting", MEETING, false), ("hours", hours, true)] {
        let answer = server.send("bert", "PROPPATCH", "/calendars/bert/inbox/", &[], &set(text)).await;
        assert_eq!(answer.body.contains("HTTP/1.1 200"), taken, "{title}: {}", answer.body);
        assert_eq!(answer.body.contains("valid-calendar-data"), !taken, "{title}: {}", answer.body);
    }
    let bert = question(&[ANNA, "ATTENDEE:mailto:bert@example.com"]);
    let answer = server.send("anna", "POST", "/calendars/anna/outbox/", &[], &bert).await;
    assert!(answer.body.contains("FREEBUSY;FBTYPE=BUSY-UNAVAILABLE:"), "{}", answer.body);
}
