//! The state that all requests share.

use std::sync::Arc;

use access_journal::Recorder;
use service::Service;
use tokio::runtime::Handle;

use crate::{body::Timing, places::Places, settings::Settings};

#[derive(Debug)]
pub(crate) struct State {
    pub service: Arc<Service>,
    pub settings: Settings,
    /// The recorder of the access journal; `None` if the server records no requests.
    pub access: Option<Arc<Recorder>>,
    /// Limits the number of long responses. Requests below `/asof/` share this limit.
    pub answers: Arc<Places>,
    /// Limits the number of long commands that run at the same time.
    pub commands: Arc<Places>,
    /// Limits the memory for request bodies.
    pub bodies: Arc<Places>,
    /// Limits the number of requests below `/asof/`, for which past states of homes are rebuilt.
    pub histories: Arc<Places>,
    /// Handle of the process's runtime. Its blocking threads do slow work and serve no connections.
    pub apart: Handle,
}

impl State {
    /// Creates the state. The caller must be in the runtime of the process, not in the runtime of a
    /// thread that serves connections.
    pub(crate) fn new(service: Arc<Service>, settings: Settings, access: Option<Arc<Recorder>>) -> Self {
        Self {
            service,
            settings,
            access,
            answers: Arc::new(Places::for_answers()),
            commands: Arc::new(Places::for_commands()),
            bodies: Arc::new(Places::for_bodies()),
            histories: Arc::new(Places::for_histories()),
            apart: Handle::current(),
        }
    }

    /// Returns a copy of the state for a request that reads a past state, which `service` answers.
    /// The copy records nothing in the access journal, where the request itself is recorded
    /// already.
    pub(crate) fn with_service(&self, service: Arc<Service>) -> Self {
        Self {
            service,
            settings: self.settings.clone(),
            access: None,
            answers: Arc::clone(&self.answers),
            commands: Arc::clone(&self.commands),
            bodies: Arc::clone(&self.bodies),
            histories: Arc::clone(&self.histories),
            apart: self.apart.clone(),
        }
    }

    /// Returns the time limits for reading a request body.
    pub(crate) fn body_timing(&self) -> Timing {
        let limits = &self.settings.limits;
        Timing { whole: limits.request_body, pause: limits.request_pause }
    }
}
