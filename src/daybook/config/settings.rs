//! The table of settings: name, meaning, how it is read from an environment variable and shown.

use std::{fmt::Display, str::FromStr};

use super::Config;

/// One setting.
pub(crate) struct Setting {
    /// As in the file, with dots: `limits.max_instances`.
    pub name: &'static str,
    pub about: &'static str,
    pub set: fn(&mut Config, &str) -> Result<(), String>,
    /// As TOML.
    pub show: fn(&Config) -> String,
}

impl Setting {
    /// `limits.max_instances` is `DAYBOOK_LIMITS_MAX_INSTANCES`.
    pub(crate) fn variable(&self) -> String {
        format!("DAYBOOK_{}", self.name.replace('.', "_").to_uppercase())
    }
}

macro_rules! settings {
    ($($name:literal: $($field:ident).+, $read:ident, $show:ident, $about:literal;)*) => {
        /// Every setting there is.
        pub(crate) const SETTINGS: &[Setting] = &[$(Setting {
            name: $name,
            about: $about,
            set: |config, value| $read(value).map(|value| config.$($field).+ = value),
            show: |config| $show(&config.$($field).+),
        },)*];
    };
}

settings! {
    "listen": listen, parse, quoted,
        "Address and port to listen on; port 0 takes a free one.";
    "journal": journal, parse, redacted,
        "Connection string of a journal in KurrentDB; empty: an SQLite file in the data folder.";
    "realm": realm, parse, quoted,
        "Shown by calendar programs when they ask for a password.";
    "workers": workers, parse, plain,
        "Threads that answer requests; 0: one per processor.";
    "shutdown_seconds": shutdown_seconds, parse, plain,
        "How long requests under way may take once the server is told to stop.";
    "proxies": proxies, parse, quoted,
        "Addresses and networks of proxies, with commas between: their `X-Forwarded-For` is believed.";
    "proxy_protocol": proxy_protocol, parse, plain,
        "Whether connections of `proxies` begin with a PROXY header, version 1 or 2.";
    "compression": compression, parse, plain,
        "Whether long answers are compressed for clients that ask for it.";
    "tls.certificate": tls.certificate, parse, quoted,
        "A PEM file, the server's certificate first; empty: plain HTTP. SIGHUP reads it anew.";
    "tls.key": tls.key, parse, quoted,
        "The PEM file of the private key.";
    "log.format": log.format, parse, quoted,
        "`text` for people, `json` for machines: one object per line.";
    "log.filter": log.filter, parse, quoted,
        "What is logged: a level, or levels by target (`info,daybook::access=off`).";
    "limits.max_request_body_bytes": limits.max_request_body_bytes, parse, plain,
        "The most an XML body may hold. Beyond: 413.";
    "limits.max_resource_size_bytes": limits.max_resource_size_bytes, parse, plain,
        "The most a calendar object may hold (`CALDAV:max-resource-size`).";
    "limits.max_attendees_per_instance": limits.max_attendees_per_instance, parse, plain,
        "Attendees in one instance (`CALDAV:max-attendees-per-instance`).";
    "limits.max_instances": limits.max_instances, parse, plain,
        "Overridden instances in one object (`CALDAV:max-instances`).";
    "limits.max_name_length": limits.max_name_length, parse, plain,
        "Characters in the name of a resource or collection.";
    "limits.quota_bytes": limits.quota_bytes, parse, plain,
        "What clients may store in one home (`DAV:quota-available-bytes`); 0: no limit. Beyond: 507.";
    "limits.max_connections_per_worker": limits.max_connections_per_worker, parse, plain,
        "Connections one thread keeps open.";
    "limits.request_head_seconds": limits.request_head_seconds, parse, plain,
        "How long a client may take to open a connection and send a request's head.";
    "limits.request_body_seconds": limits.request_body_seconds, parse, plain,
        "How long a client may take to send a request's body.";
    "limits.request_pause_seconds": limits.request_pause_seconds, parse, plain,
        "How long a client may send nothing in the middle of a body.";
    "limits.answer_pause_seconds": limits.answer_pause_seconds, parse, plain,
        "How long a client may take nothing of its answer.";
    "limits.keep_alive_seconds": limits.keep_alive_seconds, parse, plain,
        "How long an idle connection is kept.";
    "limits.max_failed_logins": limits.max_failed_logins, parse, plain,
        "Different wrong passwords from one address for one name; what comes then is not looked at. Beyond: 429.";
    "limits.failed_logins_kept_seconds": limits.failed_logins_kept_seconds, parse, plain,
        "How long wrong passwords are counted, from the first.";
    "scheduling.wait_milliseconds": scheduling.wait_milliseconds, parse, plain,
        "How long a request waits for local deliveries; the rest goes on in the background.";
    "scheduling.batch": scheduling.batch, parse, plain,
        "Recipients served in one durable group.";
    "read_models.wait_milliseconds": read_models.wait_milliseconds, parse, plain,
        "How long a request waits for the read models before it answers 503.";
}

fn parse<T: FromStr<Err: Display>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|error: T::Err| error.to_string())
}

fn plain(value: &impl Display) -> String {
    value.to_string()
}

/// A connection string may have a password in it, and what is shown ends up in tickets and logs.
fn redacted(value: &impl Display) -> String {
    quoted(&journal::kurrentdb::redacted(&value.to_string()))
}

fn quoted(value: &impl Display) -> String {
    toml::Value::String(value.to_string()).to_string()
}
