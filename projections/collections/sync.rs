//! Returns the changes since a position, for sync-collection (RFC 6578).
//!
//! **Invariant:** a client that applies `changed` and `removed` of each response, up to the first
//! one that is not truncated, has the state of the collection at that response. All changes of one
//! position are in the same response.

use rusqlite::{Connection, params};
use schemas::{CollectionId, Position, PrincipalId};

use super::{
    Changes, Member, Seen, Viewed,
    queries::OF_COLLECTION,
    rows::{self, MEMBER},
};
use crate::{Failure, position::stored};

/// Returns the changes that the client has not seen, oldest first. Returns at most `limit` changes,
/// but always all changes of the first event.
pub(super) fn changes(connection: &Connection, viewed: Viewed, seen: Seen, limit: usize) -> Result<Changes, Failure> {
    let since = seen.position;
    let id = viewed.collection;
    let mut changed = changed(connection, viewed, since, limit)?;
    let mut removed = removed(connection, id, seen.removals_after(), limit)?;
    let positions = changed.iter().map(|member| member.changed).chain(removed.iter().map(|(_, at)| *at));
    let cut = cut(positions.collect(), limit);
    if let Some(last) = cut {
        changed.retain(|member| member.changed <= last);
        removed.retain(|(_, at)| *at <= last);
    }
    let up_to = match cut {
        Some(last) => last,
        None => viewed.changed(connection)?.unwrap_or(Position::START).max(since),
    };
    let removed = removed.into_iter().map(|(name, _)| name).collect();
    Ok(Changes { changed, removed, up_to, truncated: cut.is_some() })
}

/// Returns the last position whose changes fit into a response of at most `limit` changes; `None`
/// if all fit. `positions` has one position for each change.
///
/// A `MOVE` within a collection changes two names at one position; they stay together. The first
/// position is always included, even beyond `limit`, so that the client makes progress.
fn cut(mut positions: Vec<Position>, limit: usize) -> Option<Position> {
    positions.sort_unstable();
    let beyond = *positions.get(limit)?;
    let first = *positions.first()?;
    let last = positions[..limit].iter().rev().find(|position| **position < beyond);
    Some(last.copied().unwrap_or(first))
}

fn changed(connection: &Connection, viewed: Viewed, since: Position, limit: usize) -> Result<Vec<Member>, Failure> {
    let Some(share) = viewed.share else {
        let sql =
            format!("SELECT {MEMBER} FROM member WHERE {OF_COLLECTION} AND changed > ?2 ORDER BY changed LIMIT ?3");
        let values = params![viewed.collection.0.as_bytes(), stored(since), one_more(limit)];
        let mut query = connection.prepare_cached(&sql)?;
        let found = query.query_map(values, rows::member)?;
        return Ok(found.collect::<Result<_, _>>()?);
    };
    // Each member is returned once, at the later position of its own change and the change of the
    // sharee's personal data.
    let by_itself = format!(
        "SELECT {MEMBER} FROM member WHERE {OF_COLLECTION} AND changed > ?2 AND NOT EXISTS (SELECT 1 FROM personal
            WHERE personal.collection = member.collection AND personal.object = member.object AND personal.share = ?4
            AND personal.changed > member.changed)
         ORDER BY changed LIMIT ?3"
    );
    let by_data = format!(
        "SELECT {MEMBER} FROM personal
         JOIN member ON member.collection = personal.collection AND member.object = personal.object
         WHERE {OF_COLLECTION} AND personal.share = ?4 AND personal.changed > ?2 AND personal.changed > member.changed
         ORDER BY personal.changed LIMIT ?3"
    );
    let mut all = vec![];
    for sql in [by_itself, by_data] {
        let mut query = connection.prepare_cached(&sql)?;
        let values = params![viewed.collection.0.as_bytes(), stored(since), one_more(limit), share.0.as_bytes()];
        for member in query.query_map(values, rows::member)? {
            all.push(viewed.member(connection, member?)?);
        }
    }
    all.sort_by_key(|member| member.changed);
    Ok(all)
}

pub(super) fn removed(
    connection: &Connection,
    id: CollectionId,
    since: Position,
    limit: usize,
) -> Result<Vec<(String, Position)>, Failure> {
    let sql = "SELECT name, changed FROM tombstone
        WHERE collection = (SELECT key FROM collection WHERE id = ?1) AND changed > ?2 ORDER BY changed LIMIT ?3";
    let mut query = connection.prepare_cached(sql)?;
    let found = query.query_map(params![id.0.as_bytes(), stored(since), one_more(limit)], |row| {
        Ok((row.get(0)?, rows::position(row, 1)?))
    })?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns the limit plus one. An extra row shows that there are more.
fn one_more(limit: usize) -> i64 {
    rows::limit(limit.saturating_add(1))
}

/// SQL condition that is true if a collection or a shared calendar has the name in a row of `gone`
/// again.
const IS_IN_USE: &str =
    "(EXISTS (SELECT 1 FROM collection WHERE collection.home = gone.home AND collection.name = gone.name)
    OR EXISTS (SELECT 1 FROM share WHERE share.home = gone.home AND share.name = gone.name))";

/// Returns the names in a home that a collection or shared calendar lost after `since` and that are
/// not in use now, each with the position of the loss.
pub(super) fn gone(
    connection: &Connection,
    home: PrincipalId,
    since: Position,
) -> Result<Vec<(String, Position)>, Failure> {
    let sql =
        format!("SELECT name, changed FROM gone WHERE home = ? AND changed > ? AND NOT {IS_IN_USE} ORDER BY changed");
    let mut query = connection.prepare_cached(&sql)?;
    let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, rows::position(row, 1)?));
    let found = query.query_map(params![home.0.as_bytes(), stored(since)], read)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Returns the names in a home that a collection or shared calendar lost after `since` and that are
/// in use again.
pub(super) fn replaced(connection: &Connection, home: PrincipalId, since: Position) -> Result<Vec<String>, Failure> {
    let sql = format!("SELECT name FROM gone WHERE home = ? AND changed > ? AND {IS_IN_USE} ORDER BY name");
    let mut query = connection.prepare_cached(&sql)?;
    let found = query.query_map(params![home.0.as_bytes(), stored(since)], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_between_two_events() {
        let rows: [(&str, &[u64], usize, Option<u64>); 7] = [
            ("nothing", &[], 5, None),
            ("exactly so many", &[1, 2], 2, None),
            ("more", &[3, 1, 2], 2, Some(2)),
            ("both halves of a move fit", &[1, 2, 2, 3], 3, Some(2)),
            ("only one half would fit", &[1, 2, 2], 2, Some(1)),
            ("the first is a move", &[1, 1, 2], 1, Some(1)),
            ("no room at all", &[1, 2], 0, Some(1)),
        ];
        for (title, positions, limit, expected) in rows {
            let positions = positions.iter().copied().map(Position).collect();
            assert_eq!(cut(positions, limit), expected.map(Position), "{title}");
        }
    }
}
