//! The names under which this server is reached.
//!
//! **Invariant:** the URL of a principal is an address of that principal under these names only.
//! The URL of another server names a person there, whatever its path.

use ical::Address;

/// Names of hosts in lower case, without their ports. Without names every host counts: the server
/// does not know its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Reads host names, and the hosts of URLs.
    pub fn of<'t>(names: impl IntoIterator<Item = &'t str>) -> Self {
        let host = |name: &str| {
            let url = if name.contains("://") { name.to_owned() } else { format!("https://{name}/") };
            Some(Address::parse(&url)?.host()?.to_owned())
        };
        Self(names.into_iter().filter_map(host).collect())
    }

    /// Returns whether the path of an address is one of this server: it names no host, or one of
    /// these.
    pub(super) fn have(&self, address: &Address) -> bool {
        self.0.is_empty()
            || address.host().is_none_or(|host| self.0.iter().any(|known| known.eq_ignore_ascii_case(host)))
    }
}
