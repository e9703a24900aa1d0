//! Replaces people, addresses, identifiers and words by made-up ones. Within one text, the same
//! original always gets the same replacement.

use std::collections::BTreeMap;

use ical::zone::Zone;
use schemas::{Event, ObjectEvent, PrincipalId, principal::AutomaticAnswer};

use crate::Evidence;

/// The names of people in scheduling texts.
const PEOPLE: [&str; 12] = ["alice", "bob", "carol", "dave", "cyrus", "wilfredo", "bernard", "a", "b", "c", "d", "e"];
/// The name of the room in scheduling texts.
const ROOM: &str = "lake";
/// The domains of addresses. The addresses of a person are in these domains, in this order; further
/// ones are in the last.
const DOMAINS: [&str; 3] = ["example.org", "example.com", "example.net"];

/// The pseudonyms of one scheduling text.
pub(super) struct Pseudonyms<'a> {
    evidence: &'a Evidence,
    accounts: BTreeMap<PrincipalId, String>,
    /// The original addresses of each account, in lower case, in the order in which they occurred.
    addresses: BTreeMap<PrincipalId, Vec<String>>,
    /// The original addresses that do not belong to an account, in the order in which they
    /// occurred.
    outside: Vec<String>,
    uids: Vec<String>,
    zones: Vec<String>,
    words: Vec<String>,
}

impl<'a> Pseudonyms<'a> {
    /// Assigns names to the people of a meeting in the order in which their homes occur in the
    /// events. The first with automatic answers gets the name of the room.
    pub(super) fn of(evidence: &'a Evidence) -> Self {
        let homes = evidence.homes();
        let mut order: Vec<(PrincipalId, bool)> = vec![];
        for recorded in &evidence.events {
            let Some(home) = homes.get(&recorded.stream) else { continue };
            let is_automatic = matches!(&recorded.event, Event::Object(ObjectEvent::Revised(revised))
                if revised.automatic.as_ref().is_some_and(|automatic| automatic.mode != AutomaticAnswer::None));
            match order.iter_mut().find(|(known, _)| known == home) {
                Some((_, automatic)) => *automatic |= is_automatic,
                None => order.push((*home, is_automatic)),
            }
        }
        let (mut people, mut room) = (PEOPLE.iter(), Some(ROOM));
        let mut accounts = BTreeMap::new();
        for (id, is_automatic) in order {
            let name =
                if is_automatic { room.take().or_else(|| people.next().copied()) } else { people.next().copied() };
            accounts.extend(name.map(|name| (id, name.to_owned())));
        }
        let (addresses, outside, uids) = (BTreeMap::new(), vec![], vec![evidence.uid.clone()]);
        Self { evidence, accounts, addresses, outside, uids, zones: vec![], words: vec![] }
    }

    /// Returns the name of a principal; `None` if no copy is in their home, or if there are not
    /// enough names.
    pub(super) fn account(&self, id: PrincipalId) -> Option<String> {
        self.accounts.get(&id).cloned()
    }

    /// Returns the made-up address for a calendar user address.
    pub(super) fn address(&mut self, address: &str) -> String {
        let address = address.to_lowercase();
        if let Some((id, name)) = self.principal(&address).and_then(|id| Some((id, self.account(id)?))) {
            let number = number(self.addresses.entry(id).or_default(), &address);
            return format!("mailto:{name}@{}", DOMAINS[number.min(DOMAINS.len() - 1)]);
        }
        format!("mailto:guest{}@elsewhere.example", number(&mut self.outside, &address) + 1)
    }

    fn principal(&self, address: &str) -> Option<PrincipalId> {
        let names = &self.evidence.names;
        let by_path = || {
            let login = address.trim_end_matches('/').rsplit_once("/principals/")?.1;
            names.find(login).into_iter().next()
        };
        names.principal(address).or_else(by_path)
    }

    /// Returns the made-up identifier for an iCalendar UID.
    pub(super) fn uid(&mut self, uid: &str) -> String {
        match number(&mut self.uids, uid) {
            0 => "meeting".to_owned(),
            other => format!("meeting-{}", other + 1),
        }
    }

    /// Returns the name for a time zone. A name of the IANA database, or a Windows name without
    /// blanks, stays unchanged.
    pub(super) fn zone(&mut self, tzid: &str) -> String {
        let is_plain = tzid.chars().all(|character| character.is_ascii_alphanumeric() || "/_+-".contains(character));
        if is_plain && !tzid.starts_with('/') && Zone::named(tzid).is_some() {
            return tzid.to_owned();
        }
        format!("Zone-{}", number(&mut self.zones, tzid) + 1)
    }

    /// Returns made-up words for a text; an empty text stays empty.
    pub(super) fn words(&mut self, text: &str) -> String {
        if text.is_empty() { String::new() } else { format!("Words {}", number(&mut self.words, text) + 1) }
    }
}

/// Returns the index of a value in the list of known values, to which it is added if it is new.
fn number(known: &mut Vec<String>, value: &str) -> usize {
    known.iter().position(|one| one == value).unwrap_or_else(|| {
        known.push(value.to_owned());
        known.len() - 1
    })
}
