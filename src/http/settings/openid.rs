//! Settings of the OpenID Connect provider at which people log in.

/// An OpenID Connect provider, and the rights that its groups give on this server.
#[derive(Debug, Clone)]
pub struct OpenId {
    pub provider: openid::Provider,
    /// The name of the provider that the login page shows to people.
    pub name: String,
    pub roles: Roles,
}

/// Groups of the provider whose members get rights on this server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// The group whose members are administrators. Empty: no group gives this right.
    pub administrators: String,
    /// The group whose members are auditors. Empty: no group gives this right.
    pub auditors: String,
}

impl Roles {
    /// Returns true if at least one group gives a right. Otherwise only operators of this server
    /// give rights.
    pub(crate) fn are_given(&self) -> bool {
        *self != Self::default()
    }
}
