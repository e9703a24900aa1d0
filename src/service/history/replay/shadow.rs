//! Temporary read models as of the act that is decided next, with only the data that decisions
//! query.
//!
//! They hold all principals and collections, and the objects of principals that answer
//! automatically.

use std::{collections::HashSet, fmt, sync::Arc};

use journal::Journal;
use projections::{Directory, Projector, ReadModels};
use schemas::{
    Event, ObjectId, Position, PrincipalEvent, PrincipalId, Recorded, Revision, Stream, principal::AutomaticAnswer,
};

use super::super::folder::Folder;
use crate::error::Error;

/// Maximum number of events of a principal that are read at a time.
const PAGE_EVENTS: usize = 500;
/// Maximum number of events that wait to be applied. With one more, all are applied, even if no
/// decision needs them yet.
const WAITING_EVENTS: usize = 2_000;

pub(super) struct Shadow {
    models: ReadModels,
    projector: Projector,
    /// Events that are not applied yet, at most [`WAITING_EVENTS`]. `is_behind`: some of them
    /// concern principals or collections.
    waiting: Vec<Recorded>,
    is_behind: bool,
    /// Homes whose owner was set to answer invitations automatically at any time.
    automatic: HashSet<PrincipalId>,
    /// Objects in the homes of `automatic`.
    objects: HashSet<ObjectId>,
    _folder: Folder,
}

impl fmt::Debug for Shadow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shadow").field("waiting", &self.waiting.len()).finish_non_exhaustive()
    }
}

impl Shadow {
    /// Returns empty read models. `until`: the last position that will be added.
    pub(super) async fn open(journal: &dyn Journal, models: &ReadModels, until: Position) -> Result<Self, Error> {
        let automatic = automatic(journal, models, until).await?;
        let folder = Folder::create(models)?;
        let hosts = models.hosts();
        let (models, projector) = ReadModels::open(folder.path()).map_err(Error::failed)?;
        models.take_hosts(hosts);
        let (waiting, objects) = (vec![], HashSet::new());
        Ok(Self { models, projector, waiting, is_behind: false, automatic, objects, _folder: folder })
    }

    /// Adds the next event of the journal. It is applied later, if it is needed at all.
    pub(super) fn add(&mut self, recorded: Recorded) -> Result<(), Error> {
        let is_needed = match (&recorded.event, recorded.stream) {
            (Event::Principal(_) | Event::Collection(_), _) => {
                self.is_behind = true;
                true
            }
            (Event::Object(event), Stream::Object(id)) => {
                let is_automatic = event.home().is_some_and(|home| self.automatic.contains(&home));
                (is_automatic && self.objects.insert(id)) || self.objects.contains(&id)
            }
            _ => false,
        };
        if is_needed {
            self.waiting.push(recorded);
        }
        if self.waiting.len() > WAITING_EVENTS {
            self.apply()?;
        }
        Ok(())
    }

    /// Returns read models with up-to-date principals and collections. Busy times may lag.
    pub(super) fn models(&mut self) -> Result<&ReadModels, Error> {
        if self.is_behind {
            self.apply()?;
        }
        Ok(&self.models)
    }

    /// Returns read models with up-to-date principals, collections, and busy times of principals
    /// that answer automatically.
    pub(super) fn with_busy_times(&mut self) -> Result<&ReadModels, Error> {
        self.apply()?;
        Ok(&self.models)
    }

    pub(super) fn directory(&mut self) -> Result<Arc<Directory>, Error> {
        Ok(self.models()?.directory())
    }

    fn apply(&mut self) -> Result<(), Error> {
        if !self.waiting.is_empty() {
            self.projector.apply(&self.waiting)?;
            self.waiting.clear();
        }
        self.is_behind = false;
        Ok(())
    }
}

/// Returns the principals who were set to answer invitations automatically at any time up to
/// `until`.
async fn automatic(journal: &dyn Journal, models: &ReadModels, until: Position) -> Result<HashSet<PrincipalId>, Error> {
    let mut found = HashSet::new();
    for entry in models.directory().all() {
        let mut from = Revision(0);
        loop {
            let page = journal.read_stream(Stream::Principal(entry.id), from, PAGE_EVENTS).await?;
            let is_last = page.len() < PAGE_EVENTS || page.last().is_some_and(|last| last.position > until);
            for stored in page.into_iter().filter(|stored| stored.position <= until) {
                from = Revision(stored.revision.0 + 1);
                let recorded = stored.read().map_err(Error::failed)?;
                if answer(&recorded.event) != AutomaticAnswer::None {
                    found.insert(entry.id);
                }
            }
            if is_last {
                break;
            }
        }
    }
    Ok(found)
}

fn answer(event: &Event) -> AutomaticAnswer {
    match event {
        Event::Principal(PrincipalEvent::Registered(registered)) => registered.profile.automatic_answer,
        Event::Principal(PrincipalEvent::ProfileChanged(profile)) => profile.automatic_answer,
        _ => AutomaticAnswer::None,
    }
}

#[cfg(test)]
mod tests {
    use calendar::Limits;
    use journal::Append;
    use schemas::{CollectionEvent, Expected, NewEvent, collection::CollectionAclChanged};

    use super::*;
    use crate::{
        clock,
        given::{Erased, Given, calendar, id, object, stamp},
    };

    async fn append(given: &Given, stream: Stream, events: Vec<NewEvent>) {
        let last = given.journal.read_last(stream).await.expect("an answer").expect("an event");
        let (expected, metadata) = (Expected::Exact(last.revision), stamp("anna").metadata);
        given.journal.append(Append { stream, expected, metadata, events }).await.expect("stored");
    }

    #[tokio::test]
    async fn a_bounded_number_of_events_waits_although_no_decision_needs_them() {
        let given = Given::of(&["anna"], Limits::default()).await;
        let unchanged = CollectionEvent::AclChanged(CollectionAclChanged { entries: vec![] });
        let events = (0..=WAITING_EVENTS).map(|_| NewEvent::new(clock::new_id(), &unchanged)).collect();
        append(&given, Stream::Collection(calendar("anna")), events).await;
        let events = given.events(Position::START).await;
        let until = events.last().expect("an event").position;
        let mut shadow = Shadow::open(&*given.journal, given.service.models(), until).await.expect("read models");
        for recorded in events {
            shadow.add(recorded).expect("applied");
            assert!(shadow.waiting.len() <= WAITING_EVENTS);
        }
        assert!(shadow.models().expect("read models").collection_by_id(calendar("anna")).expect("read").is_some());
    }

    #[tokio::test]
    async fn events_after_the_range_are_not_read_again_and_again() {
        let journal = Arc::new(Erased::of(Stream::Object(object("anna", "none"))));
        let given = Given::on(journal, &["anna"], Limits::default()).await;
        let until = given.journal.head().await.expect("a head");
        let registered = given.events(Position::START).await.into_iter().find_map(|recorded| match recorded.event {
            Event::Principal(PrincipalEvent::Registered(registered)) => Some(registered.profile),
            _ => None,
        });
        let profile = PrincipalEvent::ProfileChanged(registered.expect("a profile"));
        let events = (0..2 * PAGE_EVENTS).map(|_| NewEvent::new(clock::new_id(), &profile)).collect();
        append(&given, Stream::Principal(id("anna")), events).await;
        let found = automatic(&*given.journal, given.service.models(), until).await;
        assert_eq!(found.expect("an answer"), HashSet::new());
    }
}
