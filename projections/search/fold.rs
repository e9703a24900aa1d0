//! What each event adds to the index.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{Event, ObjectEvent, Recorded, Stream, object::Content};

use super::{
    Clue,
    words::{self, Said},
};
use crate::{position::stored, week};

pub(super) fn apply(rows: &Connection, recorded: &Recorded) -> rusqlite::Result<()> {
    match (&recorded.event, recorded.stream) {
        (Event::Object(event), Stream::Object(id)) => {
            let fold = Fold { rows, recorded };
            let Some(object) = fold.object(id.0.as_bytes(), event)? else { return Ok(()) };
            fold.apply(&object, event)
        }
        (Event::Collection(_), _) => Fold { rows, recorded }.clue(&Clue::Request(recorded.metadata.request)),
        _ => Ok(()),
    }
}

struct Fold<'a> {
    rows: &'a Connection,
    recorded: &'a Recorded,
}

/// A row of an object.
struct Object {
    key: i64,
    meeting: i64,
    tag: Option<i64>,
    request: Option<i64>,
}

impl Fold<'_> {
    fn apply(&self, object: &Object, event: &ObjectEvent) -> rusqlite::Result<()> {
        let is_direct = self.recorded.metadata.causation.is_none();
        if is_direct {
            self.act(object)?;
        }
        match event {
            ObjectEvent::Put(put) => {
                self.spot(object, &Clue::Place(put.place.clone()))?;
                self.content(object, &put.content, is_direct)
            }
            ObjectEvent::Revised(revised) => self.content(object, &revised.content, false),
            ObjectEvent::Moved(moved) => {
                self.spot(object, &Clue::Place(moved.to.clone()))?;
                moved.schedule_tag.as_ref().map_or(Ok(()), |tag| self.tag(object, tag))
            }
            ObjectEvent::MessageIssued(issued) => self.clue(&Clue::Message(issued.message)),
            ObjectEvent::Removed(_)
            | ObjectEvent::AclChanged(_)
            | ObjectEvent::PropertiesChanged(_)
            | ObjectEvent::MessageSuppressed(_)
            | ObjectEvent::MessageWithdrawn(_)
            | ObjectEvent::MessageReceived(_)
            | ObjectEvent::InboxItemRemoved(_)
            | ObjectEvent::DeliveryReported(_) => Ok(()),
        }
    }

    /// The object's row, made for the first event of its stream; `None` if no event of the stream named its UID.
    fn object(&self, id: &[u8; 16], event: &ObjectEvent) -> rusqlite::Result<Option<Object>> {
        let sql = "SELECT key, meeting, tag, request FROM object WHERE id = ?";
        let known = self.rows.prepare_cached(sql)?.query_row(params![id], |row| {
            Ok(Object { key: row.get(0)?, meeting: row.get(1)?, tag: row.get(2)?, request: row.get(3)? })
        });
        if let Some(known) = known.optional()? {
            return Ok(Some(known));
        }
        let (Some(uid), Some(home)) = (event.uid(), event.home()) else { return Ok(None) };
        let meeting = self.meeting(uid)?;
        let sql = "INSERT INTO object (id, meeting, home) VALUES (?, ?, ?)";
        let key = self.rows.prepare_cached(sql)?.insert(params![id, meeting, home.0.as_bytes()])?;
        Ok(Some(Object { key, meeting, tag: None, request: None }))
    }

    fn meeting(&self, uid: &str) -> rusqlite::Result<i64> {
        let sql = "SELECT key FROM meeting WHERE uid = ?";
        let known = self.rows.prepare_cached(sql)?.query_row(params![uid], |row| row.get(0)).optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let sql = "INSERT INTO meeting (uid, position, at) VALUES (?, ?, ?)";
        self.rows.prepare_cached(sql)?.insert(params![uid, stored(self.recorded.position), self.recorded.metadata.at.0])
    }

    /// One row for each request of a person that changed the meeting.
    fn act(&self, object: &Object) -> rusqlite::Result<()> {
        let request = Clue::Request(self.recorded.metadata.request).key();
        if object.request == Some(request) {
            return Ok(());
        }
        let sql = "UPDATE object SET request = ? WHERE key = ?";
        self.rows.prepare_cached(sql)?.execute(params![request, object.key])?;
        self.clue(&Clue::Request(self.recorded.metadata.request))?;
        let (position, metadata) = (stored(self.recorded.position), &self.recorded.metadata);
        let person = match metadata.actor {
            Some(actor) => Some(self.interned("person", "id", &actor.0.as_bytes()[..])?),
            None => None,
        };
        let agent = match metadata.client.agent.as_str() {
            "" => None,
            agent => Some(self.interned("agent", "agent", agent)?),
        };
        let sql = "INSERT OR IGNORE INTO act (meeting, position, at, person, agent) VALUES (?, ?, ?, ?, ?)";
        let values = params![object.meeting, position, metadata.at.0, person, agent];
        self.rows.prepare_cached(sql)?.execute(values)?;
        let sql = "UPDATE meeting SET position = ?, at = ? WHERE key = ?";
        self.rows.prepare_cached(sql)?.execute(params![position, metadata.at.0, object.meeting]).map(drop)
    }

    fn interned(&self, table: &str, column: &str, value: impl rusqlite::ToSql) -> rusqlite::Result<i64> {
        let sql = format!("SELECT key FROM {table} WHERE {column} = ?");
        let known = self.rows.prepare_cached(&sql)?.query_row(params![value], |row| row.get(0)).optional()?;
        if let Some(known) = known {
            return Ok(known);
        }
        let sql = format!("INSERT INTO {table} ({column}) VALUES (?)");
        self.rows.prepare_cached(&sql)?.insert(params![value])
    }

    fn content(&self, object: &Object, content: &Content, is_direct: bool) -> rusqlite::Result<()> {
        self.clue(&Clue::Etag(content.etag.clone()))?;
        if let Some(tag) = &content.schedule_tag {
            self.tag(object, tag)?;
        }
        // A copy that the server made says what the organizer's object said before.
        if is_direct || !self.has_title(object)? { self.text(object, &content.ics) } else { Ok(()) }
    }

    fn has_title(&self, object: &Object) -> rusqlite::Result<bool> {
        let sql = "SELECT title <> '' FROM meeting WHERE key = ?";
        self.rows.prepare_cached(sql)?.query_row(params![object.meeting], |row| row.get(0))
    }

    fn text(&self, object: &Object, ics: &str) -> rusqlite::Result<()> {
        let Some(Said { title, organizer, begins, ends, words }) = words::read(ics) else { return Ok(()) };
        let sql = "UPDATE meeting SET title = ?, organizer = ?, begins = ?, ends = ? WHERE key = ?";
        self.rows.prepare_cached(sql)?.execute(params![title, organizer, begins, ends, object.meeting])?;
        for word in words {
            let sql = "INSERT OR IGNORE INTO word (word, meeting) VALUES (?, ?)";
            self.rows.prepare_cached(sql)?.execute(params![word, object.meeting])?;
        }
        Ok(())
    }

    fn tag(&self, object: &Object, tag: &str) -> rusqlite::Result<()> {
        let clue = Clue::ScheduleTag(tag.to_owned());
        if object.tag == Some(clue.key()) {
            return Ok(());
        }
        let sql = "UPDATE object SET tag = ? WHERE key = ?";
        self.rows.prepare_cached(sql)?.execute(params![clue.key(), object.key])?;
        self.clue(&clue)
    }

    fn clue(&self, clue: &Clue) -> rusqlite::Result<()> {
        let sql = "INSERT OR IGNORE INTO clue (week, clue, position) VALUES (?, ?, ?)";
        let week = week::week(self.recorded.metadata.at.seconds());
        let values = params![week, clue.key(), stored(self.recorded.position)];
        self.rows.prepare_cached(sql)?.execute(values).map(drop)
    }

    fn spot(&self, object: &Object, clue: &Clue) -> rusqlite::Result<()> {
        let sql = "INSERT OR IGNORE INTO spot (clue, object) VALUES (?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![clue.key(), object.key]).map(drop)
    }
}
