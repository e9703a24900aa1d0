//! Executes commands: load, fold, decide, append at the expected revision, wait for the read
//! models. Also contains the projector, which writes the read models, and the runner, which
//! delivers scheduling messages.
//!
//! **Invariant:** every loop that repeats a decision after a conflict is bounded: the one in
//! [`store::Store::execute`], and the attempts of a delivery.

pub mod access;
mod address_book;
pub mod app_passwords;
mod asked_times;
mod attributes;
pub mod authority;
mod bookings;
pub mod clock;
pub mod collections;
pub mod credentials;
mod delivery;
mod directory_lock;
pub mod error;
mod files;
mod first_collections;
pub mod free_busy;
mod freshness;
#[cfg(test)]
mod given;
mod group_members;
mod growth;
#[cfg(test)]
mod guards;
pub mod history;
pub mod imports;
mod inboxes;
mod locks;
pub mod objects;
mod passwords;
pub mod principals;
pub mod projector;
mod quota;
mod readiness;
mod removal;
mod run;
pub mod scheduling_policy;
mod settings;
pub mod sharing;
mod start;
mod store;
mod waiting;

use std::sync::{Arc, OnceLock};

pub use attributes::{Attributes, MemberKind};
pub use calendar::{
    Limits, MAX_PROPERTIES, MAX_PROPERTIES_BYTES, Refusal, Require, Tags,
    require::{Comparison, entity_tags},
    tag::etag,
};
pub use clock::{Sending, Stamp};
pub use delivery::{Listing, list_outbox};
pub use error::Error;
pub use files::PutFile;
pub use first_collections::FirstCalendars;
pub use itip::ScheduleReply;
use journal::Journal;
pub use journal::{Figure, Restored};
pub use objects::{Delete, Overwrite, Put, Source, Transfer, Written};
use projections::ReadModels;
use schemas::{Position, PrincipalId, ServerId, ShareId, Timestamp};
pub use settings::Settings;

use crate::{
    credentials::Credentials,
    delivery::Runner,
    freshness::Subject,
    locks::{Held, Keyed},
    passwords::Passwords,
    projector::Projecting,
    store::Store,
};

/// Entry point for all commands and queries. A server has one, behind an `Arc`; each
/// [`history::View`] has one of its own.
#[derive(Debug)]
pub struct Service {
    store: Arc<Store>,
    models: ReadModels,
    settings: Settings,
    credentials: Credentials,
    passwords: Passwords,
    /// Locks by home, which serialise the commands of one home, so that names in its collections
    /// stay unique.
    homes: Keyed<PrincipalId>,
    /// Locks by share, which serialise the writes of one sharee to one shared calendar. They are
    /// taken before the locks of homes.
    shares: Keyed<ShareId>,
    /// Lock that serialises registrations, so that names and addresses of principals stay unique.
    registrations: tokio::sync::Mutex<()>,
    runner: Arc<Runner>,
    projecting: Projecting,
    views: history::Views,
    started: Timestamp,
    restores: Vec<Restored>,
    /// Id of the journal stream of this process. Set once the start of the server is recorded.
    run: OnceLock<ServerId>,
}

impl Service {
    pub fn models(&self) -> &ReadModels {
        &self.models
    }

    /// Returns the time at which this service was started.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Returns the restores of the journal from backup copies, in the order in which they happened.
    pub fn restores(&self) -> &[Restored] {
        &self.restores
    }

    pub fn limits(&self) -> &Limits {
        &self.settings.limits
    }

    /// Returns the position of the journal's last event.
    pub async fn head(&self) -> Result<Position, Error> {
        Ok(self.store.journal.head().await?)
    }

    /// Returns the journal, for proofs of its contents.
    pub fn journal(&self) -> &dyn Journal {
        &*self.store.journal
    }

    /// Returns the figures of the journal's engine, the projector and the outbox, for operators.
    pub fn journal_figures(&self) -> Vec<Figure> {
        let mut figures = self.store.journal.figures();
        figures.extend(self.projecting.figures());
        figures.extend(self.runner.outbox.figures());
        figures
    }

    /// Returns the figures of the authority that checks passwords in place of the vault, for
    /// operators.
    pub fn authority_figures(&self) -> Vec<Figure> {
        self.settings.authority.figures.figures()
    }

    /// Writes the file of the outbox. The journal needs no closing.
    pub fn close(&self) {
        self.runner.outbox.save();
    }

    /// Ends the threads of the read models, which must not outlive the runtime. Returns when their
    /// files are closed.
    pub async fn end(&self) {
        self.projecting.end().await;
    }

    /// Returns the number of messages that are still to be delivered or reported, without parked
    /// ones. Messages in events that the projector has not reached may be missing.
    pub fn undelivered(&self) -> usize {
        self.runner.outbox.counts().0
    }

    /// Returns the messages that are not delivered or not reported, in the order of their issue.
    pub fn outbox(&self) -> Vec<::delivery::Entry> {
        self.runner.outbox.entries()
    }

    /// Waits until the read models have reached `position`, so that clients read their own writes.
    /// Returns [`Error::Behind`] if that takes too long.
    async fn applied(&self, position: Position) -> Result<(), Error> {
        self.models.wait_for(position, self.settings.read_models_wait).await?;
        self.store.freshness.shown(position);
        Ok(())
    }

    /// Waits until the read models show every write to `subject` and to the directory. Fails like
    /// [`freshness::wait`].
    async fn fresh(&self, subject: Subject) -> Result<(), Error> {
        let (store, limit) = (&self.store, self.settings.read_models_wait);
        freshness::wait(&store.freshness, &*store.journal, &self.models, subject, limit).await
    }

    /// Locks a home, and waits until the read models show every write to it and to the directory.
    /// Fails like [`freshness::wait`].
    async fn lock_home(&self, home: PrincipalId) -> Result<Held<PrincipalId>, Error> {
        let held = self.homes.lock(home).await;
        self.fresh(Subject::Home(home)).await?;
        Ok(held)
    }
}
