//! The setting `directory.kind`.

use std::{fmt, str::FromStr};

/// The schema of an LDAP directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DirectoryKind(pub ldap::Kind);

impl DirectoryKind {
    pub(super) const NAMES: &[&str] = &["openldap", "active-directory"];
}

impl FromStr for DirectoryKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "openldap" => Ok(Self(ldap::Kind::OpenLdap)),
            "active-directory" => Ok(Self(ldap::Kind::ActiveDirectory)),
            _ => Err(format!("the kind of a directory must be one of {}", Self::NAMES.join(", "))),
        }
    }
}

impl fmt::Display for DirectoryKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            ldap::Kind::OpenLdap => "openldap",
            ldap::Kind::ActiveDirectory => "active-directory",
        })
    }
}
