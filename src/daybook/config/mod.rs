//! Settings: one TOML file, environment variables over it.
//!
//! **Invariant:** every setting has a default that is right for a small company, and stands in [`SETTINGS`] under the
//! name it has in the file. Unknown names are refused: a typing error must not look like a default.

mod settings;
mod source;

use std::{fmt, net::SocketAddr, path::PathBuf, str::FromStr, time::Duration};

use anyhow::{Result, ensure};
use serde::{Deserialize, Deserializer, de::Error as _};

pub(crate) use settings::SETTINGS;
pub(crate) use source::{load, one_line};

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Config {
    pub listen: SocketAddr,
    pub journal: String,
    pub realm: String,
    pub workers: usize,
    pub shutdown_seconds: u64,
    #[serde(deserialize_with = "peers")]
    pub proxies: http::Peers,
    pub proxy_protocol: bool,
    pub compression: bool,
    pub tls: Tls,
    pub log: Log,
    pub limits: Limits,
    pub scheduling: Scheduling,
    pub read_models: ReadModels,
}

/// Two files, or two empty names.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Tls {
    pub certificate: String,
    pub key: String,
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
    pub quota_bytes: u64,
    pub max_connections_per_worker: usize,
    pub request_head_seconds: u64,
    pub request_body_seconds: u64,
    pub request_pause_seconds: u64,
    pub answer_pause_seconds: u64,
    pub keep_alive_seconds: u64,
    pub max_failed_logins: usize,
    pub failed_logins_kept_seconds: u64,
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
            journal: String::new(),
            realm: http.realm,
            workers: 0,
            shutdown_seconds: http.shutdown.as_secs(),
            proxies: http.proxies,
            proxy_protocol: http.proxy_protocol,
            compression: http.compression,
            tls: Tls::default(),
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
            quota_bytes: calendar.quota_bytes.unwrap_or_default(),
            max_connections_per_worker: http.max_connections_per_worker,
            request_head_seconds: http.request_head.as_secs(),
            request_body_seconds: http.request_body.as_secs(),
            request_pause_seconds: http.request_pause.as_secs(),
            answer_pause_seconds: http.answer_pause.as_secs(),
            keep_alive_seconds: http.keep_alive.as_secs(),
            max_failed_logins: http.max_failed_logins,
            failed_logins_kept_seconds: http.failed_logins_kept.as_secs(),
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

impl Tls {
    fn files(&self) -> Option<http::Tls> {
        let Self { certificate, key } = self;
        let is_set = !certificate.is_empty() && !key.is_empty();
        is_set.then(|| http::Tls { certificate: PathBuf::from(certificate), key: PathBuf::from(key) })
    }
}

fn peers<'de, D: Deserializer<'de>>(deserializer: D) -> Result<http::Peers, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
}

impl Config {
    /// What no single setting shows.
    fn check(&self) -> Result<()> {
        let is_whole = self.tls.certificate.is_empty() == self.tls.key.is_empty();
        ensure!(is_whole, "tls.certificate and tls.key are set together or not at all");
        let has_proxies = self.proxies != http::Peers::default();
        ensure!(!self.proxy_protocol || has_proxies, "proxy_protocol needs proxies that speak it");
        Ok(())
    }

    pub(crate) fn http(&self) -> http::Settings {
        http::Settings {
            listen: self.listen,
            realm: self.realm.clone(),
            workers: (self.workers > 0).then_some(self.workers),
            shutdown: Duration::from_secs(self.shutdown_seconds),
            tls: self.tls.files(),
            proxies: self.proxies.clone(),
            proxy_protocol: self.proxy_protocol,
            compression: self.compression,
            limits: http::Limits {
                max_request_body_bytes: self.limits.max_request_body_bytes,
                request_head: Duration::from_secs(self.limits.request_head_seconds),
                request_body: Duration::from_secs(self.limits.request_body_seconds),
                request_pause: Duration::from_secs(self.limits.request_pause_seconds),
                answer_pause: Duration::from_secs(self.limits.answer_pause_seconds),
                keep_alive: Duration::from_secs(self.limits.keep_alive_seconds),
                max_connections_per_worker: self.limits.max_connections_per_worker,
                max_failed_logins: self.limits.max_failed_logins,
                failed_logins_kept: Duration::from_secs(self.limits.failed_logins_kept_seconds),
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
                quota_bytes: Some(self.limits.quota_bytes).filter(|bytes| *bytes > 0),
            },
            read_models_wait: Duration::from_millis(self.read_models.wait_milliseconds),
            delivery_wait: Duration::from_millis(self.scheduling.wait_milliseconds),
            delivery_batch: self.scheduling.batch,
            ..service::Settings::default()
        }
    }
}
