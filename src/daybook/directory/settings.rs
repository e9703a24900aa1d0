//! Converts the settings `directory.…` to those of the LDAP client.

use std::{collections::BTreeSet, path::PathBuf, time::Duration};

use anyhow::{Context as _, Result, ensure};
use ldap::{Account, Attributes, Kind, Search, Server, Settings};

use super::plan::Roles;
use crate::config::{Config, Directory, secret_file, words};

/// Checks the settings of the directory for mistakes and contradictions, without reading a file.
pub(crate) fn check(config: &Config) -> Result<()> {
    let directory = &config.directory;
    let servers = servers(config)?;
    if servers.is_empty() {
        return Ok(());
    }
    let is_open = |server: &&Server| !server.is_tls && !directory.starttls && !server.is_this_machine();
    if let Some(server) = servers.iter().find(is_open) {
        anyhow::bail!(
            "directory.servers: passwords would be sent to {server} without encryption: use ldaps:// or \
             directory.starttls = true"
        );
    }
    ensure!(!directory.people_base.is_empty(), "directory.people_base is empty: name the entry below which people are");
    for (what, filter) in
        [("people", &directory.people_filter), ("groups", &directory.groups_filter), ("rooms", &directory.rooms_filter)]
    {
        ensure!(
            filter.is_empty() || ldap::is_filter(filter),
            "directory.{what}_filter: `{filter}` is not an LDAP filter; write one in parentheses, such as \
             (objectClass=person)"
        );
    }
    let are_unset = directory.administrators_group.is_empty() && directory.auditors_group.is_empty();
    ensure!(
        are_unset || !directory.groups_base.is_empty(),
        "directory.groups_base is empty, so no group gives rights: name the entry below which groups are"
    );
    ensure!(
        directory.bind_dn.is_empty() == directory.password_file.is_empty(),
        "set both directory.bind_dn and directory.password_file, or neither for anonymous searches"
    );
    Ok(())
}

/// Checks that the files that the settings name can be read.
pub(crate) fn check_files(config: &Config) -> Result<()> {
    let Some(settings) = of(config)? else { return Ok(()) };
    ldap::Directory::new(settings).map(drop).context("directory.ca_file")
}

/// Returns the settings of the LDAP client; `None` if the settings name no directory.
pub(super) fn of(config: &Config) -> Result<Option<Settings>> {
    let directory = &config.directory;
    let (servers, kind) = (servers(config)?, directory.kind.0);
    if servers.is_empty() {
        return Ok(None);
    }
    Ok(Some(Settings {
        servers,
        starttls: directory.starttls,
        ca_file: PathBuf::from(&directory.ca_file),
        account: account(config)?,
        people: Search {
            base: directory.people_base.clone(),
            filter: or(&directory.people_filter, kind.people_filter()),
            id_attribute: or(&directory.id_attribute, kind.id_attribute()),
        },
        rooms: other(kind, &directory.rooms_base, &directory.rooms_filter, kind.rooms_filter()),
        groups: other(kind, &directory.groups_base, &directory.groups_filter, kind.groups_filter()),
        attributes: attributes(directory, kind.attributes()),
        timeout: Duration::from_secs(directory.timeout_seconds),
    }))
}

/// Returns the search for rooms or groups; `None` if `base` is empty. `default`: the filter if
/// `filter` is empty.
fn other(kind: Kind, base: &str, filter: &str, default: &str) -> Option<Search> {
    (!base.is_empty()).then(|| Search {
        base: base.to_owned(),
        filter: or(filter, default),
        id_attribute: kind.other_id_attribute().to_owned(),
    })
}

fn attributes(given: &Directory, default: Attributes) -> Attributes {
    let list = |given: &str, default| Some(words(given)).filter(|names| !names.is_empty()).unwrap_or(default);
    Attributes {
        identity: default.identity,
        mail: or(&given.mail_attribute, &default.mail),
        aliases: list(&given.alias_attributes, default.aliases),
        members: list(&given.member_attributes, default.members),
        primary_group: default.primary_group,
        expires: default.expires,
    }
}

/// Returns the names of accounts that only this server has, in lower case.
pub(super) fn local(config: &Config) -> BTreeSet<String> {
    words(&config.directory.local_accounts).iter().map(|name| name.to_lowercase()).collect()
}

/// Returns the names of the groups whose members get rights on this server.
pub(super) fn roles(config: &Config) -> Roles {
    let directory = &config.directory;
    Roles { administrators: directory.administrators_group.clone(), auditors: directory.auditors_group.clone() }
}

fn servers(config: &Config) -> Result<Vec<Server>> {
    let read = |url: String| url.parse().map_err(|why| anyhow::anyhow!("directory.servers: {why}"));
    words(&config.directory.servers).into_iter().map(read).collect()
}

fn account(config: &Config) -> Result<Option<Account>> {
    let directory = &config.directory;
    if directory.bind_dn.is_empty() {
        return Ok(None);
    }
    let password = secret_file("directory.password_file", &directory.password_file)?;
    Ok(Some(Account { dn: directory.bind_dn.clone(), password }))
}

fn or(given: &str, default: &str) -> String {
    if given.is_empty() { default } else { given }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(directory: Directory) -> String {
        check(&Config { directory, ..Config::default() }).err().map(|error| error.to_string()).unwrap_or_default()
    }

    fn with(servers: &str) -> Directory {
        Directory { servers: servers.to_owned(), people_base: "dc=example".to_owned(), ..Directory::default() }
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        let account = || ("cn=reader,dc=example".to_owned(), "/etc/daybook/password".to_owned());
        let (bind_dn, password_file) = account();
        let rows = [
            ("none", Directory::default(), ""),
            ("TLS", with("ldaps://a.example, ldaps://b.example"), ""),
            ("StartTLS", with("ldap://a.example"), ""),
            (
                "plain",
                Directory { starttls: false, ..with("ldap://a.example") },
                "passwords would be sent to ldap://a.example",
            ),
            ("plain, within the machine", Directory { starttls: false, ..with("ldap://127.0.0.1:1389") }, ""),
            ("no URL", with("a.example"), "`a.example` is not the URL"),
            ("no base", Directory { people_base: String::new(), ..with("ldaps://a") }, "people_base is empty"),
            (
                "no filter",
                Directory { people_filter: "a=b".to_owned(), ..with("ldaps://a") },
                "`a=b` is not an LDAP filter",
            ),
            (
                "rights of no groups",
                Directory { administrators_group: "admins".to_owned(), ..with("ldaps://a") },
                "groups_base is empty",
            ),
            ("no password", Directory { bind_dn: bind_dn.clone(), ..with("ldaps://a") }, "set both"),
            ("an account", Directory { bind_dn, password_file, ..with("ldaps://a") }, ""),
        ];
        for (title, directory, expected) in rows {
            let why = refusal(directory);
            assert_eq!(why.is_empty(), expected.is_empty(), "{title}: {why}");
            assert!(why.contains(expected), "{title}: {why}");
        }
    }

    #[test]
    fn filters_and_attributes_follow_the_kind() {
        let of = |kind: &str, id: &str| {
            let directory = Directory { id_attribute: id.to_owned(), ..with("ldaps://a") };
            let directory = Directory { kind: kind.parse().unwrap(), ..directory };
            of(&Config { directory, ..Config::default() }).unwrap().unwrap()
        };
        assert_eq!(of("openldap", "").people.id_attribute, "uid");
        assert_eq!(of("active-directory", "").people.id_attribute, "sAMAccountName");
        assert!(ldap::is_filter(&of("active-directory", "").people.filter));
        assert_eq!(of("active-directory", "mail").people.id_attribute, "mail");
        assert_eq!(of("openldap", "").groups, None, "no base");
        for kind in [Kind::OpenLdap, Kind::ActiveDirectory] {
            assert!([kind.people_filter(), kind.groups_filter(), kind.rooms_filter()].into_iter().all(ldap::is_filter));
        }
    }
}
