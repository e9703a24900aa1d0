//! The outer edge: listens, authenticates, and sends every answer.

mod as_of;
mod certificate;
mod compression;
mod connection;
mod entry;
mod failed_logins;
mod log;
mod login;
mod metrics;
mod operators;
mod recording;
mod server;

use std::sync::Arc;

use access_journal::Recorder;
use service::Service;

use crate::{settings::Settings, state::State};

use failed_logins::FailedLogins;
use metrics::Metrics;

#[cfg(test)]
pub(crate) use server::routes;
pub use server::{Running, serve};

/// What the edge shares between all connections.
#[derive(Debug)]
pub(crate) struct Front {
    pub state: Arc<State>,
    metrics: Arc<Metrics>,
    failed_logins: FailedLogins,
}

impl Front {
    pub(crate) fn new(service: Arc<Service>, settings: Settings, access: Option<Arc<Recorder>>) -> Self {
        let failed_logins = FailedLogins::new(&settings.limits);
        Self { state: Arc::new(State::new(service, settings, access)), metrics: Arc::default(), failed_logins }
    }
}
