//! Which versions a person's program has had already: remembered in memory, within a limit.

use std::hash::{DefaultHasher, Hash, Hasher};

use moka::sync::Cache;
use schemas::{ObjectId, PrincipalId};

/// Versions that are remembered. Whatever was forgotten is recorded once more when it is served again.
pub const MAX_REMEMBERED: u64 = 500_000;

/// The versions recorded so far, by a 64-bit hash of person, program, object and entity tag: a collision is expected
/// after about 2³² versions.
#[derive(Debug)]
pub(crate) struct Memory(Cache<u64, ()>);

impl Default for Memory {
    fn default() -> Self {
        Self(Cache::new(MAX_REMEMBERED))
    }
}

impl Memory {
    /// Adds a version. Returns true if this program of this person was not given it before.
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
