//! HTTP: turns each request into a command or a query.
//!
//! The layers, from the highest to the lowest. A layer uses only layers below it, which the tests
//! in `layers` check:
//!
//! - `front` listens (PROXY protocol, TLS), authenticates, dispatches, and sends every response,
//!   including the web pages for people;
//! - `method` and `report` answer the HTTP methods and the reports;
//! - `answer` writes multistatus bodies, streamed responses and validators;
//! - `property` has the table of live properties, and changes properties;
//! - `audience` records in the access journal what clients receive;
//! - `call` is one authenticated request, `reader` is the part of it that other threads need,
//!   `state` is shared by all requests, and `places` limits slow work;
//! - `resource` knows the paths and kinds of resources, looks resources up, evaluates privileges,
//!   and describes representations (`ETag`, media type, length, date);
//! - `person` is the authenticated caller;
//! - `refusal` has every reason for refusing a request, with its status and condition;
//! - `response`, `header`, `body`, `base_path` and `settings` are helpers of the other layers.
//!
//! **Invariant:** this crate decides no calendar rule. A write becomes a command to `service`. Two
//! things are missing on purpose: locks (WebDAV class 2), and state that is kept between requests,
//! except for caches, metrics, the count of failed logins, and the login sessions of the web pages.

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
