//! Writes scheduling messages (RFC 5546 §3).
//!
//! **Invariant:** a message holds only what other calendar users may see: known properties and
//! components, without alarms, `SCHEDULE-*` and private parameters. A message with TZIDs includes
//! the object's `VTIMEZONE`s.

use crate::body::Body;
use crate::line::Line;
use crate::times::utc;
use crate::{Context, Method};
pub(crate) use ical::PRODID;
use ical::{Component, Document, Writer};
use std::collections::BTreeSet;

/// The properties that every message may contain: they identify the meeting, the instance, the
/// people and the time.
const IDENTIFYING: [&str; 10] =
    ["UID", "DTSTAMP", "SEQUENCE", "RECURRENCE-ID", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND", "DURATION", "DUE"];

/// The properties of an event or task that an organizer's message may contain besides
/// [`IDENTIFYING`]: most of RFC 5545, RFC 7986, RFC 9073 and RFC 9253, EXRULE of RFC 2445, and a
/// few widely used private properties that describe or locate a meeting.
const SENT: [&str; 34] = [
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "SUMMARY",
    "DESCRIPTION",
    "LOCATION",
    "GEO",
    "URL",
    "STATUS",
    "CLASS",
    "PRIORITY",
    "TRANSP",
    "CATEGORIES",
    "RESOURCES",
    "CONTACT",
    "COMMENT",
    "ATTACH",
    "RELATED-TO",
    "CREATED",
    "LAST-MODIFIED",
    "COMPLETED",
    "PERCENT-COMPLETE",
    "CONFERENCE",
    "IMAGE",
    "STYLED-DESCRIPTION",
    "STRUCTURED-DATA",
    "LINK",
    "REFID",
    "CONCEPT",
    "LOCATION-TYPE",
    "X-ALT-DESC",
    "X-APPLE-STRUCTURED-LOCATION",
    "X-GOOGLE-CONFERENCE",
];

/// The properties that a reply may contain besides [`IDENTIFYING`]. RFC 5546 §3.2.3 requires fewer,
/// but some calendar programs identify a meeting by more than its UID. EXDATE says to which
/// instances an answer to the series does not apply.
const ANSWERED: [&str; 8] =
    ["RRULE", "EXDATE", "SUMMARY", "LOCATION", "COMMENT", "STATUS", "PERCENT-COMPLETE", "COMPLETED"];

/// The properties that may explain a cancellation (RFC 5546 §3.2.5).
pub(crate) const EXPLAINS: [&str; 4] = ["SUMMARY", "DESCRIPTION", "COMMENT", "X-ALT-DESC"];

/// Returns whether attendees may see a property of the organizer's object.
pub(crate) fn is_shown(line: &Line<'_>) -> bool {
    is_sent(line.name()) && !is_for_moderators(line)
}

pub(crate) fn is_sent(name: &str) -> bool {
    IDENTIFYING.iter().chain(&SENT).any(|sent| sent.eq_ignore_ascii_case(name))
}

/// Removes from `body` everything that no attendee may see, and sets DTSTAMP.
pub(crate) fn publish(body: &mut Body<'_>, context: &Context<'_>) {
    strip(body, &SENT, context);
    body.lines.retain(|line| !is_for_moderators(line));
    body.nested.retain(|inner| inner.is_shared());
}

/// Returns whether the line is a CONFERENCE for moderators. Such a line may contain a private
/// access code, so attendees do not get it (RFC 7986 §7).
fn is_for_moderators(line: &Line<'_>) -> bool {
    let features = || line.param("FEATURE").unwrap_or_default().split(',').map(|feature| feature.trim_matches('"'));
    line.is("CONFERENCE") && features().any(|feature| feature.eq_ignore_ascii_case("MODERATOR"))
}

/// Removes from `body` everything that an attendee does not send to the organizer, and sets
/// DTSTAMP.
pub(crate) fn answer(body: &mut Body<'_>, context: &Context<'_>) {
    strip(body, &ANSWERED, context);
    body.nested.clear();
}

/// Removes all properties except the identifying ones and those in `names`, removes private
/// parameters (but not the `X-` parameters of `X-` properties), and sets DTSTAMP.
fn strip(body: &mut Body<'_>, names: &[&str], context: &Context<'_>) {
    body.lines.retain(|line| IDENTIFYING.iter().chain(names).any(|name| line.is(name)));
    for line in &mut body.lines {
        let private = line.name().starts_with("X-");
        line.remove_params(|param| is_private(param) && !(private && param.starts_with("X-")));
    }
    // RFC 6638 §3.2.5: DTSTAMP is the time at which the message is made.
    body.set(Line::new("DTSTAMP", &utc(context.now)));
}

fn is_private(param: &str) -> bool {
    let starts = |prefix: &str| param.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    starts("SCHEDULE-") || starts("X-")
}

/// Writes a message with these components and all time zones of `sources`.
pub(crate) fn message(method: Method, bodies: &[Body<'_>], sources: &[&Document]) -> String {
    let mut writer = Writer::new();
    writer.begin("VCALENDAR").property("VERSION:2.0").property(&format!("PRODID:{PRODID}"));
    writer.property(&format!("METHOD:{}", method.as_str()));
    let mut known = BTreeSet::new();
    let all = sources.iter().flat_map(|source| source.root().components_named("VTIMEZONE"));
    for zone in all.filter(|zone| known.insert(zone.property("TZID").map(ical::Property::value))) {
        writer.raw(zone.text());
    }
    let organizer = sources.iter().find_map(|source| organizer_line(source));
    for body in bodies {
        match organizer.as_ref().filter(|_| body.line("ORGANIZER").is_none()) {
            // RFC 5546 §3: an override without ORGANIZER inherits the series' ORGANIZER.
            Some(organizer) => Body { lines: with(&body.lines, organizer), ..body.clone() }.write(&mut writer),
            None => body.write(&mut writer),
        }
    }
    writer.finish()
}

fn organizer_line(source: &Document) -> Option<Line<'_>> {
    let mut line = Line::of(source.root().components().find_map(|component| component.property("ORGANIZER"))?);
    line.remove_params(is_private);
    Some(line)
}

fn with<'a>(lines: &[Line<'a>], line: &Line<'a>) -> Vec<Line<'a>> {
    lines.iter().chain([line]).cloned().collect()
}

/// Returns the VTIMEZONEs of `sources` that these components reference, one for each TZID.
pub(crate) fn zones<'a>(bodies: &[Body<'_>], sources: &[&'a Document]) -> Vec<Component<'a>> {
    let named: BTreeSet<&str> =
        bodies.iter().flat_map(|body| &body.lines).filter_map(|line| line.param("TZID")).collect();
    let mut written = BTreeSet::new();
    let zones = sources.iter().flat_map(|source| source.root().components_named("VTIMEZONE"));
    let mut found = Vec::new();
    for zone in zones {
        let Some(tzid) = zone.property("TZID").map(ical::Property::value) else { continue };
        if named.contains(tzid) && written.insert(tzid) {
            found.push(zone);
        }
    }
    found
}
