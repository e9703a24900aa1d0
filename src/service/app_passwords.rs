//! App passwords: each lets one program log in to the account, and can be revoked without the
//! others.

use calendar::principal::Command;
use schemas::{PasswordId, PrincipalId, Timestamp};
use vault::Password;

use crate::{
    Service,
    clock::{self, Stamp},
    credentials::{self, app_password},
    error::Error,
    principals::Extent,
};

/// Description of an app password, without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    pub name: String,
    pub created_at: Timestamp,
    /// Time of the last login with the app password, exact to an hour. `None`: no login is
    /// recorded.
    pub last_used_at: Option<Timestamp>,
}

impl Service {
    /// Adds an app password and returns its text in groups, as people type it. The server keeps
    /// only a hash, so the text cannot be read later.
    pub async fn add_app_password(&self, stamp: &Stamp, principal: PrincipalId, name: &str) -> Result<String, Error> {
        let id = PasswordId(clock::new_id());
        let command = Command::AddAppPassword { password: id, name: name.to_owned() };
        // The name is checked before the expensive hash is made.
        self.change_one(stamp, principal, &command, Extent::Plan).await?;
        let text = app_password::write(id, credentials::random());
        let phc = self.credentials.hash(text.clone()).await?;
        let password = Password::new(id, principal, Some(name.to_owned()), phc, stamp.metadata.at);
        // The hash is stored first: a stored event may only name a hash that is in the vault.
        self.passwords.keep(vec![password]).await?;
        self.change_one(stamp, principal, &command, Extent::Apply).await?;
        Ok(app_password::grouped(&text))
    }

    /// Revokes an app password: from now on logins with it are refused, and its hash is destroyed.
    pub async fn revoke_app_password(&self, stamp: &Stamp, principal: PrincipalId, name: &str) -> Result<(), Error> {
        let held =
            self.models.directory().by_id(principal).map(|entry| entry.app_passwords.clone()).unwrap_or_default();
        let command = Command::RevokeAppPassword { name: name.to_owned() };
        self.change_one(stamp, principal, &command, Extent::Apply).await?;
        let directory = self.models.directory();
        let stays = |id: &PasswordId| directory.by_id(principal).is_some_and(|entry| entry.app_passwords.contains(id));
        self.passwords.remove(held.into_iter().filter(|id| !stays(id)).collect()).await
    }

    /// Returns the app passwords of a principal whose hashes are in the vault, the oldest first.
    pub async fn app_passwords(&self, principal: PrincipalId) -> Result<Vec<AppPassword>, Error> {
        let directory = self.models.directory();
        let in_force = directory.by_id(principal).map(|entry| entry.app_passwords.clone()).unwrap_or_default();
        let kept = self.passwords.of(principal).await?;
        let kept = kept.into_iter().filter(|password| in_force.contains(&password.id));
        let shown = kept.map(|password| AppPassword {
            name: password.name.unwrap_or_default(),
            created_at: password.created_at,
            last_used_at: password.last_used_at,
        });
        Ok(shown.collect())
    }
}
