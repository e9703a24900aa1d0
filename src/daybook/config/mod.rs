//! The settings: one TOML file, overridden by environment variables.
//!
//! **Invariant:** every setting has a row in [`SETTINGS`], and a default that suits a small
//! company. Unknown names are refused, because a misspelt setting would otherwise silently have its
//! default.

mod directory_kind;
mod kind;
mod language;
mod secret_file;
mod settings;
mod source;

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use ::projections::Hosts;
use anyhow::{Result, ensure};

use crate::{directory, openid};

use directory_kind::DirectoryKind;
use language::Language;
pub(crate) use secret_file::secret_file;
pub(crate) use settings::{Config, Directory, Log, SETTINGS, Setting};
#[cfg(test)]
pub(crate) use settings::{OpenId, Server};
pub(crate) use source::{change, load, one_line};

const SECONDS_PER_DAY: u64 = 24 * 3_600;

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

impl LogFormat {
    const NAMES: &[&str] = &["text", "json"];
}

impl FromStr for LogFormat {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("the format of the log must be `text` or `json`"),
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

impl Config {
    /// Checks the rules that concern several settings together.
    fn check(&self) -> Result<()> {
        let is_whole = self.tls.certificate.is_empty() == self.tls.key.is_empty();
        ensure!(is_whole, "set both tls.certificate and tls.key, or neither");
        let has_proxies = self.server.proxies != http::Peers::default();
        ensure!(
            !self.server.proxy_protocol || has_proxies,
            "proxy_protocol is on, but `proxies` names no proxy: write the addresses of the proxies there"
        );
        let is_named = self.server.login_header != http::LoginHeader::default();
        ensure!(
            !is_named || has_proxies,
            "login_header is set, but `proxies` names no proxy: write the addresses of the proxies there"
        );
        // With the PROXY protocol the server knows the address of the client, not of the proxy, so
        // it could not check that a proxy sent the login header.
        ensure!(
            !is_named || !self.server.proxy_protocol,
            "login_header and proxy_protocol cannot both be set: remove one of them"
        );
        directory::check(self)?;
        openid::check(self)
    }

    /// Returns the files of the certificate and the key; `None` for plain HTTP.
    pub(crate) fn tls(&self) -> Option<http::Tls> {
        let (certificate, key) = (&self.tls.certificate, &self.tls.key);
        let is_set = !certificate.is_empty() && !key.is_empty();
        is_set.then(|| http::Tls { certificate: PathBuf::from(certificate), key: PathBuf::from(key) })
    }

    /// Returns the host names of the server. If none is set, every name is accepted as its own.
    pub(crate) fn hosts(&self) -> Hosts {
        let url = Some(self.server.public_url.clone()).filter(|url| !url.is_empty());
        let names: Vec<_> = words(&self.server.hosts).into_iter().chain(url).collect();
        Hosts::of(names.iter().map(String::as_str))
    }

    /// Returns the settings of the HTTP server.
    pub(crate) fn http(&self) -> http::Settings {
        let (server, limits) = (&self.server, &self.limits);
        http::Settings {
            listen: server.listen,
            operators: server.operators_listen.parse().ok(),
            public_url: with_slash(&server.public_url),
            realm: server.realm.clone(),
            workers: (server.workers > 0).then_some(server.workers),
            shutdown: Duration::from_secs(server.shutdown_seconds),
            tls: self.tls(),
            proxies: server.proxies.clone(),
            login_header: server.login_header.clone(),
            openid: None,
            proxy_protocol: server.proxy_protocol,
            compression: server.compression,
            auditors: words(&server.auditors),
            heads: None,
            limits: http::Limits {
                max_request_body_bytes: limits.max_request_body_bytes,
                request_head: Duration::from_secs(limits.request_head_seconds),
                request_body: Duration::from_secs(limits.request_body_seconds),
                request_pause: Duration::from_secs(limits.request_pause_seconds),
                answer_pause: Duration::from_secs(limits.answer_pause_seconds),
                keep_alive: Duration::from_secs(limits.keep_alive_seconds),
                max_connections_per_worker: limits.max_connections_per_worker,
                max_failed_logins: limits.max_failed_logins,
                max_failed_logins_per_address: limits.max_failed_logins_per_address,
                max_failed_logins_per_name: limits.max_failed_logins_per_name,
                failed_logins_kept: Duration::from_secs(limits.failed_logins_kept_seconds),
            },
        }
    }

    /// Returns the names and the colour of the first calendars of a new account.
    fn first_calendars(&self) -> service::FirstCalendars {
        let accounts = &self.accounts;
        let tasks = Some(accounts.tasks_name.clone()).filter(|name| !name.is_empty());
        service::FirstCalendars {
            calendar: accounts.calendar_name.clone(),
            tasks: tasks.unwrap_or_else(|| accounts.language.tasks().to_owned()),
            color: accounts.calendar_color.clone(),
        }
    }

    /// Returns the time for which the message about a removed copy is delayed. It is 0 if the
    /// journal is in KurrentDB, where several servers can share it, because only the server that
    /// delays a message knows of it.
    fn removal_delay(&self) -> Duration {
        let is_alone = self.server.journal.is_empty();
        Duration::from_secs(if is_alone { self.scheduling.removal_seconds } else { 0 })
    }

    /// Returns the settings of the service.
    pub(crate) fn service(&self) -> service::Settings {
        service::Settings {
            limits: service::Limits {
                max_resource_size_bytes: self.limits.max_resource_size_bytes,
                max_attendees_per_instance: self.limits.max_attendees_per_instance,
                max_instances: self.limits.max_instances,
                max_delivery_bytes: self.limits.max_delivery_bytes,
                max_refresh_bytes: self.limits.max_refresh_bytes,
                max_name_length: self.limits.max_name_length,
                history_burst_bytes: self.limits.history_burst_bytes,
                history_bytes_per_hour: Some(self.limits.history_bytes_per_hour).filter(|bytes| *bytes > 0),
                quota_bytes: Some(self.limits.quota_bytes).filter(|bytes| *bytes > 0),
            },
            read_models_wait: Duration::from_millis(self.read_models.wait_milliseconds),
            delivery_wait: Duration::from_millis(self.scheduling.wait_milliseconds),
            first_calendars: self.first_calendars(),
            delivery_batch: self.scheduling.batch,
            refresh_delay: Duration::from_secs(self.scheduling.refresh_seconds),
            removal_delay: self.removal_delay(),
            inbox_age: (self.scheduling.inbox_days > 0)
                .then(|| Duration::from_secs(self.scheduling.inbox_days * SECONDS_PER_DAY)),
            availability: http::availability,
            ..service::Settings::default()
        }
    }
}

/// Returns the URL with a slash at its end; `None` if it is empty.
fn with_slash(url: &str) -> Option<String> {
    (!url.is_empty()).then(|| format!("{}/", url.trim_end_matches('/')))
}

/// Returns the words of a list that is separated by commas.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}
