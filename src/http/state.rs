//! What every request needs of the server.

use std::sync::Arc;

use access_journal::Recorder;
use service::Service;

use crate::{body::Timing, places::Places, settings::Settings};

#[derive(Debug)]
pub(crate) struct State {
    pub service: Arc<Service>,
    pub settings: Settings,
    /// Records what people ask for; `None`: nothing is recorded.
    pub access: Option<Arc<Recorder>>,
    /// Shared by all requests, also those for the past.
    pub places: Arc<Places>,
}

impl State {
    /// Returns the same for requests that another service answers. What they read is not recorded: it is of the past.
    pub(crate) fn with_service(&self, service: Arc<Service>) -> Self {
        Self { service, settings: self.settings.clone(), access: None, places: Arc::clone(&self.places) }
    }

    /// Returns how long a request's body may take.
    pub(crate) fn body_timing(&self) -> Timing {
        let limits = &self.settings.limits;
        Timing { whole: limits.request_body, pause: limits.request_pause }
    }
}
