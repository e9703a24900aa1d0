//! What happens to the resources in collections.

use rusqlite::{OptionalExtension, params};
use schemas::{
    ObjectId,
    object::{Content, InboxItem, ObjectMoved, ObjectPut, Place, Role},
};

use super::{
    super::{
        rows::{optional, role_code},
        span,
    },
    At,
};

/// What a resource's row says.
pub(super) struct Row<'a> {
    place: &'a Place,
    uid: &'a str,
    component: &'a str,
    ics: &'a str,
    etag: &'a str,
    schedule_tag: Option<&'a str>,
    role: Role,
}

impl<'a> Row<'a> {
    pub(super) fn of(put: &'a ObjectPut) -> Self {
        let ObjectPut { home: _, place, uid, component, content } = put;
        let Content { ics, etag, schedule_tag, role } = content;
        Self { place, uid, component, ics, etag, schedule_tag: schedule_tag.as_deref(), role: *role }
    }

    pub(super) fn inbox(item: &'a InboxItem, uid: &'a str) -> Self {
        let InboxItem { place, component, ics, etag } = item;
        Self { place, uid, component, ics, etag, schedule_tag: None, role: Role::None }
    }
}

/// A row that is there: the keys of its collection and of itself.
struct Known {
    collection: i64,
    key: i64,
    object: ObjectId,
}

impl At<'_> {
    pub(super) fn put(&self, object: ObjectId, row: &Row<'_>) -> rusqlite::Result<()> {
        let Place { collection, name } = row.place;
        let Some(collection) = self.key_of(*collection)? else { return Ok(()) };
        let known = self.known(collection, name)?.map(|known| known.key);
        let key = self.keep_body(known, row.ics)?;
        self.keep_span(collection, key, row.ics)?;
        let sql = "INSERT INTO member
            (collection, name, key, object, uid, component, etag, schedule_tag, role, size, created, modified, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)
            ON CONFLICT (collection, name) DO UPDATE SET object = ?4, uid = ?5, component = ?6, etag = ?7,
            schedule_tag = ?8, role = ?9, size = ?10, modified = ?11, changed = ?12";
        self.rows.prepare_cached(sql)?.execute(params![
            collection,
            name,
            key,
            object.0.as_bytes(),
            row.uid,
            row.component,
            row.etag,
            optional(row.schedule_tag),
            role_code(row.role),
            row.ics.len(),
            self.time.0,
            self.position(),
        ])?;
        if known.is_none() {
            self.disinter(collection, name)?;
        }
        self.touch(collection)
    }

    pub(super) fn revise(&self, object: ObjectId, place: &Place, content: &Content) -> rusqlite::Result<()> {
        let Some(Known { collection, key, .. }) = self.of(object, place)? else { return Ok(()) };
        self.keep_body(Some(key), &content.ics)?;
        self.keep_span(collection, key, &content.ics)?;
        let sql = "UPDATE member SET etag = ?3, schedule_tag = ?4, role = ?5, size = ?6, modified = ?7, changed = ?8
            WHERE collection = ?1 AND name = ?2";
        self.rows.prepare_cached(sql)?.execute(params![
            collection,
            place.name,
            content.etag,
            optional(content.schedule_tag.as_deref()),
            role_code(content.role),
            content.ics.len(),
            self.time.0,
            self.position(),
        ])?;
        self.touch(collection)
    }

    pub(super) fn relocate(&self, object: ObjectId, moved: &ObjectMoved) -> rusqlite::Result<()> {
        let ObjectMoved { from, to } = moved;
        let Some(Known { collection: old, key, .. }) = self.of(object, from)? else { return Ok(()) };
        let Some(new) = self.key_of(to.collection)? else { return self.remove(object, from) };
        if from == to {
            return Ok(());
        }
        if let Some(overwritten) = self.known(new, &to.name)? {
            self.erase(&overwritten, &to.name)?;
        }
        let sql = "UPDATE member SET collection = ?3, name = ?4, modified = ?5, changed = ?6
            WHERE collection = ?1 AND name = ?2";
        let values = params![old, from.name, new, to.name, self.time.0, self.position()];
        self.rows.prepare_cached(sql)?.execute(values)?;
        let sql = "UPDATE span SET low = ?2, high = ?2 WHERE key = ?1";
        self.rows.prepare_cached(sql)?.execute(params![key, new])?;
        self.entomb(old, &from.name)?;
        self.disinter(new, &to.name)?;
        self.touch(old)?;
        self.touch(new)
    }

    pub(super) fn remove(&self, object: ObjectId, place: &Place) -> rusqlite::Result<()> {
        let Some(known) = self.of(object, place)? else { return Ok(()) };
        self.erase(&known, &place.name)?;
        self.entomb(known.collection, &place.name)?;
        self.touch(known.collection)
    }

    /// The row at a place, if it is this object's.
    fn of(&self, object: ObjectId, place: &Place) -> rusqlite::Result<Option<Known>> {
        let Place { collection, name } = place;
        let Some(collection) = self.key_of(*collection)? else { return Ok(None) };
        Ok(self.known(collection, name)?.filter(|known| known.object == object))
    }

    fn known(&self, collection: i64, name: &str) -> rusqlite::Result<Option<Known>> {
        let mut query = self.rows.prepare_cached("SELECT key, object FROM member WHERE collection = ? AND name = ?")?;
        let known = query.query_row(params![collection, name], |row| {
            Ok(Known { collection, key: row.get(0)?, object: ObjectId(uuid::Uuid::from_bytes(row.get(1)?)) })
        });
        known.optional()
    }

    fn keep_body(&self, known: Option<i64>, ics: &str) -> rusqlite::Result<i64> {
        if let Some(key) = known {
            self.rows.prepare_cached("UPDATE body SET ics = ?2 WHERE key = ?1")?.execute(params![key, ics])?;
            return Ok(key);
        }
        self.rows.prepare_cached("INSERT INTO body (ics) VALUES (?)")?.insert(params![ics])
    }

    fn keep_span(&self, collection: i64, key: i64, ics: &str) -> rusqlite::Result<()> {
        let (begins, ends) = span::of(ics);
        // Most changes of a resource leave its time alone, and the index is dear to write.
        let mut query = self.rows.prepare_cached("SELECT begins, ends FROM span WHERE key = ?")?;
        let known = query.query_row(params![key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        if known == Some((begins, ends)) {
            return Ok(());
        }
        let sql = "INSERT OR REPLACE INTO span (key, begins, ends, low, high) VALUES (?1, ?2, ?3, ?4, ?4)";
        self.rows.prepare_cached(sql)?.execute(params![key, begins, ends, collection]).map(drop)
    }

    fn erase(&self, known: &Known, name: &str) -> rusqlite::Result<()> {
        self.rows.prepare_cached("DELETE FROM body WHERE key = ?")?.execute(params![known.key])?;
        self.rows.prepare_cached("DELETE FROM span WHERE key = ?")?.execute(params![known.key])?;
        let sql = "DELETE FROM member WHERE collection = ? AND name = ?";
        self.rows.prepare_cached(sql)?.execute(params![known.collection, name]).map(drop)
    }

    /// Remembers, for those who synchronise, that a name is gone.
    fn entomb(&self, collection: i64, name: &str) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO tombstone (collection, name, changed) VALUES (?, ?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![collection, name, self.position()]).map(drop)
    }

    fn disinter(&self, collection: i64, name: &str) -> rusqlite::Result<()> {
        let sql = "DELETE FROM tombstone WHERE collection = ? AND name = ?";
        self.rows.prepare_cached(sql)?.execute(params![collection, name]).map(drop)
    }
}
