//! The events of a report, read and verified.

use std::collections::BTreeMap;

use schemas::{Event, Position, PrincipalId, Recorded, Stream};

use crate::{Names, places::Places};

/// Everything that was read about one meeting, request or resource.
#[derive(Debug, Default)]
pub struct Evidence {
    /// The iCalendar UID; empty if the events are of several.
    pub uid: String,
    /// Events of calendar objects and files, in the journal's order.
    pub events: Vec<Recorded>,
    /// Other events of the same streams, which are not reported. They give the earlier content of
    /// each resource.
    pub before: Vec<Recorded>,
    /// Events of the collections that these lie or lay in, and of those above.
    pub collections: Vec<Recorded>,
    /// Events of the shares of these collections.
    pub shares: Vec<Recorded>,
    /// Names of all principals in the events.
    pub names: Names,
    /// Events that were altered or cannot be read.
    pub faults: Vec<Fault>,
    /// Streams that hold a copy, but that the read model does not list.
    pub unlisted: Vec<Stream>,
}

/// An event whose stored bytes do not fit the hash chain, or that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where the event is.
    pub position: Position,
    /// How it differs from an event that Daybook stored.
    pub why: String,
}

impl Evidence {
    /// Returns the collections by name and time.
    pub(crate) fn places(&self) -> Places {
        Places::of(&self.collections)
    }

    /// Adds events that were read and verified apart.
    pub(crate) fn add(&mut self, events: Vec<Recorded>, faults: Vec<Fault>) {
        self.events.extend(events);
        self.events.sort_by_key(|recorded| recorded.position);
        self.faults.extend(faults);
        self.faults.sort_by_key(|fault| fault.position);
        self.faults.dedup_by_key(|fault| fault.position);
    }

    /// Returns the owner of the home that each stream belongs to.
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

    /// Returns true if no event was altered and the read model lists all of them.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.unlisted.is_empty()
    }

    /// Returns true if the event at a position was altered.
    pub fn fault_at(&self, position: Position) -> bool {
        self.fault(position).is_some()
    }

    /// Returns the fault of the event at a position; `None` if it was not altered.
    pub(crate) fn fault(&self, position: Position) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.position == position)
    }
}
