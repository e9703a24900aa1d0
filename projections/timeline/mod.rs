//! Which events speak of what: the way into the journal for people who ask what happened.
//!
//! **Invariant:** only positions. What happened stands in the journal, once.

use rusqlite::{Connection, Transaction, params};
use schemas::{Event, Position, Recorded, Stream};
use uuid::Uuid;

use crate::{Failure, projection::Projection};

/// The fold.
pub(crate) struct Timeline;

impl Projection for Timeline {
    fn name(&self) -> &'static str {
        "timeline"
    }

    fn version(&self) -> u32 {
        1
    }

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "CREATE TABLE event (position INTEGER PRIMARY KEY, stream BLOB NOT NULL, correlation BLOB NOT NULL);
             CREATE INDEX event_stream ON event (stream);
             CREATE INDEX event_correlation ON event (correlation);
             CREATE TABLE object (stream BLOB PRIMARY KEY, uid TEXT NOT NULL) WITHOUT ROWID;
             CREATE INDEX object_uid ON object (uid);",
        )
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        let Stream::Object(object) = recorded.stream else { return Ok(()) };
        if let Some(uid) = uid(&recorded.event) {
            let sql = "INSERT OR IGNORE INTO object (stream, uid) VALUES (?, ?)";
            rows.prepare_cached(sql)?.execute(params![object.0.as_bytes(), uid])?;
        }
        let sql = "INSERT OR REPLACE INTO event (position, stream, correlation) VALUES (?, ?, ?)";
        let position = i64::try_from(recorded.position.0).unwrap_or(i64::MAX);
        let correlation = recorded.metadata.correlation;
        rows.prepare_cached(sql)?.execute(params![position, object.0.as_bytes(), correlation.as_bytes()]).map(drop)
    }
}

/// The UID an event names: the first of each stream names it.
fn uid(event: &Event) -> Option<&str> {
    match event {
        Event::ObjectPut(put) => Some(&put.uid),
        Event::MessageReceived(received) => Some(&received.uid),
        Event::MessageIssued(issued) => Some(&issued.uid),
        Event::ObjectRevised(_)
        | Event::ObjectMoved(_)
        | Event::ObjectRemoved(_)
        | Event::MessageSuppressed(_)
        | Event::InboxItemRemoved(_)
        | Event::DeliveryReported(_)
        | Event::PrincipalRegistered(_)
        | Event::PrincipalProfileChanged(_)
        | Event::PrincipalPasswordSet(_)
        | Event::PrincipalMembersSet(_)
        | Event::PrincipalRetired(_)
        | Event::CollectionCreated(_)
        | Event::CollectionPropertiesChanged(_)
        | Event::CollectionMoved(_)
        | Event::CollectionRemoved(_) => None,
    }
}

pub(crate) fn of_uid(connection: &Connection, uid: &str) -> Result<Vec<Position>, Failure> {
    let sql = "SELECT position FROM event JOIN object USING (stream) WHERE uid = ? ORDER BY position";
    positions(connection, sql, &params![uid])
}

pub(crate) fn of_correlation(connection: &Connection, correlation: Uuid) -> Result<Vec<Position>, Failure> {
    let sql = "SELECT position FROM event WHERE correlation = ? ORDER BY position";
    positions(connection, sql, &params![correlation.as_bytes()])
}

fn positions(connection: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Position>, Failure> {
    let mut query = connection.prepare_cached(sql)?;
    let found = query.query_map(values, |row| row.get::<_, i64>(0))?;
    Ok(found.map(|position| position.map(|position| Position(position.unsigned_abs()))).collect::<Result<_, _>>()?)
}
