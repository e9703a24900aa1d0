//! The events on which a report is based, read and verified.

use std::collections::BTreeMap;

use schemas::{Event, Position, PrincipalId, Recorded, Stream};

use crate::{Names, places::Places};

/// All events that were read about one meeting, request or resource.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The iCalendar UID of the meeting; empty for a report about anything else.
    pub uid: String,
    /// The reported events, in the journal's order. The functions in [`read`](crate::read) say
    /// which these are.
    pub events: Vec<Recorded>,
    /// Other events of the same streams, which are not reported. They only provide the content of
    /// each resource before each reported event.
    pub before: Vec<Recorded>,
    /// Events of the collections in which the reported resources are or were, and of the
    /// collections above them.
    pub collections: Vec<Recorded>,
    /// Events of shares: for a meeting, of all shares that the collections in `collections` ever
    /// had; for a request, of the shares that it changed; otherwise empty.
    pub shares: Vec<Recorded>,
    /// Names of all principals that occur in the events.
    pub names: Names,
    /// The events that were altered or cannot be read.
    pub faults: Vec<Fault>,
    /// Streams of copies that the read model does not name.
    pub unlisted: Vec<Stream>,
}

/// An event whose stored bytes do not fit the hash chain, or that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Position of the event.
    pub position: Position,
    /// Says how the event was altered, or why it cannot be read.
    pub why: String,
}

impl Evidence {
    /// Returns the names of the collections over time.
    pub(crate) fn places(&self) -> Places {
        Places::of(&self.collections)
    }

    /// Adds events that were read and verified separately.
    pub(crate) fn add(&mut self, events: Vec<Recorded>, faults: Vec<Fault>) {
        self.events.extend(events);
        self.events.sort_by_key(|recorded| recorded.position);
        self.faults.extend(faults);
        self.faults.sort_by_key(|fault| fault.position);
        self.faults.dedup_by_key(|fault| fault.position);
    }

    /// Returns the owner of the home to which each stream of a calendar object belongs.
    pub(crate) fn homes(&self) -> BTreeMap<Stream, PrincipalId> {
        let home = |recorded: &Recorded| match &recorded.event {
            Event::Object(event) => Some((recorded.stream, event.home()?)),
            Event::Principal(_)
            | Event::Collection(_)
            | Event::File(_)
            | Event::Share(_)
            | Event::Access(_)
            | Event::Server(_)
            | Event::Erased(_) => None,
        };
        self.before.iter().chain(&self.events).filter_map(home).collect()
    }

    /// Returns true if every event can be read and is unaltered, and the read model names all
    /// streams.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.unlisted.is_empty()
    }

    /// Returns why the evidence is not [whole](Self::is_whole), as a clause, and what shows more;
    /// `None` if it is whole.
    pub fn doubt(&self) -> Option<(&'static str, &'static str)> {
        if !self.faults.is_empty() {
            return Some(("an event of this meeting was altered", "`daybook timeline` shows which event"));
        }
        let unlisted =
            ("the read model does not list every copy of this meeting", "run `daybook verify --read-models`");
        (!self.unlisted.is_empty()).then_some(unlisted)
    }

    /// Returns true if the event at a position was altered or cannot be read.
    pub fn fault_at(&self, position: Position) -> bool {
        self.fault(position).is_some()
    }

    /// Returns the fault of the event at a position; `None` if it has none.
    pub(crate) fn fault(&self, position: Position) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.position == position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_read_model_lacks_is_told_apart_from_an_altered_event() {
        let mut evidence = Evidence::default();
        let doubt = |evidence: &Evidence| evidence.doubt().map(|(why, _)| why.contains("altered"));
        assert_eq!(doubt(&evidence), None);
        evidence.unlisted.push(Stream::Principal(PrincipalId(uuid::Uuid::nil())));
        assert_eq!(doubt(&evidence), Some(false));
        evidence.faults.push(Fault { position: Position(1), why: String::new() });
        assert_eq!(doubt(&evidence), Some(true));
    }
}
