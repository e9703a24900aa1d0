//! `daybook principal`: people, rooms, resources and groups, while no server runs.

mod account;

use std::{collections::BTreeSet, fmt::Write as _, io::BufRead, path::Path};

use anyhow::{Context as _, Result, bail, ensure};
use schemas::{Client, principal::PrincipalKind};
use service::{Service, clock, principals::Registration};

use self::account::Account;
pub(crate) use self::account::{Accounts, Passwords};
use crate::{
    cli::{Add, Import, Principal},
    config::Config,
    data, out,
};

pub(crate) async fn run(folder: &Path, principal: Principal, config: &Config) -> Result<()> {
    match principal {
        Principal::Add(add) => self::add(folder, add, config).await,
        Principal::Import(import) => self::import(folder, &import, config).await,
        Principal::List => list(folder, config).await,
    }
}

async fn add(folder: &Path, add: Add, config: &Config) -> Result<()> {
    let password = if add.password_stdin { Some(first_line(std::io::stdin().lock())?) } else { add.password };
    let account = Account {
        id: add.name.clone(),
        kind: add.kind,
        display_name: add.display_name.unwrap_or_default(),
        first_name: String::new(),
        last_name: String::new(),
        guid: None,
        email: None,
        addresses: add.addresses,
        members: add.members,
        login: password.is_some(),
        password,
        rights: add.administrator.then_some(account::Rights::All),
        schedule: add.schedule,
    };
    let accounts = Accounts::checked(vec![account])?;
    let opened = data::open(folder, config).await?;
    let service = &opened.service;
    register(service, &accounts, &Passwords::Unsaid).await?;
    service.close();
    println!("{} is registered in {}.", add.name, folder.display());
    Ok(())
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
    let registered = register(service, &accounts, &passwords).await?;
    service.close();
    println!("{} accounts of {} are registered in {}.", registered.len(), import.file.display(), folder.display());
    let logins: BTreeSet<&str> =
        accounts.list.iter().filter(|account| account.login).map(|account| account.id.as_str()).collect();
    let directory = service.models().directory();
    let locked_out: Vec<_> =
        logins.into_iter().filter(|name| directory.by_name(name).is_none_or(|entry| entry.phc.is_none())).collect();
    if !locked_out.is_empty() {
        println!("No password was given for {}: they cannot log in.", locked_out.join(", "));
    }
    Ok(())
}

/// Registers accounts in one group, or brings them up to date.
pub(crate) async fn register(
    service: &Service,
    accounts: &Accounts,
    passwords: &Passwords,
) -> Result<Vec<Registration>> {
    let directory = service.models().directory();
    let known = |name: &str| directory.by_name(name).map(|entry| entry.id);
    let registrations = account::registrations(&accounts.list, passwords, known, clock::new_id)?;
    let client = Client { via: "command line".to_owned(), ..Client::default() };
    let stamp = clock::stamp(None, None, client, clock::new_id());
    service.register(&stamp, registrations.clone()).await?;
    Ok(registrations)
}

async fn list(folder: &Path, config: &Config) -> Result<()> {
    let (_, models) = data::look(folder, config).await?;
    let directory = models.directory();
    if directory.all().is_empty() {
        bail!("nobody is registered in {}", folder.display());
    }
    let width = directory.all().iter().map(|entry| entry.short_name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for entry in directory.all() {
        let kind = match entry.kind {
            PrincipalKind::Individual => "person",
            PrincipalKind::Group => "group",
            PrincipalKind::Resource => "resource",
            PrincipalKind::Room => "room",
        };
        let address = entry.addresses.first().map_or("", String::as_str);
        let _ = writeln!(text, "{:<width$}  {kind:<8}  {:<24}  {address}", entry.short_name, entry.display_name);
    }
    out::print(&text)
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
