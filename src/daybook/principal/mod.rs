//! `daybook principal`: manages people, rooms, resources and groups, through a running server or
//! directly in the data folder.

mod account;
pub(crate) mod app_password;
mod circles;
mod difference;
mod execute;
mod import;
mod list;
mod password;
mod report;
mod request;

use std::path::Path;

use anyhow::Result;
use schemas::principal::{MeetingsOfRetired, PrincipalKind, PrincipalState};
use service::Service;

pub(crate) use self::{
    account::{Account, Accounts, Passwords, Rights},
    execute::{COMMAND_LINE, execute},
    report::{json, text},
    request::{Action, Change, Difference, Done, GivenPasswords, Origin, Outcome, Registered, Reply, Request},
};
use crate::{
    cli::{About, Add, MeetingsChoice, Member, Principal, Retire},
    config::Config,
    control::client::Control,
    machine,
};

pub(crate) async fn run(folder: &Path, principal: Principal, config: &Config) -> Result<()> {
    let (name, change, output) = match principal {
        Principal::Add(add) => return self::add(folder, add, config).await,
        Principal::Import(import) => return import::run(folder, &import, config).await,
        Principal::List(list) => return self::list::all(folder, &list, config).await,
        Principal::Show(show) => return self::list::one(folder, &show, config).await,
        Principal::Set(set) => {
            (set.name.clone(), Change::Set(Box::new(account_of(set.name, set.about, None))), set.output)
        }
        Principal::Password(asked) => {
            (asked.name, Change::Password(password::given_or_asked(&asked.password)?), asked.output)
        }
        Principal::Rename(rename) => (rename.name, Change::Rename(rename.new_name), rename.output),
        Principal::Alias(alias) => {
            (alias.name, Change::Addresses { add: alias.addresses, remove: alias.remove }, alias.output)
        }
        Principal::Member(member) => members(member),
        Principal::Disable(one) => (one.name, Change::Disable, one.output),
        Principal::Enable(one) => (one.name, Change::Enable, one.output),
        Principal::Retire(retire) => retirement(retire),
    };
    let mut control = Control::open(folder, config).await?;
    let request = Request { dry_run: output.dry_run, action: Action::Change { name, change, follow: true } };
    let done = control.ask(request).await;
    control.close();
    report::outcomes(&done?, output, folder)
}

async fn add(folder: &Path, add: Add, config: &Config) -> Result<()> {
    let Add { name, about, password, password_in_argument, output } = add;
    let password = password::given(&password)?.or(password_in_argument);
    let accounts = vec![account_of(name, about, password)];
    let mut control = Control::open(folder, config).await?;
    let action = Action::Register { accounts, passwords: GivenPasswords::Set };
    let done = control.ask(Request { dry_run: output.dry_run, action }).await;
    control.close();
    report::outcomes(&done?, output, folder)
}

/// Returns the account that the options describe.
fn account_of(name: String, about: About, password: Option<String>) -> Account {
    Account {
        id: name,
        kind: about.kind,
        display_name: about.display_name,
        first_name: about.first_name,
        last_name: about.last_name,
        addresses: about.addresses,
        members: Some(about.members).filter(|members| !members.is_empty()),
        login: password.is_some(),
        password,
        rights: rights(about.administrator, about.auditor),
        schedule: about.schedule,
        ..Account::default()
    }
}

/// Returns the rights that the options give or withdraw; `None` if they do not change rights.
fn rights(administrator: Option<bool>, auditor: Option<bool>) -> Option<Rights> {
    match (administrator, auditor) {
        (Some(true), _) => Some(Rights::All),
        (_, Some(true)) => Some(Rights::Audit),
        (Some(false), _) | (_, Some(false)) => Some(Rights::None),
        (None, None) => None,
    }
}

fn members(member: Member) -> (String, Change, crate::cli::OutputOptions) {
    let set = Some(member.set).filter(|set| !set.is_empty());
    (member.group, Change::Members { set, add: member.add, remove: member.remove }, member.output)
}

fn retirement(retire: Retire) -> (String, Change, crate::cli::OutputOptions) {
    let meetings = match retire.meetings {
        MeetingsChoice::Keep => MeetingsOfRetired::Keep,
        MeetingsChoice::Cancel => MeetingsOfRetired::Cancel,
        MeetingsChoice::HandOver => MeetingsOfRetired::HandOver,
    };
    (retire.name, Change::Retire { meetings, successor: retire.to }, retire.output)
}

/// Registers accounts on an open service, or updates registered ones.
#[cfg(feature = "demo")]
pub(crate) async fn register(service: &Service, accounts: &Accounts, passwords: &Passwords) -> Result<()> {
    let accounts = accounts.list.iter().map(|account| passwords.given_to(account)).collect();
    let action = Action::Register { accounts, passwords: GivenPasswords::Set };
    match execute(service, Request { dry_run: false, action }, &machine::operator(), COMMAND_LINE).await {
        Reply::Done(_) => Ok(()),
        Reply::Refused { why } => anyhow::bail!("{why}"),
    }
}

fn kind(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Individual => "person",
        PrincipalKind::Group => "group",
        PrincipalKind::Resource => "resource",
        PrincipalKind::Room => "room",
    }
}

fn state(state: PrincipalState) -> &'static str {
    match state {
        PrincipalState::Active => "active",
        PrincipalState::Disabled => "disabled",
        PrincipalState::Retired => "retired",
    }
}
