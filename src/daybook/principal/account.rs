//! The file of accounts, and its conversion to registrations.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use ::projections::Entry;
use anyhow::{Context as _, Result, bail, ensure};
use clap::ValueEnum;
use ical::Address;
use schemas::{
    PrincipalId,
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use serde::{Deserialize, Serialize};
use service::principals::{NewPassword, Registration};
use uuid::Uuid;

use crate::{
    cli::{Kind, Schedule},
    config::one_line,
};

/// The version of the format of files with accounts.
const VERSION: u32 = 1;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accounts {
    version: u32,
    /// A remark for people about the passwords, which the program ignores.
    #[serde(default, rename = "password")]
    _password: Option<String>,
    #[serde(default, rename = "account")]
    pub list: Vec<Account>,
}

/// One account of the file. An absent field keeps its registered value.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub id: String,
    #[serde(default)]
    pub kind: Option<Kind>,
    #[serde(default)]
    pub display_name: Option<String>,
    #[serde(default)]
    pub first_name: Option<String>,
    #[serde(default)]
    pub last_name: Option<String>,
    /// The id of the principal. A new principal without one gets a random id.
    #[serde(default)]
    pub guid: Option<Uuid>,
    /// A mail address, which becomes the first address, before `addresses`.
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub addresses: Vec<String>,
    #[serde(default)]
    pub members: Option<Vec<String>>,
    #[serde(default)]
    pub login: bool,
    #[serde(default)]
    pub password: Option<String>,
    /// The hash of the password, from another system.
    #[serde(default)]
    pub password_hash: Option<String>,
    #[serde(default)]
    pub rights: Option<Rights>,
    #[serde(default)]
    pub schedule: Option<Schedule>,
}

impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Rights {
    /// The right of an administrator, who may read and change everything.
    All,
    /// The right of an auditor, who may read the history of all homes.
    Audit,
    None,
}

/// The source of passwords for accounts without a password in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passwords {
    Unsaid,
    Id,
    File(BTreeMap<String, String>),
}

impl Accounts {
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text).map_err(|error| one_line(text, &error))?;
        ensure!(
            read.version == VERSION,
            "version {} of this file is not supported; write `version = {VERSION}`",
            read.version
        );
        Self::checked(read.list)
    }

    /// Checks that no two accounts have the same name.
    pub(crate) fn checked(accounts: Vec<Account>) -> Result<Self> {
        let mut seen = BTreeSet::new();
        for account in &accounts {
            ensure!(seen.insert(&account.id), "the account `{}` is listed twice; remove one of the two", account.id);
        }
        Ok(Self { version: VERSION, _password: None, list: accounts })
    }
}

impl Passwords {
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        let read = toml::from_str(&text).map_err(|error| one_line(&text, &error));
        Ok(Self::File(read.with_context(|| file.display().to_string())?))
    }

    fn of(&self, account: &Account) -> Option<String> {
        let given = match self {
            Self::Unsaid => None,
            Self::Id => (account.login && account.password_hash.is_none()).then(|| account.id.clone()),
            Self::File(passwords) => passwords.get(&account.id).cloned(),
        };
        account.password.clone().or(given)
    }

    /// Returns the account with its own password, or else with its password from `self`, if there
    /// is one.
    pub(super) fn given_to(&self, account: &Account) -> Account {
        Account { password: self.of(account), ..account.clone() }
    }
}

impl Account {
    /// Returns the given addresses without duplicates.
    pub(super) fn addresses(&self) -> Vec<String> {
        let email = self.email.as_ref().map(|email| format!("mailto:{email}"));
        let mut seen = BTreeSet::new();
        let given = email.into_iter().chain(self.addresses.iter().cloned());
        given.filter(|address| seen.insert(Address::parse(address))).collect()
    }

    /// Returns the profile of the account: the given fields, and those of `known`, the registered
    /// principal, for absent ones. The display name is the account's id if there is none.
    fn profile(&self, known: Option<&Entry>) -> Profile {
        let known = known.map(profile_of).unwrap_or_default();
        let given = self.addresses();
        let display_name = self.display_name.clone().unwrap_or(known.display_name);
        Profile {
            display_name: if display_name.is_empty() { self.id.clone() } else { display_name },
            first_name: self.first_name.clone().unwrap_or(known.first_name),
            last_name: self.last_name.clone().unwrap_or(known.last_name),
            addresses: if given.is_empty() { known.addresses } else { given },
            automatic_answer: self.schedule.map_or(known.automatic_answer, automatic_answer),
            administrator: self.rights.map_or(known.administrator, |rights| rights == Rights::All),
            auditor: self.rights.map_or(known.auditor, |rights| rights == Rights::Audit),
        }
    }

    /// Returns the id of the account's principal: the given id, that of `known`, the registered
    /// principal, or a new one. An error comes back if the account gives another id than the
    /// registered one.
    fn identity(&self, known: Option<&Entry>, new_id: impl Fn() -> Uuid) -> Result<PrincipalId> {
        match (self.guid.map(PrincipalId), known.map(|entry| entry.id)) {
            (Some(given), Some(known)) if given != known => {
                bail!(
                    "`{}` is registered with the guid {known}, which cannot become {given}; leave the guid out",
                    self.id
                )
            }
            (given, known) => Ok(given.or(known).unwrap_or_else(|| PrincipalId(new_id()))),
        }
    }
}

/// Returns the ids of the accounts' principals, by name; an error if two accounts have the same id.
/// `known` returns the registered principal with a name.
fn identities(
    accounts: &[Account],
    known: impl Fn(&str) -> Option<Entry>,
    new_id: impl Fn() -> Uuid,
) -> Result<HashMap<&str, PrincipalId>> {
    let mut names: HashMap<PrincipalId, &str> = HashMap::new();
    for account in accounts {
        let id = account.identity(known(&account.id).as_ref(), &new_id)?;
        if let Some(other) = names.insert(id, &account.id) {
            bail!("`{other}` and `{}` have the same guid {id}; give one of them another", account.id);
        }
    }
    Ok(names.into_iter().map(|(id, name)| (name, id)).collect())
}

fn profile_of(entry: &Entry) -> Profile {
    Profile {
        display_name: entry.display_name.clone(),
        first_name: entry.first_name.clone(),
        last_name: entry.last_name.clone(),
        addresses: entry.addresses.clone(),
        automatic_answer: entry.automatic_answer,
        administrator: entry.administrator,
        auditor: entry.auditor,
    }
}

/// Converts accounts to registrations.
///
/// `known` returns the registered principal with a name, and `new_id` an id for a new principal. An
/// error comes back if two accounts have the same id, or if an account gives another id than the
/// registered one, has both a password and a hash, has a member that is neither registered nor in
/// `accounts`, or has members but is not a group.
pub(crate) fn registrations(
    accounts: &[Account],
    passwords: &Passwords,
    known: impl Fn(&str) -> Option<Entry>,
    new_id: impl Fn() -> Uuid,
) -> Result<Vec<Registration>> {
    let ids = identities(accounts, &known, new_id)?;
    let member = |account: &Account, name: &str| {
        let id = ids.get(name).copied().or_else(|| known(name).map(|entry| entry.id));
        id.with_context(|| format!("`{name}`, named as a member of `{}`, is not registered", account.id))
    };
    let register = |account: &Account| {
        let known = known(&account.id);
        let kind = account.kind.map(kind).or(known.as_ref().map(|entry| entry.kind));
        let kind = kind.unwrap_or(PrincipalKind::Individual);
        let members = match &account.members {
            None => known.as_ref().map(|entry| entry.members.clone()).unwrap_or_default(),
            Some(names) => names.iter().map(|name| member(account, name)).collect::<Result<_>>()?,
        };
        let hash = || account.password_hash.clone().map(NewPassword::Hash);
        ensure!(
            account.password.is_none() || account.password_hash.is_none(),
            "`{}` has both a password and a password_hash; remove one of them",
            account.id
        );
        ensure!(
            members.is_empty() || kind == PrincipalKind::Group,
            "`{}` has members but is not a group; leave the members out",
            account.id
        );
        Ok(Registration {
            id: ids[account.id.as_str()],
            short_name: account.id.clone(),
            kind,
            profile: account.profile(known.as_ref()),
            password: passwords.of(account).map(NewPassword::Plain).or_else(hash),
            members,
        })
    };
    accounts.iter().map(register).collect()
}

fn kind(kind: Kind) -> PrincipalKind {
    match kind {
        Kind::User => PrincipalKind::Individual,
        Kind::Location => PrincipalKind::Room,
        Kind::Resource => PrincipalKind::Resource,
        Kind::Group => PrincipalKind::Group,
    }
}

fn automatic_answer(schedule: Schedule) -> AutomaticAnswer {
    match schedule {
        Schedule::None => AutomaticAnswer::None,
        Schedule::Automatic => AutomaticAnswer::Automatic,
        Schedule::AcceptAlways => AutomaticAnswer::AcceptAlways,
        Schedule::DeclineAlways => AutomaticAnswer::DeclineAlways,
        Schedule::AcceptIfFree => AutomaticAnswer::AcceptIfFree,
        Schedule::DeclineIfBusy => AutomaticAnswer::DeclineIfBusy,
    }
}

/// Returns the word for an automatic answer, as in files and on the command line.
pub(super) fn name_of(answer: AutomaticAnswer) -> String {
    let all = Schedule::value_variants().iter().filter(|schedule| automatic_answer(**schedule) == answer);
    let names = all.filter_map(ValueEnum::to_possible_value).map(|value| value.get_name().to_owned());
    names.collect()
}

#[cfg(test)]
mod tests;
