//! Queries of the resources as of a position.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionId, ObjectId, Position, PrincipalId, object::Place};
use uuid::Uuid;

use super::{
    Versions,
    member::{self, Member},
};
use crate::{Failure, ReadModels, position::stored, varint};

/// A collection as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionThen {
    /// Its identity.
    pub id: CollectionId,
    /// The path below its home at that time; empty: the home itself.
    pub name: String,
}

/// A resource as it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its name in the collection.
    pub name: String,
    /// The event since which it was so.
    pub since: Position,
    /// The event that holds its content: an earlier one for a resource that was moved.
    pub content: Position,
    /// The event that created it.
    pub born: Position,
}

impl ReadModels {
    /// Returns the collections of a home as of a position, in the order of their names.
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

    /// Returns the collections of a home that ever had this path below it, the latest first.
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

    /// Returns the resources of a collection as of a position, in the order of their names.
    pub fn members_as_of(&self, collection: CollectionId, at: Position) -> Result<Vec<Version>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let mut found = vec![];
            each(rows, collection, "versions", |name, bytes| {
                let mut then = None;
                for version in member::versions(bytes) {
                    let version = version?;
                    if version.since > at.0 {
                        break;
                    }
                    then = Some(version).filter(|version| !version.is_gone());
                }
                if let Some(then) = then {
                    found.push(named(varint::unpacked(name)?, then));
                }
                Ok(())
            })?;
            found.sort_unstable_by(|one, other| one.name.cmp(&other.name));
            Ok(found)
        })
    }

    /// Returns every version of a resource, the first one first; a removal has `None`.
    pub fn versions_of(&self, place: &Place) -> Result<Vec<(Position, Option<Version>)>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let Some(key) = key(rows, place.collection)? else { return Ok(vec![]) };
            let member = Member::load(rows, key, &place.name)?;
            let versions = member::versions(&member.versions).map(|version| {
                let version = version?;
                let there = (!version.is_gone()).then(|| named(place.name.clone(), version));
                Ok((Position(version.since), there))
            });
            let mut versions: Vec<(Position, Option<Version>)> = versions.collect::<rusqlite::Result<_>>()?;
            // If two have the same position, the second one is valid.
            versions.reverse();
            versions.dedup_by_key(|(since, _)| *since);
            versions.reverse();
            Ok(versions)
        })
    }

    /// Returns the positions of the changes of ACLs and properties of the resources of a collection, by name and in order.
    /// Some may be of earlier resources of the same name.
    pub fn notes_in(&self, collection: CollectionId) -> Result<Vec<(String, Position)>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let mut found = vec![];
            each(rows, collection, "notes", |name, bytes| {
                if !bytes.is_empty() {
                    let name = varint::unpacked(name)?;
                    found.extend(varint::ascending(bytes)?.into_iter().map(|note| (name.clone(), Position(note))));
                }
                Ok(())
            })?;
            found.sort_unstable();
            Ok(found)
        })
    }

    /// Returns the objects that were ever stored at a place, the last one at the end.
    pub fn objects_ever_at(&self, place: &Place) -> Result<Vec<ObjectId>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let Some(key) = key(rows, place.collection)? else { return Ok(vec![]) };
            let ids = member::occupants(&Member::load(rows, key, &place.name)?.occupants)?;
            Ok(ids.into_iter().map(|id| ObjectId(Uuid::from_bytes(id))).collect())
        })
    }
}

/// Hands the name of each row of a collection and one of its lists to `take`.
fn each(
    rows: &Connection,
    collection: CollectionId,
    list: &str,
    mut take: impl FnMut(&[u8], &[u8]) -> rusqlite::Result<()>,
) -> Result<(), Failure> {
    let Some(key) = key(rows, collection)? else { return Ok(()) };
    let mut query = rows.prepare_cached(&format!("SELECT name, {list} FROM member WHERE collection = ?"))?;
    let mut found = query.query([key])?;
    while let Some(row) = found.next()? {
        take(row.get_ref(0)?.as_blob().map_err(unreadable)?, row.get_ref(1)?.as_blob().map_err(unreadable)?)?;
    }
    Ok(())
}

fn unreadable(_: rusqlite::types::FromSqlError) -> rusqlite::Error {
    varint::damaged("a list has another form")
}

fn key(rows: &Connection, collection: CollectionId) -> rusqlite::Result<Option<i64>> {
    let mut query = rows.prepare_cached("SELECT key FROM collection WHERE id = ?")?;
    query.query_row(params![collection.0.as_bytes()], |row| row.get(0)).optional()
}

fn named(name: String, version: member::Version) -> Version {
    let member::Version { since, content, born } = version;
    Version { name, since: Position(since), content: Position(content), born: Position(born) }
}
