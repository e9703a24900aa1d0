//! Which versions a person's program has had already: remembered in memory, within a limit.

use std::hash::{DefaultHasher, Hash, Hasher};

use moka::sync::Cache;
use schemas::{ObjectId, PrincipalId};

/// Versions that are remembered. Whatever was forgotten is recorded once more when it is served again.
pub const MAX_REMEMBERED: u64 = 500_000;

/// Remembers by a hash of person, program, object and entity tag: to take two for one would need 2³² of them.
#[derive(Debug)]
pub(crate) struct Memory(Cache<u64, ()>);

impl Default for Memory {
    fn default() -> Self {
        Self(Cache::new(MAX_REMEMBERED))
    }
}

impl Memory {
    /// Returns true if this person's program has not had this version yet, and remembers it.
    pub(crate) fn is_new(&self, person: PrincipalId, agent: &str, object: ObjectId, etag: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (person, agent, object, etag).hash(&mut hasher);
        let key = hasher.finish();
        let is_new = !self.0.contains_key(&key);
        if is_new {
            self.0.insert(key, ());
        }
        is_new
    }
}
