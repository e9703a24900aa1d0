//! Who is behind an identity or an address, for people.

use std::collections::BTreeMap;

use ical::Address;
use projections::Directory;
use schemas::PrincipalId;

/// Names of the principals that a story speaks of.
#[derive(Debug, Default)]
pub struct Names {
    people: BTreeMap<PrincipalId, String>,
    addresses: BTreeMap<String, String>,
}

impl Names {
    pub fn of(directory: &Directory) -> Self {
        let mut names = Self::default();
        for entry in directory.all() {
            names.add(entry.id, &entry.display_name, &entry.addresses);
        }
        names
    }

    pub fn add(&mut self, id: PrincipalId, name: &str, addresses: &[String]) {
        self.people.insert(id, name.to_owned());
        let known = addresses.iter().map(|address| (canonical(address), name.to_owned()));
        self.addresses.extend(known);
    }

    /// The name; the identity of whom nobody knows any more.
    pub(crate) fn person(&self, id: PrincipalId) -> String {
        self.people.get(&id).cloned().unwrap_or_else(|| format!("principal {id}"))
    }

    /// The name behind a calendar user address; the address itself if it is nobody's.
    pub(crate) fn address(&self, address: &str) -> String {
        self.addresses.get(&canonical(address)).cloned().unwrap_or_else(|| address.to_owned())
    }
}

fn canonical(address: &str) -> String {
    Address::parse(address).map_or_else(|| address.to_owned(), |address| address.canonical().to_owned())
}
