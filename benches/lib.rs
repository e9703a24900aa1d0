//! Inputs that the benchmarks share.

use std::fmt::Write;

/// Returns a weekly meeting of one hour to which alice@example.com has invited `attendees` people,
/// in the form that a client writes.
pub fn meeting(attendees: usize) -> String {
    let mut people = String::new();
    for number in 0..attendees {
        let _ = write!(
            people,
            "ATTENDEE;CN=User {number};CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:\r\n user{number}@example.com\r\n"
        );
    }
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Daybook//Benchmark//EN\r\nBEGIN:VEVENT\r\nUID:planning\r\n\
         DTSTAMP:20260101T000000Z\r\nDTSTART:20200107T090000Z\r\nDTEND:20200107T100000Z\r\nRRULE:FREQ=WEEKLY\r\n\
         SUMMARY:Planning\r\nLOCATION:Lake\r\nDESCRIPTION:What was done\\, what comes next.\r\n\
         ORGANIZER;CN=Alice:mailto:alice@example.com\r\n\
         ATTENDEE;CN=Alice;PARTSTAT=ACCEPTED:mailto:alice@example.com\r\n{people}\
         BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT15M\r\nDESCRIPTION:Soon\r\nEND:VALARM\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}
