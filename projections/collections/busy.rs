//! Queries of the busy index, which is grouped by week.
//!
//! **Invariant:** an indexed busy period has a row in each week that it overlaps. An object that
//! has instances, but no indexed busy periods, has a row in the table `unclear`; its periods are
//! computed from its text.

use std::{borrow::Cow, ops::RangeInclusive};

use ical::free_busy::{FreeBusyType, IndexedPeriod, MAX_INDEXED_SPAN};
use rusqlite::{Connection, Row, params};
use schemas::{CollectionId, ObjectId};

use super::{
    Member,
    queries::hand_out,
    rows::{BODY, MEMBER},
    span::{self, Span},
};
use crate::{Failure, week::weeks};

const SECONDS_A_MINUTE: i64 = 60;

/// Returns the numbers of the weeks in which an object with this span can have busy periods; empty
/// if the span is too long for the index.
#[expect(clippy::reversed_empty_ranges, reason = "an empty range")]
pub(super) fn weeks_of_span(Span { begins, ends }: Span) -> RangeInclusive<i64> {
    let (start, end) = (i64::from(begins) * SECONDS_A_MINUTE, i64::from(ends) * SECONDS_A_MINUTE);
    if end - start > MAX_INDEXED_SPAN + 2 * SECONDS_A_MINUTE { 1..=0 } else { weeks(start, end + 1) }
}

/// The columns that [`period`] reads, in order.
pub(super) const PERIOD: &str = "begins, ends, tentative, people";

pub(super) fn period<'r>(row: &'r Row<'_>) -> rusqlite::Result<IndexedPeriod<'r>> {
    let people = row.get_ref(3)?.as_str()?;
    let kind = if row.get(2)? { FreeBusyType::Tentative } else { FreeBusyType::Busy };
    Ok(IndexedPeriod { start: row.get(0)?, end: row.get(1)?, kind, participants: Cow::Borrowed(people) })
}

/// Calls `each` with every indexed busy period of the collection that overlaps `start..end`
/// (seconds since the epoch), except those of the object `except`. A period that spans several
/// weeks may be passed more than once.
pub(super) fn each_period<E: From<Failure>>(
    connection: &Connection,
    id: CollectionId,
    (start, end): (i64, i64),
    except: Option<ObjectId>,
    mut each: impl FnMut(IndexedPeriod<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let left_out = except.map(|object| keys(connection, object)).transpose()?.unwrap_or_default();
    let sql = format!(
        "SELECT {PERIOD}, key FROM busy WHERE collection = (SELECT key FROM collection WHERE id = ?1)
         AND week BETWEEN ?2 AND ?3 AND begins < ?5 AND ends > ?4"
    );
    let mut query = connection.prepare_cached(&sql).map_err(Failure::from)?;
    let weeks = weeks(start, end);
    let values = params![id.0.as_bytes(), weeks.start(), weeks.end(), start, end];
    let mut found = query.query(values).map_err(Failure::from)?;
    while let Some(row) = found.next().map_err(Failure::from)? {
        if left_out.is_empty() || !left_out.contains(&row.get(4).map_err(Failure::from)?) {
            each(period(row).map_err(Failure::from)?)?;
        }
    }
    Ok(())
}

fn keys(connection: &Connection, object: ObjectId) -> Result<Vec<i64>, Failure> {
    let mut query = connection.prepare_cached("SELECT key FROM member WHERE object = ?")?;
    let found = query.query_map(params![object.0.as_bytes()], |row| row.get(0))?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// Calls `each` with the members of a collection, and their bodies, whose busy periods are not
/// indexed and that may have an instance in `start..end` (seconds since the epoch).
pub(super) fn each_unindexed<E: From<Failure>>(
    connection: &Connection,
    id: CollectionId,
    (start, end): (i64, i64),
    mut each: impl FnMut(Member, &str) -> Result<(), E>,
) -> Result<(), E> {
    let sql = format!(
        "SELECT {MEMBER}, {BODY} FROM unclear
         CROSS JOIN member ON member.key = unclear.key CROSS JOIN body ON body.key = unclear.key
         WHERE unclear.collection = (SELECT key FROM collection WHERE id = ?1)
         AND unclear.ends >= ?2 AND unclear.begins <= ?3"
    );
    let mut query = connection.prepare_cached(&sql).map_err(Failure::from)?;
    let values = params![id.0.as_bytes(), span::floor(start), span::ceil(end)];
    let mut found = query.query(values).map_err(Failure::from)?;
    hand_out(&mut found, &mut each)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_without_an_end_has_no_claims() {
        assert!(weeks_of_span(Span { begins: i32::MIN, ends: i32::MAX }).is_empty());
    }
}
