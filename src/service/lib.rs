//! Commands: load, fold, decide, append at the expected revision, wait for the read models;
//! the projector that writes them, and the reactor that delivers scheduling messages.
//!
//! **Invariant:** the only loop around a decision is [`store::Store::execute`], and it is bounded.

pub mod access;
mod address_book;
pub mod app_passwords;
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
mod removal;
mod run;
pub mod scheduling_policy;
pub mod sharing;
mod store;
mod waiting;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

pub use attributes::MemberKind;
pub use calendar::{
    Limits, MAX_PROPERTIES, MAX_PROPERTIES_BYTES, Refusal, Require, Tags,
    require::{Comparison, entity_tags},
    tag::etag,
};
pub use clock::{Sending, Stamp};
pub use delivery::{Listing, list_outbox};
use directory_lock::Basis;
pub use error::Error;
pub use files::PutFile;
pub use first_collections::FirstCalendars;
pub use itip::ScheduleReply;
use journal::Journal;
pub use journal::{Figure, Restored};
pub use objects::{Delete, Overwrite, Put, Source, Transfer, Written};
use projections::{Condition, Projector, ReadModels};
use schemas::{Position, PrincipalId, ServerId, ShareId, Timestamp};
use tokio::runtime::Handle;
use vault::Vault;

use crate::{
    authority::Authorities,
    credentials::Credentials,
    delivery::{Outbox, Runner},
    free_busy::ReadAvailability,
    freshness::Subject,
    locks::{Held, Keyed},
    passwords::Passwords,
    projector::Projecting,
    scheduling_policy::{AllowAll, SchedulingPolicy},
    sharing::groups::{Announcer, Silent},
    store::Store,
};

/// How the service behaves; every value has a default that is right for a small company.
#[derive(Debug, Clone)]
pub struct Settings {
    pub limits: Limits,
    /// How long a request waits for the read models before it answers 503.
    pub read_models_wait: Duration,
    /// How long a request waits for local deliveries; the rest goes on in the background.
    pub delivery_wait: Duration,
    /// Recipients served in one group of appends.
    pub delivery_batch: usize,
    /// Rounds of deliveries in a row: an invitation, automatic answers, the refresh of the others,
    /// and some to spare. What is left then is redelivered.
    pub delivery_rounds: usize,
    /// How long a message may be under way before it is redelivered.
    pub redelivery_delay: Duration,
    /// How long answers are gathered before the other attendees' copies are refreshed, unless one
    /// is read or changed.
    pub refresh_delay: Duration,
    /// How long the notification that a copy was removed is delayed, so that its client can move it
    /// by storing it elsewhere afterwards; zero if several servers deliver.
    pub removal_delay: Duration,
    /// How long events are gathered for the read models that only questions about the past read.
    pub past_delay: Duration,
    /// Age at which inbox items are removed; `None`: clients remove them.
    pub inbox_age: Option<Duration>,
    /// File that the outbox is kept in; `None`: the whole journal is read at each start.
    pub outbox: Option<std::path::PathBuf>,
    /// How people see the first calendars of a new account.
    pub first_calendars: FirstCalendars,
    /// Decides who may schedule with whom.
    pub scheduling_policy: Arc<dyn SchedulingPolicy>,
    /// Reads when the owner of an inbox is available.
    pub availability: ReadAvailability,
    /// Writes messages about calendars that are shared with groups.
    pub announcer: Arc<dyn Announcer>,
    /// Keeps the hashes of passwords.
    pub vault: Arc<dyn Vault>,
    /// Checks the passwords that are kept elsewhere.
    pub authority: Authorities,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            read_models_wait: Duration::from_secs(2),
            delivery_wait: Duration::from_secs(2),
            delivery_batch: 100,
            delivery_rounds: 8,
            redelivery_delay: Duration::from_secs(30),
            refresh_delay: Duration::from_secs(10),
            removal_delay: Duration::from_secs(10),
            past_delay: Duration::from_millis(500),
            inbox_age: None,
            outbox: None,
            first_calendars: FirstCalendars::default(),
            scheduling_policy: Arc::new(AllowAll),
            availability: free_busy::no_availability,
            announcer: Arc::new(Silent),
            vault: Arc::new(vault::Memory::new()),
            authority: Authorities::default(),
        }
    }
}

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
    /// Starts the projector, and delivers what waited when the last run ended.
    pub async fn start(
        journal: Arc<dyn Journal>,
        models: ReadModels,
        mut projector: Projector,
        settings: Settings,
    ) -> Result<Arc<Self>, Error> {
        let head = journal.head().await?;
        let restores = journal.restores().await?;
        history::tidy(&models);
        projector::check(&*journal, &mut projector, head).await?;
        let delays = ::delivery::Delays {
            first_retry: settings.redelivery_delay,
            refreshes: settings.refresh_delay,
            removals: settings.removal_delay,
        };
        let outbox = Outbox::open(settings.outbox.clone(), &*journal, head, delays).await?;
        let (outbox, read_models) = (Arc::new(outbox), (models.clone(), projector));
        let projecting = Projecting::start(&journal, head, read_models, Arc::clone(&outbox), settings.past_delay)
            .map_err(Error::failed)?;
        let mut store = Store::new(journal, head, &settings.limits);
        store.basis = Some(Basis { models: models.clone(), wait: settings.read_models_wait });
        let store = Arc::new(store);
        let runner = Arc::new(Runner {
            store: Arc::clone(&store),
            models: models.clone(),
            limits: settings.limits.clone(),
            batch: settings.delivery_batch,
            rounds: settings.delivery_rounds,
            models_wait: settings.read_models_wait,
            runtime: Handle::current(),
            outbox,
            scheduling_policy: Arc::clone(&settings.scheduling_policy),
            availability_of_inbox: settings.availability,
            bookings: Keyed::default(),
            meetings: Keyed::default(),
        });
        delivery::resume(&runner, head);
        delivery::redeliver(&runner, settings.redelivery_delay);
        delivery::deliver_waiting(&runner, &[settings.refresh_delay, settings.removal_delay]);
        let inbox_age = settings.inbox_age;
        let service = Arc::new(Self {
            store,
            models,
            credentials: Credentials::new(clock::new_id(), settings.authority.passwords.clone())?,
            passwords: Passwords::new(Arc::clone(&settings.vault)),
            settings,
            homes: Keyed::default(),
            shares: Keyed::default(),
            registrations: tokio::sync::Mutex::default(),
            runner,
            projecting,
            views: history::Views::default(),
            started: clock::now(),
            restores,
            run: OnceLock::new(),
        });
        bookings::look_again(&service);
        if let Some(age) = inbox_age {
            inboxes::clean(&service, age);
        }
        Ok(service)
    }

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

    /// Checks that requests are answered, from read models that show everything in the journal.
    ///
    /// Returns a line for each read model that is not as it should be but keeps no request from
    /// being answered. Fails with [`Error::Behind`] if requests are not answered, or do not see
    /// what was written within the wait.
    pub async fn ready(&self) -> Result<Vec<String>, Error> {
        if let Some(why) = self.projecting.trouble() {
            return Err(Error::Behind(why.into()));
        }
        let (required, others): (Vec<_>, Vec<_>) =
            self.models.conditions().into_iter().partition(|condition| condition.is_required);
        if let Some(why) = required.iter().find_map(Condition::complaint) {
            return Err(Error::Behind(why.into()));
        }
        let head = self.store.journal.head().await?;
        self.models.wait_for(head, self.settings.read_models_wait).await?;
        Ok(others.iter().filter_map(Condition::complaint).collect())
    }

    /// Checks that the journal can be written, and what [`Self::ready`] does.
    pub async fn ready_to_write(&self) -> Result<Vec<String>, Error> {
        self.store.journal.is_writable().await?;
        self.ready().await
    }

    /// Waits at the start, without a time limit, until the read models that requests need have
    /// reached the head.
    pub async fn caught_up(&self) -> Result<(), Error> {
        while self.caught_up_or_held_up().await?.is_some() {}
        Ok(())
    }

    /// Waits like [`caught_up`](Self::caught_up). Returns the reason if one of them is held up, for
    /// example because the disk is full.
    pub async fn caught_up_or_held_up(&self) -> Result<Option<String>, Error> {
        let head = self.store.journal.head().await?;
        while self.models.wait_for(head, self.settings.read_models_wait).await.is_err() {
            if self.projecting.has_stopped() {
                return Err(Error::Behind("the read models have stopped".into()));
            }
            let mut conditions = self.models.conditions();
            conditions.retain(|condition| condition.is_required);
            if let Some(condition) = conditions.iter().find(|condition| condition.has_stopped()) {
                return Err(Error::Behind(condition.complaint().unwrap_or_default().into()));
            }
            if let Some(condition) = conditions.iter().find(|condition| condition.is_held_up()) {
                return Ok(condition.complaint());
            }
        }
        Ok(None)
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

    /// Returns true if the server is at rest: the read models show the whole journal, every message
    /// in it is delivered or parked, and no event was added meanwhile.
    pub async fn is_at_rest(&self) -> Result<bool, Error> {
        let head = self.store.journal.head().await?;
        self.applied(head).await?;
        // A message that is still to be delivered is counted here, or was added after `head`.
        Ok(self.undelivered() == 0 && self.store.journal.head().await? == head)
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
