//! The directory of principals in memory: by id, name, address and membership.
//!
//! **Invariant:** a directory is an immutable value that shows the principals at one moment.

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
    /// Earlier short names. They stay reserved for the principal.
    pub former_names: Vec<String>,
    pub kind: PrincipalKind,
    pub state: PrincipalState,
    pub display_name: String,
    pub first_name: String,
    pub last_name: String,
    /// Calendar user addresses as they were given. The preferred one comes first.
    pub addresses: Vec<String>,
    pub automatic_answer: AutomaticAnswer,
    pub administrator: bool,
    pub auditor: bool,
    /// The id of the current password, whose hash is in the vault; `None` if no password was set.
    pub password: Option<PasswordId>,
    /// The ids of the current app passwords (each for a single program), oldest first.
    pub app_passwords: Vec<PasswordId>,
    /// For a group: its direct members, which may be groups.
    pub members: Vec<PrincipalId>,
    /// Dead properties, as clients set them.
    pub properties: Vec<Property>,
    /// Maximum bytes in the home; 0 means no limit. `None` means that the server's default applies.
    pub quota_bytes: Option<u64>,
    /// Position of the last event that added the principal to a group or removed it, directly or
    /// through another group, or that retired or enabled such a group; [`Position::START`] if there
    /// is none.
    pub groups_since: Position,
}

impl Entry {
    /// Returns the principal's path, which is also a calendar user address.
    pub fn path(&self) -> String {
        path(&self.short_name)
    }

    /// Returns the display name; the short name if the principal has none.
    pub fn shown_name(&self) -> &str {
        if self.display_name.is_empty() { &self.short_name } else { &self.display_name }
    }

    /// Returns false for a principal that was retired.
    pub fn is_present(&self) -> bool {
        self.state != PrincipalState::Retired
    }

    /// Returns true if the account may log in.
    pub fn is_active(&self) -> bool {
        self.state == PrincipalState::Active
    }
}

/// The path below which all principals are.
const PRINCIPALS: &str = "/principals/";

fn path(name: &str) -> String {
    format!("{PRINCIPALS}{name}/")
}

/// Returns a name in lower case and in Unicode normal form C, so that names can be compared (RFC
/// 7617 §2.1).
pub fn folded(name: &str) -> String {
    ical::nfc(&ical::nfc(name).to_lowercase()).into_owned()
}

/// All principals, in the order of registration. Retired principals remain, with their names,
/// addresses and calendars.
#[derive(Debug, Clone, Default)]
pub struct Directory {
    entries: Vec<Entry>,
    by_id: HashMap<PrincipalId, usize>,
    /// Principals by current name, and by former names that no other principal has now.
    by_name: HashMap<String, usize>,
    /// Principals by folded name; `None` if the current names of several principals are equal when
    /// folded. A former name is here only if no current name is equal to it when folded.
    by_folded_name: HashMap<String, Option<usize>>,
    by_address: HashMap<Address, usize>,
    /// The canonical address of each principal, parsed in advance; `None` if other principals hold
    /// its path and all its addresses.
    preferred: Vec<Option<Address>>,
    /// For each principal, the groups of which it is a direct member, including retired groups.
    groups: HashMap<PrincipalId, Vec<usize>>,
    administrators: Vec<usize>,
    conflicts: Vec<Conflict>,
    /// The host names of this server, which make a URL one of its own.
    hosts: Hosts,
}

/// A calendar user address that two principals claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    pub address: String,
    /// The short name of the principal that was registered first, who keeps the address.
    pub holder: String,
    /// The short name of the principal that was registered later, who does not get the address.
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

    /// Adds former names and their paths, where no current name or address is equal.
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
                // The conflict is reported at the start, because it is an error of configuration.
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
        // Only an address that belongs to this principal may be its canonical one. Otherwise
        // [`Self::canonical`] could lead to another principal.
        let is_own = |address: &Address| self.by_address.get(address) == Some(&index);
        let given = entry.addresses.iter().chain([&path]);
        let preferred = given.filter_map(|address| Address::parse(address)).find(is_own);
        self.preferred.push(preferred);
        self.entries.push(entry);
    }

    /// Returns the same directory with the given host names of this server.
    pub(crate) fn at(self, hosts: Hosts) -> Self {
        Self { hosts, ..self }
    }

    pub fn by_id(&self, id: PrincipalId) -> Option<&Entry> {
        self.by_id.get(&id).map(|index| &self.entries[*index])
    }

    /// Returns the principal with this current or former name.
    pub fn by_name(&self, short_name: &str) -> Option<&Entry> {
        self.by_name.get(short_name).map(|index| &self.entries[*index])
    }

    /// Returns the principal with this current or former name, ignoring case and Unicode normal
    /// form. If the current names of several principals differ only in these, only the exact
    /// spellings lead to a principal.
    pub fn by_name_in_any_case(&self, name: &str) -> Option<&Entry> {
        let folded = || self.by_folded_name.get(&folded(name)).copied().flatten().map(|index| &self.entries[index]);
        self.by_name(name).or_else(folded)
    }

    /// Returns the principal with this calendar user address: one of its registered addresses, its
    /// `urn:uuid`, or its path or URL with its current or a former name. If there is none, the
    /// EMAIL parameter of the address is tried (RFC 7986 §6.2). `None` if neither belongs to a
    /// principal.
    pub fn by_address(&self, address: &Address) -> Option<&Entry> {
        self.holder(address).map(|index| &self.entries[index])
    }

    fn holder(&self, address: &Address) -> Option<usize> {
        let exactly = |address: &Address| self.by_address.get(address).copied();
        // A base path may precede the principal's path.
        let below = |path: &str| exactly(&Address::parse(&path[path.find(PRINCIPALS)?..])?);
        let by_path = || exactly(&Address::parse(address.path()?)?).or_else(|| below(address.path()?));
        let by_path = || self.hosts.have(address).then(by_path).flatten();
        exactly(address).or_else(by_path).or_else(|| exactly(&address.email()?))
    }

    /// Returns the canonical address of the principal who has this address; `None` if no principal
    /// has it, or if that principal has no canonical address.
    pub fn canonical(&self, address: &Address) -> Option<&Address> {
        self.holder(address).and_then(|index| self.preferred[index].as_ref())
    }

    /// Returns all principals in the order of registration, including retired ones.
    pub fn all(&self) -> &[Entry] {
        &self.entries
    }

    /// Returns all principals in the order of registration, without retired ones.
    pub fn present(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.is_present())
    }

    /// Returns the administrators, without retired ones.
    pub fn administrators(&self) -> impl Iterator<Item = &Entry> {
        self.administrators.iter().map(|index| &self.entries[*index])
    }

    /// Returns the addresses that two principals claim.
    pub fn conflicts(&self) -> &[Conflict] {
        &self.conflicts
    }

    /// Returns all members of a group, directly or through other groups, except the groups
    /// themselves. Retired principals are left out, and retired groups count as empty.
    pub fn members_of(&self, group: PrincipalId) -> BTreeSet<PrincipalId> {
        self.members_and_groups(group).0
    }

    /// Returns all groups in a group, directly or through other groups, and the group itself.
    /// Retired groups inside it are left out.
    pub fn groups_in(&self, group: PrincipalId) -> BTreeSet<PrincipalId> {
        self.members_and_groups(group).1
    }

    /// Returns the members of a group that are no groups, and the group itself with the groups in
    /// it. Groups may contain each other, so each is looked at once.
    fn members_and_groups(&self, group: PrincipalId) -> (BTreeSet<PrincipalId>, BTreeSet<PrincipalId>) {
        let (mut seen, mut groups) = (BTreeSet::from([group]), BTreeSet::from([group]));
        let mut people = BTreeSet::new();
        let mut open = vec![group];
        while let Some(entry) = open.pop().and_then(|id| self.present_by_id(id)) {
            for member in entry.members.iter().filter_map(|member| self.present_by_id(*member)) {
                if !seen.insert(member.id) {
                    continue;
                }
                match member.kind {
                    PrincipalKind::Group => {
                        groups.insert(member.id);
                        open.push(member.id);
                    }
                    PrincipalKind::Individual | PrincipalKind::Resource | PrincipalKind::Room => {
                        people.insert(member.id);
                    }
                }
            }
        }
        (people, groups)
    }

    /// Returns the principal itself and all groups of which it is a member, directly or through
    /// other groups. Retired groups do not count.
    pub fn identities_of(&self, id: PrincipalId) -> BTreeSet<PrincipalId> {
        let mut identities = BTreeSet::from([id]);
        let mut open = vec![id];
        while let Some(member) = open.pop() {
            let groups = self.groups_of(member).filter(|entry| entry.kind == PrincipalKind::Group);
            open.extend(groups.map(|group| group.id).filter(|group| identities.insert(*group)));
        }
        identities
    }

    /// Returns the groups of which a principal is a direct member, without retired groups, in the
    /// order of registration.
    pub fn groups_of(&self, id: PrincipalId) -> impl Iterator<Item = &Entry> {
        let groups = self.groups.get(&id).into_iter().flatten().map(|index| &self.entries[*index]);
        groups.filter(|group| group.is_present())
    }

    /// Returns true if the principal, who may be retired, is a direct member of a group that is not
    /// retired.
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
