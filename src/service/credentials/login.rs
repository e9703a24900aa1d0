//! The credentials of one request.

use std::{fmt, time::Duration};

use schemas::{PasswordId, PrincipalId, metadata::Authentication};

use super::is_foreign;

/// The credentials of a request with the account they name.
#[derive(Clone)]
pub struct Login {
    pub(super) account: String,
    pub(super) known: Option<Known>,
    /// The password of the account is kept elsewhere.
    pub(super) elsewhere: Option<Holder>,
    /// The vault does not tell the hash: whether the password is right cannot be said.
    is_unreadable: bool,
    pub(super) password: String,
}

/// The principal of an account whose password is kept elsewhere.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// `None`: nobody here has the name.
    pub(super) principal: Option<PrincipalId>,
    /// How soon a wrong password is checked again.
    pub(super) again: Duration,
}

/// The account that a login names, with the hash that its password is compared with.
#[derive(Clone)]
pub(crate) struct Known {
    pub principal: PrincipalId,
    /// The identity of the password.
    pub password: PasswordId,
    pub phc: String,
    /// Whether the password is one for a single program.
    pub is_app: bool,
}

impl Login {
    pub(crate) fn new(account: String, known: Option<Known>, password: &str) -> Self {
        Self { account, known, elsewhere: None, is_unreadable: false, password: password.to_owned() }
    }

    /// A login whose hash cannot be read.
    pub(crate) fn unreadable(account: String, password: &str) -> Self {
        Self { is_unreadable: true, ..Self::new(account, None, password) }
    }

    pub(crate) fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }

    /// A login whose password another system keeps. `principal`: `None` if no principal has the
    /// name.
    pub(crate) fn elsewhere(account: String, principal: Option<PrincipalId>, password: &str, again: Duration) -> Self {
        let elsewhere = Some(Holder { principal, again });
        Self { elsewhere, ..Self::new(account, None, password) }
    }

    /// Returns the name of the account, which is the same for all its logins. An unknown login is
    /// returned unchanged.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the stored hash and the password, on which the result depends.
    pub fn secret(&self) -> (Option<&str>, &str) {
        (self.known.as_ref().map(|known| known.phc.as_str()), &self.password)
    }

    /// Returns how long a wrong password stays wrong: `None` while the stored hash is the same.
    pub fn is_wrong_for(&self) -> Option<Duration> {
        self.elsewhere.map(|holder| holder.again)
    }

    /// Returns how the caller proves who they are, if the password is right.
    pub fn authentication(&self) -> Authentication {
        let is_app = self.known.as_ref().is_some_and(|known| known.is_app);
        if is_app { Authentication::AppPassword } else { Authentication::Password }
    }

    /// Returns the identity of the password, if the account has one.
    pub(crate) fn password_id(&self) -> Option<PasswordId> {
        self.known.as_ref().map(|known| known.password)
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Returns the account if another system made the hash of its password.
    pub(crate) fn foreign(&self) -> Option<&Known> {
        self.known.as_ref().filter(|known| is_foreign(&known.phc))
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("account", &self.account).finish_non_exhaustive()
    }
}
