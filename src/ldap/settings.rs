//! The addresses of the directory, and the entries to look up in it.

use std::{path::PathBuf, time::Duration};

use peer::Secret;

use crate::server::Server;

/// The schema of a directory, from which the defaults of filters and attributes follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `OpenLDAP` and others with the schemas of RFC 2798 and RFC 4519.
    OpenLdap,
    /// Active Directory and Samba.
    ActiveDirectory,
}

impl Kind {
    /// Returns the filter that finds people who may log in.
    pub const fn people_filter(self) -> &'static str {
        match self {
            Self::OpenLdap => "(objectClass=inetOrgPerson)",
            // The second bit of userAccountControl: the account is disabled.
            Self::ActiveDirectory => {
                "(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
            }
        }
    }

    /// Returns the filter that finds groups.
    pub const fn groups_filter(self) -> &'static str {
        match self {
            Self::OpenLdap => "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))",
            Self::ActiveDirectory => "(objectCategory=group)",
        }
    }

    /// Returns the filter that finds rooms.
    pub const fn rooms_filter(self) -> &'static str {
        match self {
            Self::OpenLdap => "(objectClass=room)",
            Self::ActiveDirectory => "(&(objectCategory=person)(msExchResourceMetaData=ResourceType:Room))",
        }
    }

    /// Returns the attribute that holds the name of a person.
    pub const fn id_attribute(self) -> &'static str {
        match self {
            Self::OpenLdap => "uid",
            Self::ActiveDirectory => "sAMAccountName",
        }
    }

    /// Returns the attribute that holds the name of a group or a room.
    pub const fn other_id_attribute(self) -> &'static str {
        match self {
            Self::OpenLdap => "cn",
            Self::ActiveDirectory => "sAMAccountName",
        }
    }

    /// Returns the attributes of this schema.
    pub fn attributes(self) -> Attributes {
        let of = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        match self {
            Self::OpenLdap => Attributes {
                identity: "entryUUID".to_owned(),
                mail: "mail".to_owned(),
                aliases: of(&["mailLocalAddress"]),
                members: of(&["member", "uniqueMember", "memberUid"]),
                primary_group: None,
                expires: None,
            },
            Self::ActiveDirectory => Attributes {
                identity: "objectGUID".to_owned(),
                mail: "mail".to_owned(),
                aliases: of(&["proxyAddresses"]),
                members: of(&["member"]),
                primary_group: Some(PrimaryGroup::default()),
                expires: Some("accountExpires".to_owned()),
            },
        }
    }
}

/// Where entries of one kind are, and how they are found and named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The entry below which they are.
    pub base: String,
    /// The filter that finds them (RFC 4515).
    pub filter: String,
    /// The attribute that holds the name.
    pub id_attribute: String,
}

/// The attributes that are read, besides names as RFC 4519 and RFC 2798 define them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// The attribute that stays the same when an entry is renamed or moved.
    pub identity: String,
    /// Mail addresses, the preferred one first.
    pub mail: String,
    /// Further mail addresses.
    pub aliases: Vec<String>,
    /// Members of groups.
    pub members: Vec<String>,
    /// How a person names the one group whose members do not list them; `None`: groups list all of
    /// their members.
    pub primary_group: Option<PrimaryGroup>,
    /// When the account of a person expires, in 100 ns since 1601; `None`: the filter alone says
    /// who may log in.
    pub expires: Option<String>,
}

/// The primary group of a person in Active Directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimaryGroup {
    /// The attribute of the person that holds the number of the group.
    pub of_person: String,
    /// The attribute of the group that holds its number.
    pub of_group: String,
}

impl Default for PrimaryGroup {
    fn default() -> Self {
        Self { of_person: "primaryGroupID".to_owned(), of_group: "primaryGroupToken".to_owned() }
    }
}

impl Attributes {
    /// Names of what is asked for, of an entry whose name is in `id_attribute`.
    pub(crate) fn names<'a>(&'a self, id_attribute: &'a str) -> Vec<&'a str> {
        let named = [id_attribute, "displayName", "cn", "givenName", "sn", &self.identity, &self.mail];
        let lists = self.aliases.iter().chain(&self.members).map(String::as_str);
        let primary_group = self.primary_group.iter().flat_map(|group| [group.of_person.as_str(), &group.of_group]);
        named.into_iter().chain(lists).chain(primary_group).chain(self.expires.as_deref()).collect()
    }
}

/// The account as which the directory is searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Its distinguished name, or in Active Directory `name@domain`.
    pub dn: String,
    /// Its password.
    pub password: Secret,
}

/// Everything a client needs to know.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The servers, which hold the same. The first that can be reached is asked.
    pub servers: Vec<Server>,
    /// Connections of `ldap` begin TLS by `StartTLS` (RFC 4511 §4.14).
    pub starttls: bool,
    /// PEM file of the authorities that signed the servers' certificates.
    pub ca_file: PathBuf,
    /// `None`: searches are anonymous.
    pub account: Option<Account>,
    /// Finds people who may log in.
    pub people: Search,
    /// Finds rooms; `None`: they are not looked for.
    pub rooms: Option<Search>,
    /// Finds groups; `None`: they are not looked for.
    pub groups: Option<Search>,
    /// The attributes that are read of people, rooms and groups.
    pub attributes: Attributes,
    /// How long a connection, a bind and a page of a search may take, each.
    pub timeout: Duration,
}
