//! The vault in memory, for tests and for services that keep no passwords. It passes the test cases
//! that do not need a file.

use std::collections::BTreeMap;

use parking_lot::Mutex;
use schemas::{PasswordId, PrincipalId, Timestamp};
use uuid::Uuid;

use crate::{Altered, Failure, Key, Password, Vault};

/// A vault in memory, whose secrets are lost when the process ends.
#[derive(Debug, Default)]
pub struct Memory {
    passwords: Mutex<BTreeMap<PasswordId, Password>>,
    keys: Mutex<Vec<Key>>,
}

impl Memory {
    /// Returns an empty vault.
    pub fn new() -> Self {
        Self::default()
    }
}

impl Vault for Memory {
    fn keep(&self, passwords: &[Password]) -> Result<(), Failure> {
        let mut kept = self.passwords.lock();
        for password in passwords {
            kept.entry(password.id).or_insert_with(|| password.clone());
        }
        Ok(())
    }

    fn password(&self, id: PasswordId) -> Result<Option<Password>, Failure> {
        Ok(self.passwords.lock().get(&id).cloned())
    }

    fn passwords_of(&self, principal: PrincipalId) -> Result<Vec<Password>, Failure> {
        let kept = self.passwords.lock();
        Ok(kept.values().filter(|password| password.principal == principal).cloned().collect())
    }

    fn remove(&self, ids: &[PasswordId]) -> Result<(), Failure> {
        self.passwords.lock().retain(|id, _| !ids.contains(id));
        Ok(())
    }

    fn used(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure> {
        if let Some(password) = self.passwords.lock().get_mut(&id) {
            password.last_used_at = Some(at);
        }
        Ok(())
    }

    fn revoke(&self, id: PasswordId, at: Timestamp) -> Result<(), Failure> {
        if let Some(password) = self.passwords.lock().get_mut(&id) {
            password.revoked_at.get_or_insert(at);
        }
        Ok(())
    }

    fn key_in_force(&self, subject: PrincipalId, new: Key) -> Result<Key, Failure> {
        let mut keys = self.keys.lock();
        if let Some(key) = keys.iter().find(|key| key.subject == subject && key.secret().is_some()) {
            return Ok(key.clone());
        }
        keys.push(new.clone());
        Ok(new)
    }

    fn key(&self, id: Uuid) -> Result<Option<Key>, Failure> {
        Ok(self.keys.lock().iter().find(|key| key.id == id).cloned())
    }

    fn destroy_keys(&self, subject: PrincipalId, _: Timestamp) -> Result<usize, Failure> {
        let mut keys = self.keys.lock();
        let of_subject = keys.iter_mut().filter(|key| key.subject == subject && key.secret().is_some());
        Ok(of_subject.map(|key| *key = Key::destroyed(key.id, subject)).count())
    }

    fn count_keys(&self) -> Result<(usize, usize), Failure> {
        let keys = self.keys.lock();
        Ok((keys.len(), keys.iter().filter(|key| key.secret().is_none()).count()))
    }

    fn altered(&self) -> Result<Vec<Altered>, Failure> {
        Ok(vec![])
    }
}
