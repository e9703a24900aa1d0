//! The host names under which clients reach this server.
//!
//! **Invariant:** the path of a URL leads to a principal only if the host of the URL is one of
//! these names, or if the names are not known.

use ical::Address;

/// The host names, without ports, of URLs that name principals of this server. If there are none,
/// URLs with any host can name one, because the server does not know its own names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(Vec<String>);

impl Hosts {
    /// Creates the list from host names or URLs. Those that cannot be parsed are left out.
    pub fn of<'t>(names: impl IntoIterator<Item = &'t str>) -> Self {
        let host = |name: &str| {
            let url = if name.contains("://") { name.to_owned() } else { format!("https://{name}/") };
            Some(Address::parse(&url)?.host()?.to_owned())
        };
        Self(names.into_iter().filter_map(host).collect())
    }

    /// Returns true if the path of an address can be one of this server: the address has no host,
    /// or one of these, or the list is empty. A URL without a host, such as `https:///path`, has no
    /// [path](Address::path) either.
    pub(super) fn have(&self, address: &Address) -> bool {
        self.0.is_empty()
            || address.host().is_none_or(|host| self.0.iter().any(|known| known.eq_ignore_ascii_case(host)))
    }
}
