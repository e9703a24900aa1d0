//! Shared code of the clients for other servers: the directory of an organisation, and OpenID
//! Connect providers.
//!
//! **Invariant:** TLS uses the cryptography provider of the HTTP server, and debug output never
//! shows a [`Secret`].

mod secret;
mod trust;

use std::net::IpAddr;

pub use secret::Secret;
pub use trust::{Untrusted, trusting};

/// Returns true if `host` is `localhost` or a loopback address, so that a connection without TLS
/// stays within this machine. `host` is a name, or an IP address without brackets.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
