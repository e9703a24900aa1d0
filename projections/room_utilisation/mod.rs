//! Room utilisation: for each room and week, the hours for which it was booked, and the hours that
//! it refused.
//!
//! **Invariant:** each object in a room's calendars is counted at most once, by its latest text.
//! Weeks begin on Monday, in UTC.

mod usage;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use schemas::{
    Event, ObjectEvent, ObjectId, PrincipalEvent, PrincipalId, Recorded, Stream,
    object::{Content, Place},
    principal::{PrincipalKind, PrincipalRegistered, Profile},
};

use self::usage::Usage;
use crate::{paths, projection::Projection};

/// The projection of room utilisation.
pub(crate) struct RoomUtilisation;

impl Projection for RoomUtilisation {
    const NAME: &'static str = "room_utilisation";
    const VERSION: u32 = 4;
    const MAY_LAG: bool = true;
    const TABLE: Option<&'static str> = Some(
        "SELECT room.name AS room, date(week * 604800 - 259200, 'unixepoch') AS week,
             round(sum(booked) / 3600.0, 2) AS hours_booked, round(sum(refused) / 3600.0, 2) AS hours_refused
         FROM usage JOIN room ON room.id = usage.room GROUP BY room.name, week ORDER BY room.name, week",
    );

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(paths::TABLE)?;
        connection.execute_batch(
            "CREATE TABLE room (id BLOB PRIMARY KEY, name TEXT NOT NULL, addresses TEXT NOT NULL) WITHOUT ROWID;
             -- The room of each object. Events of earlier versions name the home only in the first event of a stream.
             CREATE TABLE object (id BLOB PRIMARY KEY, room BLOB NOT NULL) WITHOUT ROWID;
             -- The seconds of a week for which a room was booked, or which it refused, by each object.
             CREATE TABLE usage (
                 collection BLOB, name TEXT, week INTEGER, room BLOB NOT NULL, booked INTEGER NOT NULL,
                 refused INTEGER NOT NULL, PRIMARY KEY (collection, name, week)
             ) WITHOUT ROWID;",
        )
    }

    fn handles(&self, event: &Event) -> bool {
        match event {
            Event::Principal(event) => matches!(
                event,
                PrincipalEvent::Registered(_) | PrincipalEvent::ProfileChanged(_) | PrincipalEvent::Renamed(_)
            ),
            Event::Collection(event) => paths::handles(event),
            Event::Object(event) => matches!(
                event,
                ObjectEvent::Put(_) | ObjectEvent::Revised(_) | ObjectEvent::Moved(_) | ObjectEvent::Removed(_)
            ),
            Event::File(_) | Event::Share(_) | Event::Access(_) | Event::Server(_) | Event::Erased(_) => false,
        }
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        match (&recorded.event, recorded.stream) {
            (Event::Principal(event), Stream::Principal(id)) => principal(rows, id, event),
            (Event::Collection(event), Stream::Collection(id)) => {
                let sql = "DELETE FROM usage WHERE collection = ?";
                let mut clear = rows.prepare_cached(sql)?;
                let mut gone = paths::apply(rows, id, event)?.into_iter();
                gone.try_for_each(|id| clear.execute(params![id.0.as_bytes()]).map(drop))
            }
            (Event::Object(event), Stream::Object(id)) => object(rows, id, event, recorded.metadata.at.seconds()),
            _ => Ok(()),
        }
    }
}

fn principal(rows: &Connection, id: PrincipalId, event: &PrincipalEvent) -> rusqlite::Result<()> {
    match event {
        PrincipalEvent::Registered(registered) => register(rows, id, registered),
        PrincipalEvent::ProfileChanged(profile) => change(rows, id, profile),
        PrincipalEvent::Renamed(renamed) => {
            let sql = "UPDATE room SET name = ?2 WHERE id = ?1";
            rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), renamed.short_name]).map(drop)
        }
        _ => Ok(()),
    }
}

/// Applies an event of a calendar object. `at` is the time of the event in seconds since the epoch.
fn object(rows: &Connection, id: ObjectId, event: &ObjectEvent, at: i64) -> rusqlite::Result<()> {
    match event {
        ObjectEvent::Put(put) => {
            let sql = "INSERT OR IGNORE INTO object SELECT ?1, id FROM room WHERE id = ?2";
            rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), put.home.0.as_bytes()])?;
            store(rows, id, &put.place, &put.content, at)
        }
        ObjectEvent::Revised(revised) => store(rows, id, &revised.place, &revised.content, at),
        ObjectEvent::Moved(moved) => relocate(rows, &moved.from, &moved.to),
        ObjectEvent::Removed(removed) => clear(rows, &removed.place),
        _ => Ok(()),
    }
}

fn register(rows: &Connection, id: PrincipalId, registered: &PrincipalRegistered) -> rusqlite::Result<()> {
    if registered.kind != PrincipalKind::Room {
        return Ok(());
    }
    let sql = "INSERT OR REPLACE INTO room (id, name, addresses) VALUES (?, ?, ?)";
    let addresses = registered.profile.addresses.join("\n");
    rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), registered.short_name, addresses]).map(drop)
}

fn change(rows: &Connection, id: PrincipalId, profile: &Profile) -> rusqlite::Result<()> {
    let sql = "UPDATE room SET addresses = ?2 WHERE id = ?1";
    rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), profile.addresses.join("\n")]).map(drop)
}

/// Counts the content that an object has since the time `at` (seconds since the epoch), if the
/// object is in the home of a room. It replaces earlier counts.
fn store(rows: &Connection, object: ObjectId, place: &Place, content: &Content, at: i64) -> rusqlite::Result<()> {
    let sql = "SELECT room.id, addresses FROM object JOIN room ON room.id = object.room WHERE object.id = ?";
    let mut query = rows.prepare_cached(sql)?;
    let room: Option<([u8; 16], String)> =
        query.query_row(params![object.0.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((room, addresses)) = room else { return Ok(()) };
    clear(rows, place)?;
    let sql = "INSERT INTO usage (collection, name, week, room, booked, refused) VALUES (?, ?, ?, ?, ?, ?)";
    let mut insert = rows.prepare_cached(sql)?;
    for (week, Usage { booked, refused }) in usage::by_week(&content.ics, &addresses, at) {
        insert.execute(params![place.collection.0.as_bytes(), place.name, week, room, booked, refused])?;
    }
    Ok(())
}

fn clear(rows: &Connection, place: &Place) -> rusqlite::Result<()> {
    let sql = "DELETE FROM usage WHERE collection = ? AND name = ?";
    rows.prepare_cached(sql)?.execute(params![place.collection.0.as_bytes(), place.name]).map(drop)
}

fn relocate(rows: &Connection, from: &Place, to: &Place) -> rusqlite::Result<()> {
    if from == to {
        return Ok(());
    }
    clear(rows, to)?;
    let sql = "UPDATE usage SET collection = ?3, name = ?4 WHERE collection = ?1 AND name = ?2";
    let (old, new) = (from.collection.0.as_bytes(), to.collection.0.as_bytes());
    rows.prepare_cached(sql)?.execute(params![old, from.name, new, to.name]).map(drop)
}
