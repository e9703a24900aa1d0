//! Password hashes: the vault stores them, and the journal names them by their ids.
//!
//! **Invariant:** a hash is durable in the vault before an event that names it is appended, and
//! earlier hashes are removed only after that append. Wherever the process is interrupted, the hash
//! in force is the one that the journal names last. A hash that no event names cannot be used to
//! log in.

#[cfg(test)]
mod tests;

use std::{collections::HashMap, sync::Arc, time::Duration};

use journal::Journal;
use moka::sync::Cache;
use parking_lot::RwLock;
use projections::Entry;
use schemas::{PasswordId, PrincipalId, Revision, Stored, Stream, Timestamp, principal::FirstPasswordSet};
use vault::{Password, Vault};

use crate::{Service, error::Error};

/// Maximum number of events that are read from a stream at a time.
const PAGE_EVENTS: usize = 256;
/// Minimum time between two records of the use of one password.
const NOTED_EVERY: Duration = Duration::from_secs(60 * 60);
/// Maximum number of passwords in the cache of recent uses.
const NOTED_COUNT: u64 = 100_000;
/// Maximum number of accounts that a warning names.
const MAX_NAMED: usize = 20;

#[derive(Debug)]
pub(crate) struct Passwords {
    vault: Arc<dyn Vault>,
    /// Cache of hashes. The hash with a given id never changes.
    found: RwLock<HashMap<PasswordId, Arc<str>>>,
    /// Cache of the passwords whose use was recorded less than an hour ago.
    noted: Cache<PasswordId, ()>,
}

impl Passwords {
    pub(crate) fn new(vault: Arc<dyn Vault>) -> Self {
        let noted = Cache::builder().max_capacity(NOTED_COUNT).time_to_live(NOTED_EVERY).build();
        Self { vault, found: RwLock::default(), noted }
    }

    /// Returns the hash of a password; `None` if the vault has none, or cannot be read, which is
    /// logged.
    pub(crate) fn hash(&self, id: PasswordId) -> Option<Arc<str>> {
        self.find(id).unwrap_or_else(|failure| {
            tracing::error!(%failure, "the hash of a password cannot be read from the vault, so its account counts \
                as one without a password");
            None
        })
    }

    /// Returns the hash of a password; `None` if the vault has none.
    pub(crate) fn find(&self, id: PasswordId) -> Result<Option<Arc<str>>, vault::Failure> {
        if let Some(phc) = self.found.read().get(&id) {
            return Ok(Some(Arc::clone(phc)));
        }
        let Some(password) = self.vault.password(id)? else { return Ok(None) };
        let phc: Arc<str> = password.phc.into();
        self.found.write().insert(id, Arc::clone(&phc));
        Ok(Some(phc))
    }

    /// Stores new passwords in the vault, durably.
    pub(crate) async fn keep(&self, passwords: Vec<Password>) -> Result<(), Error> {
        if passwords.is_empty() {
            return Ok(());
        }
        let vault = Arc::clone(&self.vault);
        let kept = tokio::task::spawn_blocking(move || vault.keep(&passwords)).await.map_err(Error::failed)?;
        kept.map_err(Error::failed)
    }

    /// Records a login with a password, at most once an hour.
    pub(crate) fn note_use(&self, id: PasswordId, at: Timestamp) {
        if self.noted.contains_key(&id) {
            return;
        }
        self.noted.insert(id, ());
        let vault = Arc::clone(&self.vault);
        // The login does not wait for the write.
        tokio::task::spawn_blocking(move || {
            if let Err(failure) = vault.used(id, at) {
                tracing::warn!(%failure, "the time at which a password was last used could not be stored in the vault");
            }
        });
    }

    /// Returns all passwords of a principal in the vault, the oldest first.
    pub(crate) async fn of(&self, principal: PrincipalId) -> Result<Vec<Password>, Error> {
        let vault = Arc::clone(&self.vault);
        let found = tokio::task::spawn_blocking(move || vault.passwords_of(principal)).await.map_err(Error::failed)?;
        found.map_err(Error::failed)
    }

    /// Removes passwords from the vault for good.
    pub(crate) async fn remove(&self, ids: Vec<PasswordId>) -> Result<(), Error> {
        let (vault, gone) = (Arc::clone(&self.vault), ids.clone());
        let removed = tokio::task::spawn_blocking(move || vault.remove(&gone)).await.map_err(Error::failed)?;
        removed.map_err(Error::failed)?;
        let mut found = self.found.write();
        for id in &ids {
            found.remove(id);
        }
        Ok(())
    }

    /// Removes the earlier passwords of the accounts that got these new ones; app passwords stay. A
    /// hash that cannot be removed now is of no use, and is removed when the account gets its next
    /// password.
    pub(crate) async fn remove_earlier(&self, passwords: Vec<Password>) {
        if passwords.is_empty() {
            return;
        }
        let vault = Arc::clone(&self.vault);
        let removing = tokio::task::spawn_blocking(move || {
            let mut earlier = vec![];
            for password in passwords {
                let of_account = vault.passwords_of(password.principal)?.into_iter();
                let is_earlier = |kept: &Password| kept.name.is_none() && kept.id != password.id;
                earlier.extend(of_account.filter(is_earlier).map(|kept| kept.id));
            }
            vault.remove(&earlier).map(|()| earlier)
        });
        match removing.await {
            Ok(Ok(removed)) => {
                let mut found = self.found.write();
                for id in &removed {
                    found.remove(id);
                }
            }
            Ok(Err(failure)) => {
                tracing::warn!(%failure, "the hashes of replaced passwords could not be removed from the \
                    vault; no login accepts them");
            }
            Err(error) => {
                tracing::warn!(%error, "the hashes of replaced passwords could not be removed from the \
                    vault; no login accepts them");
            }
        }
    }
}

impl Service {
    /// Copies password hashes that are in force from events of the first version to the vault.
    /// Called at the start, when the read models have caught up. Logs the accounts that cannot log
    /// in because the vault lacks their hash.
    pub async fn move_passwords(&self) -> Result<(), Error> {
        let directory = self.models.directory();
        let (mut moved, mut locked_out) = (vec![], vec![]);
        for entry in directory.all() {
            let Some(id) = entry.password else { continue };
            match self.passwords.find(id) {
                Ok(Some(_)) => continue,
                Ok(None) => {}
                Err(failure) => {
                    unreadable(entry, &failure);
                    continue;
                }
            }
            match stored_hash(&*self.store.journal, entry.id, id).await? {
                Some(password) => moved.push(password),
                None => locked_out.push(entry.short_name.as_str()),
            }
        }
        let passwords = moved.len();
        self.passwords.keep(moved).await?;
        if passwords > 0 {
            tracing::info!(passwords, "copied the hashes of passwords from the journal's events to the vault");
        }
        if !locked_out.is_empty() {
            let (count, names) = (locked_out.len(), locked_out[..locked_out.len().min(MAX_NAMED)].join(", "));
            tracing::warn!(
                count,
                "the vault lacks the passwords of some accounts ({names}), so logins with these passwords fail: \
                 restore the latest copy of the vault, or set new passwords"
            );
        }
        Ok(())
    }
}

/// Logs that the vault cannot read a hash of this account, so that logins fail although the
/// password may be right.
pub(crate) fn unreadable(entry: &Entry, failure: &vault::Failure) {
    let name = entry.short_name.as_str();
    tracing::error!(name, %failure, "the hash of one of this account's passwords cannot be read: logins with that \
        password fail until the vault is restored, or the password is replaced");
}

/// Returns the password `id` of a principal if an event of the first version contains its hash;
/// `None` otherwise.
async fn stored_hash(journal: &dyn Journal, principal: PrincipalId, id: PasswordId) -> Result<Option<Password>, Error> {
    let mut from = Revision(0);
    loop {
        let page = journal.read_stream(Stream::Principal(principal), from, PAGE_EVENTS).await?;
        if let Some(found) = page.iter().find_map(|stored| first_password(stored, principal).filter(|one| one.id == id))
        {
            return Ok(Some(found));
        }
        if page.len() < PAGE_EVENTS {
            return Ok(None);
        }
        from.0 += PAGE_EVENTS as u64;
    }
}

fn first_password(stored: &Stored, principal: PrincipalId) -> Option<Password> {
    if stored.kind != FirstPasswordSet::KIND {
        return None;
    }
    let FirstPasswordSet { phc } = serde_json::from_slice(&stored.data).ok()?;
    Some(Password::new(PasswordId::of_stored(&phc), principal, None, phc, stored.metadata.at))
}
