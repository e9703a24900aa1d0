//! The start of the service.

use std::sync::{Arc, OnceLock};

use ::delivery::Delays;
use journal::Journal;
use projections::{Projector, ReadModels};
use schemas::Position;
use tokio::runtime::Handle;

use crate::{
    Service, Settings, bookings, clock,
    credentials::Credentials,
    delivery::{self as deliveries, Outbox, Runner},
    directory_lock::Basis,
    error::Error,
    history, inboxes,
    locks::Keyed,
    passwords::Passwords,
    projector::{self, Projecting},
    store::Store,
};

impl Service {
    /// Starts the service: the projector, the deliveries, which continue those of the previous
    /// process, and regular tasks.
    pub async fn start(
        journal: Arc<dyn Journal>,
        models: ReadModels,
        projector: Projector,
        settings: Settings,
    ) -> Result<Arc<Self>, Error> {
        let head = journal.head().await?;
        let service = Box::pin(Self::start_to_read(journal, head, (models, projector), settings)).await?;
        deliver(&service.runner, head, &service.settings);
        bookings::look_again(&service);
        if let Some(age) = service.settings.inbox_age {
            inboxes::clean(&service, age);
        }
        Ok(service)
    }

    /// Starts a service whose journal ends at `head`, without the deliveries and the regular tasks,
    /// because these append events: only the projector runs.
    pub(crate) async fn start_to_read(
        journal: Arc<dyn Journal>,
        head: Position,
        (models, mut projector): (ReadModels, Projector),
        settings: Settings,
    ) -> Result<Arc<Self>, Error> {
        let restores = journal.restores().await?;
        history::tidy(&models);
        projector::check(&*journal, &mut projector, head).await?;
        let outbox = Arc::new(Outbox::open(settings.outbox.clone(), &*journal, head, delays(&settings)).await?);
        let read_models = (models.clone(), projector);
        let projecting = Projecting::start(&journal, head, read_models, Arc::clone(&outbox), settings.past_delay)
            .map_err(Error::failed)?;
        let mut store = Store::new(journal, head, &settings.limits);
        store.basis = Some(Basis { models: models.clone(), wait: settings.read_models_wait });
        let store = Arc::new(store);
        let runner = Arc::new(runner(&store, &models, outbox, &settings));
        Ok(Arc::new(Self {
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
        }))
    }
}

fn delays(settings: &Settings) -> Delays {
    Delays {
        first_retry: settings.redelivery_delay,
        refreshes: settings.refresh_delay,
        removals: settings.removal_delay,
    }
}

fn runner(store: &Arc<Store>, models: &ReadModels, outbox: Arc<Outbox>, settings: &Settings) -> Runner {
    Runner {
        store: Arc::clone(store),
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
    }
}

/// Starts the deliveries: those that the previous process left, retries, and delayed messages.
fn deliver(runner: &Arc<Runner>, head: Position, settings: &Settings) {
    deliveries::resume(runner, head);
    deliveries::redeliver(runner, settings.redelivery_delay);
    deliveries::deliver_waiting(runner, &[settings.refresh_delay, settings.removal_delay]);
}
