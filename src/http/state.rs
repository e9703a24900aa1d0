//! What every request needs of the server.

use std::sync::Arc;

use service::Service;

use crate::{body::Timing, settings::Settings};

#[derive(Debug)]
pub(crate) struct State {
    pub service: Arc<Service>,
    pub settings: Settings,
}

impl State {
    /// Returns the same for requests that another service answers.
    pub(crate) fn with_service(&self, service: Arc<Service>) -> Self {
        Self { service, settings: self.settings.clone() }
    }

    /// Returns how long a request's body may take.
    pub(crate) fn body_timing(&self) -> Timing {
        let limits = &self.settings.limits;
        Timing { whole: limits.request_body, pause: limits.request_pause }
    }
}
