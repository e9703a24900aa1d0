//! A client that synchronizes (RFC 6578) after every step, also after crashes and after the read
//! models were rebuilt.

use std::collections::BTreeMap;

use projections::{Failure, ReadModels};
use schemas::{CollectionId, Position};

use super::people::{EVERYBODY, id};

/// Maximum number of changes in a response to a synchronization. It is low, so that responses are
/// truncated.
const PAGE: usize = 3;

#[derive(Debug, Default)]
pub struct Mirror {
    collections: BTreeMap<CollectionId, Known>,
}

#[derive(Debug, Default)]
struct Known {
    token: Position,
    /// The `ETag` of each member, by name.
    members: BTreeMap<String, String>,
}

impl Mirror {
    /// Synchronizes every collection. Returns an error at the first difference from the server.
    pub fn synchronise(&mut self, models: &ReadModels) -> Result<(), String> {
        for who in EVERYBODY {
            for name in ["calendar", "inbox"] {
                let collection = CollectionId::derive(id(who), name, 0);
                let known = self.collections.entry(collection).or_default();
                known.synchronise(models, collection).map_err(|why| format!("{who}'s {name}: {why}"))?;
            }
        }
        Ok(())
    }
}

impl Known {
    fn synchronise(&mut self, models: &ReadModels, collection: CollectionId) -> Result<(), String> {
        let failed = |failure: Failure| failure.to_string();
        let snapshot = models.snapshot().map_err(failed)?;
        loop {
            let changes = snapshot.changes(collection, self.token, PAGE).map_err(failed)?;
            if changes.up_to < self.token {
                return Err(format!("the sync token goes back from {} to {}", self.token, changes.up_to));
            }
            for member in changes.changed {
                self.members.insert(member.name, member.etag);
            }
            for name in &changes.removed {
                self.members.remove(name);
            }
            if changes.truncated && changes.up_to == self.token {
                return Err(format!("an answer that is cut off at {} does not come further", self.token));
            }
            self.token = changes.up_to;
            if !changes.truncated {
                break;
            }
        }
        let mut found = BTreeMap::new();
        snapshot
            .members(collection, |member| {
                found.insert(member.name, member.etag);
                Ok(())
            })
            .map_err(failed)?;
        if found == self.members { Ok(()) } else { Err(format!("{found:?} are there, {:?} were told", self.members)) }
    }
}
