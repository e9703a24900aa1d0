//! Calendar texts for tests. A test writes only the lines that matter; these functions add the
//! other lines, and end all lines with CRLF.

/// The `DTSTAMP` of all components that these functions create.
pub const DTSTAMP: &str = "20260105T110000Z";

/// Returns a `VCALENDAR` with these components. Their lines may end with `\n` or `\r\n`.
pub fn calendar(components: &str) -> String {
    wrapped("", components)
}

/// Returns an iTIP message with this `METHOD` and these components.
pub fn message(method: &str, components: &str) -> String {
    wrapped(&format!("METHOD:{method}\n"), components)
}

fn wrapped(properties: &str, components: &str) -> String {
    let components = crlf(components);
    let head = format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//Client//EN\n{properties}");
    format!("{}{components}END:VCALENDAR\r\n", crlf(&head))
}

/// Returns one component with a UID, a `DTSTAMP` and then `lines`.
pub fn component(name: &str, uid: &str, lines: &str) -> String {
    let lines = crlf(lines);
    format!("BEGIN:{name}\r\nUID:{uid}\r\nDTSTAMP:{DTSTAMP}\r\n{lines}END:{name}\r\n")
}

/// Returns a calendar with one `VEVENT`.
pub fn event(uid: &str, lines: &str) -> String {
    calendar(&component("VEVENT", uid, lines))
}

/// Returns a meeting with the summary `Lunch` on Wednesday, 7 January 2026, at noon UTC. The
/// organizer has accepted.
///
/// Each name becomes the address `mailto:NAME@example.org`.
pub fn meeting(uid: &str, organizer: &str, attendees: &[&str]) -> String {
    let attendees =
        attendees.iter().map(|name| format!("ATTENDEE:mailto:{name}@example.org\n")).collect::<Vec<_>>().concat();
    let lines = format!(
        "DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nSUMMARY:Lunch\nORGANIZER:mailto:{organizer}@example.org\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}@example.org\n{attendees}"
    );
    event(uid, &lines)
}

/// Returns a calendar with one `VTODO`.
pub fn task(uid: &str, lines: &str) -> String {
    calendar(&component("VTODO", uid, lines))
}

/// Returns a free-busy request of `organizer` about `attendee` (RFC 6638 §5). `window` is the start
/// and the end, in UTC.
pub fn free_busy_request(organizer: &str, attendee: &str, window: (&str, &str)) -> String {
    let (start, end) = window;
    let lines = format!("DTSTART:{start}\nDTEND:{end}\nORGANIZER:{organizer}\nATTENDEE:{attendee}");
    message("REQUEST", &component("VFREEBUSY", "busy", &lines))
}

/// Returns the lines with CRLF as line ends. Blank lines, and white space around lines, are
/// removed.
fn crlf(lines: &str) -> String {
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.flat_map(|line| [line, "\r\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_calendar_with_one_component() {
        let expected = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Client//EN\r\nBEGIN:VEVENT\r\nUID:lunch\r\n\
            DTSTAMP:20260105T110000Z\r\nSUMMARY:Lunch\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        assert_eq!(event("lunch", "SUMMARY:Lunch"), expected);
    }
}
