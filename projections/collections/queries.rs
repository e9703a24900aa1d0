//! Queries of collections and of their members.

use std::{collections::HashMap, sync::LazyLock};

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionId, ObjectId, Position, PrincipalId, Timestamp, object::Place};
use uuid::Uuid;

use super::{
    Collection, HomeCounts, Inherited, Member, SEPARATOR, personal,
    rows::{self, BODY, COLLECTION, MEMBER, MEMBER_COLUMNS},
    span,
};
use crate::Failure;

/// SQL condition for the members of the collection whose id is the first parameter.
pub(super) const OF_COLLECTION: &str = "member.collection = (SELECT key FROM collection WHERE id = ?1)";

pub(crate) fn home(connection: &Connection, home: PrincipalId) -> Result<Vec<Collection>, Failure> {
    let sql = format!("SELECT {COLLECTION} FROM collection WHERE home = ? ORDER BY name");
    let mut query = connection.prepare_cached(&sql)?;
    let mut collections =
        query.query_map(params![home.0.as_bytes()], rows::collection)?.collect::<Result<Vec<_>, _>>()?;
    let of =
        |on: &Collection| (on.name.clone(), Inherited { from: on.name.clone(), entries: on.acl.as_slice().into() });
    let lists: HashMap<_, _> = collections.iter().filter(|on| !on.acl.is_empty()).map(of).collect();
    for collection in &mut collections {
        collection.inherited = above(&collection.name).filter_map(|name| lists.get(name).cloned()).collect();
    }
    Ok(collections)
}

/// Returns the names of the collections above a collection: its parent first, the home last. The
/// home has none.
fn above(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(parent(name), |name| parent(name))
}

fn parent(name: &str) -> Option<&str> {
    let above = name.rsplit_once(SEPARATOR).map_or("", |(above, _)| above);
    (!name.is_empty()).then_some(above)
}

/// Adds to a collection the access control lists of the collections above it.
fn with_inherited(connection: &Connection, mut collection: Collection) -> rusqlite::Result<Collection> {
    let mut query = connection.prepare_cached("SELECT acl FROM collection WHERE home = ? AND name = ?")?;
    let mut inherited = vec![];
    for name in above(&collection.name) {
        let found = query.query_row(params![collection.home.0.as_bytes(), name], |row| rows::json(row, 0));
        let entries: Vec<_> = found.optional()?.unwrap_or_default();
        if !entries.is_empty() {
            inherited.push(Inherited { from: name.to_owned(), entries: entries.into() });
        }
    }
    collection.inherited = inherited;
    Ok(collection)
}

/// Returns the number of collections in a home, and the number of entries in their access control
/// lists.
pub(crate) fn counts(connection: &Connection, home: PrincipalId) -> Result<HomeCounts, Failure> {
    let sql = "SELECT count(*), coalesce(sum(json_array_length(acl)) FILTER (WHERE acl <> '[]'), 0) FROM collection
        WHERE home = ?";
    let mut query = connection.prepare_cached(sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok(HomeCounts { collections: row.get(0)?, entries: row.get(1)? });
    Ok(query.query_row(params![home.0.as_bytes()], read)?)
}

/// Returns the range of names below a collection in SQLite's order of texts, both ends excluded.
/// For a home, whose name is empty, the range includes every other name.
pub(crate) fn below(name: &str) -> (String, String) {
    /// The character directly after [`SEPARATOR`] in SQLite's order of texts.
    const AFTER: char = '0';
    if name.is_empty() {
        return (String::new(), char::MAX.to_string());
    }
    (format!("{name}{SEPARATOR}"), format!("{name}{AFTER}"))
}

/// Returns the homes that have an access control list.
pub(crate) fn shared_homes(connection: &Connection) -> Result<Vec<Collection>, Failure> {
    let sql = format!("SELECT {COLLECTION} FROM collection WHERE name = '' AND acl <> '[]' ORDER BY home");
    let mut query = connection.prepare_cached(&sql)?;
    let found = query.query_map([], rows::collection)?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(crate) fn collection(
    connection: &Connection,
    home: PrincipalId,
    name: &str,
) -> Result<Option<Collection>, Failure> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {COLLECTION} FROM collection WHERE home = ? AND name = ?"));
    let mut query = connection.prepare_cached(&SQL)?;
    let found = query.query_row(params![home.0.as_bytes(), name], rows::collection).optional()?;
    Ok(found.map(|collection| with_inherited(connection, collection)).transpose()?)
}

pub(crate) fn collection_by_id(connection: &Connection, id: CollectionId) -> Result<Option<Collection>, Failure> {
    Ok(collection_row(connection, id)?)
}

pub(super) fn collection_row(connection: &Connection, id: CollectionId) -> rusqlite::Result<Option<Collection>> {
    static SQL: LazyLock<String> = LazyLock::new(|| format!("SELECT {COLLECTION} FROM collection WHERE id = ?"));
    let mut query = connection.prepare_cached(&SQL)?;
    let found = query.query_row(params![id.0.as_bytes()], rows::collection).optional()?;
    found.map(|collection| with_inherited(connection, collection)).transpose()
}

pub(crate) fn member(connection: &Connection, id: CollectionId, name: &str) -> Result<Option<Member>, Failure> {
    Ok(member_row(connection, id, name)?)
}

pub(super) fn member_row(connection: &Connection, id: CollectionId, name: &str) -> rusqlite::Result<Option<Member>> {
    static SQL: LazyLock<String> =
        LazyLock::new(|| format!("SELECT {MEMBER} FROM member WHERE {OF_COLLECTION} AND name = ?2"));
    let mut query = connection.prepare_cached(&SQL)?;
    query.query_row(params![id.0.as_bytes(), name], rows::member).optional()
}

pub(crate) fn member_with_body(
    connection: &Connection,
    id: CollectionId,
    name: &str,
) -> Result<Option<(Member, String)>, Failure> {
    static SQL: LazyLock<String> = LazyLock::new(|| {
        format!(
            "SELECT {MEMBER}, {BODY} FROM member JOIN body ON body.key = member.key
             WHERE {OF_COLLECTION} AND name = ?2 AND media_type IS NULL"
        )
    });
    let mut query = connection.prepare_cached(&SQL)?;
    let read = |row: &rusqlite::Row<'_>| Ok((rows::member(row)?, row.get(MEMBER_COLUMNS)?));
    Ok(query.query_row(params![id.0.as_bytes(), name], read).optional()?)
}

/// Returns a file with its bytes; `None` if there is no member of this name, or if it is a calendar
/// object.
pub(crate) fn file(
    connection: &Connection,
    id: CollectionId,
    name: &str,
) -> Result<Option<(Member, Vec<u8>)>, Failure> {
    let sql = format!(
        "SELECT {MEMBER}, {BODY} FROM member JOIN body ON body.key = member.key
         WHERE {OF_COLLECTION} AND name = ?2 AND media_type IS NOT NULL"
    );
    let mut query = connection.prepare_cached(&sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok((rows::member(row)?, row.get(MEMBER_COLUMNS)?));
    Ok(query.query_row(params![id.0.as_bytes(), name], read).optional()?)
}

pub(crate) fn members(
    connection: &Connection,
    id: CollectionId,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Member>, Failure> {
    let sql = format!("SELECT {MEMBER} FROM member WHERE {OF_COLLECTION} AND name > ?2 ORDER BY name LIMIT ?3");
    let mut query = connection.prepare_cached(&sql)?;
    let found =
        query.query_map(params![id.0.as_bytes(), after.unwrap_or_default(), rows::limit(limit)], rows::member)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns at most `limit` inbox items that arrived before a time, ordered by collection and name,
/// and beginning after the place `after`, or with the first one if `after` is `None`.
pub(crate) fn inbox_items(
    connection: &Connection,
    before: Timestamp,
    after: Option<&Place>,
    limit: usize,
) -> Result<Vec<(PrincipalId, Place)>, Failure> {
    let sql = "SELECT collection.home, collection.id, member.name FROM collection
        JOIN member ON member.collection = collection.key
        WHERE collection.kind = '\"inbox\"' AND member.created < ?1
            AND collection.id >= ?2 AND (collection.id, member.name) > (?2, ?3)
        ORDER BY collection.id, member.name LIMIT ?4";
    let mut query = connection.prepare_cached(sql)?;
    let (id, name) = after.map_or((&[][..], ""), |after| (&after.collection.0.as_bytes()[..], after.name.as_str()));
    let found = query.query_map(params![before.0, id, name, rows::limit(limit)], |row| {
        let (home, collection) = (Uuid::from_bytes(row.get(0)?), Uuid::from_bytes(row.get(1)?));
        Ok((PrincipalId(home), Place { collection: CollectionId(collection), name: row.get(2)? }))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns the total length in bytes of the bodies and properties in a collection and in all
/// collections below it. For a home, the personal data of its owner for shared calendars are
/// included.
pub(crate) fn size(connection: &Connection, home: PrincipalId, name: &str) -> Result<u64, Failure> {
    // The column contains `[]` if there are no properties; these two bytes are not counted.
    let sql = "SELECT COALESCE(SUM(bytes + properties_bytes + octet_length(properties) - 2), 0) FROM collection
        WHERE home = ?1 AND (name = ?2 OR (name > ?3 AND name < ?4))";
    let mut query = connection.prepare_cached(sql)?;
    let (after, before) = below(name);
    let values = params![home.0.as_bytes(), name, after, before];
    let personal = if name.is_empty() { personal::bytes(connection, home)? } else { 0 };
    Ok(personal + query.query_row(values, |row| row.get::<_, i64>(0))?.unsigned_abs())
}

/// Returns the position of the last change of a collection, or of the last change or removal of
/// anything below it, whichever is later.
pub(crate) fn changed_below(connection: &Connection, home: PrincipalId, name: &str) -> Result<Position, Failure> {
    let sql = "SELECT MAX(
        COALESCE((SELECT MAX(changed) FROM collection WHERE home = ?1 AND (name = ?2 OR (name > ?3 AND name < ?4))), 0),
        COALESCE((SELECT MAX(changed) FROM gone WHERE home = ?1 AND name > ?3 AND name < ?4), 0))";
    let mut query = connection.prepare_cached(sql)?;
    let (after, before) = below(name);
    Ok(query.query_row(params![home.0.as_bytes(), name, after, before], |row| rows::position(row, 0))?)
}

pub(crate) fn object_places(connection: &Connection, object: ObjectId) -> Result<Vec<Place>, Failure> {
    let sql = "SELECT collection.id, member.name FROM member JOIN collection ON collection.key = member.collection
        WHERE member.object = ? ORDER BY collection.name, member.name";
    let mut query = connection.prepare_cached(sql)?;
    let found = query.query_map(params![object.0.as_bytes()], |row| {
        Ok(Place { collection: CollectionId(Uuid::from_bytes(row.get(0)?)), name: row.get(1)? })
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Calls `each` with every calendar object or inbox item of a collection and its text, ordered by
/// name. Returns [`Failure::Damaged`] if the collection has a file.
pub(super) fn each_with_body<E: From<Failure>>(
    connection: &Connection,
    id: CollectionId,
    mut each: impl FnMut(Member, &str) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!(
        "SELECT {MEMBER}, {BODY} FROM member JOIN body ON body.key = member.key WHERE {OF_COLLECTION} ORDER BY name"
    );
    let mut query = connection.prepare_cached(&sql).map_err(Failure::from)?;
    let mut found = query.query(params![id.0.as_bytes()]).map_err(Failure::from)?;
    hand_out(&mut found, &mut each)
}

/// Calls `each` with every member of a collection, without its body, ordered by name.
pub(super) fn each<E: From<Failure>>(
    connection: &Connection,
    id: CollectionId,
    mut each: impl FnMut(Member) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!("SELECT {MEMBER} FROM member WHERE {OF_COLLECTION} ORDER BY name");
    let mut query = connection.prepare_cached(&sql).map_err(Failure::from)?;
    let mut found = query.query(params![id.0.as_bytes()]).map_err(Failure::from)?;
    while let Some(row) = found.next().map_err(Failure::from)? {
        each(rows::member(row).map_err(Failure::from)?)?;
    }
    Ok(())
}

/// Calls `each` with every member of a collection that may have an instance in `start..end`
/// (seconds since the epoch; `None`: no bound), and with its body.
pub(super) fn each_overlapping<E: From<Failure>>(
    connection: &Connection,
    id: CollectionId,
    start: Option<i64>,
    end: Option<i64>,
    mut each: impl FnMut(Member, &str) -> Result<(), E>,
) -> Result<(), E> {
    // The inner query orders the keys, so that bodies are read in the order of the file. `LIMIT -1`
    // keeps SQLite from flattening the two queries into one without an order.
    let sql = format!(
        "SELECT {MEMBER}, {BODY} FROM
         (SELECT DISTINCT span.member AS key FROM span, collection WHERE collection.id = ?1
          AND span.low <= collection.key AND span.high >= collection.key
          AND span.ends >= ?2 AND span.begins <= ?3 ORDER BY span.member LIMIT -1) AS found
         CROSS JOIN member ON member.key = found.key CROSS JOIN body ON body.key = found.key"
    );
    let mut query = connection.prepare_cached(&sql).map_err(Failure::from)?;
    let (start, end) = (start.map_or(i32::MIN, span::floor), end.map_or(i32::MAX, span::ceil));
    let mut found = query.query(params![id.0.as_bytes(), start, end]).map_err(Failure::from)?;
    hand_out(&mut found, &mut each)
}

pub(super) fn hand_out<E: From<Failure>>(
    found: &mut rusqlite::Rows<'_>,
    each: &mut impl FnMut(Member, &str) -> Result<(), E>,
) -> Result<(), E> {
    while let Some(row) = found.next().map_err(Failure::from)? {
        let member = rows::member(row).map_err(Failure::from)?;
        let body = row.get_ref(MEMBER_COLUMNS).map_err(Failure::from)?;
        let body = body.as_str().map_err(|error| Failure::Damaged(error.to_string()))?;
        each(member, body)?;
    }
    Ok(())
}
