//! The plan of a sync with the LDAP directory: a pure function of the directory's entries and the
//! registered principals.
//!
//! **Invariant:** accounts that only this server has (`directory.local_accounts`) are not changed,
//! no account is retired, and a directory that suddenly lacks more than half of the people changes
//! nothing, unless an operator permits it. A plan contains only differences, so that a second sync
//! stores nothing.

mod members;
mod rights;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use ical::Address;
use ldap::{Listed, Snapshot};
use schemas::principal::{PrincipalKind, PrincipalState};
use uuid::Uuid;

use crate::{
    cli::{Kind, Schedule},
    principal::{Account, Origin, Registered, Rights},
};

use self::rights::Granted;
pub(super) use self::rights::Roles;

/// The name of the client with which the history records the changes of a sync.
pub(crate) const VIA: &str = "directory";

/// The changes of a sync, in the order in which they are applied.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The accounts to disable.
    pub disabled: Vec<String>,
    /// The accounts to enable, because the directory has them again.
    pub enabled: Vec<String>,
    /// The accounts to rename: old and new names.
    pub renamed: Vec<(String, String)>,
    /// The accounts to create, and those whose profile or rights change.
    pub accounts: Vec<Account>,
    /// The groups whose members change, each with the names of its members after the sync.
    pub members: Vec<(String, Vec<String>)>,
    /// Texts about entries that are left out, members by which a group would contain itself, and a
    /// missing group that gives rights.
    pub left_out: Vec<String>,
}

impl Plan {
    pub(super) fn is_empty(&self) -> bool {
        let Self { disabled, enabled, renamed, accounts, members, left_out: _ } = self;
        disabled.is_empty() && enabled.is_empty() && renamed.is_empty() && accounts.is_empty() && members.is_empty()
    }
}

/// The reason why a sync is refused as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeldBack {
    /// The directory has no people who may log in.
    Nobody,
    /// The directory lacks more than half of the people who are active on this server, apart from
    /// accounts that only this server has.
    Many { missing: usize, known: usize },
}

impl std::error::Error for HeldBack {}

impl fmt::Display for HeldBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str(
                "the directory has nobody who may log in, so nothing was changed: check directory.people_base and \
                 directory.people_filter",
            ),
            Self::Many { missing, known } => write!(
                f,
                "the directory lacks {missing} of {known} people, so nothing was changed: check the directory, then \
                 run `daybook directory sync --disable-many`"
            ),
        }
    }
}

/// The state of this server, from which the plan is computed.
pub(super) struct Known<'a> {
    pub registered: &'a [Registered],
    /// The parts of the program that registered some principals and set their states, by the
    /// principals' names. [`questions`] returns the names that are needed.
    pub origins: &'a HashMap<String, Origin>,
    /// The names of accounts that only this server has, in lower case.
    pub local: &'a BTreeSet<String>,
    /// The groups whose members get rights.
    pub roles: &'a Roles,
    /// True if the sync may disable more than half of the people.
    pub may_disable_many: bool,
}

/// Returns the names of the principals whose [`Origin`] the plan needs: all registered groups that
/// have members here; and principals for whom the directory has an entry, if they are disabled or
/// retired here, or were found by their name and not by their id.
pub(super) fn questions(snapshot: &Snapshot, registered: &[Registered]) -> Vec<String> {
    let found = Index::new(registered);
    let listed = snapshot.people.iter().chain(&snapshot.rooms).chain(snapshot.groups.iter().map(|group| &group.listed));
    let mut asked: BTreeSet<_> = listed
        .filter_map(|listed| found.of(listed))
        .filter(|(known, by_identity)| known.state != PrincipalState::Active || !by_identity)
        .map(|(known, _)| known.name.clone())
        .collect();
    let groups = registered.iter().filter(|known| known.kind == PrincipalKind::Group && !known.members.is_empty());
    asked.extend(groups.map(|group| group.name.clone()));
    asked.into_iter().collect()
}

/// Computes the changes of a sync. An error comes back if the sync must not change anything.
pub(super) fn plan<'a>(snapshot: &'a Snapshot, known: &'a Known<'a>) -> Result<Plan, HeldBack> {
    let mut planning = Planning {
        known,
        index: Index::new(known.registered),
        plan: Plan { left_out: snapshot.left_out.clone(), ..Plan::default() },
        granted: Granted::default(),
        names: BTreeMap::new(),
        matched: BTreeSet::new(),
    };
    match Granted::read(snapshot, known.roles) {
        Ok(granted) => planning.granted = granted,
        Err(why) => planning.plan.left_out.push(why),
    }
    snapshot.people.iter().for_each(|person| planning.take(person, PrincipalKind::Individual));
    snapshot.rooms.iter().for_each(|room| planning.take(room, PrincipalKind::Room));
    snapshot.groups.iter().for_each(|group| planning.take(&group.listed, PrincipalKind::Group));
    planning.members(&snapshot.groups);
    planning.missing(snapshot)?;
    Ok(planning.plan)
}

/// The registered principals, by id and by name.
struct Index<'a> {
    by_id: HashMap<Uuid, &'a Registered>,
    by_name: HashMap<String, &'a Registered>,
}

impl<'a> Index<'a> {
    fn new(registered: &'a [Registered]) -> Self {
        Self {
            by_id: registered.iter().map(|known| (known.id, known)).collect(),
            by_name: registered.iter().map(|known| (known.name.to_lowercase(), known)).collect(),
        }
    }

    fn named(&self, name: &str) -> Option<&'a Registered> {
        self.by_name.get(&name.to_lowercase()).copied()
    }

    /// Returns the principal of an entry, and true if it was found by its id, false if by its name.
    /// `None` if the entry is new.
    fn of(&self, listed: &Listed) -> Option<(&'a Registered, bool)> {
        let by_identity = listed.identity.and_then(|identity| self.by_id.get(&identity)).map(|known| (*known, true));
        by_identity.or_else(|| self.named(&listed.name).map(|known| (known, false)))
    }
}

struct Planning<'a> {
    known: &'a Known<'a>,
    index: Index<'a>,
    plan: Plan,
    granted: Granted<'a>,
    /// The names of accounts after the sync, by their names in the directory.
    names: BTreeMap<String, String>,
    /// The accounts that have an entry in the directory, by their names before the sync.
    matched: BTreeSet<String>,
}

impl<'a> Planning<'a> {
    fn take(&mut self, listed: &Listed, kind: PrincipalKind) {
        if self.is_local(&listed.name) {
            return;
        }
        let Some((known, by_identity)) = self.index.of(listed) else {
            self.plan.accounts.push(Account { rights: self.rights(listed, kind), ..new_account(listed, kind) });
            self.names.insert(listed.name.clone(), listed.name.clone());
            return;
        };
        // The account may have another name here than in the directory.
        if self.is_local(&known.name) {
            return;
        }
        if let Err(why) = self.take_known(listed, kind, known, by_identity) {
            self.plan.left_out.push(format!("`{}` {why}", listed.name));
        }
    }

    fn take_known(
        &mut self,
        listed: &Listed,
        kind: PrincipalKind,
        known: &'a Registered,
        by_identity: bool,
    ) -> Result<(), &'static str> {
        let origin = self.known.origins.get(&known.name);
        let was_made_there = origin.is_some_and(|origin| origin.registered_via == VIA);
        let was_ended_there = origin.is_some_and(|origin| origin.state_via.as_deref() == Some(VIA));
        if known.kind != kind {
            return Err("is registered here with another kind (person, group or room), and a kind cannot change");
        }
        if !by_identity && was_made_there && listed.identity.is_some() {
            return Err("has the name of an account that was made for another entry: rename that account first");
        }
        match known.state {
            PrincipalState::Disabled if was_ended_there && by_identity => self.plan.enabled.push(known.name.clone()),
            PrincipalState::Disabled if was_ended_there => {
                return Err(
                    "was disabled after leaving the directory, and is in it again: run `daybook principal enable` if \
                     this is the same person",
                );
            }
            // An account that an operator disabled stays disabled, even if the directory has it.
            PrincipalState::Active | PrincipalState::Disabled => {}
            PrincipalState::Retired => {
                return Err("is retired here: `daybook principal enable` brings the account back");
            }
        }
        if !self.matched.insert(known.name.clone()) {
            return Err("is the second entry of the directory for one account; remove one of the entries");
        }
        let name = self.name_after(listed, known)?;
        self.names.insert(listed.name.clone(), name.clone());
        let rights = self.rights(listed, kind);
        if differs(listed, known) || rights.is_some_and(|rights| rights != known.rights) {
            self.plan.accounts.push(Account { id: name, rights, ..account(listed) });
        }
        Ok(())
    }

    /// Returns the right that the directory gives a person; `None` for a room or group, and if the
    /// sync does not change rights.
    fn rights(&self, listed: &Listed, kind: PrincipalKind) -> Option<Rights> {
        self.granted.of(&listed.name).filter(|_| kind == PrincipalKind::Individual)
    }

    /// Returns the name of a principal after the sync, and plans to rename the principal if
    /// necessary. If only upper and lower case differ, the name on this server stays. An error
    /// comes back if another principal has the new name.
    fn name_after(&mut self, listed: &Listed, known: &Registered) -> Result<String, &'static str> {
        if listed.name.to_lowercase() == known.name.to_lowercase() {
            return Ok(known.name.clone());
        }
        if self.index.named(&listed.name).is_some() {
            return Err(
                "is a new name in the directory, but another account here already has it: rename that one first",
            );
        }
        self.plan.renamed.push((known.name.clone(), listed.name.clone()));
        Ok(listed.name.clone())
    }

    /// Plans to disable people who are missing in the directory, and to remove the members of
    /// missing groups that a sync had created. Accounts and groups that only this server has are
    /// left alone, and such accounts stay members. All groups are left alone if the directory has
    /// no group at all. An error comes back if the directory has no people, or lacks more than half
    /// of this server's people without permission to disable so many.
    fn missing(&mut self, snapshot: &Snapshot) -> Result<(), HeldBack> {
        if snapshot.people.is_empty() {
            return Err(HeldBack::Nobody);
        }
        let people = self.of_directory(PrincipalKind::Individual);
        let people = people.filter(|known| known.state == PrincipalState::Active);
        let (found, missing): (Vec<_>, Vec<_>) = people.partition(|known| self.matched.contains(&known.name));
        let known = found.len() + missing.len();
        if missing.len() * 2 > known && !self.known.may_disable_many {
            return Err(HeldBack::Many { missing: missing.len(), known });
        }
        self.plan.disabled.extend(missing.into_iter().map(|known| known.name.clone()));
        if !snapshot.groups.is_empty() {
            let was_made_there = |group: &&Registered| {
                self.known.origins.get(&group.name).is_some_and(|origin| origin.registered_via == VIA)
            };
            let groups = self.of_directory(PrincipalKind::Group);
            let gone = groups.filter(|group| !self.matched.contains(&group.name)).filter(was_made_there);
            for group in gone.collect::<Vec<_>>() {
                let (kept, removed): (Vec<_>, Vec<_>) =
                    group.members.iter().cloned().partition(|member| self.is_local(member));
                if !removed.is_empty() {
                    self.plan.members.push((group.name.clone(), kept));
                }
            }
        }
        Ok(())
    }

    /// Returns the registered principals of a kind, without those that only this server has.
    fn of_directory(&self, kind: PrincipalKind) -> impl Iterator<Item = &'a Registered> {
        self.known.registered.iter().filter(move |known| known.kind == kind && !self.is_local(&known.name))
    }

    fn is_local(&self, name: &str) -> bool {
        self.known.local.contains(&name.to_lowercase())
    }
}

/// Converts an entry of the directory to an account with its profile.
fn account(listed: &Listed) -> Account {
    let display_name = if listed.display_name.is_empty() { &listed.name } else { &listed.display_name };
    Account {
        id: listed.name.clone(),
        display_name: Some(display_name.clone()),
        first_name: Some(listed.first_name.clone()),
        last_name: Some(listed.last_name.clone()),
        addresses: listed.addresses.clone(),
        ..Account::default()
    }
}

fn new_account(listed: &Listed, kind: PrincipalKind) -> Account {
    let (kind, schedule) = match kind {
        PrincipalKind::Individual => (Kind::User, None),
        PrincipalKind::Room => (Kind::Location, Some(Schedule::Automatic)),
        PrincipalKind::Resource => (Kind::Resource, Some(Schedule::Automatic)),
        PrincipalKind::Group => (Kind::Group, None),
    };
    Account { kind: Some(kind), guid: listed.identity, schedule, ..account(listed) }
}

/// True if the profile of an entry differs from the registered one. Registered addresses that the
/// entry lacks are kept as aliases, and are no difference.
fn differs(listed: &Listed, known: &Registered) -> bool {
    let account = account(listed);
    let given: Vec<_> = account.addresses.iter().map(|address| Address::parse(address)).collect();
    let aliases = known.addresses.iter().filter(|address| !given.contains(&Address::parse(address)));
    let addresses: Vec<_> = account.addresses.iter().chain(aliases).collect();
    account.display_name.as_ref() != Some(&known.display_name)
        || account.first_name.as_ref() != Some(&known.first_name)
        || account.last_name.as_ref() != Some(&known.last_name)
        || addresses != known.addresses.iter().collect::<Vec<_>>()
}

#[cfg(test)]
mod tests;
