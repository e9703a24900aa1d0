//! The free-busy request (RFC 5546 §3.3.2).
//!
//! **Invariant:** an accepted request has an ORGANIZER, an ATTENDEE and a range in UTC, and none of
//! the [`FORBIDDEN`] properties. The section also forbids `VTIMEZONE`, which is accepted here:
//! clients send one that no property refers to.

use crate::time::Instant;
use crate::validate;
use crate::value::DateTime;
use crate::{Component, Document, Property};

/// The properties that a free-busy request must not have (RFC 5546 §3.3.2).
const FORBIDDEN: [&str; 4] = ["FREEBUSY", "DURATION", "REQUEST-STATUS", "URL"];

/// The property with the UID of a meeting that is being moved. The meeting is left out, so that it
/// does not conflict with itself.
const MASK_UID: &str = "X-CALENDARSERVER-MASK-UID";

/// A request for the busy time of its attendees.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The UID of the request as written, with escapes.
    pub uid: &'a str,
    /// The ORGANIZER of the request.
    pub organizer: Property<'a>,
    /// The ATTENDEEs whose busy time is requested; at least one.
    pub attendees: Vec<Property<'a>>,
    /// The start of the requested range, DTSTART.
    pub start: Instant,
    /// The end of the requested range, DTEND, exclusive.
    pub end: Instant,
    /// The UID of the meeting to leave out, unescaped; `None` if every meeting counts.
    pub masked: Option<String>,
}

impl<'a> Request<'a> {
    /// Reads a free-busy request.
    ///
    /// Returns an error that names the restriction that the request violates.
    pub fn read(document: &'a Document) -> Result<Self, String> {
        let summary = validate::scheduling_message(document).map_err(|invalid| invalid.to_string())?;
        if summary.method.as_deref() != Some("REQUEST") {
            return Err("the METHOD of a free-busy request must be REQUEST".to_owned());
        }
        let mut components = document.root().components_named("VFREEBUSY");
        let (Some(question), None) = (components.next(), components.next()) else {
            return Err("a free-busy request must have exactly one VFREEBUSY".to_owned());
        };
        let mut properties = question.properties();
        if let Some(property) = properties.find(|property| FORBIDDEN.iter().any(|name| property.is(name))) {
            return Err(format!("{} is not allowed in a free-busy request; remove it", property.name()));
        }
        if question.components().next().is_some() {
            return Err("the VFREEBUSY of a free-busy request must not contain other components".to_owned());
        }
        let uid = question.property("UID").map(Property::value).unwrap_or_default();
        let organizer = question.property("ORGANIZER").ok_or("the free-busy request has no ORGANIZER")?;
        let attendees: Vec<_> = question.properties_named("ATTENDEE").collect();
        if attendees.is_empty() {
            return Err("the free-busy request has no ATTENDEE; name the people whose busy time it asks for".to_owned());
        }
        let (start, end) = (instant(question, "DTSTART")?, instant(question, "DTEND")?);
        if start >= end {
            return Err("DTEND of the free-busy request must be after its DTSTART".to_owned());
        }
        let masked = question.property(MASK_UID).map(|uid| uid.text().into_owned());
        Ok(Self { uid, organizer, attendees, start, end, masked })
    }
}

/// Checks the VFREEBUSYs of a document by RFC 5545 §3.6.4: DTSTART and DTEND must be in UTC, and
/// DURATION is not allowed.
///
/// Returns the first fault, as a sentence; `None` if there is none.
pub fn vfreebusy_fault(document: &Document) -> Option<String> {
    document.root().components_named("VFREEBUSY").find_map(|component| {
        let local = |name: &str| component.property(name).is_some() && instant(component, name).is_err();
        let local = ["DTSTART", "DTEND"].into_iter().find(|name| local(name));
        let lasting =
            component.property("DURATION").map(|_| "DURATION is not allowed in VFREEBUSY; remove it".to_owned());
        local.map(|name| format!("{name} of VFREEBUSY must be in UTC, such as 20260105T000000Z")).or(lasting)
    })
}

fn instant(question: Component<'_>, name: &str) -> Result<Instant, String> {
    match question.property(name).map(Property::date_time) {
        Some(Ok(DateTime::Utc(time))) => Ok(time.and_utc().timestamp()),
        Some(_) => Err(format!("{name} of VFREEBUSY must be in UTC, such as 20260105T000000Z")),
        None => Err(format!("the free-busy request has no {name}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUESTION: [&str; 7] = [
        "UID:1",
        "DTSTAMP:20260101T000000Z",
        "DTSTART:20260105T000000Z",
        "DTEND:20260106T000000Z",
        "ORGANIZER:mailto:a@x",
        "ATTENDEE:mailto:a@x",
        "ATTENDEE:mailto:b@x",
    ];

    fn read(method: &str, lines: &[&str]) -> Result<(usize, Option<String>), String> {
        let lines = lines.join("\r\n") + "\r\n";
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//X//EN\r\n{method}BEGIN:VFREEBUSY\r\n{lines}END:VFREEBUSY\r\n\
             END:VCALENDAR\r\n"
        );
        let document = Document::parse(text).expect("well-formed");
        Request::read(&document).map(|request| (request.attendees.len(), request.masked))
    }

    #[test]
    fn a_free_busy_request_obeys_every_restriction_of_itip() {
        let method = "METHOD:REQUEST\r\n";
        assert_eq!(read(method, &QUESTION), Ok((2, None)));
        let masked = [&QUESTION[..], &["X-CALENDARSERVER-MASK-UID:lunch\\, late"]].concat();
        assert_eq!(read(method, &masked), Ok((2, Some("lunch, late".to_owned()))));
        for (title, wrong) in [("no METHOD", ""), ("another METHOD", "METHOD:REPLY\r\n")] {
            assert!(read(wrong, &QUESTION).is_err(), "{title}");
        }
        for missing in ["UID", "DTSTAMP", "DTSTART", "DTEND", "ORGANIZER", "ATTENDEE"] {
            let lines: Vec<_> = QUESTION.into_iter().filter(|line| !line.starts_with(missing)).collect();
            assert!(read(method, &lines).is_err(), "no {missing}");
        }
        for line in ["FREEBUSY:20260105T000000Z/PT1H", "DURATION:PT1H", "REQUEST-STATUS:2.0;Success", "URL:http://x/"] {
            assert!(read(method, &[&QUESTION[..], &[line]].concat()).is_err(), "{line}");
        }
        for (was, is) in [
            ("DTSTART:20260105T000000Z", "DTSTART:20260105T000000"),
            ("DTEND:20260106T000000Z", "DTEND;VALUE=DATE:20260106"),
            ("DTEND:20260106T000000Z", "DTEND:20260105T000000Z"),
        ] {
            let lines = QUESTION.map(|line| if line == was { is } else { line });
            assert!(read(method, &lines).is_err(), "{is}");
        }
        let twice = [&QUESTION[..], &["END:VFREEBUSY", "BEGIN:VFREEBUSY"], &QUESTION[..]].concat();
        assert!(read(method, &twice).is_err(), "two questions");
        let event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTAMP:20260101T000000Z\r\n\
                     DTSTART:20260105T000000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let invitation = Document::parse(event).expect("well-formed");
        assert!(Request::read(&invitation).is_err_and(|why| why.contains("VFREEBUSY")), "an invitation");
        let with_inner = [&QUESTION[..], &["BEGIN:X-INNER", "END:X-INNER"]].concat();
        assert!(read(method, &with_inner).is_err(), "a component in it");
        let text =
            |line: &str| format!("BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\n{line}\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n");
        for (line, wrong) in [("DTSTART:20260105T000000", true), ("DURATION:PT1H", true), (QUESTION[2], false)] {
            let document = Document::parse(text(line)).expect("well-formed");
            assert_eq!(vfreebusy_fault(&document).is_some(), wrong, "{line}");
        }
    }
}
