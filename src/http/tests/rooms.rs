//! Tests of rooms that answer invitations automatically, with regard to their availability.

use schemas::principal::{AutomaticAnswer, PrincipalKind, Profile};
use service::principals::Command;

use super::server::Server;

const OFFICE_HOURS: &str = "<propertyupdate xmlns=\"DAV:\"><set><prop>\
    <calendar-availability xmlns=\"urn:ietf:params:xml:ns:caldav\">BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Example//EN
BEGIN:VAVAILABILITY
UID:hours
DTSTAMP:20260101T000000Z
BEGIN:AVAILABLE
UID:day
DTSTAMP:20260101T000000Z
DTSTART:20260101T080000Z
DTEND:20260101T180000Z
RRULE:FREQ=DAILY
END:AVAILABLE
END:VAVAILABILITY
END:VCALENDAR
</calendar-availability></prop></set></propertyupdate>";

#[actix_web::test]
async fn a_room_declines_outside_of_its_availability() {
    let server = Server::start().await;
    let profile = Profile {
        addresses: vec!["mailto:room@example.com".to_owned()],
        automatic_answer: AutomaticAnswer::Automatic,
        ..Profile::default()
    };
    server
        .change("room", Command::Register { short_name: "room".to_owned(), kind: PrincipalKind::Room, profile })
        .await;
    for (hour, expected) in [("10", "ACCEPTED"), ("20", "ACCEPTED")] {
        assert_eq!(booked(&server, "2098", hour).await, expected, "{hour}, without hours");
    }
    let set = server.send("room", "PROPPATCH", "/calendars/room/inbox/", &[], OFFICE_HOURS).await;
    assert_eq!(set.status.as_u16(), 207, "{}", set.body);
    assert!(set.body.contains("200 OK"), "{}", set.body);
    for (hour, expected) in [("10", "ACCEPTED"), ("20", "DECLINED")] {
        assert_eq!(booked(&server, "2099", hour).await, expected, "{hour}");
    }
}

/// Books the room for an hour, and returns the PARTSTAT of its automatic answer.
async fn booked(server: &Server, year: &str, hour: &str) -> String {
    let path = format!("/calendars/anna/calendar/{year}-{hour}.ics");
    let start = format!("DTSTART:{year}0106T{hour}0000Z\nDURATION:PT1H");
    let people = "ORGANIZER:mailto:anna@example.com\nATTENDEE:mailto:room@example.com";
    let booking = specimens::event(&format!("{year}-{hour}"), &format!("{start}\n{people}"));
    let put = server.send("anna", "PUT", &path, &[], &booking).await;
    assert_eq!(put.status.as_u16(), 201, "{}", put.body);
    let stored = server.send("anna", "GET", &path, &[], "").await.body.replace("\r\n ", "");
    let answer = stored.split_once("PARTSTAT=").map_or("", |(_, rest)| rest);
    answer.chars().take_while(char::is_ascii_uppercase).collect()
}
