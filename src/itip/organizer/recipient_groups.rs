//! Groups the recipients of equal messages.
//!
//! **Invariant:** the order of the recipients decides the order of the groups.

use ical::Address;
use std::collections::BTreeMap;

/// Recipients, grouped by the content of their message, in the order of the first recipients.
#[derive(Debug)]
pub(super) struct RecipientGroups<'m, K> {
    pub(super) groups: Vec<(K, Vec<&'m Address>)>,
    found: BTreeMap<K, usize>,
}

impl<K> Default for RecipientGroups<'_, K> {
    fn default() -> Self {
        Self { groups: Vec::new(), found: BTreeMap::new() }
    }
}

impl<'m, K: Ord + Clone> RecipientGroups<'m, K> {
    /// Splits the groups so that each recipient gets a separate message.
    pub(super) fn one_by_one(self) -> Self {
        let each = |(key, addresses): (K, Vec<&'m Address>)| {
            addresses.into_iter().map(move |address| (key.clone(), vec![address])).collect::<Vec<_>>()
        };
        Self { groups: self.groups.into_iter().flat_map(each).collect(), found: BTreeMap::new() }
    }

    pub(super) fn add(&mut self, key: K, address: &'m Address) {
        let next = self.groups.len();
        let index = *self.found.entry(key.clone()).or_insert(next);
        if index == next {
            self.groups.push((key, Vec::new()));
        }
        self.groups[index].1.push(address);
    }
}
