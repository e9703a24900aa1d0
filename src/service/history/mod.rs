//! Views of the past: a service that answers requests about one home from its state at an earlier
//! position of the journal.
//!
//! **Invariant:** a view is folded from the events of the journal by the same read models, so it
//! shows the home as it was at that position. Nothing is written to it.

mod events;
mod folder;
mod refold;
mod repair;
mod replay;
mod restore;

use std::{collections::VecDeque, sync::Arc};

use journal::{Journal as _, memory::Memory};
use projections::{ReadModels, search::Clue};
use schemas::{CollectionEvent, Event, Position, PrincipalId, Stream, Timestamp};
use uuid::Uuid;

use folder::Folder;
pub(crate) use folder::tidy;
pub use repair::{Repair, RepairStep};
pub use replay::{Aspect, Difference, Range, Replayed, replay};
pub use restore::{Restore, Spot, Step, Telling};

use crate::{Service, Settings, error::Error};

/// Maximum number of views that are cached. The least recently used one is dropped first.
const VIEWS_KEPT: usize = 8;

/// View of one home as it was at a position of the journal.
#[derive(Debug)]
pub struct View {
    /// Service whose read models contain only this home and its owner.
    pub service: Arc<Service>,
    _folder: Folder,
}

/// Cache of the views that were requested last.
#[derive(Debug, Default)]
pub(crate) struct Views {
    kept: tokio::sync::Mutex<VecDeque<(PrincipalId, Position, Arc<View>)>>,
}

impl Service {
    /// Returns a home as it was after the event at `position`.
    ///
    /// Views are built one at a time. Fails with [`Error::Behind`] if the read model of versions
    /// does not reach the position in time.
    pub async fn as_of(&self, home: PrincipalId, position: Position) -> Result<Arc<View>, Error> {
        let position = position.min(self.store.journal.head().await?);
        let mut kept = self.views.kept.lock().await;
        if let Some(index) = kept.iter().position(|(of, at, _)| (*of, *at) == (home, position)) {
            let known = kept
                .remove(index)
                .ok_or(Error::Behind("the server no longer has this earlier state in memory; try again".into()))?;
            let view = Arc::clone(&known.2);
            kept.push_back(known);
            return Ok(view);
        }
        self.models.wait_for_versions(position, self.settings.read_models_wait).await?;
        let view = Arc::new(self.view(home, position).await?);
        kept.push_back((home, position, Arc::clone(&view)));
        while kept.len() > VIEWS_KEPT {
            if let Some((.., old)) = kept.pop_front() {
                old.service.end().await;
            }
        }
        Ok(view)
    }

    /// Returns the position before the first event of the request that removed the collection with
    /// this name. If several removed collections of the home had this name at any time, the last
    /// removal counts. `None` if none had.
    pub async fn before_removal(&self, home: PrincipalId, name: &str) -> Result<Option<Position>, Error> {
        let head = self.store.journal.head().await?;
        self.models.wait_for_past(head, self.settings.read_models_wait).await?;
        let mut last: Option<(Position, Uuid)> = None;
        for id in self.models.collections_ever_called(home, name)? {
            let events = self.store.events(Stream::Collection(id)).await?;
            let removals = events
                .iter()
                .filter(|recorded| matches!(&recorded.event, Event::Collection(CollectionEvent::Removed(_))));
            let removal = removals.last().map(|recorded| (recorded.position, recorded.metadata.request));
            last = last.max(removal);
        }
        let Some((removal, request)) = last else { return Ok(None) };
        let of_request = self.models.follow(&Clue::Request(request))?;
        let first = of_request.into_iter().fold(removal, Position::min);
        Ok(Some(first.previous()))
    }

    /// Waits until the read models of the history have reached the head of the journal. Fails with
    /// [`Error::Behind`] if they do not in time.
    pub async fn past_is_shown(&self) -> Result<(), Error> {
        let head = self.store.journal.head().await?;
        Ok(self.models.wait_for_past(head, self.settings.read_models_wait).await?)
    }

    /// Returns the position of the last event that was stored at or before a moment;
    /// [`Position::START`] if there is none.
    pub async fn position_at(&self, moment: Timestamp) -> Result<Position, Error> {
        Ok(journal::position_at(&*self.store.journal, moment).await?)
    }

    /// Builds a view: folds the events that determine the state of the home at `position` into new
    /// read models.
    async fn view(&self, home: PrincipalId, position: Position) -> Result<View, Error> {
        let appends = refold::appends(&*self.store.journal, &self.models, home, position).await?;
        let journal = Arc::new(Memory::new());
        for appended in journal.append_many(appends).await {
            appended.map_err(Error::failed)?;
        }
        let folder = Folder::create(&self.models)?;
        let (models, projector) = ReadModels::open(folder.path()).map_err(Error::failed)?;
        models.take_hosts(self.models.hosts());
        let settings = Settings { outbox: None, ..self.settings.clone() };
        let head = journal.head().await?;
        // The deliveries and the regular tasks of a server would change what the home was.
        let service = Box::pin(Self::start_to_read(journal, head, (models, projector), settings)).await?;
        service.caught_up().await?;
        Ok(View { service, _folder: folder })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::given::{Given, id};

    /// A task that could append events later holds a weak reference to the service or its runner.
    #[tokio::test]
    async fn no_task_waits_to_write_to_a_view() {
        let settings = Settings { inbox_age: Some(std::time::Duration::from_secs(1)), ..Settings::default() };
        let given = Given::with(Arc::new(Memory::new()), &["anna"], settings).await;
        assert!(Arc::weak_count(&given.service) >= 2 && Arc::weak_count(&given.service.runner) >= 2);
        let head = given.service.head().await.expect("a head");
        given.service.past_is_shown().await.expect("shown");
        let view = given.service.as_of(id("anna"), head).await.expect("a view");
        assert_eq!((Arc::weak_count(&view.service), Arc::weak_count(&view.service.runner)), (0, 0));
    }
}
