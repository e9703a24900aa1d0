//! Computes when a meeting was in which calendar.

use std::collections::BTreeMap;

use schemas::{CollectionEvent, CollectionId, Event, Position, Recorded, Stream};

use super::Offers;
use crate::{Evidence, places::Places, state::State};

/// The times at which a copy of the meeting was in each collection.
#[derive(Debug)]
pub(crate) struct Membership {
    spans: BTreeMap<CollectionId, Vec<Span>>,
    places: Places,
    offers: Offers,
}

/// A time from the event that put the object into a collection to the event that took it away.
/// `until` is `None` while the object is still there.
#[derive(Debug, Clone, Copy)]
struct Span {
    since: Position,
    until: Option<Position>,
}

impl Span {
    fn holds(self, position: Position) -> bool {
        self.since < position && self.until.is_none_or(|until| position < until)
    }
}

impl Membership {
    pub(crate) fn of(evidence: &Evidence) -> Self {
        let mut spans: BTreeMap<CollectionId, Vec<Span>> = BTreeMap::new();
        let mut state = State::default();
        for recorded in &evidence.events {
            if state.apply(recorded).place.is_none() {
                continue;
            }
            let position = recorded.position;
            for collection in state.collections() {
                let known = spans.entry(collection).or_default();
                if known.last().is_none_or(|last| last.until.is_some()) {
                    known.push(Span { since: position, until: None });
                }
            }
            let gone = spans.iter_mut().filter(|(collection, _)| !state.is_in(**collection));
            for last in gone.filter_map(|(_, known)| known.last_mut()).filter(|last| last.until.is_none()) {
                last.until = Some(position);
            }
        }
        Self { spans, places: evidence.places(), offers: Offers::of(&evidence.shares) }
    }

    /// Returns true if the event is about a calendar that contained the meeting at that time or
    /// about a share of that calendar, or if it moved a collection above that calendar. Other
    /// events of the collections above are left out.
    pub(crate) fn concerns(&self, recorded: &Recorded) -> bool {
        let position = recorded.position;
        match (recorded.stream, &recorded.event) {
            (Stream::Collection(above), Event::Collection(CollectionEvent::Moved(_))) => {
                let before = position.previous();
                let mut all = self.spans.keys().filter(|id| self.held(**id, position));
                all.any(|id| self.places.is_within(*id, above, before))
            }
            (Stream::Collection(id), _) => self.held(id, position),
            (Stream::Share(id), _) => self.offers.get(id).is_some_and(|offer| self.held(offer.calendar, position)),
            _ => false,
        }
    }

    fn held(&self, id: CollectionId, position: Position) -> bool {
        self.spans.get(&id).is_some_and(|spans| spans.iter().any(|span| span.holds(position)))
    }
}
