//! The timeline: which events speak of what. The way into the journal for people who ask what happened.
//!
//! **Invariant:** only positions. What happened stands in the journal, once.

use rusqlite::{Connection, Transaction, params};
use schemas::{Event, ObjectId, Position, Recorded, Stream};
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
            "CREATE TABLE stream (key INTEGER PRIMARY KEY, kind INTEGER NOT NULL, id BLOB NOT NULL, uid TEXT, UNIQUE (id, kind));
             CREATE INDEX stream_uid ON stream (uid) WHERE uid IS NOT NULL;
             CREATE TABLE of_stream (stream INTEGER, position INTEGER, PRIMARY KEY (stream, position)) WITHOUT ROWID;
             CREATE TABLE of_correlation (id BLOB, position INTEGER, PRIMARY KEY (id, position)) WITHOUT ROWID;",
        )
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        let (kind, id) = identity(recorded.stream);
        let sql = "INSERT INTO stream (kind, id, uid) VALUES (?, ?, ?)
            ON CONFLICT (id, kind) DO UPDATE SET uid = excluded.uid WHERE uid IS NULL AND excluded.uid IS NOT NULL";
        rows.prepare_cached(sql)?.execute(params![kind, id.as_bytes(), uid(&recorded.event)])?;
        let position = i64::try_from(recorded.position.0).unwrap_or(i64::MAX);
        let sql = "INSERT OR IGNORE INTO of_stream (stream, position)
            SELECT key, ?3 FROM stream WHERE kind = ?1 AND id = ?2";
        rows.prepare_cached(sql)?.execute(params![kind, id.as_bytes(), position])?;
        let sql = "INSERT OR IGNORE INTO of_correlation (id, position) VALUES (?, ?)";
        rows.prepare_cached(sql)?.execute(params![recorded.metadata.correlation.as_bytes(), position]).map(drop)
    }
}

/// Streams of objects, as the tables know them.
const OBJECT: i64 = 3;

fn identity(stream: Stream) -> (i64, Uuid) {
    match stream {
        Stream::Principal(id) => (1, id.0),
        Stream::Collection(id) => (2, id.0),
        Stream::Object(id) => (OBJECT, id.0),
        Stream::File(id) => (4, id.0),
    }
}

/// The UID an event names. The first event of every object's stream does, whichever version stored it.
fn uid(event: &Event) -> Option<&str> {
    match event {
        Event::Object(event) => event.uid(),
        Event::Principal(_) | Event::Collection(_) | Event::File(_) => None,
    }
}

pub(crate) fn of_uid(connection: &Connection, uid: &str) -> Result<Vec<Position>, Failure> {
    let sql =
        "SELECT position FROM stream JOIN of_stream ON of_stream.stream = stream.key WHERE uid = ? ORDER BY position";
    positions(connection, sql, params![uid])
}

pub(crate) fn streams_of_uid(connection: &Connection, uid: &str) -> Result<Vec<Stream>, Failure> {
    let sql = "SELECT id FROM stream WHERE uid = ? AND kind = ? ORDER BY key";
    let mut query = connection.prepare_cached(sql)?;
    let found = query.query_map(params![uid, OBJECT], |row| row.get(0).map(Uuid::from_bytes))?;
    Ok(found.map(|id| id.map(|id| Stream::Object(ObjectId(id)))).collect::<Result<_, _>>()?)
}

pub(crate) fn of_correlation(connection: &Connection, correlation: Uuid) -> Result<Vec<Position>, Failure> {
    let sql = "SELECT position FROM of_correlation WHERE id = ? ORDER BY position";
    positions(connection, sql, params![correlation.as_bytes()])
}

fn positions(connection: &Connection, sql: &str, values: &[&dyn rusqlite::ToSql]) -> Result<Vec<Position>, Failure> {
    let mut query = connection.prepare_cached(sql)?;
    let found = query.query_map(values, |row| row.get::<_, i64>(0))?;
    Ok(found.map(|position| position.map(|position| Position(position.unsigned_abs()))).collect::<Result<_, _>>()?)
}
