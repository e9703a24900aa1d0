//! Folds events into the versions of resources.
//!
//! As in the collections, an event about a resource that is gone leaves no trace.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{
    CollectionEvent, CollectionId, Event, FileEvent, ObjectEvent, Recorded, Stream,
    object::{ObjectMoved, Place},
};

use crate::position::stored;

pub(super) fn apply(rows: &Connection, recorded: &Recorded) -> rusqlite::Result<()> {
    let occupant = recorded.stream.id();
    let fold = Fold { rows, position: stored(recorded.position), occupant: occupant.as_bytes() };
    match (&recorded.event, recorded.stream) {
        (Event::Collection(event), Stream::Collection(id)) => fold.collection(id, event),
        (Event::Object(event), _) => fold.object(event),
        (Event::File(event), _) => fold.file(event),
        (Event::Principal(_) | Event::Collection(_) | Event::Access(_) | Event::Server(_) | Event::Erased(_), _) => {
            Ok(())
        }
    }
}

struct Fold<'a> {
    rows: &'a Connection,
    position: i64,
    /// The object or file that the event is about.
    occupant: &'a [u8; 16],
}

impl Fold<'_> {
    fn collection(&self, id: CollectionId, event: &CollectionEvent) -> rusqlite::Result<()> {
        match event {
            CollectionEvent::Created(created) => {
                let sql = "INSERT OR IGNORE INTO collection (id, home) VALUES (?, ?)";
                self.rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), created.home.0.as_bytes()])?;
                self.name(id, Some(&created.name))
            }
            CollectionEvent::Moved(moved) => self.name(id, Some(&moved.name)),
            CollectionEvent::Removed(_) => {
                self.name(id, None)?;
                let Some(collection) = self.key(id)? else { return Ok(()) };
                let sql = "INSERT INTO version (member, since, content, born)
                    SELECT key, ?2, 0, 0 FROM member WHERE collection = ?1 AND
                    (SELECT content FROM version WHERE member = key ORDER BY since DESC LIMIT 1) <> 0";
                self.rows.prepare_cached(sql)?.execute(params![collection, self.position]).map(drop)
            }
            // Read from the collection's own stream.
            CollectionEvent::PropertiesChanged(_) | CollectionEvent::AclChanged(_) => Ok(()),
        }
    }

    fn name(&self, id: CollectionId, name: Option<&str>) -> rusqlite::Result<()> {
        let Some(collection) = self.key(id)? else { return Ok(()) };
        let sql = "INSERT OR REPLACE INTO name (collection, since, name) VALUES (?, ?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![collection, self.position, name]).map(drop)
    }

    fn object(&self, event: &ObjectEvent) -> rusqlite::Result<()> {
        match event {
            ObjectEvent::Put(put) => self.store(&put.place),
            ObjectEvent::Revised(revised) => self.replace(&revised.place),
            ObjectEvent::Moved(moved) => self.relocate(moved),
            ObjectEvent::Removed(removed) => self.remove(&removed.place),
            ObjectEvent::InboxItemRemoved(removed) => self.remove(&removed.place),
            ObjectEvent::AclChanged(changed) => self.note(&changed.place),
            ObjectEvent::PropertiesChanged(changed) => self.note(&changed.place),
            ObjectEvent::MessageReceived(received) => {
                received.item.as_ref().map_or(Ok(()), |item| self.store(&item.place))
            }
            ObjectEvent::MessageIssued(_)
            | ObjectEvent::MessageSuppressed(_)
            | ObjectEvent::MessageWithdrawn(_)
            | ObjectEvent::DeliveryReported(_) => Ok(()),
        }
    }

    fn file(&self, event: &FileEvent) -> rusqlite::Result<()> {
        match event {
            FileEvent::Stored(stored) => self.store(&stored.place),
            FileEvent::Removed(removed) => self.remove(&removed.place),
            FileEvent::AclChanged(changed) => self.note(&changed.place),
            FileEvent::PropertiesChanged(changed) => self.note(&changed.place),
        }
    }

    fn store(&self, place: &Place) -> rusqlite::Result<()> {
        // A replaced resource keeps the position since which its name is in use, also if another object replaces it, as in the
        // read model of collections.
        let born = self.standing(place)?.map_or(self.position, |standing| standing.born);
        let Some(member) = self.member(place)? else { return Ok(()) };
        self.version(member, self.position, born)
    }

    fn replace(&self, place: &Place) -> rusqlite::Result<()> {
        match self.present(place)? {
            Some(present) => self.version(present.member, self.position, present.born),
            None => Ok(()),
        }
    }

    /// The content goes with the resource: the event that made it stays the same.
    fn relocate(&self, moved: &ObjectMoved) -> rusqlite::Result<()> {
        let Some(from) = self.present(&moved.from)? else { return Ok(()) };
        if moved.from == moved.to {
            return Ok(());
        }
        self.version(from.member, 0, 0)?;
        let Some(to) = self.member(&moved.to)? else { return Ok(()) };
        self.version(to, from.content, from.born)?;
        let sql = "INSERT OR IGNORE INTO note (member, position)
            SELECT ?2, position FROM note WHERE member = ?1 AND position >= ?3";
        self.rows.prepare_cached(sql)?.execute(params![from.member, to, from.born]).map(drop)
    }

    fn remove(&self, place: &Place) -> rusqlite::Result<()> {
        match self.present(place)? {
            Some(present) => self.version(present.member, 0, 0),
            None => Ok(()),
        }
    }

    fn note(&self, place: &Place) -> rusqlite::Result<()> {
        let Some(present) = self.present(place)? else { return Ok(()) };
        let sql = "INSERT OR IGNORE INTO note (member, position) VALUES (?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![present.member, self.position]).map(drop)
    }

    fn version(&self, member: i64, content: i64, born: i64) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO version (member, since, content, born) VALUES (?, ?, ?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![member, self.position, content, born]).map(drop)
    }

    /// The key of a collection that exists.
    fn key(&self, id: CollectionId) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT key FROM collection WHERE id = ?";
        self.rows.prepare_cached(sql)?.query_row(params![id.0.as_bytes()], |row| row.get(0)).optional()
    }

    /// The key of a collection that is not gone.
    fn open(&self, id: CollectionId) -> rusqlite::Result<Option<i64>> {
        let Some(key) = self.key(id)? else { return Ok(None) };
        let sql = "SELECT name IS NOT NULL FROM name WHERE collection = ? ORDER BY since DESC LIMIT 1";
        let is_open = self.rows.prepare_cached(sql)?.query_row(params![key], |row| row.get(0)).optional()?;
        Ok(is_open.unwrap_or(false).then_some(key))
    }

    /// The key of a name in a collection, made at its first use.
    fn member(&self, place: &Place) -> rusqlite::Result<Option<i64>> {
        let Some(collection) = self.open(place.collection)? else { return Ok(None) };
        if let Some(member) = self.known(collection, &place.name)? {
            let sql = "UPDATE member SET occupant = ?2 WHERE key = ?1 AND occupant <> ?2";
            self.rows.prepare_cached(sql)?.execute(params![member, self.occupant])?;
            return Ok(Some(member));
        }
        let sql = "UPDATE counter SET key = key + 1 RETURNING key";
        let key: i64 = self.rows.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
        let sql = "INSERT INTO member (collection, name, key, occupant) VALUES (?, ?, ?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![collection, place.name, key, self.occupant])?;
        Ok(Some(key))
    }

    fn known(&self, collection: i64, name: &str) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT key FROM member WHERE collection = ? AND name = ?";
        self.rows.prepare_cached(sql)?.query_row(params![collection, name], |row| row.get(0)).optional()
    }

    /// The resource at a place, if it is of the object or file that the event is about.
    fn present(&self, place: &Place) -> rusqlite::Result<Option<Standing>> {
        Ok(self.standing(place)?.filter(|standing| standing.occupant == *self.occupant))
    }

    /// The resource at a place.
    fn standing(&self, place: &Place) -> rusqlite::Result<Option<Standing>> {
        let Some(collection) = self.open(place.collection)? else { return Ok(None) };
        let sql = "SELECT key, content, born, occupant FROM member JOIN version ON version.member = member.key
            WHERE collection = ? AND name = ? ORDER BY since DESC LIMIT 1";
        let standing = self.rows.prepare_cached(sql)?.query_row(params![collection, place.name], |row| {
            Ok(Standing { member: row.get(0)?, content: row.get(1)?, born: row.get(2)?, occupant: row.get(3)? })
        });
        Ok(standing.optional()?.filter(|standing| standing.content != 0))
    }
}

/// A resource that is there.
struct Standing {
    member: i64,
    /// The event with its content.
    content: i64,
    born: i64,
    occupant: [u8; 16],
}
