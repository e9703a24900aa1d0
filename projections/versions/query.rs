//! Queries of the resources as of a position.

use rusqlite::{Connection, OptionalExtension, Row, params};
use schemas::{CollectionId, Position, PrincipalId, object::Place};
use uuid::Uuid;

use super::Versions;
use crate::{
    Failure, ReadModels,
    position::{self, stored},
};

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
            let Some(key) = key(rows, collection)? else { return Ok(vec![]) };
            let sql = "SELECT member.name, version.since, version.content, version.born FROM member JOIN version
                ON version.member = member.key AND version.since =
                    (SELECT max(since) FROM version WHERE version.member = member.key AND since <= ?2)
                WHERE member.collection = ?1 AND version.content <> 0 ORDER BY member.name";
            let mut query = rows.prepare_cached(sql)?;
            let found = query.query_map(params![key, stored(at)], version)?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Returns every version of a resource, the first one first; a removal has `None`.
    pub fn versions_of(&self, place: &Place) -> Result<Vec<(Position, Option<Version>)>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let Some(key) = key(rows, place.collection)? else { return Ok(vec![]) };
            let sql = "SELECT member.name, version.since, version.content, version.born FROM member JOIN version
                ON version.member = member.key WHERE member.collection = ? AND member.name = ? ORDER BY version.since";
            let mut query = rows.prepare_cached(sql)?;
            let found = query.query_map(params![key, place.name], |row| {
                let version = version(row)?;
                Ok((version.since, (version.content > Position::START).then_some(version)))
            })?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }

    /// Returns the positions of the changes of ACLs and properties of the resources of a collection, by name and in order.
    /// Some may be of earlier resources of the same name.
    pub fn notes_in(&self, collection: CollectionId) -> Result<Vec<(String, Position)>, Failure> {
        self.ask::<Versions, _>(|rows| {
            let Some(key) = key(rows, collection)? else { return Ok(vec![]) };
            let sql = "SELECT member.name, note.position FROM member JOIN note ON note.member = member.key
                WHERE member.collection = ? ORDER BY member.name, note.position";
            let mut query = rows.prepare_cached(sql)?;
            let found = query.query_map(params![key], |row| Ok((row.get(0)?, position::read(row, 1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

fn key(rows: &Connection, collection: CollectionId) -> rusqlite::Result<Option<i64>> {
    let mut query = rows.prepare_cached("SELECT key FROM collection WHERE id = ?")?;
    query.query_row(params![collection.0.as_bytes()], |row| row.get(0)).optional()
}

fn version(row: &Row<'_>) -> rusqlite::Result<Version> {
    Ok(Version {
        name: row.get(0)?,
        since: position::read(row, 1)?,
        content: position::read(row, 2)?,
        born: position::read(row, 3)?,
    })
}
