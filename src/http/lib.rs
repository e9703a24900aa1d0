//! HTTP: a request becomes a command or a query.
//!
//! The layers, from the highest to the lowest; each names only those below it, which the tests in
//! `layers` check:
//!
//! - `front` listens (PROXY protocol, TLS), authenticates, dispatches, and sends every answer, also
//!   the pages for people;
//! - `method` and `report` hold a file per method and per report;
//! - `answer` writes multistatus bodies, streams and validators;
//! - `property` holds the table of live properties and changes dead ones;
//! - `call` is one authenticated request, `reader` the part of it that other threads need, `state`
//!   what all requests share;
//! - `resource` knows paths and kinds, looks resources up, evaluates privileges, and says what
//!   represents a resource;
//! - `person` is the caller;
//! - `refusal` is every reason for not doing what was asked, with its status and condition;
//! - `response`, `header`, `body` and `settings` are what the others are built from.
//!
//! **Invariant:** no rule about calendars is decided here: a write is a command to `service`, and
//! its conditions travel with it. Deliberately absent: locks (WebDAV class 2), and any state
//! between two requests but the count of failed logins and the sessions of the pages.

mod answer;
mod audience;
mod base_path;
mod body;
mod call;
mod front;
mod header;
mod method;
mod person;
mod places;
mod property;
mod reader;
mod refusal;
mod report;
mod resource;
mod response;
mod settings;
mod state;

#[cfg(test)]
mod tests;

pub use ::page::path::FROM_PROVIDER as RETURN_PATH;
pub use base_path::ROOTS;
pub use front::{Running, serve};
pub use method::notices::announcer;
pub use property::availability;
pub use resource::inbox_policy;
pub use settings::{Limits, LoginHeader, OpenId, Peers, Roles, Settings, Tls};
