//! The paths of collections, for read models whose rows go with a collection: one event moves or
//! removes a collection with everything below it.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionEvent, CollectionId};
use uuid::Uuid;

use crate::{collections::queries, names::free};

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
            let home = created.home.0.as_bytes();
            let values = params![id.0.as_bytes(), home, free_name(rows, home, id, &created.name)?];
            rows.prepare_cached(sql)?.execute(values)?;
            Ok(vec![])
        }
        CollectionEvent::Moved(moved) => {
            let Some((home, name)) = known(rows, id)? else { return Ok(vec![]) };
            let mut top = None;
            for (id, rest) in with_everything_below(rows, id, (&home, &name))? {
                let wanted = format!("{}{rest}", top.as_ref().unwrap_or(&moved.name));
                let name = free_name(rows, &home, id, &wanted)?;
                let values = params![id.0.as_bytes(), name];
                rows.prepare_cached("UPDATE path SET name = ?2 WHERE id = ?1")?.execute(values)?;
                top.get_or_insert(name);
            }
            Ok(vec![])
        }
        CollectionEvent::Removed(_) => {
            let Some((home, name)) = known(rows, id)? else { return Ok(vec![]) };
            let gone = with_everything_below(rows, id, (&home, &name))?;
            for (id, _) in &gone {
                rows.prepare_cached("DELETE FROM path WHERE id = ?")?.execute(params![id.0.as_bytes()])?;
            }
            Ok(gone.into_iter().map(|(id, _)| id).collect())
        }
        CollectionEvent::PropertiesChanged(_) | CollectionEvent::AclChanged(_) => Ok(vec![]),
    }
}

/// Returns the name that the read model of collections gives to a collection that wants this one.
fn free_name(rows: &Connection, home: &[u8; 16], id: CollectionId, wanted: &str) -> rusqlite::Result<String> {
    free(wanted, |name| {
        let sql = "SELECT 1 FROM path WHERE home = ? AND name = ? AND id <> ?";
        let taken = rows.prepare_cached(sql)?.query_row(params![home, name, id.0.as_bytes()], |_| Ok(())).optional()?;
        Ok(taken.is_some())
    })
}

/// Returns the owner of a collection's home, and its path; `None` if the collection is unknown.
fn known(rows: &Connection, id: CollectionId) -> rusqlite::Result<Option<([u8; 16], String)>> {
    let mut query = rows.prepare_cached("SELECT home, name FROM path WHERE id = ?")?;
    query.query_row(params![id.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Returns the collection with this path, and then all collections below it in the order of their
/// paths, each with the rest of its path after that of the collection.
fn with_everything_below(
    rows: &Connection,
    id: CollectionId,
    (home, name): (&[u8; 16], &str),
) -> rusqlite::Result<Vec<(CollectionId, String)>> {
    let (after, before) = queries::below(name);
    let mut query =
        rows.prepare_cached("SELECT id, name FROM path WHERE home = ? AND name > ? AND name < ? ORDER BY name")?;
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
