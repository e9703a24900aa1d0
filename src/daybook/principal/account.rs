//! The file of accounts, and what each account says in Daybook's words.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use anyhow::{Context as _, Result, bail, ensure};
use schemas::{
    PrincipalId,
    principal::{AutomaticAnswer, PrincipalKind, Profile},
};
use serde::Deserialize;
use service::principals::Registration;
use uuid::Uuid;

use crate::{
    cli::{Kind, Schedule},
    config::one_line,
};

/// The form of the file that this program reads.
const VERSION: u32 = 1;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Accounts {
    version: u32,
    /// For people: what the passwords are. Not read by the program.
    #[serde(default, rename = "password")]
    _password: Option<String>,
    #[serde(default, rename = "account")]
    pub list: Vec<Account>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Account {
    pub id: String,
    pub kind: Kind,
    #[serde(default)]
    pub display_name: String,
    #[serde(default)]
    pub first_name: String,
    #[serde(default)]
    pub last_name: String,
    /// Stable identity; without it a new principal gets one, and a known name keeps its own.
    #[serde(default)]
    pub guid: Option<Uuid>,
    #[serde(default)]
    pub email: Option<String>,
    #[serde(default)]
    pub addresses: Vec<String>,
    #[serde(default)]
    pub members: Vec<String>,
    #[serde(default)]
    pub login: bool,
    #[serde(default)]
    pub password: Option<String>,
    #[serde(default)]
    pub rights: Option<Rights>,
    #[serde(default)]
    pub schedule: Schedule,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Rights {
    /// May read and change everything of everybody.
    All,
}

/// Where passwords come from that the accounts themselves do not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passwords {
    Unsaid,
    Id,
    File(BTreeMap<String, String>),
}

impl Accounts {
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
        Self::parse(&text).with_context(|| file.display().to_string())
    }

    pub(crate) fn parse(text: &str) -> Result<Self> {
        let read: Self = toml::from_str(text).map_err(|error| one_line(text, &error))?;
        ensure!(read.version == VERSION, "version {} of this form is unknown; {VERSION} is known", read.version);
        Self::checked(read.list)
    }

    /// What no single account can be wrong about.
    pub(crate) fn checked(accounts: Vec<Account>) -> Result<Self> {
        let mut seen = BTreeSet::new();
        for account in &accounts {
            ensure!(!account.id.is_empty(), "an account has an empty id");
            ensure!(!account.id.contains('/'), "the id `{}` contains `/`, which would break its paths", account.id);
            ensure!(seen.insert(&account.id), "the account `{}` stands there twice", account.id);
            ensure!(
                account.members.is_empty() || account.kind == Kind::Group,
                "`{}` has members but is no group",
                account.id
            );
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
            Self::Id => account.login.then(|| account.id.clone()),
            Self::File(passwords) => passwords.get(&account.id).cloned(),
        };
        account.password.clone().or(given)
    }
}

impl Account {
    fn profile(&self) -> Profile {
        let mut addresses = self.addresses.clone();
        if addresses.is_empty() {
            addresses.extend(self.email.as_ref().map(|email| format!("mailto:{email}")));
        }
        Profile {
            display_name: if self.display_name.is_empty() { self.id.clone() } else { self.display_name.clone() },
            first_name: self.first_name.clone(),
            last_name: self.last_name.clone(),
            addresses,
            automatic_answer: automatic_answer(self.schedule),
            administrator: self.rights == Some(Rights::All),
        }
    }
}

/// The accounts as registrations. `known` answers the identity of a name that is registered already; `new_id` gives
/// one to who is new.
pub(crate) fn registrations(
    accounts: &[Account],
    passwords: &Passwords,
    known: impl Fn(&str) -> Option<PrincipalId>,
    new_id: impl Fn() -> Uuid,
) -> Result<Vec<Registration>> {
    let mut ids: HashMap<&str, PrincipalId> = HashMap::new();
    for account in accounts {
        let id = account.guid.map(PrincipalId).or_else(|| known(&account.id));
        ids.insert(&account.id, id.unwrap_or_else(|| PrincipalId(new_id())));
    }
    let register = |account: &Account| {
        let mut members = Vec::with_capacity(account.members.len());
        for member in &account.members {
            match ids.get(member.as_str()).copied().or_else(|| known(member)) {
                Some(id) => members.push(id),
                None => bail!("`{member}`, a member of `{}`, is nobody", account.id),
            }
        }
        Ok(Registration {
            id: ids[account.id.as_str()],
            short_name: account.id.clone(),
            kind: kind(account.kind),
            profile: account.profile(),
            password: passwords.of(account),
            members,
        })
    };
    accounts.iter().map(register).collect()
}

pub(super) fn kind(kind: Kind) -> PrincipalKind {
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

#[cfg(test)]
mod tests {
    use super::*;

    const ALICE: PrincipalId = PrincipalId(Uuid::from_u128(0xa));

    fn read(text: &str, passwords: &Passwords) -> Vec<Registration> {
        let accounts = Accounts::parse(&format!("version = 1\n{text}")).unwrap().list;
        let known = |name: &str| (name == "alice").then_some(ALICE);
        registrations(&accounts, passwords, known, || Uuid::from_u128(0xf)).unwrap()
    }

    #[test]
    fn an_account_says_who_somebody_is() {
        let text = "[[account]]\nid = 'lake'\nkind = 'location'\nguid = '0C8BDE62-E600-4696-83D3-8B5ECABDFD2E'\n\
                    email = 'lake@example.com'\nschedule = 'automatic'\nrights = 'all'\n";
        let [lake] = &read(text, &Passwords::Id)[..] else { panic!("one account, one registration") };
        assert_eq!(lake.id.to_string(), "0c8bde62-e600-4696-83d3-8b5ecabdfd2e");
        assert_eq!(lake.kind, PrincipalKind::Room);
        assert_eq!(lake.profile.display_name, "lake", "without a name the id is shown");
        assert_eq!(lake.profile.addresses, ["mailto:lake@example.com"]);
        assert_eq!(lake.profile.automatic_answer, AutomaticAnswer::Automatic);
        assert!(lake.profile.administrator);
        assert_eq!(lake.password, None, "who may not log in gets no password");
    }

    #[test]
    fn passwords_come_from_the_account_the_file_or_the_id() {
        let own = "[[account]]\nid = 'bob'\nkind = 'user'\nlogin = true\npassword = 'own'\n";
        let none = "[[account]]\nid = 'bob'\nkind = 'user'\nlogin = true\n";
        let file = || Passwords::File(BTreeMap::from([("bob".to_owned(), "filed".to_owned())]));
        let rows = [
            ("the account's own stands over the id", own, Passwords::Id, Some("own")),
            ("and over the file", own, file(), Some("own")),
            ("the id", none, Passwords::Id, Some("bob")),
            ("the file", none, file(), Some("filed")),
            ("nothing", none, Passwords::Unsaid, None),
        ];
        for (title, text, passwords, expected) in rows {
            assert_eq!(read(text, &passwords)[0].password.as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn a_name_keeps_its_identity_and_groups_find_their_members() {
        let text = "[[account]]\nid = 'alice'\nkind = 'user'\n\
                    [[account]]\nid = 'bob'\nkind = 'user'\n\
                    [[account]]\nid = 'team'\nkind = 'group'\nmembers = ['alice', 'bob']\n";
        let read = read(text, &Passwords::Unsaid);
        assert_eq!(read[0].id, ALICE);
        assert_eq!(read[2].members, [ALICE, read[1].id]);
    }

    #[test]
    fn mistakes_are_named() {
        let rows = [
            ("no version", "", "line 1: missing field `version`"),
            ("another version", "version = 2", "version 2 of this form is unknown; 1 is known"),
            (
                "an unknown field",
                "version = 1\n[[account]]\nid = 'a'\nkind = 'user'\nemial = 'x'",
                "line 5: unknown field `emial`",
            ),
            (
                "an unknown kind",
                "version = 1\n[[account]]\nid = 'a'\nkind = 'robot'",
                "line 4: unknown variant `robot`",
            ),
            (
                "twice",
                "version = 1\n[[account]]\nid='a'\nkind='user'\n[[account]]\nid='a'\nkind='user'",
                "the account `a` stands there twice",
            ),
            (
                "members",
                "version = 1\n[[account]]\nid='a'\nkind='user'\nmembers=['b']",
                "`a` has members but is no group",
            ),
        ];
        for (title, text, expected) in rows {
            let error = format!("{:#}", Accounts::parse(text).unwrap_err());
            assert!(error.starts_with(expected), "{title}: {error}");
        }
    }

    #[test]
    fn an_unknown_member_is_named() {
        let text = "version = 1\n[[account]]\nid = 'team'\nkind = 'group'\nmembers = ['nobody']\n";
        let accounts = Accounts::parse(text).unwrap().list;
        let error = registrations(&accounts, &Passwords::Unsaid, |_| None, Uuid::nil).unwrap_err();
        assert_eq!(error.to_string(), "`nobody`, a member of `team`, is nobody");
    }
}
