//! Settings: one TOML file, environment variables over it.
//!
//! **Invariant:** every setting has a default that is right for a small company, and stands in [`SETTINGS`] under the
//! name it has in the file. Unknown names are refused: a typing error must not look like a default.

mod settings;
mod source;

use std::{fmt, net::SocketAddr, str::FromStr, time::Duration};

use serde::Deserialize;

pub(crate) use settings::SETTINGS;
pub(crate) use source::{load, one_line};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub listen: SocketAddr,
    pub realm: String,
    pub workers: usize,
    pub shutdown_seconds: u64,
    pub log: Log,
    pub limits: Limits,
    pub scheduling: Scheduling,
    pub read_models: ReadModels,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Log {
    pub format: LogFormat,
    pub filter: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogFormat {
    Text,
    Json,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Limits {
    pub max_request_body_bytes: usize,
    pub max_resource_size_bytes: usize,
    pub max_attendees_per_instance: usize,
    pub max_instances: usize,
    pub max_name_length: usize,
    pub max_connections_per_worker: usize,
    pub request_head_seconds: u64,
    pub keep_alive_seconds: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Scheduling {
    pub wait_milliseconds: u64,
    pub batch: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ReadModels {
    pub wait_milliseconds: u64,
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("expected `text` or `json`"),
        }
    }
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

impl Default for Config {
    fn default() -> Self {
        let http = http::Settings::default();
        Self {
            listen: http.listen,
            realm: http.realm,
            workers: 0,
            shutdown_seconds: http.shutdown.as_secs(),
            log: Log::default(),
            limits: Limits::default(),
            scheduling: Scheduling::default(),
            read_models: ReadModels::default(),
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info,actix_server=warn".to_owned() }
    }
}

impl Default for Limits {
    fn default() -> Self {
        let (http, calendar) = (http::Limits::default(), service::Limits::default());
        Self {
            max_request_body_bytes: http.max_request_body_bytes,
            max_resource_size_bytes: calendar.max_resource_size_bytes,
            max_attendees_per_instance: calendar.max_attendees_per_instance,
            max_instances: calendar.max_instances,
            max_name_length: calendar.max_name_length,
            max_connections_per_worker: http.max_connections_per_worker,
            request_head_seconds: http.request_head.as_secs(),
            keep_alive_seconds: http.keep_alive.as_secs(),
        }
    }
}

impl Default for Scheduling {
    fn default() -> Self {
        let service = service::Settings::default();
        Self { wait_milliseconds: milliseconds(service.delivery_wait), batch: service.delivery_batch }
    }
}

impl Default for ReadModels {
    fn default() -> Self {
        Self { wait_milliseconds: milliseconds(service::Settings::default().read_models_wait) }
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Config {
    pub(crate) fn http(&self) -> http::Settings {
        http::Settings {
            listen: self.listen,
            realm: self.realm.clone(),
            workers: (self.workers > 0).then_some(self.workers),
            shutdown: Duration::from_secs(self.shutdown_seconds),
            limits: http::Limits {
                max_request_body_bytes: self.limits.max_request_body_bytes,
                request_head: Duration::from_secs(self.limits.request_head_seconds),
                keep_alive: Duration::from_secs(self.limits.keep_alive_seconds),
                max_connections_per_worker: self.limits.max_connections_per_worker,
            },
        }
    }

    pub(crate) fn service(&self) -> service::Settings {
        service::Settings {
            limits: service::Limits {
                max_resource_size_bytes: self.limits.max_resource_size_bytes,
                max_attendees_per_instance: self.limits.max_attendees_per_instance,
                max_instances: self.limits.max_instances,
                max_name_length: self.limits.max_name_length,
            },
            read_models_wait: Duration::from_millis(self.read_models.wait_milliseconds),
            delivery_wait: Duration::from_millis(self.scheduling.wait_milliseconds),
            delivery_batch: self.scheduling.batch,
            ..service::Settings::default()
        }
    }
}
