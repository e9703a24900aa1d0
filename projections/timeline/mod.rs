//! The timeline: which streams hold copies of an object, by UID. People who ask what happened start here.
//!
//! **Invariant:** only identities. What happened is read from the journal.

use rusqlite::{Connection, Transaction, params};
use schemas::{Event, ObjectEvent, ObjectId, Recorded, Stream};
use uuid::Uuid;

use crate::{Failure, ReadModels, projection::Projection};

/// The fold.
pub(crate) struct Timeline;

impl Projection for Timeline {
    const NAME: &'static str = "timeline";
    const VERSION: u32 = 2;
    const MAY_LAG: bool = true;

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "CREATE TABLE object (number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, uid TEXT NOT NULL);
             CREATE INDEX object_uid ON object (uid);",
        )
    }

    fn handles(&self, event: &Event) -> bool {
        uid(event).is_some()
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        let (Stream::Object(id), Some(uid)) = (recorded.stream, uid(&recorded.event)) else { return Ok(()) };
        let sql = "INSERT OR IGNORE INTO object (id, uid) VALUES (?, ?)";
        rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), uid]).map(drop)
    }
}

/// The UID that an event names. The first event of every object's stream names one.
fn uid(event: &Event) -> Option<&str> {
    match event {
        Event::Object(ObjectEvent::Put(put)) => Some(&put.uid),
        Event::Object(ObjectEvent::MessageReceived(received)) => Some(&received.uid),
        _ => None,
    }
}

impl ReadModels {
    /// Returns the stream of every home that ever held an object with this UID, oldest first.
    pub fn streams_of_uid(&self, uid: &str) -> Result<Vec<Stream>, Failure> {
        self.ask::<Timeline, _>(|rows| {
            let mut query = rows.prepare_cached("SELECT id FROM object WHERE uid = ? ORDER BY number")?;
            let found = query.query_map(params![uid], |row| row.get(0).map(Uuid::from_bytes))?;
            Ok(found.map(|id| id.map(|id| Stream::Object(ObjectId(id)))).collect::<Result<_, _>>()?)
        })
    }
}
