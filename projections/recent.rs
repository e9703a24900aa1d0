//! A cache of collections: nearly every request first reads one of a few collections.
//!
//! **Invariant:** a cached answer is used only until an event changes its collection. For
//! [`Wanted::Outline`], changes of members do not count. The projector first notes an event
//! ([`Recent::note`]), then writes it, and then announces its position ([`Status::reach`]). A
//! cached answer is valid as of the position that was announced before it was read. A request that
//! knows that an event was announced therefore never gets an answer from before that event.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use schemas::{CollectionId, Position, PrincipalId, Recorded};

use crate::{Collection, Failure, scope::Scope, status::Status};

/// Maximum number of cached answers. If there are more, the cache is emptied.
const MAX_ANSWERS: usize = 1_000;
/// Maximum number of collections whose last change is noted. If there are more, the cache is
/// emptied.
const MAX_CHANGES: usize = 10_000;
/// Maximum number of properties and access control entries of a collection that is cached.
const MAX_EXTRAS: usize = 64;
/// Maximum bytes of the properties and time zone of a collection that is cached.
const MAX_EXTRA_BYTES: usize = 4_096;

/// A handle to the cache of collections. Cloning it is cheap.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    answers: HashMap<Question, Cached>,
    changes: HashMap<CollectionId, Position>,
    /// Position of the last event that made all cached answers outdated, such as a collection that
    /// was created, changed, moved or removed.
    restructured: Position,
    /// Number of files served so far. An answer that was read from an earlier file is not cached.
    generation: u64,
}

/// The parts of a collection that must be up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Everything,
    /// All parts except the size and the last change, which every write to a member changes.
    Outline,
}

/// The key by which a collection is looked up: home and name, or the id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Name(PrincipalId, String),
    Id(CollectionId),
}

#[derive(Debug)]
struct Cached {
    as_of: Position,
    collection: Collection,
}

impl Known {
    fn counts(&self, answer: &Cached, wanted: Wanted) -> bool {
        let changed = match wanted {
            Wanted::Everything => self.changes.get(&answer.collection.id).copied().unwrap_or_default(),
            Wanted::Outline => Position::START,
        };
        answer.as_of >= changed.max(self.restructured)
    }

    fn remember(&mut self, generation: u64, question: Question, answer: Cached) {
        if generation != self.generation {
            return; // the answer was read from an earlier file
        }
        if self.answers.len() >= MAX_ANSWERS {
            self.answers.clear();
        }
        self.answers.insert(question, answer);
    }
}

impl Recent {
    /// Returns the collection from the cache, or else calls `read`, which reads it from the rows;
    /// `None` if it does not exist.
    pub(crate) fn collection(
        &self,
        status: &Status,
        question: Question,
        wanted: Wanted,
        read: impl FnOnce() -> Result<Option<Collection>, Failure>,
    ) -> Result<Option<Collection>, Failure> {
        status.check()?;
        let generation = {
            let known = self.0.lock();
            if let Some(answer) = known.answers.get(&question).filter(|answer| known.counts(answer, wanted)) {
                return Ok(Some(answer.collection.clone()));
            }
            known.generation
        };
        // The position is taken before the rows are read: they may be newer than it, but never
        // older.
        let as_of = status.position();
        let found = read()?;
        if let Some(collection) = found.as_ref().filter(|collection| is_small(collection)) {
            self.0.lock().remember(generation, question, Cached { as_of, collection: collection.clone() });
        }
        Ok(found)
    }

    /// Notes which collections the events change whose rows are about to be written.
    pub(crate) fn note(&self, batch: &[Recorded]) {
        let mut known = self.0.lock();
        for recorded in batch {
            match Scope::of(&recorded.event) {
                Scope::Collections => known.restructured = known.restructured.max(recorded.position),
                Scope::Resources(place, other) => {
                    for place in std::iter::once(place).chain(other) {
                        known.changes.insert(place.collection, recorded.position);
                    }
                }
                Scope::Principals | Scope::Nothing => {}
            }
        }
        if known.changes.len() > MAX_CHANGES {
            known.answers.clear();
            known.changes.clear();
            known.restructured = batch.last().map_or(known.restructured, |last| last.position);
        }
    }

    /// Empties the cache, because queries are now answered from another file.
    pub(crate) fn forget(&self) {
        let mut known = self.0.lock();
        *known = Known { generation: known.generation + 1, ..Known::default() };
    }
}

fn is_small(collection: &Collection) -> bool {
    let inherited = collection.inherited.iter().map(|from| from.entries.len()).sum::<usize>();
    let zone = collection.settings.time_zone.as_ref().map_or(0, String::len);
    let bytes = zone + collection.properties.iter().map(|property| property.xml.len()).sum::<usize>();
    collection.properties.len() + collection.acl.len() + inherited <= MAX_EXTRAS && bytes <= MAX_EXTRA_BYTES
}

#[cfg(test)]
mod tests {
    use super::*;
    use schemas::{
        CollectionEvent, Event, Hash, Metadata, ObjectEvent, Revision, Stream, Timestamp,
        collection::{CollectionKind, Settings},
        event::Nothing,
        object::{ObjectRemoved, Place},
    };
    use uuid::Uuid;

    const HOME: PrincipalId = PrincipalId(Uuid::from_u128(1));
    const WORK: CollectionId = CollectionId(Uuid::from_u128(2));

    fn at(position: Position) -> Arc<Status> {
        let status = Status::new("collections", true);
        status.reach(position);
        status
    }

    fn work(bytes: u64) -> Collection {
        Collection {
            id: WORK,
            home: HOME,
            name: "work".to_owned(),
            kind: CollectionKind::Calendar,
            components: vec![],
            properties: vec![],
            settings: Settings::default(),
            acl: vec![],
            inherited: vec![],
            created: Timestamp(0),
            modified: Timestamp(0),
            born: Position(1),
            changed: Position(1),
            bytes,
            shared_as: None,
        }
    }

    fn happened(position: u64, event: Event) -> [Recorded; 1] {
        let (id, metadata) = (Uuid::nil(), Metadata::default());
        let (stream, hash) = (Stream::Collection(WORK), Hash::default());
        [Recorded { position: Position(position), stream, revision: Revision(0), id, event, metadata, hash }]
    }

    /// Returns the event that a resource is removed from a collection.
    fn removed(position: u64, collection: CollectionId) -> [Recorded; 1] {
        let place = Place { collection, name: "1.ics".to_owned() };
        happened(position, Event::Object(ObjectEvent::Removed(ObjectRemoved { home: None, uid: None, place })))
    }

    /// Returns the `bytes` of the answer if those in the rows are `bytes`. `meanwhile` runs while
    /// the rows are read.
    fn asked(recent: &Recent, status: &Status, wanted: Wanted, bytes: u64, meanwhile: impl FnOnce()) -> u64 {
        let read = || {
            meanwhile();
            Ok(Some(work(bytes)))
        };
        recent.collection(status, Question::Id(WORK), wanted, read).expect("read").expect("it is there").bytes
    }

    #[test]
    fn an_answer_counts_until_something_happens_to_its_collection() {
        let other = CollectionId(Uuid::from_u128(3));
        let rows = [
            ("nothing happened", None, 1, 1),
            ("to another", Some(removed(6, other)), 1, 1),
            ("to one in it", Some(removed(6, WORK)), 2, 1),
            ("to itself", Some(happened(6, Event::Collection(CollectionEvent::Removed(Nothing {})))), 2, 2),
        ];
        for (title, event, everything, outline) in rows {
            for (wanted, expected) in [(Wanted::Everything, everything), (Wanted::Outline, outline)] {
                let (recent, status) = (Recent::default(), at(Position(5)));
                assert_eq!(asked(&recent, &status, wanted, 1, || ()), 1, "{title}");
                if let Some(event) = &event {
                    recent.note(event);
                    status.reach(event[0].position);
                }
                assert_eq!(asked(&recent, &status, wanted, 2, || ()), expected, "{title}, {wanted:?}");
            }
        }
    }

    #[test]
    fn what_is_read_while_something_happens_is_not_remembered_beyond_it() {
        let (recent, status) = (Recent::default(), at(Position(5)));
        // The event is noted but not yet written, so the rows are still the old ones.
        assert_eq!(asked(&recent, &status, Wanted::Everything, 1, || recent.note(&removed(6, WORK))), 1);
        status.reach(Position(6));
        assert_eq!(asked(&recent, &status, Wanted::Everything, 2, || ()), 2);
        // Noting the event again, after a failure, must not invalidate the newer answer.
        recent.note(&removed(6, WORK));
        assert_eq!(asked(&recent, &status, Wanted::Everything, 3, || ()), 2);
    }

    #[test]
    fn what_was_read_from_a_file_that_is_gone_is_not_remembered() {
        let (recent, status) = (Recent::default(), at(Position(5)));
        let reset = || {
            status.reach(Position::START);
            recent.forget();
        };
        assert_eq!(asked(&recent, &status, Wanted::Outline, 1, reset), 1);
        assert_eq!(asked(&recent, &status, Wanted::Outline, 2, || ()), 2);
    }

    #[test]
    fn when_too_much_happened_everything_is_read_again() {
        let (recent, status) = (Recent::default(), at(Position(5)));
        assert_eq!(asked(&recent, &status, Wanted::Everything, 1, || ()), 1);
        for number in 0..=MAX_CHANGES as u64 {
            recent.note(&removed(6 + number, CollectionId(Uuid::from_u128(u128::from(number) + 10))));
        }
        assert_eq!(asked(&recent, &status, Wanted::Everything, 2, || ()), 2);
        assert!(recent.0.lock().changes.is_empty());
    }

    #[test]
    fn what_is_large_is_read_each_time() {
        let (recent, status) = (Recent::default(), at(Position(5)));
        let settings = Settings { time_zone: Some("x".repeat(MAX_EXTRA_BYTES + 1)), ..Settings::default() };
        let read = || Ok(Some(Collection { settings: settings.clone(), ..work(1) }));
        recent.collection(&status, Question::Id(WORK), Wanted::Outline, read).expect("read");
        assert!(recent.0.lock().answers.is_empty());
    }
}
