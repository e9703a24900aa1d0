//! The outer layer of HTTP: listens, authenticates, and sends every response.

mod as_of;
mod bearer;
mod certificate;
mod compression;
mod connection;
mod entry;
mod expectation;
mod failed_logins;
mod head_limit;
mod log;
mod login;
mod metrics;
mod operators;
mod page;
mod proxy_login;
mod recording;
mod roles;
mod server;

use std::{sync::Arc, time::Duration};

use access_journal::Recorder;
use actix_web::HttpResponse;
use moka::sync::Cache;
use schemas::PrincipalId;
use service::Service;
use uuid::Uuid;

use crate::{
    refusal::{Location, Refusal, Responder},
    settings::Settings,
    state::State,
};

use failed_logins::FailedLogins;
use metrics::Metrics;

#[cfg(test)]
pub(crate) use server::routes;
pub use server::{Running, serve};

/// Maximum number of recent logins by a proxy or a bearer token that are cached.
const MAX_NAMED: u64 = 100_000;
/// Time without a request after which a login by a proxy or a token is recorded again.
const NAMED: Duration = Duration::from_secs(60 * 60);

/// The state that all connections share.
#[derive(Debug)]
pub(crate) struct Front {
    pub state: Arc<State>,
    metrics: Arc<Metrics>,
    failed_logins: FailedLogins,
    /// Recent logins by a proxy or a token: the person, and the kind of login.
    named: Cache<(PrincipalId, String), ()>,
    sessions: page::Sessions,
}

impl Front {
    pub(crate) fn new(service: Arc<Service>, settings: Settings, access: Option<Arc<Recorder>>) -> Self {
        let failed_logins = FailedLogins::new(&settings.limits);
        let named = Cache::builder().max_capacity(MAX_NAMED).time_to_idle(NAMED).build();
        Self {
            state: Arc::new(State::new(service, settings, access)),
            metrics: Arc::default(),
            failed_logins,
            named,
            sessions: page::Sessions::default(),
        }
    }

    /// Writes the response for a refusal. `href` returns the href of a location; `None` if the
    /// caller may not know it.
    fn respond(&self, refusal: Refusal, request: Uuid, href: &dyn Fn(&Location) -> Option<String>) -> HttpResponse {
        let settings = &self.state.settings;
        let responder = Responder {
            realm: &settings.realm,
            takes_tokens: settings.openid.as_ref().is_some_and(|openid| openid.provider.takes_tokens()),
            login_wait: settings.limits.failed_logins_kept,
            request,
            href,
        };
        responder.respond(refusal)
    }

    /// Returns true unless a login of the person by the method `how` is cached. The login is then
    /// cached until the time [`NAMED`] passes without another.
    fn is_first(&self, person: PrincipalId, how: &str) -> bool {
        let key = (person, how.to_owned());
        let is_first = self.named.get(&key).is_none();
        if is_first {
            self.named.insert(key, ());
        }
        is_first
    }
}
