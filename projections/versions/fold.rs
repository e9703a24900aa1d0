//! Folds events into the versions of resources.
//!
//! As in the read model of collections, an event about a removed resource changes nothing.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{
    CollectionEvent, CollectionId, Event, FileEvent, ObjectEvent, Recorded, Stream,
    object::{ObjectMoved, Place},
};
use uuid::Uuid;

use super::{
    batch::Batch,
    member::{Member, Version},
    notes, shared,
};
use crate::{names::free, position::stored};

pub(super) fn apply(batch: &mut Batch<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
    let (rows, occupant, position) = (batch.rows, recorded.stream.id(), recorded.position.0);
    let mut fold = Fold { batch, position, occupant: occupant.as_bytes() };
    match (&recorded.event, recorded.stream) {
        (Event::Collection(event), Stream::Collection(id)) => {
            // The event may change all names in the collection, so the pending changes are written
            // first.
            fold.batch.save()?;
            Collections { rows, position }.collection(id, event, stored(recorded.position))
        }
        (Event::Share(event), Stream::Share(id)) => shared::apply(rows, id, event, stored(recorded.position)),
        (Event::Object(event), _) => fold.object(event),
        (Event::File(event), _) => fold.file(event),
        (
            Event::Principal(_)
            | Event::Collection(_)
            | Event::Share(_)
            | Event::Access(_)
            | Event::Server(_)
            | Event::Erased(_),
            _,
        ) => Ok(()),
    }
}

/// A fold for events of collections, which also change the members of these collections.
struct Collections<'a> {
    rows: &'a Connection,
    position: u64,
}

impl Collections<'_> {
    fn collection(&self, id: CollectionId, event: &CollectionEvent, since: i64) -> rusqlite::Result<()> {
        match event {
            CollectionEvent::Created(created) => {
                let sql =
                    "INSERT INTO collection (id, home, is_open) VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET is_open = 1";
                self.rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), created.home.0.as_bytes()])?;
                let name = self.free_name(id, &created.name)?;
                self.name(id, Some(&name), since)
            }
            CollectionEvent::Moved(moved) => {
                self.rows
                    .prepare_cached("UPDATE collection SET is_open = 1 WHERE id = ?")?
                    .execute([id.0.as_bytes()])?;
                let below = self.below(id)?;
                let name = self.free_name(id, &moved.name)?;
                self.name(id, Some(&name), since)?;
                for (id, rest) in below {
                    let name = self.free_name(id, &format!("{name}{rest}"))?;
                    self.name(id, Some(&name), since)?;
                }
                Ok(())
            }
            CollectionEvent::Removed(_) => {
                for (id, _) in self.below(id)? {
                    self.close(id, since)?;
                }
                self.close(id, since)
            }
            // Changes of a collection's own properties and ACL are not indexed; they are read from
            // the collection's stream.
            CollectionEvent::PropertiesChanged(_) | CollectionEvent::AclChanged(_) => Ok(()),
        }
    }

    fn close(&self, id: CollectionId, since: i64) -> rusqlite::Result<()> {
        let Some(key) = self.key(id)? else { return Ok(()) };
        self.name(id, None, since)?;
        self.rows.prepare_cached("UPDATE collection SET is_open = 0 WHERE key = ?")?.execute([key])?;
        self.empty(key)
    }

    /// Returns the collections below a collection, each with the part of its path that follows the
    /// path of that collection, such as `/a`. They are moved and removed together with it.
    fn below(&self, id: CollectionId) -> rusqlite::Result<Vec<(CollectionId, String)>> {
        let sql = "WITH latest AS (
                SELECT id, home, (SELECT name FROM name WHERE collection = key ORDER BY since DESC LIMIT 1) AS name
                FROM collection WHERE home = (SELECT home FROM collection WHERE id = ?1) AND is_open = 1
            )
            SELECT below.id, substr(below.name, length(moved.name) + 1) FROM latest AS below
            JOIN latest AS moved ON moved.id = ?1 AND moved.name <> ''
                AND below.name > moved.name || '/' AND below.name < moved.name || '0'";
        let mut query = self.rows.prepare_cached(sql)?;
        let found =
            query.query_map([id.0.as_bytes()], |row| Ok((CollectionId(Uuid::from_bytes(row.get(0)?)), row.get(1)?)))?;
        found.collect()
    }

    /// Returns the name that the read model of collections gives to a collection that wants this
    /// one.
    fn free_name(&self, id: CollectionId, wanted: &str) -> rusqlite::Result<String> {
        free(wanted, |name| {
            let sql =
                "SELECT 1 FROM collection WHERE home = (SELECT home FROM collection WHERE id = ?1) AND is_open = 1
                AND id <> ?1 AND (SELECT name FROM name WHERE collection = key ORDER BY since DESC LIMIT 1) = ?2";
            let taken =
                self.rows.prepare_cached(sql)?.query_row(params![id.0.as_bytes(), name], |_| Ok(())).optional()?;
            Ok(taken.is_some())
        })
    }

    fn name(&self, id: CollectionId, name: Option<&str>, since: i64) -> rusqlite::Result<()> {
        let Some(collection) = self.key(id)? else { return Ok(()) };
        let sql = "INSERT OR REPLACE INTO name (collection, since, name) VALUES (?, ?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![collection, since, name]).map(drop)
    }

    /// Records that all members of a collection were removed with it.
    fn empty(&self, collection: i64) -> rusqlite::Result<()> {
        let sql = "SELECT name, occupants, versions FROM member WHERE collection = ?";
        let mut members = self.rows.prepare_cached(sql)?;
        let members: Vec<Member> = members
            .query_map([collection], |row| Ok(Member::of(collection, row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_, _>>()?;
        for mut member in members {
            if member.standing()?.is_some() {
                member.leave(self.position)?;
                member.save(self.rows)?;
            }
        }
        Ok(())
    }

    /// Returns the key of a collection; `None` if it is unknown.
    fn key(&self, id: CollectionId) -> rusqlite::Result<Option<i64>> {
        let sql = "SELECT key FROM collection WHERE id = ?";
        self.rows.prepare_cached(sql)?.query_row(params![id.0.as_bytes()], |row| row.get(0)).optional()
    }
}

struct Fold<'a, 'b> {
    batch: &'a mut Batch<'b>,
    position: u64,
    /// The id of the object or file that the event is about.
    occupant: &'a [u8; 16],
}

impl Fold<'_, '_> {
    fn object(&mut self, event: &ObjectEvent) -> rusqlite::Result<()> {
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

    fn file(&mut self, event: &FileEvent) -> rusqlite::Result<()> {
        match event {
            FileEvent::Stored(stored) => self.store(&stored.place),
            FileEvent::Removed(removed) => self.remove(&removed.place),
            FileEvent::AclChanged(changed) => self.note(&changed.place),
            FileEvent::PropertiesChanged(changed) => self.note(&changed.place),
        }
    }

    /// Stores a content. If it replaces a resource, the position at which the replaced resource was
    /// created is kept, also if the new object is another one. The read model of collections does
    /// the same.
    fn store(&mut self, place: &Place) -> rusqlite::Result<()> {
        let (position, occupant) = (self.position, self.occupant);
        let stored = self.batch.change(place, |member| {
            member.occupy(position, occupant);
            member.store(position)
        });
        stored.map(drop)
    }

    fn replace(&mut self, place: &Place) -> rusqlite::Result<()> {
        if self.present(place)?.is_none() {
            return Ok(());
        }
        let position = self.position;
        self.batch.change(place, |member| member.store(position)).map(drop)
    }

    /// Moves a resource. Its content is still that of the event that stored it.
    fn relocate(&mut self, moved: &ObjectMoved) -> rusqlite::Result<()> {
        let Some(resource) = self.present(&moved.from)? else { return Ok(()) };
        if moved.from == moved.to {
            return Ok(());
        }
        let (position, occupant) = (self.position, self.occupant);
        self.batch.change(&moved.from, |from| from.leave(position))?;
        let arrived = self.batch.change(&moved.to, |to| {
            to.occupy(position, occupant);
            to.arrive(position, resource)
        });
        arrived.map(drop)
    }

    fn remove(&mut self, place: &Place) -> rusqlite::Result<()> {
        if self.present(place)?.is_none() {
            return Ok(());
        }
        let position = self.position;
        self.batch.change(place, |member| member.leave(position)).map(drop)
    }

    fn note(&mut self, place: &Place) -> rusqlite::Result<()> {
        let Some(resource) = self.present(place)? else { return Ok(()) };
        notes::add(self.batch.rows, resource.born, self.position)
    }

    /// Returns the resource at a place; `None` if there is none, or if it belongs to another object
    /// or file.
    fn present(&mut self, place: &Place) -> rusqlite::Result<Option<Version>> {
        let Some(member) = self.batch.member(place)? else { return Ok(None) };
        Ok(member.standing()?.filter(|_| member.is_occupied_by(self.occupant)))
    }
}
