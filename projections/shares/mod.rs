//! Shares: finds, by principal, the collections whose access control list grants something to that
//! principal by name.
//!
//! **Invariant:** this read model only has ids. Which privileges are granted is read from the
//! access control list of the collection.

use std::collections::BTreeSet;

use rusqlite::{Connection, Transaction, params};
use schemas::{
    CollectionEvent, CollectionId, Event, PrincipalId, Recorded, Stream,
    access::{AccessControlEntry, Effect, Grantee},
    collection::CollectionAclChanged,
};
use uuid::Uuid;

use crate::{Failure, ReadModels, paths, projection::Projection};

/// The projection of shares.
pub(crate) struct Shares;

impl Projection for Shares {
    const NAME: &'static str = "shares";
    const VERSION: u32 = 2;

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(paths::TABLE)?;
        connection.execute_batch(
            "CREATE TABLE share (
                 collection BLOB NOT NULL, grantee BLOB NOT NULL, PRIMARY KEY (grantee, collection)
             ) WITHOUT ROWID;
             CREATE INDEX share_collection ON share (collection);",
        )
    }

    fn handles(&self, event: &Event) -> bool {
        match event {
            Event::Collection(event) => matches!(event, CollectionEvent::AclChanged(_)) || paths::handles(event),
            _ => false,
        }
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        let (Stream::Collection(id), Event::Collection(event)) = (recorded.stream, &recorded.event) else {
            return Ok(());
        };
        for gone in paths::apply(rows, id, event)? {
            clear(rows, gone)?;
        }
        let CollectionEvent::AclChanged(CollectionAclChanged { entries }) = event else { return Ok(()) };
        clear(rows, id)?;
        let mut insert = rows.prepare_cached("INSERT OR IGNORE INTO share (collection, grantee) VALUES (?, ?)")?;
        for grantee in entries.iter().filter_map(grantee) {
            insert.execute(params![id.0.as_bytes(), grantee.0.as_bytes()])?;
        }
        Ok(())
    }
}

fn clear(rows: &Connection, collection: CollectionId) -> rusqlite::Result<()> {
    let sql = "DELETE FROM share WHERE collection = ?";
    rows.prepare_cached(sql)?.execute(params![collection.0.as_bytes()]).map(drop)
}

/// Returns the principal to whom an entry grants something by name; `None` for any other entry.
fn grantee(entry: &AccessControlEntry) -> Option<PrincipalId> {
    match entry.to {
        Grantee::Principal(id) if entry.effect == Effect::Grant && !entry.inverted => Some(id),
        Grantee::Principal(_) | Grantee::All | Grantee::Authenticated | Grantee::Unauthenticated | Grantee::Owner => {
            None
        }
    }
}

impl ReadModels {
    /// Returns at most `limit` collections with an entry that grants something to one of these
    /// principals by name.
    pub fn granted_to(&self, principals: &BTreeSet<PrincipalId>, limit: usize) -> Result<Vec<CollectionId>, Failure> {
        self.ask::<Shares, _>(|rows| {
            let mut query = rows.prepare_cached("SELECT collection FROM share WHERE grantee = ?")?;
            let mut collections = BTreeSet::new();
            for principal in principals {
                let mut found = query.query(params![principal.0.as_bytes()])?;
                while let Some(row) = found.next()? {
                    if collections.len() == limit {
                        return Ok(collections.into_iter().collect());
                    }
                    collections.insert(CollectionId(Uuid::from_bytes(row.get(0)?)));
                }
            }
            Ok(collections.into_iter().collect())
        })
    }
}
