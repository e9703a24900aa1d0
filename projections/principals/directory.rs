//! The principals in memory: by id, by name, by address, by membership.
//!
//! **Invariant:** a value. It shows the principals as they were at one moment.

use std::collections::{BTreeSet, HashMap};

use ical::Address;
use rusqlite::Connection;
use schemas::{
    PasswordId, Position, PrincipalId,
    collection::Property,
    principal::{AutomaticAnswer, PrincipalKind, PrincipalState, Profile},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::Hosts;
use crate::Failure;

/// One principal.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    pub id: PrincipalId,
    pub short_name: String,
    /// Earlier names. They stay reserved for the principal.
    pub former_names: Vec<String>,
    pub kind: PrincipalKind,
    pub state: PrincipalState,
    pub display_name: String,
    pub first_name: String,
    pub last_name: String,
    /// Calendar user addresses as they were given, the preferred one first.
    pub addresses: Vec<String>,
    pub automatic_answer: AutomaticAnswer,
    pub administrator: bool,
    pub auditor: bool,
    /// The password in force, whose hash is kept in the vault; `None`: cannot log in.
    pub password: Option<PasswordId>,
    /// Passwords for single programs that are in force, the oldest first.
    pub app_passwords: Vec<PasswordId>,
    /// Of a group: its members, which may be groups.
    pub members: Vec<PrincipalId>,
    /// Kept as clients set them.
    pub properties: Vec<Property>,
    /// Bytes that the home may hold, 0 without a limit; `None`: as everybody's.
    pub quota_bytes: Option<u64>,
    /// The position since which they have been in the groups that they are in now, directly or
    /// through others.
    pub groups_since: Position,
}

impl Entry {
    /// The principal's own path, which is a calendar user address too.
    pub fn path(&self) -> String {
        path(&self.short_name)
    }

    /// False for somebody who has left.
    pub fn is_present(&self) -> bool {
        self.state != PrincipalState::Retired
    }

    /// Whether the account may log in.
    pub fn is_active(&self) -> bool {
        self.state == PrincipalState::Active
    }
}

/// The path below which each principal has one.
const PRINCIPALS: &str = "/principals/";

fn path(name: &str) -> String {
    format!("{PRINCIPALS}{name}/")
}

/// The form of a name in which upper and lower case are the same, and composed and decomposed
/// characters (RFC 7617 §2.1).
pub fn folded(name: &str) -> String {
    ical::nfc(&ical::nfc(name).to_lowercase()).into_owned()
}

/// Everybody, in the order of registration. Those who have left stay in it: their names, addresses
/// and calendars are theirs.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    entries: Vec<Entry>,
    by_id: HashMap<PrincipalId, usize>,
    /// Current names, and former names that are free of other principals now.
    by_name: HashMap<String, usize>,
    /// The same, folded; `None`: a name that differs from another in case only.
    by_folded_name: HashMap<String, Option<usize>>,
    by_address: HashMap<Address, usize>,
    /// The canonical address of each entry, parsed once.
    preferred: Vec<Option<Address>>,
    /// Who is directly in which groups.
    groups: HashMap<PrincipalId, Vec<usize>>,
    administrators: Vec<usize>,
    conflicts: Vec<Conflict>,
    /// Whose URLs are those of this server.
    hosts: Hosts,
}

/// An address that two principals claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub address: String,
    /// The name of the first, who keeps it.
    pub holder: String,
    /// The name of the second.
    pub claimant: String,
}

impl Directory {
    pub(crate) fn load(connection: &Connection, hosts: &Hosts) -> Result<Self, Failure> {
        let sql =
            "SELECT id, short_name, kind, profile, password, members, properties, former_names, state, app_passwords, quota, groups_since
            FROM principal
            ORDER BY number";
        let mut query = connection.prepare_cached(sql)?;
        let mut found = query.query([])?;
        let mut directory = Self { hosts: hosts.clone(), ..Self::default() };
        while let Some(row) = found.next()? {
            let profile: Profile = json(&row.get::<_, String>(3)?)?;
            directory.add(Entry {
                id: PrincipalId(Uuid::from_bytes(row.get(0)?)),
                short_name: row.get(1)?,
                kind: json(&row.get::<_, String>(2)?)?,
                display_name: profile.display_name,
                first_name: profile.first_name,
                last_name: profile.last_name,
                addresses: profile.addresses,
                automatic_answer: profile.automatic_answer,
                administrator: profile.administrator,
                auditor: profile.auditor,
                password: row.get::<_, Option<_>>(4)?.map(|id| PasswordId(Uuid::from_bytes(id))),
                members: json(&row.get::<_, String>(5)?)?,
                properties: json(&row.get::<_, String>(6)?)?,
                former_names: json(&row.get::<_, String>(7)?)?,
                state: json(&row.get::<_, String>(8)?)?,
                app_passwords: json(&row.get::<_, String>(9)?)?,
                quota_bytes: json(&row.get::<_, String>(10)?)?,
                groups_since: Position(row.get::<_, i64>(11)?.cast_unsigned()),
            });
        }
        directory.add_former_names();
        Ok(directory)
    }

    /// Lets former names lead to their principals, where no name of today does.
    fn add_former_names(&mut self) {
        for (index, entry) in self.entries.iter().enumerate() {
            for name in &entry.former_names {
                self.by_name.entry(name.clone()).or_insert(index);
                self.by_folded_name.entry(folded(name)).or_insert(Some(index));
                if let Some(address) = Address::parse(&path(name)) {
                    self.by_address.entry(address).or_insert(index);
                }
            }
        }
    }

    fn add(&mut self, entry: Entry) {
        let index = self.entries.len();
        self.by_id.insert(entry.id, index);
        self.by_name.entry(entry.short_name.clone()).or_insert(index);
        self.by_folded_name
            .entry(folded(&entry.short_name))
            .and_modify(|of_another| *of_another = None)
            .or_insert(Some(index));
        let path = entry.path();
        let urn = format!("urn:uuid:{}", entry.id);
        for address in entry.addresses.iter().chain([&path, &urn]).filter_map(|address| Address::parse(address)) {
            let holder = *self.by_address.entry(address.clone()).or_insert(index);
            if holder != index {
                // Said at start, for it is an error of configuration.
                let holder = self.entries[holder].short_name.clone();
                let (address, claimant) = (address.as_written().to_owned(), entry.short_name.clone());
                self.conflicts.push(Conflict { address, holder, claimant });
            }
        }
        for member in entry.members.iter().collect::<BTreeSet<_>>() {
            self.groups.entry(*member).or_default().push(index);
        }
        if entry.administrator && entry.is_present() {
            self.administrators.push(index);
        }
        // The address must lead to this entry: `canonical` must never lead to another principal.
        let is_own = |address: &Address| self.by_address.get(address) == Some(&index);
        let given = entry.addresses.iter().chain([&path]);
        let preferred = given.filter_map(|address| Address::parse(address)).find(is_own);
        self.preferred.push(preferred);
        self.entries.push(entry);
    }

    /// Returns the same principals, whose URLs count under these names.
    pub(crate) fn at(self, hosts: Hosts) -> Self {
        Self { hosts, ..self }
    }

    pub fn by_id(&self, id: PrincipalId) -> Option<&Entry> {
        self.by_id.get(&id).map(|index| &self.entries[*index])
    }

    /// By the name of today, or a former one.
    pub fn by_name(&self, short_name: &str) -> Option<&Entry> {
        self.by_name.get(short_name).map(|index| &self.entries[*index])
    }

    /// By a name in upper or lower case. Of two names that differ in case only, each leads to its
    /// own principal, and no other spelling leads to a principal.
    pub fn by_name_in_any_case(&self, name: &str) -> Option<&Entry> {
        let folded = || self.by_folded_name.get(&folded(name)).copied().flatten().map(|index| &self.entries[index]);
        self.by_name(name).or_else(folded)
    }

    /// By any calendar user address: mail, `urn:uuid`, the principal's path or URL; or, if it is
    /// none of these, by the mailbox in its EMAIL parameter (RFC 7986 §6.2).
    pub fn by_address(&self, address: &Address) -> Option<&Entry> {
        self.holder(address).map(|index| &self.entries[index])
    }

    fn holder(&self, address: &Address) -> Option<usize> {
        let exactly = |address: &Address| self.by_address.get(address).copied();
        // The path names a principal of this server, also below a base path.
        let below = |path: &str| exactly(&Address::parse(&path[path.find(PRINCIPALS)?..])?);
        let by_path = || exactly(&Address::parse(address.path()?)?).or_else(|| below(address.path()?));
        let by_path = || self.hosts.have(address).then(by_path).flatten();
        exactly(address).or_else(by_path).or_else(|| exactly(&address.email()?))
    }

    /// Returns the canonical address of the principal with this address; `None` if no principal has
    /// it.
    pub fn canonical(&self, address: &Address) -> Option<&Address> {
        self.holder(address).and_then(|index| self.preferred[index].as_ref())
    }

    /// Everybody, in the order of registration, also who has left.
    pub fn all(&self) -> &[Entry] {
        &self.entries
    }

    /// Everybody who has not left, in the order of registration.
    pub fn present(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_present())
    }

    /// The administrators, who may read and change everything.
    pub fn administrators(&self) -> impl Iterator<Item = &Entry> {
        self.administrators.iter().map(|index| &self.entries[*index])
    }

    /// Addresses that two principals claim.
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// Everybody in a group, groups in it opened, each once. Who has left is in no group.
    pub fn members_of(&self, group: PrincipalId) -> BTreeSet<PrincipalId> {
        let mut seen = BTreeSet::from([group]);
        let mut people = BTreeSet::new();
        let mut open = vec![group];
        while let Some(entry) = open.pop().and_then(|id| self.present_by_id(id)) {
            for member in entry.members.iter().filter_map(|member| self.present_by_id(*member)) {
                if !seen.insert(member.id) {
                    continue;
                }
                match member.kind {
                    PrincipalKind::Group => open.push(member.id),
                    PrincipalKind::Individual | PrincipalKind::Resource | PrincipalKind::Room => {
                        people.insert(member.id);
                    }
                }
            }
        }
        people
    }

    /// Oneself, and every group one is in, be it through other groups.
    pub fn identities_of(&self, id: PrincipalId) -> BTreeSet<PrincipalId> {
        let mut identities = BTreeSet::from([id]);
        let mut open = vec![id];
        while let Some(member) = open.pop() {
            let groups = self.groups_of(member).filter(|entry| entry.kind == PrincipalKind::Group);
            open.extend(groups.map(|group| group.id).filter(|group| identities.insert(*group)));
        }
        identities
    }

    /// The groups that somebody is directly in, in the order of registration.
    pub fn groups_of(&self, id: PrincipalId) -> impl Iterator<Item = &Entry> {
        let groups = self.groups.get(&id).into_iter().flatten().map(|index| &self.entries[*index]);
        groups.filter(|group| group.is_present())
    }

    /// True if somebody is directly in a group, whatever their own state.
    pub fn is_in_a_group(&self, id: PrincipalId) -> bool {
        self.groups_of(id).next().is_some()
    }

    fn present_by_id(&self, id: PrincipalId) -> Option<&Entry> {
        self.by_id(id).filter(|entry| entry.is_present())
    }
}

fn json<T: DeserializeOwned>(text: &str) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| Failure::Damaged(error.to_string()))
}
