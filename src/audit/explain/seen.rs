//! Explains which version of a meeting was last served to a person's clients.

use ical::Document;
use projections::versions::Stored;
use schemas::{Event, ObjectEvent, Position, PrincipalId, Stream};

use crate::{Clock, Evidence, access_report::Reading, moment};

/// Maximum number of start times that describe a version: those of the series and of its overrides.
const SHOWN_TIMES: usize = 3;

/// Returns sentences that say whether the newest version of the person's copy was served to their
/// clients. `readings` are those of the person, oldest first.
pub fn seen(evidence: &Evidence, person: PrincipalId, readings: &[Reading], clock: &Clock) -> Vec<String> {
    let name = evidence.names.today().person(person);
    let Some(last) = readings.last() else {
        return vec![format!("Seen: none of {name}'s programs was given a version, as far as reads are recorded.")];
    };
    let mut sentences = vec![format!(
        "Seen: {} was last given version #{}{}, on {}.",
        last.who,
        last.version,
        times(evidence, last.version),
        clock.long(last.at)
    )];
    if let Some((copy, newest)) = newest(evidence, person) {
        let version = format!("The newest version of {name}'s copy, #{newest}{}", times(evidence, newest));
        // A version that was served can be that of a later event, such as a MOVE, which did not
        // change the text.
        let has_it = |reading: &&Reading| Stream::Object(reading.object) == copy && reading.version >= newest;
        let given = readings.iter().find(has_it);
        sentences.push(match given {
            Some(given) => format!("{version}, was given to one of their programs on {}.", clock.long(given.at)),
            None => format!("{version}, was not given to any of their programs yet."),
        });
    }
    sentences
}

/// Returns the start times in a version, such as ` (Mon 14 Dec 2026 09:00 Europe/Berlin)`; empty if
/// it has none, or is not among the events.
fn times(evidence: &Evidence, version: Position) -> String {
    let recorded = evidence.events.iter().find(|recorded| recorded.position == version);
    let Some(text) = recorded.and_then(|recorded| Stored::by(&recorded.event)) else { return String::new() };
    let document = std::str::from_utf8(text.body.as_bytes()).ok().and_then(|text| Document::parse(text).ok());
    let Some(document) = document else { return String::new() };
    let components = document.root().components().filter(|component| !component.is("VTIMEZONE"));
    let times = components.filter_map(|component| {
        let start = moment::value(&component.start()?);
        Some(match component.recurrence_id() {
            Some(instance) => format!("the instance of {}: {start}", moment::value(&instance)),
            None => start,
        })
    });
    let times: Vec<String> = times.take(SHOWN_TIMES + 1).collect();
    match times.as_slice() {
        [] => String::new(),
        few if few.len() <= SHOWN_TIMES => format!(" ({})", few.join("; ")),
        many => format!(" ({}; …)", many[..SHOWN_TIMES].join("; ")),
    }
}

/// Returns the stream of the person's copy, and the position of the event that stored its newest
/// content; `None` if the person has no copy.
fn newest(evidence: &Evidence, person: PrincipalId) -> Option<(Stream, Position)> {
    let homes = evidence.homes();
    let own = evidence.events.iter().rev().filter(|recorded| homes.get(&recorded.stream) == Some(&person));
    for recorded in own {
        match &recorded.event {
            Event::Object(ObjectEvent::Put(_) | ObjectEvent::Revised(_)) => {
                return Some((recorded.stream, recorded.position));
            }
            Event::Object(ObjectEvent::Removed(_)) => return None,
            _ => {}
        }
    }
    None
}
