//! Writes the lines of an iCalendar text with values that are times, numbers, from closed lists, or
//! made up.

use ical::{Component, Document, Property};
use schemas::Timestamp;

use super::pseudonyms::Pseudonyms;

/// The components that are written to a scheduling text. Others are left out.
const COMPONENTS: [&str; 11] = [
    "VEVENT",
    "VTODO",
    "VJOURNAL",
    "VFREEBUSY",
    "VTIMEZONE",
    "STANDARD",
    "DAYLIGHT",
    "VALARM",
    "VAVAILABILITY",
    "AVAILABLE",
    "PARTICIPANT",
];
/// Properties whose values are times, rules and numbers. Such a value is written unchanged; with
/// any other value, the property is left out.
const VALUES: [&str; 24] = [
    "ACKNOWLEDGED",
    "COMPLETED",
    "CREATED",
    "DTEND",
    "DTSTAMP",
    "DTSTART",
    "DUE",
    "DURATION",
    "EXDATE",
    "EXRULE",
    "FREEBUSY",
    "LAST-MODIFIED",
    "PERCENT-COMPLETE",
    "PRIORITY",
    "RDATE",
    "RECURRENCE-ID",
    "REPEAT",
    "RRULE",
    "SEQUENCE",
    "TRIGGER",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "TZUNTIL",
    "VERSION",
];
/// Properties whose values are keywords of RFC 5545 and its extensions.
const CHOICES: [&str; 5] = ["ACTION", "BUSYTYPE", "CLASS", "STATUS", "TRANSP"];
/// Properties whose values are free text; the text is replaced by made-up words.
const WRITTEN: [&str; 8] =
    ["CATEGORIES", "COMMENT", "CONTACT", "DESCRIPTION", "LOCATION", "NAME", "RESOURCES", "SUMMARY"];
/// Parameters whose values are keywords of RFC 5545 and RFC 6638.
const CHOICE_PARAMETERS: [&str; 11] = [
    "CUTYPE",
    "FBTYPE",
    "PARTSTAT",
    "RANGE",
    "RELATED",
    "RELTYPE",
    "ROLE",
    "RSVP",
    "SCHEDULE-AGENT",
    "SCHEDULE-FORCE-SEND",
    "VALUE",
];
/// Parameters whose values are addresses.
const ADDRESS_PARAMETERS: [&str; 4] = ["DELEGATED-FROM", "DELEGATED-TO", "MEMBER", "SENT-BY"];
/// The keywords that may be values of properties and parameters in a scheduling text. A property or
/// parameter with another keyword is left out.
const WORDS: &[&str] = &[
    "ACCEPTED",
    "AUDIO",
    "BINARY",
    "BOOLEAN",
    "BUSY",
    "BUSY-TENTATIVE",
    "BUSY-UNAVAILABLE",
    "CAL-ADDRESS",
    "CANCELLED",
    "CHAIR",
    "CHILD",
    "CLIENT",
    "COMPLETED",
    "CONFIDENTIAL",
    "CONFIRMED",
    "DATE",
    "DATE-TIME",
    "DECLINED",
    "DELEGATED",
    "DISPLAY",
    "DRAFT",
    "DURATION",
    "EMAIL",
    "END",
    "FALSE",
    "FINAL",
    "FREE",
    "GROUP",
    "IN-PROCESS",
    "INDIVIDUAL",
    "INTEGER",
    "NEEDS-ACTION",
    "NON-PARTICIPANT",
    "NONE",
    "OPAQUE",
    "OPT-PARTICIPANT",
    "PARENT",
    "PERIOD",
    "PRIVATE",
    "PROCEDURE",
    "PUBLIC",
    "RECUR",
    "REPLY",
    "REQ-PARTICIPANT",
    "REQUEST",
    "RESOURCE",
    "ROOM",
    "SERVER",
    "SIBLING",
    "START",
    "TENTATIVE",
    "TEXT",
    "THISANDFUTURE",
    "TRANSPARENT",
    "TRUE",
    "UNKNOWN",
    "URI",
    "UTC-OFFSET",
];
/// The names and keywords of recurrence rules.
const RULE_WORDS: &[&str] = &[
    "FREQ",
    "UNTIL",
    "COUNT",
    "INTERVAL",
    "BYSECOND",
    "BYMINUTE",
    "BYHOUR",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
    "WKST",
    "RSCALE",
    "SKIP",
    "SECONDLY",
    "MINUTELY",
    "HOURLY",
    "DAILY",
    "WEEKLY",
    "MONTHLY",
    "YEARLY",
    "MO",
    "TU",
    "WE",
    "TH",
    "FR",
    "SA",
    "SU",
    "GREGORIAN",
    "OMIT",
    "BACKWARD",
    "FORWARD",
];
/// The letters that occur in times and durations: `P1DT2H`, `20260105T120000Z`.
const TIME_LETTERS: &str = "PTWDHMSZ";
/// Maximum bytes of a time, number or rule that is written to a scheduling text.
const VALUE_BYTES: usize = 4_096;

/// Returns the unfolded lines of the components; `None` if the text cannot be parsed or has none of
/// [`COMPONENTS`].
pub(super) fn body(ics: &str, names: &mut Pseudonyms<'_>) -> Option<Vec<String>> {
    let document = Document::parse(ics.to_owned()).ok()?;
    let mut lines = vec![];
    for component in document.root().components() {
        write(component, names, &mut lines);
    }
    (!lines.is_empty()).then_some(lines)
}

/// Writes a component recursively. The parser limits the depth.
fn write(component: Component<'_>, names: &mut Pseudonyms<'_>, lines: &mut Vec<String>) {
    let Some(name) = listed(&COMPONENTS, component.name()) else { return };
    lines.push(format!("BEGIN:{name}"));
    for property in component.properties() {
        lines.extend(line(property, names));
    }
    for below in component.components() {
        write(below, names, lines);
    }
    lines.push(format!("END:{name}"));
}

fn line(property: Property<'_>, names: &mut Pseudonyms<'_>) -> Option<String> {
    let (name, value) = (property.name(), property.value());
    let is = |wanted: &str| name.eq_ignore_ascii_case(wanted);
    let (name, value) = if let Some(name) = listed(&VALUES, name) {
        (name, is_value(value).then(|| value.to_owned())?)
    } else if let Some(name) = listed(&CHOICES, name) {
        (name, listed(WORDS, value)?.to_owned())
    } else if let Some(name) = listed(&WRITTEN, name) {
        (name, names.words(value))
    } else if is("UID") {
        ("UID", names.uid(value))
    } else if is("RELATED-TO") {
        ("RELATED-TO", names.uid(value))
    } else if is("ORGANIZER") {
        ("ORGANIZER", names.address(value))
    } else if is("ATTENDEE") {
        ("ATTENDEE", names.address(value))
    } else if is("TZID") {
        ("TZID", names.zone(value))
    } else if is("REQUEST-STATUS") {
        ("REQUEST-STATUS", format!("{};Made up", status(value)?))
    } else {
        return None;
    };
    let parameters: String = property.params().filter_map(|param| parameter(param, names)).collect();
    Some(format!("{name}{parameters}:{value}"))
}

fn parameter(param: ical::Param<'_>, names: &mut Pseudonyms<'_>) -> Option<String> {
    let (name, value) = (param.name(), param.value());
    if let Some(name) = listed(&CHOICE_PARAMETERS, name) {
        return Some(format!(";{name}={}", listed(WORDS, &value)?));
    }
    if let Some(name) = listed(&ADDRESS_PARAMETERS, name) {
        let addresses: Vec<_> = param.values().map(|address| format!("\"{}\"", names.address(&address))).collect();
        return Some(format!(";{name}={}", addresses.join(",")));
    }
    if param.is("SCHEDULE-STATUS") {
        let codes: Option<Vec<_>> = value.split(',').map(status).collect();
        return Some(format!(";SCHEDULE-STATUS=\"{}\"", codes?.join(",")));
    }
    if param.is("TZID") {
        return Some(format!(";TZID={}", names.zone(&value)));
    }
    param.is("CN").then(|| format!(";CN={}", names.words(&value)))
}

/// Returns the list's entry that equals `word`, ignoring case; `None` if there is none.
fn listed<'l>(list: &[&'l str], word: &str) -> Option<&'l str> {
    list.iter().find(|known| known.eq_ignore_ascii_case(word)).copied()
}

/// Returns the code of a REQUEST-STATUS or SCHEDULE-STATUS: `2.0` from `2.0;Success`. `None` if it
/// has another form.
fn status(value: &str) -> Option<&str> {
    let code = value.split(';').next().unwrap_or_default().trim();
    let is_code = |part: &str| !part.is_empty() && part.len() <= 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    (code.split('.').count() <= 3 && code.split('.').all(is_code)).then_some(code)
}

/// Returns true if a value of at most [`VALUE_BYTES`] bytes consists only of times, durations,
/// numbers, and the names and keywords of recurrence rules.
fn is_value(value: &str) -> bool {
    let is_letter = |character: char| character.is_ascii_alphabetic();
    let is_word = |word: &str| {
        let is_time = word.len() == 1 && TIME_LETTERS.contains(word);
        word.is_empty() || is_time || listed(RULE_WORDS, word).is_some() || ["PT", "DT"].contains(&word)
    };
    let is_sign = |character: char| character.is_ascii_digit() || "+-:;,=/.".contains(character);
    value.len() <= VALUE_BYTES
        && value.chars().all(|character| is_letter(character) || is_sign(character))
        && value.split(is_sign).all(is_word)
}

/// Returns a time in UTC in iCalendar form: `20260105T120000Z`.
pub(super) fn utc(at: Timestamp) -> String {
    let time = chrono::DateTime::from_timestamp(at.seconds(), 0).unwrap_or_default();
    time.format("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Evidence;

    #[test]
    fn values_are_times_numbers_and_words_of_rules() {
        for value in ["20260105T120000Z", "FREQ=WEEKLY;BYDAY=-1MO,TU;UNTIL=20260105T120000Z", "-PT15M", "P1DT2H", "7"] {
            assert!(is_value(value), "{value}");
        }
        for value in ["Alice", "FREQ=ALICE", "20260105TALICE", "1\u{661}"] {
            assert!(!is_value(value), "{value}");
        }
    }

    #[test]
    fn what_people_wrote_is_made_up_and_what_no_list_has_is_left_out() {
        let evidence = Evidence { uid: "secret-uid".to_owned(), ..Evidence::default() };
        let mut names = Pseudonyms::of(&evidence);
        let text = specimens::event(
            "secret-uid",
            "DTSTART;TZID=Secret zone;X-SECRET=secret:20260107T120000\nSUMMARY;LANGUAGE=x-secret:Secret title\n\
             DESCRIPTION:Secret title\nCLASS:X-SECRET\nSTATUS:confirmed\nX-SECRET:secret\nURL:https://secret.example\n\
             ORGANIZER;CN=Secret;SENT-BY=\"mailto:secret@secret.example\":mailto:boss@secret.example\n\
             ATTENDEE;PARTSTAT=X-SECRET;ROLE=chair:mailto:secret@secret.example\n\
             REQUEST-STATUS:2.0;Secret;secret\nPRIORITY:secret",
        );
        let lines = body(&text, &mut names).expect("it is readable");
        let expected = [
            "BEGIN:VEVENT",
            "UID:meeting",
            "DTSTAMP:20260101T000000Z",
            "DTSTART;TZID=Zone-1:20260107T120000",
            "SUMMARY:Words 1",
            "DESCRIPTION:Words 1",
            "STATUS:CONFIRMED",
            "ORGANIZER;CN=Words 2;SENT-BY=\"mailto:guest2@elsewhere.example\":mailto:guest1@elsewhere.example",
            "ATTENDEE;ROLE=CHAIR:mailto:guest2@elsewhere.example",
            "REQUEST-STATUS:2.0;Made up",
            "END:VEVENT",
        ];
        let lines: Vec<_> = lines.iter().filter(|line| !line.starts_with("DTSTAMP")).collect();
        let expected: Vec<_> = expected.iter().filter(|line| !line.starts_with("DTSTAMP")).collect();
        assert_eq!(format!("{lines:#?}"), format!("{expected:#?}"));
    }
}
