//! Calendar texts. A test writes the lines that matter; these functions add the rest, with CRLF
//! line ends.

/// The `DTSTAMP` of every component made here.
pub const DTSTAMP: &str = "20260105T110000Z";

/// A `VCALENDAR` around components. Lines end with `\n` or `\r\n`, also the last one if there is
/// any.
pub fn calendar(components: &str) -> String {
    wrapped("", components)
}

/// Like [`calendar`], for an iTIP message with this `METHOD`.
pub fn message(method: &str, components: &str) -> String {
    wrapped(&format!("METHOD:{method}\n"), components)
}

fn wrapped(properties: &str, components: &str) -> String {
    let components = crlf(components);
    let head = format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Example//Client//EN\n{properties}");
    format!("{}{components}END:VCALENDAR\r\n", crlf(&head))
}

/// One component with a UID and a `DTSTAMP`, and `lines` after these.
pub fn component(name: &str, uid: &str, lines: &str) -> String {
    let lines = crlf(lines);
    format!("BEGIN:{name}\r\nUID:{uid}\r\nDTSTAMP:{DTSTAMP}\r\n{lines}END:{name}\r\n")
}

/// A calendar with one `VEVENT`.
pub fn event(uid: &str, lines: &str) -> String {
    calendar(&component("VEVENT", uid, lines))
}

/// A meeting on Wednesday 2026-01-07 at noon, UTC, with the summary `Lunch`. The organizer has
/// accepted.
///
/// Each name stands for the address `mailto:NAME@example.org`.
pub fn meeting(uid: &str, organizer: &str, attendees: &[&str]) -> String {
    let attendees =
        attendees.iter().map(|name| format!("ATTENDEE:mailto:{name}@example.org\n")).collect::<Vec<_>>().concat();
    let lines = format!(
        "DTSTART:20260107T120000Z\nDTEND:20260107T130000Z\nSUMMARY:Lunch\nORGANIZER:mailto:{organizer}@example.org\n\
         ATTENDEE;PARTSTAT=ACCEPTED:mailto:{organizer}@example.org\n{attendees}"
    );
    event(uid, &lines)
}

/// A calendar with one `VTODO`.
pub fn task(uid: &str, lines: &str) -> String {
    calendar(&component("VTODO", uid, lines))
}

/// A question for the busy times of `attendee` within `window`, a period in UTC, asked by
/// `organizer` (RFC 6638 §5).
pub fn free_busy_request(organizer: &str, attendee: &str, window: (&str, &str)) -> String {
    let (start, end) = window;
    let lines = format!("DTSTART:{start}\nDTEND:{end}\nORGANIZER:{organizer}\nATTENDEE:{attendee}");
    message("REQUEST", &component("VFREEBUSY", "busy", &lines))
}

/// The lines with CRLF ends; blank lines and spaces before a line go.
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
