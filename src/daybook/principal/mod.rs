//! `daybook principal`: people, rooms, resources and groups, while no server runs.

mod account;
mod outcome;

use std::{collections::BTreeSet, fmt::Write as _, io::BufRead, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use schemas::{
    Client, Right,
    metadata::{Authentication, Ground},
    principal::{AutomaticAnswer, PrincipalKind},
};
use service::{Service, clock};

pub(crate) use self::account::{Accounts, Passwords};
use self::{
    account::{Account, Rights},
    outcome::{Outcome, Registered},
};
use crate::{
    cli::{Add, Import, Principal},
    config::Config,
    data, machine, out,
};

pub(crate) async fn run(folder: &Path, principal: Principal, config: &Config) -> Result<()> {
    match principal {
        Principal::Add(add) => self::add(folder, add, config).await,
        Principal::Import(import) => self::import(folder, &import, config).await,
        Principal::List => list(folder, config).await,
    }
}

async fn add(folder: &Path, add: Add, config: &Config) -> Result<()> {
    let name = add.name.clone();
    let accounts = Accounts::checked(vec![account_of(add)?])?;
    let opened = data::open(folder, config).await?;
    let outcome = register(&opened.service, &accounts, &Passwords::Unsaid).await?;
    opened.service.close();
    let folder = folder.display();
    println!(
        "{}",
        match outcome.of(&name) {
            Outcome::New => format!("{name} is registered in {folder}."),
            Outcome::Changed => format!("{name} is changed in {folder}."),
            Outcome::Same => format!("{name} is registered like this in {folder} already; nothing was written."),
        }
    );
    outcome.print_aliases();
    Ok(())
}

/// The account that the command line describes. Reads the password from standard input if that is asked for.
fn account_of(add: Add) -> Result<Account> {
    let password = if add.password_stdin { Some(first_line(std::io::stdin().lock())?) } else { add.password };
    Ok(Account {
        id: add.name,
        kind: add.kind,
        display_name: add.display_name,
        addresses: add.addresses,
        members: Some(add.members).filter(|members| !members.is_empty()),
        login: password.is_some(),
        password,
        rights: add.administrator.map(|is_administrator| if is_administrator { Rights::All } else { Rights::None }),
        schedule: add.schedule,
        ..Account::default()
    })
}

fn first_line(mut input: impl BufRead) -> Result<String> {
    let mut line = String::new();
    input.read_line(&mut line).context("standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    ensure!(!password.is_empty(), "standard input holds no password");
    Ok(password.to_owned())
}

async fn import(folder: &Path, import: &Import, config: &Config) -> Result<()> {
    let accounts = Accounts::read(&import.file)?;
    let passwords = match &import.passwords {
        Some(file) => Passwords::read(file)?,
        None if import.password_is_id => Passwords::Id,
        None => Passwords::Unsaid,
    };
    let opened = data::open(folder, config).await?;
    let service = &opened.service;
    let outcome = register(service, &accounts, &passwords).await?;
    service.close();
    let (file, [new, changed, same]) = (import.file.display(), outcome.counts());
    println!("{file}: {new} accounts are new, {changed} changed, {same} unchanged in {}.", folder.display());
    outcome.print_aliases();
    let logins: BTreeSet<&str> =
        accounts.list.iter().filter(|account| account.login).map(|account| account.id.as_str()).collect();
    let directory = service.models().directory();
    let locked_out: Vec<_> =
        logins.into_iter().filter(|name| directory.by_name(name).is_none_or(|entry| entry.phc.is_none())).collect();
    if !locked_out.is_empty() {
        println!("Nobody can log in as {} yet: give a password.", locked_out.join(", "));
    }
    Ok(())
}

/// Registers accounts, or changes registered ones, in one durable group.
pub(crate) async fn register(service: &Service, accounts: &Accounts, passwords: &Passwords) -> Result<Registered> {
    let before = service.models().directory();
    let known = |name: &str| before.by_name(name).cloned();
    let registrations = account::registrations(&accounts.list, passwords, known, clock::new_id)?;
    let client = Client { via: "command line".to_owned(), ..Client::default() };
    let mut stamp = clock::stamp(None, None, client, clock::new_id());
    stamp.metadata.right = Some(Right::of(Ground::Operator));
    stamp.metadata.auth = Some(Authentication::OperatingSystem);
    stamp.metadata.operator = Some(machine::operator());
    service.register(&stamp, registrations).await?;
    Ok(Registered::between(&before, &service.models().directory(), accounts))
}

async fn list(folder: &Path, config: &Config) -> Result<()> {
    let (_, models) = data::look(folder, config).await?;
    let directory = models.directory();
    if directory.all().is_empty() {
        bail!("no account is registered in {}; add one with `daybook principal add`", folder.display());
    }
    let width = directory.all().iter().map(|entry| entry.short_name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for entry in directory.all() {
        let (kind, addresses) = (kind(entry.kind), entry.addresses.join(", "));
        let _ = write!(text, "{:<width$}  {kind:<8}  {:<24}  {addresses}", entry.short_name, entry.display_name);
        if entry.automatic_answer != AutomaticAnswer::None {
            let _ = write!(text, "  answers: {}", account::name_of(entry.automatic_answer));
        }
        let _ = writeln!(text, "{}", if entry.administrator { "  administrator" } else { "" });
    }
    out::print(&text)
}

fn kind(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Individual => "person",
        PrincipalKind::Group => "group",
        PrincipalKind::Resource => "resource",
        PrincipalKind::Room => "room",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line() {
        assert_eq!(first_line(&b"correct horse\r\nbattery\n"[..]).unwrap(), "correct horse");
        assert_eq!(first_line(&b"\n"[..]).unwrap_err().to_string(), "standard input holds no password");
    }
}
