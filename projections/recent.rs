//! Collections as somebody has just seen them: nearly every request begins with one of the same few.
//!
//! **Invariant:** an answer that is remembered counts only until something happens to its collection. What happens is noted
//! before it is written, and an answer is as old as what had been announced when it was asked for.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use schemas::{CollectionId, Position, PrincipalId, Recorded, event::Scope};

use crate::{Collection, Failure, progress::Progress};

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
pub(crate) struct Recent {
    known: Arc<Mutex<Known>>,
    /// Counts the files that the answers were read from.
    generation: Arc<AtomicU64>,
}

#[derive(Debug, Default)]
struct Known {
    answers: HashMap<Question, Answer>,
    changes: HashMap<CollectionId, Position>,
    /// When any collection last came, went, or became another.
    restructured: Position,
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
        {
            let known = self.known.lock();
            if let Some(answer) = known.answers.get(&question).filter(|answer| known.counts(answer, wanted)) {
                return Ok(Some(answer.collection.clone()));
            }
        }
        let (generation, as_of) = (self.generation.load(Ordering::Acquire), progress.position());
        let found = read()?;
        if let Some(collection) = found.as_ref().filter(|collection| is_small(collection)) {
            let mut known = self.known.lock();
            if self.generation.load(Ordering::Acquire) == generation {
                if known.answers.len() >= MAX_ANSWERS {
                    known.answers.clear();
                }
                known.answers.insert(question, Answer { as_of, collection: collection.clone() });
            }
        }
        Ok(found)
    }

    /// These events are about to be written.
    pub(crate) fn note(&self, batch: &[Recorded]) {
        let mut known = self.known.lock();
        for recorded in batch {
            match recorded.event.scope() {
                Scope::Collections => known.restructured = recorded.position,
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
        let mut known = self.known.lock();
        self.generation.fetch_add(1, Ordering::AcqRel);
        *known = Known::default();
    }
}

fn is_small(collection: &Collection) -> bool {
    let inherited = collection.inherited.iter().map(|from| from.entries.len()).sum::<usize>();
    let zone = collection.settings.time_zone.as_ref().map_or(0, String::len);
    let bytes = zone + collection.properties.iter().map(|property| property.xml.len()).sum::<usize>();
    collection.properties.len() + collection.acl.len() + inherited <= MAX_EXTRAS && bytes <= MAX_EXTRA_BYTES
}
