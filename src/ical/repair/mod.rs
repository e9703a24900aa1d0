//! Repairs of texts with errors whose meaning is obvious.
//!
//! **Invariant:** a part with two possible meanings stays as it is, and `validate` decides about
//! it. A text without errors keeps its octets. Every repair of a sent text is reported, because the
//! stored text then differs from the sent one (RFC 4791 §5.3.4). Errors that remain after all
//! repairs report the line number in the text that the client sent.

mod address;
mod colon;
mod duplicates;
mod end;
mod instance;
mod kind;
mod properties;
mod recurrence;
mod task;
#[cfg(test)]
mod tests;
mod value;
mod zone;

pub use kind::RepairKind;

use crate::Property;
use crate::text::{Component, Document, SyntaxError, controls, quotes, tail, utf8};
use crate::time::Instant;

/// One repair of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The kind of repair.
    pub kind: RepairKind,
    /// The repaired component and property, as `VCALENDAR/VEVENT/DTSTAMP`; empty for the whole
    /// text.
    pub path: String,
}

impl Repair {
    fn text(kind: RepairKind) -> Self {
        Self { kind, path: String::new() }
    }

    fn property(kind: RepairKind, component: Component<'_>, name: &str) -> Self {
        Self { kind, path: format!("{}/{}", component.path(), name.to_ascii_uppercase()) }
    }
}

/// A text after its repairs.
#[derive(Debug, Clone)]
pub struct Repaired {
    /// The parsed text.
    pub document: Document,
    /// The repairs in the order in which they were made; empty if the text is unchanged.
    pub repairs: Vec<Repair>,
}

/// The use of a text: stored as a calendar object, or received as a scheduling message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Stored,
    Message,
}

/// Decodes octets as UTF-8. The repair is `None` unless a fold inside a character (RFC 5545 §3.1
/// warns of it) was moved behind the character.
///
/// Returns an error if the octets are not UTF-8.
pub fn utf8(octets: Vec<u8>) -> Result<(String, Option<Repair>), SyntaxError> {
    let decoded = utf8::decode(octets)?;
    let repair = (!decoded.is_as_sent).then(|| Repair::text(RepairKind::FoldInsideCharacter));
    Ok((decoded.text, repair))
}

/// Parses and repairs the text of a calendar object resource, as a client may PUT it.
///
/// `now` becomes the DTSTAMP of components that need one and have neither a DTSTAMP nor a
/// LAST-MODIFIED or CREATED in UTC. Returns an error if the text is still not well-formed after all
/// repairs.
///
/// # Examples
///
/// ```
/// use ical::repair::{self, RepairKind};
/// use ical::validate;
///
/// let invitation = "BEGIN:VCALENDAR\nVERSION:2.0\nMETHOD:REQUEST\nBEGIN:VEVENT\nUID:1\n\
///                   DTSTAMP:20260101T000000Z\nDTSTART:20260105T120000Z\nSTATUS:\nEND:VEVENT\nEND:VCALENDAR\n";
/// let repaired = repair::calendar_object(invitation.to_owned(), 0)?;
/// assert!(validate::calendar_object(&repaired.document).is_ok());
/// let kinds: Vec<_> = repaired.repairs.iter().map(|repair| repair.kind).collect();
/// assert_eq!(kinds, [RepairKind::Method, RepairKind::EmptyProperty]);
/// # Ok::<(), ical::SyntaxError>(())
/// ```
pub fn calendar_object(text: String, now: Instant) -> Result<Repaired, SyntaxError> {
    repaired(text, Purpose::Stored, now)
}

/// Parses and repairs the text of a scheduling message (RFC 5546), like [`calendar_object`], but
/// keeps its METHOD.
///
/// Returns an error if the text is not well-formed after all repairs.
pub fn scheduling_message(text: String, now: Instant) -> Result<Repaired, SyntaxError> {
    repaired(text, Purpose::Message, now)
}

/// Converts each RECURRENCE-ID of `document` whose instance is certain to the value type of the
/// DTSTART of `series`, its master, which is not in the document (RFC 5545 §3.8.4.4). Returns the
/// new document; `None` if nothing is converted.
pub fn named_as_in(document: &Document, series: Component<'_>) -> Option<Document> {
    let mut edit = document.edit();
    instance::repair_names(document, series, &mut edit);
    if edit.is_empty() { None } else { Document::parse(edit.finish()).ok() }
}

fn repaired(text: String, purpose: Purpose, now: Instant) -> Result<Repaired, SyntaxError> {
    let mut repairs = Vec::new();
    let (mut text, mut lines) = (text, vec![]);
    if let Some((repaired, moved)) = controls::removed(&text) {
        repairs.push(Repair::text(RepairKind::ControlCharacter));
        lines.push(moved);
        text = repaired;
    }
    if let Some((repaired, moved)) = quotes::encoded(&text) {
        repairs.push(Repair::text(RepairKind::MisplacedQuote));
        lines.push(moved);
        text = repaired;
    }
    if let Some(repaired) = tail::cut(&text) {
        repairs.push(Repair::text(RepairKind::BlankLinesAtEnd));
        text = repaired;
    }
    let mut document = Document::parse_repaired(text, lines)?;
    // The order matters: a repair that compares several properties comes after the repairs of their
    // values.
    for repair in [
        colon::repair,
        zone::repair,
        address::repair,
        properties::repair,
        duplicates::repair,
        recurrence::repair,
        task::repair,
        end::repair,
        instance::repair,
    ] {
        let mut edit = document.edit();
        let found = repair(&document, &mut edit, Context { purpose, now });
        let changed = (!found.is_empty()).then(|| edit.finish_with_lines());
        if let Some((text, moved)) = changed {
            let mut lines = document.into_sent();
            lines.push(moved);
            document = Document::parse_repaired(text, lines)?;
            repairs.extend(found);
        }
    }
    Ok(Repaired { document, repairs })
}

/// The input of a repair in addition to the document.
#[derive(Debug, Clone, Copy)]
struct Context {
    purpose: Purpose,
    now: Instant,
}

/// Returns the property's content line with another value.
fn with_value(property: Property<'_>, value: &str) -> String {
    let line = property.content_line();
    format!("{}{value}", &line[..line.len() - property.value().len()])
}
