//! The events that a story is told from, as they were read and checked.

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
    /// Earlier and later events of the same streams that are not told: what stood there before is read from them.
    pub before: Vec<Recorded>,
    /// Events of collections that are told themselves.
    pub acts_on_collections: Vec<Recorded>,
    /// Events of the collections that these lie or lay in.
    pub collections: Vec<Recorded>,
    /// Names of everybody whom the events name.
    pub names: Names,
    /// Events that are not what was stored, or that cannot be read.
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

    /// Returns the owner of the home that each stream belongs to.
    pub(crate) fn homes(&self) -> BTreeMap<Stream, PrincipalId> {
        let home = |recorded: &Recorded| match &recorded.event {
            Event::Object(event) => Some((recorded.stream, event.home()?)),
            Event::Principal(_) | Event::Collection(_) | Event::File(_) | Event::Access(_) | Event::Server(_) => None,
        };
        self.before.iter().chain(&self.events).filter_map(home).collect()
    }

    /// True if everything is what was stored, and the read model lists all of it.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.unlisted.is_empty()
    }

    /// True if the event at a position is not what was stored.
    pub fn fault_at(&self, position: Position) -> bool {
        self.fault(position).is_some()
    }

    /// Returns what is wrong with the event at a position; `None`: it is what was stored.
    pub(crate) fn fault(&self, position: Position) -> Option<&Fault> {
        self.faults.iter().find(|fault| fault.position == position)
    }
}
