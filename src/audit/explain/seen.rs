//! The last version of a meeting that a person's clients were given.

use schemas::{Event, ObjectEvent, Position, PrincipalId};

use crate::{Clock, Evidence, asked::Reading};

/// Returns whether the person's programs were given the newest version of their copy; `readings` are those of the person, the
/// oldest first.
pub fn seen(evidence: &Evidence, person: PrincipalId, readings: &[Reading], clock: &Clock) -> Vec<String> {
    let name = evidence.names.today().person(person);
    let Some(last) = readings.last() else {
        return vec![format!("Seen: none of {name}'s programs was given a version, as far as reads are recorded.")];
    };
    let mut sentences =
        vec![format!("Seen: {} was given #{} last, on {}.", last.who, last.version, clock.long(last.at))];
    if let Some(newest) = newest(evidence, person) {
        let given = readings.iter().find(|reading| reading.version == newest);
        sentences.push(match given {
            Some(given) => {
                format!("The newest version of {name}'s copy, #{newest}, was given on {}.", clock.long(given.at))
            }
            None => {
                format!("The newest version of {name}'s copy, #{newest}, was given to none of their programs so far.")
            }
        });
    }
    sentences
}

/// Returns the event that stored the newest content of the person's copy; `None` if there is no copy.
fn newest(evidence: &Evidence, person: PrincipalId) -> Option<Position> {
    let homes = evidence.homes();
    let own = evidence.events.iter().rev().filter(|recorded| homes.get(&recorded.stream) == Some(&person));
    for recorded in own {
        match &recorded.event {
            Event::Object(ObjectEvent::Put(_) | ObjectEvent::Revised(_)) => return Some(recorded.position),
            Event::Object(ObjectEvent::Removed(_)) => return None,
            _ => {}
        }
    }
    None
}
