//! Commands: load, fold, decide, append at the expected revision, wait for the read models;
//! the projector that writes them, and the reactor that delivers scheduling messages.
//!
//! **Invariant:** the only loop around a decision is [`store::Store::execute`], and it is bounded.

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

pub use attributes::MemberKind;
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

/// The way to change or ask anything. One per process, behind an `Arc`.
#[derive(Debug)]
pub struct Service {
    store: Arc<Store>,
    models: ReadModels,
    settings: Settings,
    credentials: Credentials,
    passwords: Passwords,
    /// Serialises the commands of one home: it guards the names of resources in their collections.
    homes: Keyed<PrincipalId>,
    /// Serialises what a sharee stores in one shared calendar. It is taken before the homes.
    shares: Keyed<ShareId>,
    /// Serialises registrations: it guards names and addresses of principals.
    registrations: tokio::sync::Mutex<()>,
    runner: Arc<Runner>,
    projecting: Projecting,
    views: history::Views,
    started: Timestamp,
    restores: Vec<Restored>,
    /// The stream of this run, once its start is recorded.
    run: OnceLock<ServerId>,
}

impl Service {
    pub fn models(&self) -> &ReadModels {
        &self.models
    }

    /// When this process began to serve.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// The restores of the journal from copies, in their order.
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

    /// Returns what the journal's engine and its readers count, for operators.
    pub fn journal_figures(&self) -> Vec<Figure> {
        let mut figures = self.store.journal.figures();
        figures.extend(self.projecting.figures());
        figures.extend(self.runner.outbox.figures());
        figures
    }

    /// Returns what is counted of the system that keeps passwords elsewhere, for operators.
    pub fn authority_figures(&self) -> Vec<Figure> {
        self.settings.authority.figures.figures()
    }

    /// Writes the outbox. The journal itself needs no closing.
    pub fn close(&self) {
        self.runner.outbox.save();
    }

    /// Ends the threads of the read models, which must not outlive the runtime; answers when their
    /// files are closed.
    pub async fn end(&self) {
        self.projecting.end().await;
    }

    /// Returns how many messages are neither delivered and reported nor parked, as far as the read
    /// models have come.
    pub fn undelivered(&self) -> usize {
        self.runner.outbox.counts().0
    }

    /// Returns the messages that are not delivered, in the order they were issued.
    pub fn outbox(&self) -> Vec<::delivery::Entry> {
        self.runner.outbox.entries()
    }

    /// Read your writes: an answer waits until the read models show it.
    async fn applied(&self, position: Position) -> Result<(), Error> {
        self.models.wait_for(position, self.settings.read_models_wait).await?;
        self.store.freshness.shown(position);
        Ok(())
    }

    /// Waits until the read models show everything that was written to `subject`; refuses with
    /// [`Error::Behind`] if that takes too long.
    async fn fresh(&self, subject: Subject) -> Result<(), Error> {
        let (store, limit) = (&self.store, self.settings.read_models_wait);
        freshness::wait(&store.freshness, &*store.journal, &self.models, subject, limit).await
    }

    /// Serialises the commands on one home, and begins each of them with read models that show the
    /// home as it is.
    async fn lock_home(&self, home: PrincipalId) -> Result<Held<PrincipalId>, Error> {
        let held = self.homes.lock(home).await;
        self.fresh(Subject::Home(home)).await?;
        Ok(held)
    }
}
