//! The calendar users in scheduling texts, with their addresses, groups, busy periods and automatic
//! answers.

use std::collections::{BTreeMap, BTreeSet};

use calendar::object::{AddressBook, Availability};
use ical::{Address, time::Window};
use itip::{automatic::Takes, groups::Member};
use schemas::{PrincipalId, principal::AutomaticAnswer};
use uuid::Uuid;

/// The accounts: four people and a room of this project, then the people in the examples of RFC
/// 6638, appendix B, and RFC 5546 §4.
pub const ACCOUNTS: [&str; 13] =
    ["alice", "bob", "carol", "dave", "lake", "cyrus", "wilfredo", "bernard", "a", "b", "c", "d", "e"];
/// The account that is a room.
const ROOM: &str = "lake";
/// The domains in which each account has an address: `mailto:NAME@example.org` and so on.
const DOMAINS: [&str; 3] = ["@example.org", "@example.com", "@example.net"];

#[derive(Clone, Default)]
pub struct People {
    without_calendar: BTreeSet<String>,
    /// Further addresses of accounts: address to name.
    aliases: BTreeMap<String, String>,
    groups: BTreeMap<String, Vec<String>>,
    answers: BTreeMap<String, AutomaticAnswer>,
    busy: BTreeMap<String, Vec<(i64, i64)>>,
}

pub fn id(name: &str) -> PrincipalId {
    PrincipalId(Uuid::new_v5(&Uuid::NAMESPACE_URL, name.as_bytes()))
}

impl People {
    pub fn without_calendar(&mut self, who: &str) {
        self.without_calendar.insert(who.to_owned());
    }

    pub fn alias(&mut self, address: &str, who: &str) {
        self.aliases.insert(address.to_owned(), who.to_owned());
    }

    pub fn group(&mut self, name: &str, members: &[&str]) {
        let members = members.iter().map(|&member| member.to_owned()).collect();
        self.groups.insert(format!("mailto:{name}@example.org"), members);
    }

    /// Sets how invitations of `who` are answered automatically. `mode` is a value of
    /// `AutomaticAnswer` as events store it.
    pub fn answers(&mut self, who: &str, mode: &str) {
        let mode = serde_json::from_value(mode.into()).unwrap_or_else(|error| panic!("{mode:?}: {error}"));
        self.answers.insert(who.to_owned(), mode);
    }

    /// Adds a period in which `who` is busy, in the form `START/END` in UTC.
    pub fn busy(&mut self, who: &str, period: &str) {
        let (start, end) = period.split_once('/').expect("a period has a start and an end");
        self.busy.entry(who.to_owned()).or_default().push((seconds(start), seconds(end)));
    }

    pub fn is_group(&self, address: &Address) -> bool {
        self.groups.contains_key(address.canonical())
    }

    pub fn has_calendar(&self, who: &str) -> bool {
        !self.without_calendar.contains(who)
    }

    pub fn automatic_answer(&self, who: &str) -> AutomaticAnswer {
        self.answers.get(who).copied().unwrap_or_default()
    }

    pub fn busy_periods(&self, who: &str) -> Busy {
        let takes = if who == ROOM { Takes::Always } else { Takes::AsWritten };
        Busy { periods: self.busy.get(who).cloned().unwrap_or_default(), takes }
    }

    /// Returns the name of the account with this address; `None` if there is none.
    pub fn name(&self, address: &Address) -> Option<&str> {
        let canonical = address.canonical();
        if let Some(name) = self.aliases.get(canonical) {
            return Some(name);
        }
        let canonical = canonical.strip_prefix("mailto:")?;
        let name = DOMAINS.iter().find_map(|domain| canonical.strip_suffix(domain))?;
        ACCOUNTS.into_iter().find(|account| *account == name)
    }
}

impl AddressBook for People {
    fn principal(&self, address: &Address) -> Option<PrincipalId> {
        self.name(address).map(id)
    }

    fn canonical(&self, address: &Address) -> Address {
        match self.aliases.get(address.canonical()) {
            Some(name) => Address::parse(&format!("mailto:{name}@example.org")).expect("an address"),
            None => address.clone(),
        }
    }

    fn members(&self, group: &Address) -> Option<Vec<Member>> {
        let member = |name: &String| Member {
            address: format!("mailto:{name}@example.org"),
            name: String::new(),
            kind: "INDIVIDUAL",
        };
        self.groups.get(group.canonical()).map(|members| members.iter().map(member).collect())
    }
}

/// The busy periods of a user, in seconds since the epoch, and the mode of automatic answers.
pub struct Busy {
    periods: Vec<(i64, i64)>,
    takes: Takes,
}

impl Availability for Busy {
    fn are_busy(&self, times: &[Window], _except_uid: &str) -> Vec<bool> {
        let is_busy = |time: &Window| self.periods.iter().any(|(from, until)| *from < time.end && time.start < *until);
        times.iter().map(is_busy).collect()
    }

    fn takes(&self) -> Takes {
        self.takes
    }
}

/// Converts a time such as `20260107T120000Z` to seconds since the epoch.
fn seconds(time: &str) -> i64 {
    let time = chrono::NaiveDateTime::parse_from_str(time, "%Y%m%dT%H%M%SZ");
    time.expect("a UTC time").and_utc().timestamp()
}
