//! Other servers that this one asks: the directory of an organisation, a provider of logins. What
//! their clients share.
//!
//! **Invariant:** TLS uses the provider of cryptography of the whole program, and a secret is never
//! shown.

mod secret;
mod trust;

use std::net::IpAddr;

pub use secret::Secret;
pub use trust::{Untrusted, trusting};

/// Returns true if nobody else can read what is sent to this host without TLS. `host` has no
/// brackets.
pub fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
