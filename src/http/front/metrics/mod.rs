//! Metrics for operators, in the format that Prometheus reads.
//!
//! **Invariant:** every counter exists from the start of the server. Otherwise Prometheus would not
//! see its first increase.

mod requests;
mod state;

use std::{fmt, sync::Arc, time::Duration};

use prometheus_client::{
    encoding::text::{encode_eof, encode_registry},
    metrics::{counter::Counter, gauge::Gauge},
    registry::Registry,
};
use service::Service;

use requests::Requests;

use crate::settings::OpenId;

/// The media type of [`Metrics::text`].
pub(crate) const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// Prefix of the names of all metrics.
const PREFIX: &str = "daybook";

/// Metrics of requests, failed logins and open connections.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    requests: Requests,
    failed_logins: Counter,
    connections: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix(PREFIX);
        let requests = Requests::register(&mut registry);
        let (failed_logins, connections) = (Counter::default(), Gauge::default());
        registry.register(
            "failed_logins",
            "Refused logins: by password, bearer token, login header or OpenID provider",
            failed_logins.clone(),
        );
        registry.register("connections", "Open connections of clients", connections.clone());
        Self { registry, requests, failed_logins, connections }
    }
}

impl Metrics {
    /// Counts one answered request, and the time until the head of its response was ready.
    pub(crate) fn count(&self, method: &str, status: u16, took: Duration) {
        self.requests.count(method, status, took);
    }

    pub(crate) fn count_failed_login(&self) {
        self.failed_logins.inc();
    }

    /// Counts a connection as open until the returned value is dropped.
    pub(crate) fn connection(self: &Arc<Self>) -> Connection {
        self.connections.inc();
        Connection(Arc::clone(self))
    }

    /// Returns all metrics in the text format of `OpenMetrics`.
    pub(crate) async fn text(&self, service: &Service, openid: Option<&OpenId>) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode_registry(&mut text, &self.registry)?;
        encode_registry(&mut text, &state::registry(service, openid).await)?;
        encode_eof(&mut text)?;
        Ok(text)
    }
}

/// An open connection, which the metrics count.
#[derive(Debug)]
pub(crate) struct Connection(Arc<Metrics>);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.connections.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_open_until_it_is_dropped() {
        let metrics = Arc::new(Metrics::default());
        let (first, second) = (metrics.connection(), metrics.connection());
        assert_eq!(metrics.connections.get(), 2);
        drop((first, second));
        assert_eq!(metrics.connections.get(), 0);
    }
}
