//! The credentials of one request.

use std::{fmt, time::Duration};

use schemas::{PasswordId, PrincipalId, metadata::Authentication};

use super::is_foreign;

/// The credentials of a request with the account they name.
#[derive(Clone)]
pub struct Login {
    pub(super) account: String,
    pub(super) known: Option<Known>,
    /// Data about the account if an external authority has to check the password; otherwise `None`.
    pub(super) elsewhere: Option<Holder>,
    /// True if the hash in the vault cannot be read, so that the password cannot be checked.
    is_unreadable: bool,
    pub(super) password: String,
}

/// Data about an account whose password an external authority keeps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Holder {
    /// The active principal that the login names; `None` if there is none.
    pub(super) principal: Option<PrincipalId>,
    /// Time until a password that was wrong is checked again.
    pub(super) again: Duration,
}

/// The account that a login names, with the hash that its password is compared with.
#[derive(Clone)]
pub(crate) struct Known {
    pub principal: PrincipalId,
    /// Id of the password.
    pub password: PasswordId,
    pub phc: String,
    /// True if the password is an app password.
    pub is_app: bool,
}

impl Login {
    pub(crate) fn new(account: String, known: Option<Known>, password: &str) -> Self {
        Self { account, known, elsewhere: None, is_unreadable: false, password: password.to_owned() }
    }

    /// Returns a login for an account whose stored hash cannot be read.
    pub(crate) fn unreadable(account: String, password: &str) -> Self {
        Self { is_unreadable: true, ..Self::new(account, None, password) }
    }

    pub(crate) fn is_unreadable(&self) -> bool {
        self.is_unreadable
    }

    /// Returns a login whose password an external authority keeps. `principal`: `None` if the login
    /// names no active principal. `again`: the time until a wrong password is checked again.
    pub(crate) fn elsewhere(account: String, principal: Option<PrincipalId>, password: &str, again: Duration) -> Self {
        let elsewhere = Some(Holder { principal, again });
        Self { elsewhere, ..Self::new(account, None, password) }
    }

    /// Returns the name of the account, which is the same for all its login names. For an unknown
    /// login name, returns that name [`folded`](projections::folded).
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Returns the stored hash, if there is one, and the given password; an app password without
    /// hyphens and spaces, in lower case. Unless an external authority checks the password, hash
    /// and password alone decide whether it is right.
    pub fn secret(&self) -> (Option<&str>, &str) {
        (self.known.as_ref().map(|known| known.phc.as_str()), &self.password)
    }

    /// Returns the time for which a password that was wrong counts as wrong. `None`: as long as the
    /// stored hash is the same.
    pub fn is_wrong_for(&self) -> Option<Duration> {
        self.elsewhere.map(|holder| holder.again)
    }

    /// Returns the kind of authentication if the password is right: with the password of the
    /// account, or with an app password.
    pub fn authentication(&self) -> Authentication {
        let is_app = self.known.as_ref().is_some_and(|known| known.is_app);
        if is_app { Authentication::AppPassword } else { Authentication::Password }
    }

    /// Returns the id of the password whose hash the given password is compared with; `None` if
    /// there is no such hash, or an external authority checks the password.
    pub(crate) fn password_id(&self) -> Option<PasswordId> {
        self.known.as_ref().map(|known| known.password)
    }

    pub(crate) fn password(&self) -> &str {
        &self.password
    }

    /// Returns the account if its stored hash has another form than argon2 (see [`is_foreign`]);
    /// otherwise `None`.
    pub(crate) fn foreign(&self) -> Option<&Known> {
        self.known.as_ref().filter(|known| is_foreign(&known.phc))
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("account", &self.account).finish_non_exhaustive()
    }
}
