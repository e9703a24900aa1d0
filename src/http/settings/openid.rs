//! The provider of OpenID Connect at which people log in.

/// A provider, and what its groups mean here.
#[derive(Debug, Clone)]
pub struct OpenId {
    pub provider: openid::Provider,
    /// The name that people know the provider by.
    pub name: String,
    pub roles: Roles,
}

/// Groups whose members have rights here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// Empty: no group gives the right.
    pub administrators: String,
    /// Empty: no group gives the right.
    pub auditors: String,
}

impl Roles {
    /// Whether groups give rights at all. Otherwise rights are given here.
    pub(crate) fn are_given(&self) -> bool {
        *self != Self::default()
    }
}
