//! The settings of the LDAP client: the addresses of the directory, and the entries to look up in
//! it.

use std::{path::PathBuf, time::Duration};

use peer::Secret;

use crate::server::Server;

/// The schema of a directory, from which the defaults of filters and attributes follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `OpenLDAP` and other servers with the schemas of RFC 2798 and RFC 4519.
    OpenLdap,
    /// Active Directory and Samba.
    ActiveDirectory,
}

impl Kind {
    /// Returns the default filter for people who may log in.
    pub const fn people_filter(self) -> &'static str {
        match self {
            Self::OpenLdap => "(objectClass=inetOrgPerson)",
            // The second bit of userAccountControl is set for disabled accounts.
            Self::ActiveDirectory => {
                "(&(objectCategory=person)(objectClass=user)(!(userAccountControl:1.2.840.113556.1.4.803:=2)))"
            }
        }
    }

    /// Returns the default filter for groups.
    pub const fn groups_filter(self) -> &'static str {
        match self {
            Self::OpenLdap => "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))",
            Self::ActiveDirectory => "(objectCategory=group)",
        }
    }

    /// Returns the default filter for rooms.
    pub const fn rooms_filter(self) -> &'static str {
        match self {
            Self::OpenLdap => "(objectClass=room)",
            Self::ActiveDirectory => "(&(objectCategory=person)(msExchResourceMetaData=ResourceType:Room))",
        }
    }

    /// Returns the default attribute that contains the login name of a person.
    pub const fn id_attribute(self) -> &'static str {
        match self {
            Self::OpenLdap => "uid",
            Self::ActiveDirectory => "sAMAccountName",
        }
    }

    /// Returns the default attribute that contains the name of a group or a room.
    pub const fn other_id_attribute(self) -> &'static str {
        match self {
            Self::OpenLdap => "cn",
            Self::ActiveDirectory => "sAMAccountName",
        }
    }

    /// Returns the default names of the attributes that are read.
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

/// The search for all entries of one kind: people, rooms or groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Search {
    /// The distinguished name of the entry at and below which the search looks.
    pub base: String,
    /// The filter that matches the entries (RFC 4515).
    pub filter: String,
    /// The attribute whose value becomes the short name of the person, room or group on this
    /// server.
    pub id_attribute: String,
}

/// The names of the attributes that are read, in addition to the standard ones for names of people
/// (RFC 4519, RFC 2798).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attributes {
    /// The attribute with the unique id, which stays the same when an entry is renamed or moved.
    pub identity: String,
    /// The attribute with mail addresses, the preferred one first.
    pub mail: String,
    /// The attributes with further mail addresses.
    pub aliases: Vec<String>,
    /// The attributes with the members of a group.
    pub members: Vec<String>,
    /// The attributes of a person's primary group, whose own entry does not list the person as a
    /// member. `None` if the entries of groups list all of their members.
    pub primary_group: Option<PrimaryGroup>,
    /// The attribute with the time at which a person's account expires, counted from the year 1601
    /// in units of 100 ns. `None` if only the filter decides who may log in.
    pub expires: Option<String>,
}

/// The attributes for the primary group of a person in Active Directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrimaryGroup {
    /// The attribute of the person that contains the number of the group.
    pub of_person: String,
    /// The attribute of the group that contains its number.
    pub of_group: String,
}

impl Default for PrimaryGroup {
    fn default() -> Self {
        Self { of_person: "primaryGroupID".to_owned(), of_group: "primaryGroupToken".to_owned() }
    }
}

impl Attributes {
    /// Returns the names of all attributes that a search requests. `id_attribute` is the attribute
    /// whose value becomes the short name on this server.
    pub(crate) fn names<'a>(&'a self, id_attribute: &'a str) -> Vec<&'a str> {
        let named = [id_attribute, "displayName", "cn", "givenName", "sn", &self.identity, &self.mail];
        let lists = self.aliases.iter().chain(&self.members).map(String::as_str);
        let primary_group = self.primary_group.iter().flat_map(|group| [group.of_person.as_str(), &group.of_group]);
        named.into_iter().chain(lists).chain(primary_group).chain(self.expires.as_deref()).collect()
    }
}

/// The account in the directory with which this server searches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The distinguished name of the account, or `name@domain` in Active Directory.
    pub dn: String,
    /// The password of the account.
    pub password: Secret,
}

/// The settings of the client of the directory.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The servers, which all have the same entries. The client uses the first one that it can
    /// reach.
    pub servers: Vec<Server>,
    /// True if connections to `ldap` URLs switch to TLS with `StartTLS` (RFC 4511 §4.14).
    pub starttls: bool,
    /// The PEM file of the certificate authorities that are trusted to sign the servers'
    /// certificates.
    pub ca_file: PathBuf,
    /// The account with which the client searches; `None` for anonymous searches.
    pub account: Option<Account>,
    /// The search for people who may log in.
    pub people: Search,
    /// The search for rooms; `None` if rooms are not read.
    pub rooms: Option<Search>,
    /// The search for groups; `None` if groups are not read.
    pub groups: Option<Search>,
    /// The names of the attributes that are read.
    pub attributes: Attributes,
    /// The maximum time for each step: connecting, a bind, a search, or one page of a search.
    pub timeout: Duration,
}
