//! Repeats the decisions of recorded acts with the rules of this program, in memory. An act is here
//! one append with its events.
//!
//! **Invariant:** nothing is written to the journal, and nothing is sent. A difference means that,
//! on the same state, this program decides differently from the program that recorded the act.

#[cfg(test)]
mod changed_rule;
mod compare;
mod delivery;
mod object;
mod others;
mod sent;
mod shadow;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use ::delivery::Outbound;
use calendar::{
    Limits, Refusal, collection::Collection, file::File, object::Object, principal::Principal, share::Share,
};
use journal::Journal;
use projections::ReadModels;
use schemas::{
    CollectionEvent, CollectionId, Event, FileId, ObjectEvent, ObjectId, Position, PrincipalId, Recorded, ShareId,
    Stream,
};
use uuid::Uuid;

pub use compare::{Aspect, Difference};

use self::shadow::Shadow;
use crate::{Settings, error::Error, free_busy::ReadAvailability};

/// Maximum number of events that are read at a time.
const PAGE_EVENTS: usize = 1_000;

/// Selection of the acts that are decided again.
#[derive(Debug, Clone, Default)]
pub struct Range {
    /// Selects only acts after this position.
    pub after: Position,
    /// Selects only acts up to this position, inclusive.
    pub until: Position,
    /// Selects only acts on calendar objects with this UID; `None`: all acts.
    pub uid: Option<String>,
    /// Selects only acts of this request and those that followed from it; `None`: of all requests.
    pub request: Option<Uuid>,
}

/// The result of a replay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Number of acts that were decided again.
    pub acts: usize,
    /// Acts that could not be decided again: the position of the first event, and the reason.
    pub passed: Vec<(Position, &'static str)>,
    /// Acts that this program decides differently.
    pub differences: Vec<Difference>,
    /// UIDs of the calendar objects whose acts were decided again.
    pub meetings: BTreeSet<String>,
}

/// The events of a decision, or the refusal.
type Decided = Result<Vec<Event>, Refusal>;
/// A repeated decision, or the reason why it cannot be repeated.
type Again = Result<Decided, &'static str>;

/// Decides the acts of a range again: those of people, of operators, and of the server (deliveries,
/// automatic answers).
///
/// Each decision uses the addresses, default calendars and busy times at the moment of its act.
/// They are folded from the same journal into temporary read models.
pub async fn replay(
    journal: &dyn Journal,
    models: &ReadModels,
    settings: &Settings,
    range: &Range,
) -> Result<Replayed, Error> {
    let shadow = Shadow::open(journal, models, range.until).await?;
    let (limits, availability) = (&settings.limits, settings.availability);
    let mut replay =
        Replay { limits, availability, range, known: Known::default(), shadow, replayed: Replayed::default() };
    replay.run(journal).await?;
    Ok(replay.replayed)
}

/// States that decisions rest on, folded up to the act that is decided next.
#[derive(Debug, Default)]
struct Known {
    objects: HashMap<ObjectId, Object>,
    collections: HashMap<CollectionId, Collection>,
    /// The components that each collection accepts; an empty list: all that the server supports.
    components: HashMap<CollectionId, Vec<String>>,
    files: HashMap<FileId, File>,
    shares: HashMap<ShareId, Share>,
    principals: HashMap<PrincipalId, Principal>,
    /// Messages by id, until their delivery is reported.
    issued: HashMap<Uuid, Arc<Outbound>>,
    /// Streams with an erased event: the key of its encryption was destroyed.
    erased: HashSet<Stream>,
}

struct Replay<'a> {
    limits: &'a Limits,
    availability: ReadAvailability,
    range: &'a Range,
    known: Known,
    shadow: Shadow,
    replayed: Replayed,
}

impl Replay<'_> {
    async fn run(&mut self, journal: &dyn Journal) -> Result<(), Error> {
        let (mut after, mut act): (_, Vec<Recorded>) = (Position::START, vec![]);
        loop {
            let page = journal.read_all(after, PAGE_EVENTS).await?;
            let Some(last) = page.last() else { break };
            after = last.position;
            for stored in page.into_iter().filter(|stored| stored.position <= self.range.until) {
                let recorded = stored.read().map_err(Error::failed)?;
                if act.first().is_some_and(|first| !is_same_append(first, &recorded)) {
                    self.take_up(std::mem::take(&mut act))?;
                }
                act.push(recorded);
            }
            if after >= self.range.until {
                break;
            }
        }
        self.take_up(act)
    }

    /// Decides an act again if the range selects it, and folds its events into the states on which
    /// later acts are decided.
    fn take_up(&mut self, act: Vec<Recorded>) -> Result<(), Error> {
        if let Some(first) = act.first()
            && self.is_meant(first)
        {
            match self.decide_again(first.stream, &act)? {
                Some(Ok(decided)) => {
                    self.replayed.acts += 1;
                    if let Event::Object(event) = &first.event {
                        self.replayed.meetings.extend(event.uid().map(str::to_owned));
                    }
                    self.replayed.differences.extend(compare::difference(&act, decided));
                }
                Some(Err(why)) => self.replayed.passed.push((first.position, why)),
                None => {}
            }
        }
        for recorded in act {
            self.fold(recorded)?;
        }
        Ok(())
    }

    fn is_meant(&self, first: &Recorded) -> bool {
        let is_about = |uid: &String| match (first.stream, &first.event) {
            (Stream::Object(id), Event::Object(event)) => {
                event.uid() == Some(uid) || self.known.objects.get(&id).is_some_and(|object| object.uid == *uid)
            }
            _ => false,
        };
        first.position > self.range.after
            && self.range.uid.as_ref().is_none_or(is_about)
            && self.range.request.is_none_or(|request| first.metadata.request == request)
    }

    /// Decides an act again. `None` if the act is no decision: the start or stop of a server, or an
    /// anchor of an access journal.
    fn decide_again(&mut self, stream: Stream, act: &[Recorded]) -> Result<Option<Again>, Error> {
        if self.known.erased.contains(&stream) || act.iter().any(|event| matches!(event.event, Event::Erased(_))) {
            return Ok(Some(Err("data on which the decision depended were erased")));
        }
        Ok(match stream {
            Stream::Object(id) => Some(self.object(id, act)?),
            Stream::Collection(id) => Some(self.collection(id, act)?),
            Stream::File(id) => Some(Ok(self.file(id, act))),
            Stream::Share(id) => Some(Ok(self.share(id, act))),
            Stream::Principal(id) => Some(Ok(self.principal(id, act))),
            Stream::Access(_) | Stream::Server(_) => None,
        })
    }

    fn fold(&mut self, recorded: Recorded) -> Result<(), Error> {
        let known = &mut self.known;
        match (recorded.stream, &recorded.event) {
            (Stream::Object(id), Event::Object(event)) => {
                let object = known.objects.entry(id).or_default();
                let mut next = calendar::object::evolve(std::mem::take(object), event);
                next.seen(recorded.metadata.at);
                *object = next;
                match event {
                    ObjectEvent::MessageIssued(issued) => {
                        let message = issued.message;
                        known.issued.extend(Outbound::of(&recorded).map(|issued| (message, Arc::new(issued))));
                    }
                    // After the report about its delivery, the message is not delivered again.
                    ObjectEvent::DeliveryReported(reported) => drop(known.issued.remove(&reported.message)),
                    _ => {}
                }
            }
            (Stream::Collection(id), Event::Collection(event)) => {
                if let CollectionEvent::Created(created) = event {
                    known.components.insert(id, created.components.clone());
                }
                let collection = known.collections.entry(id).or_default();
                *collection = calendar::collection::evolve(std::mem::take(collection), event);
            }
            (Stream::File(id), Event::File(event)) => {
                let file = known.files.entry(id).or_default();
                *file = calendar::file::evolve(std::mem::take(file), event);
            }
            (Stream::Share(id), Event::Share(event)) => {
                let share = known.shares.entry(id).or_default();
                *share = calendar::share::evolve(std::mem::take(share), event);
            }
            (Stream::Principal(id), Event::Principal(event)) => {
                let principal = known.principals.entry(id).or_default();
                *principal = calendar::principal::evolve(std::mem::take(principal), event);
            }
            (stream, Event::Erased(_)) => drop(known.erased.insert(stream)),
            _ => {}
        }
        self.shadow.add(recorded)
    }
}

fn is_same_append(first: &Recorded, other: &Recorded) -> bool {
    let (one, two) = (&first.metadata, &other.metadata);
    first.stream == other.stream
        && one.request == two.request
        && one.causation == two.causation
        && one.at == two.at
        && two.act.is_none_or(|act| one.act == Some(act))
}
