//! What registering accounts changed: told from the directory before and after.

use std::collections::BTreeMap;

use ::projections::Directory;
use ical::Address;

use super::Accounts;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    New,
    Changed,
    Same,
}

/// The outcome of each account, and the addresses that stayed though the account does not list them.
#[derive(Debug)]
pub(crate) struct Registered {
    outcomes: BTreeMap<String, Outcome>,
    aliases: Vec<(String, String)>,
}

impl Registered {
    pub(super) fn between(before: &Directory, after: &Directory, accounts: &Accounts) -> Self {
        let mut registered = Self { outcomes: BTreeMap::new(), aliases: vec![] };
        for account in &accounts.list {
            let name = &account.id;
            let (old, new) = (before.by_name(name), after.by_name(name));
            let outcome = match old {
                None => Outcome::New,
                Some(_) if old == new => Outcome::Same,
                Some(_) => Outcome::Changed,
            };
            registered.outcomes.insert(name.clone(), outcome);
            let given: Vec<_> = account.addresses().iter().map(|written| Address::parse(written)).collect();
            let held = new.map(|entry| entry.addresses.as_slice()).unwrap_or_default();
            let kept = held.iter().filter(|address| !given.is_empty() && !given.contains(&Address::parse(address)));
            registered.aliases.extend(kept.map(|address| (name.clone(), address.clone())));
        }
        registered
    }

    pub(super) fn of(&self, name: &str) -> Outcome {
        self.outcomes.get(name).copied().unwrap_or(Outcome::Same)
    }

    /// How many accounts are new, changed and unchanged.
    pub(super) fn counts(&self) -> [usize; 3] {
        let count = |outcome| self.outcomes.values().filter(|one| **one == outcome).count();
        [count(Outcome::New), count(Outcome::Changed), count(Outcome::Same)]
    }

    pub(super) fn print_aliases(&self) {
        for (name, address) in &self.aliases {
            println!("{address} stays an address of {name}, because meetings may name it.");
        }
    }
}
