//! Collections as somebody has just seen them: nearly every request begins with one of the same few.
//!
//! **Invariant:** an answer that is remembered counts only until something happens to its collection. The feed notes an event
//! ([`Recent::note`]), then writes it, then announces it ([`Progress::reached`]); an answer is as of what had been announced
//! before it was read. So whoever knows an event to be announced gets no answer from before it.

use std::{collections::HashMap, sync::Arc};

use parking_lot::Mutex;
use schemas::{CollectionId, Position, PrincipalId, Recorded};

use crate::{Collection, Failure, progress::Progress, scope::Scope};

/// Answers remembered; when there are more, all are forgotten.
const MAX_ANSWERS: usize = 1_000;
/// Collections of which is known when they last changed; when there are more, all answers are forgotten.
const MAX_CHANGES: usize = 10_000;
/// A collection that holds more than this, in properties and access control entries, is read each time.
const MAX_EXTRAS: usize = 64;
/// The same, for the text of its properties and of its time zone.
const MAX_EXTRA_BYTES: usize = 4_096;

/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recent(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    answers: HashMap<Question, Answer>,
    changes: HashMap<CollectionId, Position>,
    /// When any collection last came, went, or became another.
    restructured: Position,
    /// Counts the files that answers were read from.
    generation: u64,
}

/// What of a collection has to be as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    Everything,
    /// All but how much is in it and when that last changed: every write to it changes these.
    Outline,
}

/// Which collection is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Name(PrincipalId, String),
    Id(CollectionId),
}

#[derive(Debug)]
struct Answer {
    as_of: Position,
    collection: Collection,
}

impl Known {
    fn counts(&self, answer: &Answer, wanted: Wanted) -> bool {
        let changed = match wanted {
            Wanted::Everything => self.changes.get(&answer.collection.id).copied().unwrap_or_default(),
            Wanted::Outline => Position::START,
        };
        answer.as_of >= changed.max(self.restructured)
    }

    fn remember(&mut self, generation: u64, question: Question, answer: Answer) {
        if generation != self.generation {
            return; // it was read from a file that is no longer there
        }
        if self.answers.len() >= MAX_ANSWERS {
            self.answers.clear();
        }
        self.answers.insert(question, answer);
    }
}

impl Recent {
    /// What is remembered, or else what the rows say.
    pub(crate) fn collection(
        &self,
        progress: &Progress,
        question: Question,
        wanted: Wanted,
        read: impl FnOnce() -> Result<Option<Collection>, Failure>,
    ) -> Result<Option<Collection>, Failure> {
        let generation = {
            let known = self.0.lock();
            if let Some(answer) = known.answers.get(&question).filter(|answer| known.counts(answer, wanted)) {
                return Ok(Some(answer.collection.clone()));
            }
            known.generation
        };
        // Before it is read: what is read may be newer than this, never older.
        let as_of = progress.position();
        let found = read()?;
        if let Some(collection) = found.as_ref().filter(|collection| is_small(collection)) {
            self.0.lock().remember(generation, question, Answer { as_of, collection: collection.clone() });
        }
        Ok(found)
    }

    /// These events are about to be written.
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
                Scope::Principals | Scope::Messages => {}
            }
        }
        if known.changes.len() > MAX_CHANGES {
            known.answers.clear();
            known.changes.clear();
            known.restructured = batch.last().map_or(known.restructured, |last| last.position);
        }
    }

    /// Other files are about to take the places of those that were read, and positions begin anew.
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
        }
    }

    fn happened(position: u64, event: Event) -> [Recorded; 1] {
        let (id, metadata) = (Uuid::nil(), Metadata::default());
        let (stream, hash) = (Stream::Collection(WORK), Hash::default());
        [Recorded { position: Position(position), stream, revision: Revision(0), id, event, metadata, hash }]
    }

    /// A resource of a collection goes.
    fn removed(position: u64, collection: CollectionId) -> [Recorded; 1] {
        let place = Place { collection, name: "1.ics".to_owned() };
        happened(position, Event::Object(ObjectEvent::Removed(ObjectRemoved { home: None, uid: None, place })))
    }

    /// What is answered, if the rows say `bytes`; `meanwhile` happens while they are read.
    fn asked(recent: &Recent, progress: &Progress, wanted: Wanted, bytes: u64, meanwhile: impl FnOnce()) -> u64 {
        let read = || {
            meanwhile();
            Ok(Some(work(bytes)))
        };
        recent.collection(progress, Question::Id(WORK), wanted, read).expect("read").expect("it is there").bytes
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
                let (recent, progress) = (Recent::default(), Progress::at(Position(5)));
                assert_eq!(asked(&recent, &progress, wanted, 1, || ()), 1, "{title}");
                if let Some(event) = &event {
                    recent.note(event);
                    progress.reached(event[0].position);
                }
                assert_eq!(asked(&recent, &progress, wanted, 2, || ()), expected, "{title}, {wanted:?}");
            }
        }
    }

    #[test]
    fn what_is_read_while_something_happens_is_not_remembered_beyond_it() {
        let (recent, progress) = (Recent::default(), Progress::at(Position(5)));
        // Noted and not yet written, so that the rows are still the old ones.
        assert_eq!(asked(&recent, &progress, Wanted::Everything, 1, || recent.note(&removed(6, WORK))), 1);
        progress.reached(Position(6));
        assert_eq!(asked(&recent, &progress, Wanted::Everything, 2, || ()), 2);
        // Feeding it once more, after a failure, takes nothing back.
        recent.note(&removed(6, WORK));
        assert_eq!(asked(&recent, &progress, Wanted::Everything, 3, || ()), 2);
    }

    #[test]
    fn what_was_read_from_a_file_that_is_gone_is_not_remembered() {
        let (recent, progress) = (Recent::default(), Progress::at(Position(5)));
        let reset = || {
            progress.reached(Position::START);
            recent.forget();
        };
        assert_eq!(asked(&recent, &progress, Wanted::Outline, 1, reset), 1);
        assert_eq!(asked(&recent, &progress, Wanted::Outline, 2, || ()), 2);
    }

    #[test]
    fn when_too_much_happened_everything_is_read_again() {
        let (recent, progress) = (Recent::default(), Progress::at(Position(5)));
        assert_eq!(asked(&recent, &progress, Wanted::Everything, 1, || ()), 1);
        for number in 0..=MAX_CHANGES as u64 {
            recent.note(&removed(6 + number, CollectionId(Uuid::from_u128(u128::from(number) + 10))));
        }
        assert_eq!(asked(&recent, &progress, Wanted::Everything, 2, || ()), 2);
        assert!(recent.0.lock().changes.is_empty());
    }

    #[test]
    fn what_is_large_is_read_each_time() {
        let (recent, progress) = (Recent::default(), Progress::at(Position(5)));
        let settings = Settings { time_zone: Some("x".repeat(MAX_EXTRA_BYTES + 1)), ..Settings::default() };
        let read = || Ok(Some(Collection { settings: settings.clone(), ..work(1) }));
        recent.collection(&progress, Question::Id(WORK), Wanted::Outline, read).expect("read");
        assert!(recent.0.lock().answers.is_empty());
    }
}
