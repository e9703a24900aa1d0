//! The paths of collections, for read models whose rows go with a collection: one event moves or
//! removes a collection with everything below it.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionEvent, CollectionId};
use uuid::Uuid;

use crate::collections::queries;

/// SQL that creates the table of paths in the file of a read model.
pub(crate) const TABLE: &str = "
    -- The path of each collection below its home; the collections in it are moved and removed with it.
    CREATE TABLE path (id BLOB PRIMARY KEY, home BLOB NOT NULL, name TEXT NOT NULL) WITHOUT ROWID;
    CREATE INDEX path_name ON path (home, name);";

/// Returns true for the events that [`apply`] needs.
pub(crate) fn handles(event: &CollectionEvent) -> bool {
    match event {
        CollectionEvent::Created(_) | CollectionEvent::Moved(_) | CollectionEvent::Removed(_) => true,
        CollectionEvent::PropertiesChanged(_) | CollectionEvent::AclChanged(_) => false,
    }
}

/// Applies an event of a collection to the table. Returns the collections that the event removed.
pub(crate) fn apply(
    rows: &Connection,
    id: CollectionId,
    event: &CollectionEvent,
) -> rusqlite::Result<Vec<CollectionId>> {
    match event {
        CollectionEvent::Created(created) => {
            let sql = "INSERT OR REPLACE INTO path (id, home, name) VALUES (?, ?, ?)";
            let values = params![id.0.as_bytes(), created.home.0.as_bytes(), created.name];
            rows.prepare_cached(sql)?.execute(values)?;
            Ok(vec![])
        }
        CollectionEvent::Moved(moved) => {
            for (id, rest) in with_everything_below(rows, id)? {
                let values = params![id.0.as_bytes(), format!("{}{rest}", moved.name)];
                rows.prepare_cached("UPDATE path SET name = ?2 WHERE id = ?1")?.execute(values)?;
            }
            Ok(vec![])
        }
        CollectionEvent::Removed(_) => {
            let gone = with_everything_below(rows, id)?;
            for (id, _) in &gone {
                rows.prepare_cached("DELETE FROM path WHERE id = ?")?.execute(params![id.0.as_bytes()])?;
            }
            Ok(gone.into_iter().map(|(id, _)| id).collect())
        }
        CollectionEvent::PropertiesChanged(_) | CollectionEvent::AclChanged(_) => Ok(vec![]),
    }
}

/// Returns a collection and all collections below it, each with the rest of its path after that of
/// the collection; empty if the collection is unknown.
fn with_everything_below(rows: &Connection, id: CollectionId) -> rusqlite::Result<Vec<(CollectionId, String)>> {
    let sql = "SELECT home, name FROM path WHERE id = ?";
    let known: Option<([u8; 16], String)> = rows
        .prepare_cached(sql)?
        .query_row(params![id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Some((home, name)) = known else { return Ok(vec![]) };
    let (after, before) = queries::below(&name);
    let mut query = rows.prepare_cached("SELECT id, name FROM path WHERE home = ? AND name > ? AND name < ?")?;
    let below = query.query_map(params![home, after, before], |row| {
        let path: String = row.get(1)?;
        Ok((CollectionId(Uuid::from_bytes(row.get(0)?)), path[name.len()..].to_owned()))
    })?;
    let mut found = vec![(id, String::new())];
    for one in below {
        found.push(one?);
    }
    Ok(found)
}
