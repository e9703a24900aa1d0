//! Where the directory is, and what is looked up in it.

use std::{fmt, path::PathBuf, time::Duration};

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

    /// Returns the attribute that holds the name of a person.
    pub const fn id_attribute(self) -> &'static str {
        match self {
            Self::OpenLdap => "uid",
            Self::ActiveDirectory => "sAMAccountName",
        }
    }
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the first line of a file's text.
    pub fn first_line(text: &str) -> Self {
        Self(text.lines().next().unwrap_or_default().to_owned())
    }

    /// Returns true if there is nothing to keep secret.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
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
    /// The entry below which people are.
    pub people_base: String,
    /// The filter that finds people who may log in (RFC 4515).
    pub people_filter: String,
    /// The attribute that holds a person's name.
    pub id_attribute: String,
    /// How long a connection, a bind and a page of a search may take, each.
    pub timeout: Duration,
}
