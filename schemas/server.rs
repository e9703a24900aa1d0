//! Facts about the processes that write to the journal. Each run of a server has a stream of its
//! own.

use serde::{Deserialize, Serialize};

use crate::Position;

/// A process began to serve. Each later event of the process names this event in its metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerStarted {
    /// The version of the program.
    pub version: String,
    /// The IANA time-zone database that the program contains, `2025b`.
    pub time_zones: String,
    /// The operating system and the architecture, `linux/x86_64`.
    pub platform: String,
    /// The name of the machine. Empty: unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The engine of the journal: `sqlite`, `kurrentdb` …
    pub engine: String,
    /// All settings and limits with their values, without passwords.
    pub settings: Vec<SettingInForce>,
    /// The read models.
    pub read_models: Vec<ReadModelAtStart>,
}

/// A setting and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingInForce {
    /// Its name, `limits.max_instances`.
    pub name: String,
    /// Its value as it is written in a file of settings.
    pub value: String,
}

/// A read model when a process began to serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadModelAtStart {
    /// Its name.
    pub name: String,
    /// The version that requests are answered from.
    pub version: u32,
    /// The position that it had reached.
    pub position: Position,
}

/// A process stopped serving as intended. A process that was killed leaves no such event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerStopped {
    /// Scheduling messages that are still to be delivered.
    pub undelivered: u64,
}
