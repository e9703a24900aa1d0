//! Queries of the resources at a past position.

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionId, ObjectId, Position, PrincipalId, object::Place};
use uuid::Uuid;

use super::{
    Versions,
    member::{self, Member},
    notes,
};
use crate::{Failure, ReadModels, position::stored, varint};

/// A collection as it was at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionThen {
    /// Id of the collection.
    pub id: CollectionId,
    /// Path below the home at that time; empty for the home itself.
    pub name: String,
}

/// A resource as it was at a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Name of the resource in its collection.
    pub name: String,
    /// Position of the event since which the resource had this content and name.
    pub since: Position,
    /// Position of the event that stored the content; earlier than `since` if the resource was
    /// moved.
    pub content: Position,
    /// Position of the event that created the resource.
    pub born: Position,
}

impl ReadModels {
    /// Returns the collections of a home at a position, ordered by name.
    pub fn collections_as_of(&self, home: PrincipalId, at: Position) -> Result<Vec<CollectionThen>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let sql =
                "SELECT id, (SELECT name FROM name WHERE collection = key AND since <= ?2 ORDER BY since DESC LIMIT 1)
                AS called FROM collection WHERE home = ?1 AND called IS NOT NULL ORDER BY called";
            let mut query = rows.prepare_cached(sql)?;
            let found = query.query_map(params![home.0.as_bytes(), stored(at)], |row| {
                Ok(CollectionThen { id: CollectionId(Uuid::from_bytes(row.get(0)?)), name: row.get(1)? })
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Returns the collections of a home that ever had this path below it, latest first.
    pub fn collections_ever_called(&self, home: PrincipalId, name: &str) -> Result<Vec<CollectionId>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let sql = "SELECT id FROM collection JOIN name ON name.collection = key
                WHERE home = ? AND name.name = ? GROUP BY id ORDER BY max(since) DESC";
            let mut query = rows.prepare_cached(sql)?;
            let found = query
                .query_map(params![home.0.as_bytes(), name], |row| Ok(CollectionId(Uuid::from_bytes(row.get(0)?))))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Returns the resources in a collection at a position, ordered by name.
    pub fn members_as_of(&self, collection: CollectionId, at: Position) -> Result<Vec<Version>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let mut found = vec![];
            each(rows, collection, |key, name, bytes| {
                let mut then = member::as_of(bytes, at.0)?;
                if then.is_none() && member::is_continued(bytes) {
                    then = earlier(rows, key, name, at)?;
                }
                if let Some(then) = then.filter(|then| !then.is_gone()) {
                    found.push(named(varint::unpacked(name)?, then));
                }
                Ok(())
            })?;
            found.sort_unstable_by(|one, other| one.name.cmp(&other.name));
            Ok(found)
        })
    }

    /// Returns all versions at a place, oldest first, each with its position; `None` means that the
    /// resource left or was removed.
    pub fn versions_of(&self, place: &Place) -> Result<Vec<(Position, Option<Version>)>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let Some(key) = key(rows, place.collection)? else { return Ok(vec![]) };
            let mut versions = vec![];
            for part in parts(rows, (key, &place.name), List::Versions)? {
                for version in member::versions(&part) {
                    let version = version?;
                    let there = (!version.is_gone()).then(|| named(place.name.clone(), version));
                    versions.push((Position(version.since), there));
                }
            }
            // If two versions have the same position, the second one counts.
            versions.reverse();
            versions.dedup_by_key(|(since, _)| *since);
            versions.reverse();
            Ok(versions)
        })
    }

    /// Returns, for each resource, the positions of the changes of its ACL and properties since
    /// [`Version::born`], in order. An `ObjectMoved` keeps `born`; a MOVE that stores the resource
    /// anew creates another one.
    pub fn notes_of(&self, resources: &[Version]) -> Result<Vec<Vec<Position>>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let notes = resources.iter().map(|resource| notes::of(rows, resource.born));
            Ok(notes.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Returns true if there ever was a resource at a place.
    pub fn was_ever(&self, place: &Place) -> Result<bool, Failure> {
        self.ask::<Versions, _>(|rows| {
            let Some(key) = key(rows, place.collection)? else { return Ok(false) };
            let mut query = rows.prepare_cached("SELECT 1 FROM member WHERE collection = ? AND name = ?")?;
            Ok(query.exists(params![key, varint::packed(&place.name)])?)
        })
    }

    /// Returns the objects and files that were ever at a place, the last one at the end.
    pub fn objects_ever_at(&self, place: &Place) -> Result<Vec<ObjectId>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let Some(key) = key(rows, place.collection)? else { return Ok(vec![]) };
            let mut ids = vec![];
            for part in parts(rows, (key, &place.name), List::Occupants)? {
                ids.extend(member::occupants(&part)?.into_iter().map(|id| ObjectId(Uuid::from_bytes(id))));
            }
            // Each object is kept at its last occurrence only.
            let mut seen = HashSet::new();
            ids.reverse();
            ids.retain(|id| seen.insert(*id));
            ids.reverse();
            Ok(ids)
        })
    }
}

/// Passes the rows of a collection to `take`: the collection's key, the name, and the last part of
/// the list of versions.
fn each(
    rows: &Connection,
    collection: CollectionId,
    mut take: impl FnMut(i64, &[u8], &[u8]) -> rusqlite::Result<()>,
) -> Result<(), Failure> {
    let Some(key) = key(rows, collection)? else { return Ok(()) };
    let mut query = rows.prepare_cached("SELECT name, versions FROM member WHERE collection = ?")?;
    let mut found = query.query([key])?;
    while let Some(row) = found.next()? {
        take(key, row.get_ref(0)?.as_blob().map_err(unreadable)?, row.get_ref(1)?.as_blob().map_err(unreadable)?)?;
    }
    Ok(())
}

/// Returns the version that a name had at the position `at`, from the full parts of the list;
/// `None` if it had none.
fn earlier(rows: &Connection, collection: i64, name: &[u8], at: Position) -> rusqlite::Result<Option<member::Version>> {
    let sql = "SELECT versions FROM full_versions WHERE collection = ? AND name = ? AND first <= ?
        ORDER BY first DESC LIMIT 1";
    let mut query = rows.prepare_cached(sql)?;
    let part: Option<Vec<u8>> = query.query_row(params![collection, name, stored(at)], |row| row.get(0)).optional()?;
    part.map_or(Ok(None), |part| member::as_of(&part, at.0))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum List {
    Versions,
    Occupants,
}

/// Returns all parts of a list of a name, oldest first.
fn parts(rows: &Connection, (collection, name): (i64, &str), list: List) -> rusqlite::Result<Vec<Vec<u8>>> {
    let member = Member::load(rows, collection, &varint::packed(name))?;
    let (sql, end) = match list {
        List::Versions => {
            ("SELECT versions FROM full_versions WHERE collection = ? AND name = ? ORDER BY first", member.versions)
        }
        List::Occupants => {
            ("SELECT occupants FROM full_occupants WHERE collection = ? AND name = ? ORDER BY until", member.occupants)
        }
    };
    let mut query = rows.prepare_cached(sql)?;
    let full = query.query_map(params![collection, member.name], |row| row.get(0))?;
    full.chain(std::iter::once(Ok(end))).collect()
}

fn unreadable(_: rusqlite::types::FromSqlError) -> rusqlite::Error {
    varint::damaged("a stored list of versions has an unknown format")
}

fn key(rows: &Connection, collection: CollectionId) -> rusqlite::Result<Option<i64>> {
    let mut query = rows.prepare_cached("SELECT key FROM collection WHERE id = ?")?;
    query.query_row(params![collection.0.as_bytes()], |row| row.get(0)).optional()
}

fn named(name: String, version: member::Version) -> Version {
    let member::Version { since, content, born } = version;
    Version { name, since: Position(since), content: Position(content), born: Position(born) }
}
