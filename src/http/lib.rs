//! HTTP: a request becomes a command or a query.
//!
//! One request reads in this order: `door` (a proxy's word, TLS) → `entry` (credentials, path, dispatch) → `resolve` (the resource by the read
//! models) → `access` (privileges) → `method` → `service` → `no` or an answer.
//!
//! **Invariant:** no rule of calendars is decided here: a write is a command, and its conditions travel with it.
//! Deliberately absent: locks (class 2), and any state between two requests.

mod access;
mod answer;
mod auth;
mod body;
mod call;
mod certificate;
mod coding;
mod door;
mod doorkeeper;
mod entry;
mod failed_logins;
mod header;
mod href;
mod listing;
mod method;
mod metrics;
mod no;
mod node;
mod path;
mod peers;
mod property;
mod refusal;
mod report;
mod server;
mod settings;
mod stream;

#[cfg(test)]
mod tests;

pub use doorkeeper::doorkeeper;
pub use peers::Peers;
pub use server::{Running, serve};
pub use settings::{Limits, Settings, Tls};
