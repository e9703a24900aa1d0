//! Questions about collections: indexed, so that none costs more than its answer.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionId, ObjectId, Position, PrincipalId, object::Place};
use uuid::Uuid;

use super::{
    Changes, Collection, Member,
    rows::{self, COLLECTION, MEMBER, MEMBER_COLUMNS, stored},
    span,
};
use crate::Failure;

/// The members of one collection, given by its identity as the first parameter.
const OF_COLLECTION: &str = "member.collection = (SELECT key FROM collection WHERE id = ?1)";

pub(crate) fn home(connection: &Connection, home: PrincipalId) -> Result<Vec<Collection>, Failure> {
    let sql = format!("SELECT {COLLECTION} FROM collection WHERE home = ? ORDER BY name");
    let mut query = connection.prepare_cached(&sql)?;
    let found = query.query_map(params![home.0.as_bytes()], rows::collection)?;
    Ok(found.collect::<Result<_, _>>()?)
}

pub(crate) fn collection(
    connection: &Connection,
    home: PrincipalId,
    name: &str,
) -> Result<Option<Collection>, Failure> {
    let sql = format!("SELECT {COLLECTION} FROM collection WHERE home = ? AND name = ?");
    let mut query = connection.prepare_cached(&sql)?;
    Ok(query.query_row(params![home.0.as_bytes(), name], rows::collection).optional()?)
}

pub(crate) fn collection_by_id(connection: &Connection, id: CollectionId) -> Result<Option<Collection>, Failure> {
    Ok(collection_row(connection, id)?)
}

pub(super) fn collection_row(connection: &Connection, id: CollectionId) -> rusqlite::Result<Option<Collection>> {
    let sql = format!("SELECT {COLLECTION} FROM collection WHERE id = ?");
    let mut query = connection.prepare_cached(&sql)?;
    query.query_row(params![id.0.as_bytes()], rows::collection).optional()
}

pub(crate) fn member(connection: &Connection, id: CollectionId, name: &str) -> Result<Option<Member>, Failure> {
    let sql = format!("SELECT {MEMBER} FROM member WHERE {OF_COLLECTION} AND name = ?2");
    let mut query = connection.prepare_cached(&sql)?;
    Ok(query.query_row(params![id.0.as_bytes(), name], rows::member).optional()?)
}

pub(crate) fn member_with_body(
    connection: &Connection,
    id: CollectionId,
    name: &str,
) -> Result<Option<(Member, String)>, Failure> {
    let sql = format!(
        "SELECT {MEMBER}, body.ics FROM member JOIN body ON body.key = member.key WHERE {OF_COLLECTION} AND name = ?2"
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
    let found = query.query_map(params![id.0.as_bytes(), after.unwrap_or_default(), limit], rows::member)?;
    Ok(found.collect::<Result<_, _>>()?)
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

/// Calls `each` with every member, and its body, in the order of names.
pub(super) fn each_with_body<E: From<Failure>>(
    connection: &Connection,
    id: CollectionId,
    mut each: impl FnMut(Member, &str) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!(
        "SELECT {MEMBER}, body.ics FROM member JOIN body ON body.key = member.key WHERE {OF_COLLECTION} ORDER BY name"
    );
    let mut query = connection.prepare_cached(&sql).map_err(Failure::from)?;
    let mut found = query.query(params![id.0.as_bytes()]).map_err(Failure::from)?;
    hand_out(&mut found, &mut each)
}

/// Calls `each` with every member, without its body, in the order of names.
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

/// Calls `each` with every member that may overlap `start..end`.
pub(super) fn each_overlapping<E: From<Failure>>(
    connection: &Connection,
    id: CollectionId,
    start: Option<i64>,
    end: Option<i64>,
    mut each: impl FnMut(Member, &str) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!(
        "SELECT {MEMBER}, body.ics FROM span
         JOIN member ON member.key = span.key JOIN body ON body.key = span.key
         WHERE span.low = (SELECT key FROM collection WHERE id = ?1)
         AND span.high = (SELECT key FROM collection WHERE id = ?1) AND span.ends >= ?2 AND span.begins <= ?3"
    );
    let mut query = connection.prepare_cached(&sql).map_err(Failure::from)?;
    let (start, end) = (start.map_or(i32::MIN, span::floor), end.map_or(i32::MAX, span::ceil));
    let mut found = query.query(params![id.0.as_bytes(), start, end]).map_err(Failure::from)?;
    hand_out(&mut found, &mut each)
}

fn hand_out<E: From<Failure>>(
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

/// What changed after `since`, oldest first, at most `limit` of it.
pub(super) fn changes(
    connection: &Connection,
    id: CollectionId,
    since: Position,
    limit: usize,
) -> Result<Changes, Failure> {
    let mut changed = changed(connection, id, since, limit)?;
    let mut removed = removed(connection, id, since, limit)?;
    let seen = changed.len() + removed.len();
    let truncated = seen > limit;
    let mut up_to = newest(connection, id)?.max(since);
    if truncated {
        let mut positions: Vec<Position> =
            changed.iter().map(|member| member.changed).chain(removed.iter().map(|(_, at)| *at)).collect();
        positions.sort_unstable();
        // One event may change two resources: its position is taken whole or not at all, but never none.
        let last = positions.get(limit.saturating_sub(1)).copied().unwrap_or(since);
        up_to = last;
        changed.retain(|member| member.changed <= last);
        removed.retain(|(_, at)| *at <= last);
    }
    let removed = removed.into_iter().map(|(name, _)| name).collect();
    Ok(Changes { changed, removed, up_to, truncated })
}

fn changed(connection: &Connection, id: CollectionId, since: Position, limit: usize) -> Result<Vec<Member>, Failure> {
    let sql = format!("SELECT {MEMBER} FROM member WHERE {OF_COLLECTION} AND changed > ?2 ORDER BY changed LIMIT ?3");
    let mut query = connection.prepare_cached(&sql)?;
    // One more than asked for tells whether there is more.
    let found = query.query_map(params![id.0.as_bytes(), stored(since), limit.saturating_add(1)], rows::member)?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn removed(
    connection: &Connection,
    id: CollectionId,
    since: Position,
    limit: usize,
) -> Result<Vec<(String, Position)>, Failure> {
    let sql = "SELECT name, changed FROM tombstone
        WHERE collection = (SELECT key FROM collection WHERE id = ?1) AND changed > ?2 ORDER BY changed LIMIT ?3";
    let mut query = connection.prepare_cached(sql)?;
    let found = query.query_map(params![id.0.as_bytes(), stored(since), limit.saturating_add(1)], |row| {
        Ok((row.get(0)?, Position(row.get::<_, i64>(1)?.unsigned_abs())))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

fn newest(connection: &Connection, id: CollectionId) -> Result<Position, Failure> {
    let mut query = connection.prepare_cached("SELECT changed FROM collection WHERE id = ?")?;
    let newest = query.query_row(params![id.0.as_bytes()], |row| row.get::<_, i64>(0)).optional()?;
    Ok(newest.map_or(Position::START, |position| Position(position.unsigned_abs())))
}

/// Names of collections that left a home after `since`.
pub(super) fn gone(connection: &Connection, home: PrincipalId, since: Position) -> Result<Vec<String>, Failure> {
    let mut query =
        connection.prepare_cached("SELECT name FROM gone WHERE home = ? AND changed > ? ORDER BY changed")?;
    let found = query.query_map(params![home.0.as_bytes(), stored(since)], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}
