//! What every request needs of the server.

use std::sync::Arc;

use access_journal::Recorder;
use service::Service;
use tokio::runtime::Handle;

use crate::{body::Timing, places::Places, settings::Settings};

#[derive(Debug)]
pub(crate) struct State {
    pub service: Arc<Service>,
    pub settings: Settings,
    /// Records what people ask for; `None`: nothing is recorded.
    pub access: Option<Arc<Recorder>>,
    /// Places for long answers. Shared by all requests, also those for the past.
    pub answers: Arc<Places>,
    /// Places for commands.
    pub commands: Arc<Places>,
    /// Places for request bodies, by their size.
    pub bodies: Arc<Places>,
    /// Places for homes as they were.
    pub histories: Arc<Places>,
    /// Whose threads work out what takes long. They serve no connections.
    pub apart: Handle,
}

impl State {
    /// To be called in the runtime of the process, not in one of a thread that serves connections.
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

    /// Returns the same for requests that another service answers. What they read is not recorded:
    /// it is of the past.
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

    /// Returns how long a request's body may take.
    pub(crate) fn body_timing(&self) -> Timing {
        let limits = &self.settings.limits;
        Timing { whole: limits.request_body, pause: limits.request_pause }
    }
}
