//! Facts about the processes that write to the journal. Each run of a server has its own stream.

use serde::{Deserialize, Serialize};

use crate::Position;

/// A process began to serve. The metadata of each later append of the process to the main journal
/// contain the id of this event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerStarted {
    /// The version of the program.
    pub version: String,
    /// The version of the IANA time zone database in the program: `2025b`.
    pub time_zones: String,
    /// The operating system and the processor architecture: `linux/x86_64`.
    pub platform: String,
    /// The host name of the machine; empty if it is unknown.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub host: String,
    /// The engine of the journal: `sqlite`, `kurrentdb` …
    pub engine: String,
    /// All settings with their values, without passwords.
    pub settings: Vec<SettingInForce>,
    /// The read models and their positions.
    pub read_models: Vec<ReadModelAtStart>,
}

/// A setting and its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingInForce {
    /// The name of the setting: `limits.max_instances`.
    pub name: String,
    /// The value, as it would be written in a settings file.
    pub value: String,
}

/// The state of a read model when a process began to serve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReadModelAtStart {
    /// The name of the read model.
    pub name: String,
    /// The version of the read model that answers requests.
    pub version: u32,
    /// The position up to which the read model had applied events.
    pub position: Position,
}

/// A process stopped as intended. A process that was killed does not write this event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ServerStopped {
    /// Number of undelivered scheduling messages, without those that are only tried again at the
    /// next start.
    pub undelivered: u64,
}
