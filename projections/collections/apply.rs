//! The fold: what each event means for collections and their members.

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{
    CollectionId, Event, ObjectId, Recorded, Stream,
    collection::{CollectionCreated, CollectionPropertiesChanged, Property, Settings},
    object::{Content, InboxItem, ObjectMoved, ObjectPut, Place, Role},
};

use super::{
    rows::{optional, role_code, stored, text},
    span,
};

pub(super) fn apply(rows: &Connection, recorded: &Recorded) -> rusqlite::Result<()> {
    let at = At { rows, recorded };
    match &recorded.event {
        Event::CollectionCreated(created) => at.create(created),
        Event::CollectionPropertiesChanged(changed) => at.change_properties(changed),
        Event::CollectionMoved(moved) => at.rename(&moved.name),
        Event::CollectionRemoved(_) => at.remove_collection(),
        Event::ObjectPut(put) => at.put(&Row::of(put)),
        Event::ObjectRevised(revised) => at.revise(&revised.place, &revised.content),
        Event::ObjectMoved(moved) => at.relocate(moved),
        Event::ObjectRemoved(removed) => at.remove(&removed.place),
        Event::MessageReceived(received) => match &received.item {
            Some(item) => at.put(&Row::inbox(item, &received.uid)),
            None => Ok(()),
        },
        Event::InboxItemRemoved(removed) => at.remove(&removed.place),
        Event::MessageIssued(_)
        | Event::MessageSuppressed(_)
        | Event::DeliveryReported(_)
        | Event::PrincipalRegistered(_)
        | Event::PrincipalProfileChanged(_)
        | Event::PrincipalPasswordSet(_)
        | Event::PrincipalMembersSet(_)
        | Event::PrincipalRetired(_) => Ok(()),
    }
}

/// What a resource's row says.
struct Row<'a> {
    place: &'a Place,
    uid: &'a str,
    component: &'a str,
    ics: &'a str,
    etag: &'a str,
    schedule_tag: Option<&'a str>,
    role: Role,
}

impl<'a> Row<'a> {
    fn of(put: &'a ObjectPut) -> Self {
        let Content { ics, etag, schedule_tag, role } = &put.content;
        Self {
            place: &put.place,
            uid: &put.uid,
            component: &put.component,
            ics,
            etag,
            schedule_tag: schedule_tag.as_deref(),
            role: *role,
        }
    }

    fn inbox(item: &'a InboxItem, uid: &'a str) -> Self {
        let InboxItem { place, component, ics, etag } = item;
        Self { place, uid, component, ics, etag, schedule_tag: None, role: Role::None }
    }
}

/// One event, being applied.
struct At<'a> {
    rows: &'a Connection,
    recorded: &'a Recorded,
}

impl At<'_> {
    fn position(&self) -> i64 {
        stored(self.recorded.position)
    }

    fn time(&self) -> i64 {
        self.recorded.metadata.at.0
    }

    fn collection(&self) -> Option<CollectionId> {
        match self.recorded.stream {
            Stream::Collection(id) => Some(id),
            Stream::Principal(_) | Stream::Object(_) => None,
        }
    }

    fn object(&self) -> Option<ObjectId> {
        match self.recorded.stream {
            Stream::Object(id) => Some(id),
            Stream::Principal(_) | Stream::Collection(_) => None,
        }
    }

    fn create(&self, created: &CollectionCreated) -> rusqlite::Result<()> {
        let Some(id) = self.collection() else { return Ok(()) };
        self.rows
            .prepare_cached("DELETE FROM gone WHERE home = ? AND name = ?")?
            .execute(params![created.home.0.as_bytes(), created.name])?;
        let sql = "INSERT INTO collection
            (id, home, name, kind, components, properties, settings, created, modified, born, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8, ?9, ?9)";
        self.rows.prepare_cached(sql)?.execute(params![
            id.0.as_bytes(),
            created.home.0.as_bytes(),
            created.name,
            text(&created.kind)?,
            text(&created.components)?,
            text(&created.properties)?,
            text(&created.settings)?,
            self.time(),
            self.position(),
        ])?;
        Ok(())
    }

    fn change_properties(&self, changed: &CollectionPropertiesChanged) -> rusqlite::Result<()> {
        let Some(id) = self.collection() else { return Ok(()) };
        let Some(known) = super::queries::collection_row(self.rows, id)? else { return Ok(()) };
        let replaced = |property: &Property| {
            changed.removed.contains(&property.name) || changed.set.iter().any(|new| new.name == property.name)
        };
        let mut properties = known.properties;
        properties.retain(|property| !replaced(property));
        properties.extend(changed.set.iter().cloned());
        let settings = Settings {
            transparency: changed.settings.transparency.or(known.settings.transparency),
            time_zone: changed.settings.time_zone.clone().or(known.settings.time_zone),
            default_calendar: changed.settings.default_calendar.clone().or(known.settings.default_calendar),
        };
        let sql = "UPDATE collection SET properties = ?2, settings = ?3, modified = ?4, changed = ?5 WHERE id = ?1";
        let (properties, settings) = (text(&properties)?, text(&settings)?);
        let values = params![id.0.as_bytes(), properties, settings, self.time(), self.position()];
        self.rows.prepare_cached(sql)?.execute(values).map(drop)
    }

    fn rename(&self, name: &str) -> rusqlite::Result<()> {
        let Some(id) = self.collection() else { return Ok(()) };
        self.bury(id)?;
        let sql = "UPDATE collection SET name = ?2, modified = ?3, changed = ?4 WHERE id = ?1";
        let values = params![id.0.as_bytes(), name, self.time(), self.position()];
        self.rows.prepare_cached(sql)?.execute(values).map(drop)
    }

    /// Notes that a collection's name in its home is free.
    fn bury(&self, id: CollectionId) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO gone (home, name, changed)
            SELECT home, name, ?2 FROM collection WHERE id = ?1";
        self.rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), self.position()]).map(drop)
    }

    fn remove_collection(&self) -> rusqlite::Result<()> {
        let Some(id) = self.collection() else { return Ok(()) };
        let Some(key) = self.key_of(id)? else { return Ok(()) };
        self.bury(id)?;
        for sql in [
            "DELETE FROM body WHERE key IN (SELECT key FROM member WHERE collection = ?)",
            "DELETE FROM span WHERE key IN (SELECT key FROM member WHERE collection = ?)",
            "DELETE FROM member WHERE collection = ?",
            "DELETE FROM tombstone WHERE collection = ?",
            "DELETE FROM collection WHERE key = ?",
        ] {
            self.rows.prepare_cached(sql)?.execute(params![key])?;
        }
        Ok(())
    }

    fn key_of(&self, id: CollectionId) -> rusqlite::Result<Option<i64>> {
        let mut query = self.rows.prepare_cached("SELECT key FROM collection WHERE id = ?")?;
        query.query_row(params![id.0.as_bytes()], |row| row.get(0)).optional()
    }

    /// The collection changed: its ctag and time follow.
    fn touch(&self, key: i64) -> rusqlite::Result<()> {
        let sql = "UPDATE collection SET changed = ?2, modified = ?3 WHERE key = ?1";
        self.rows.prepare_cached(sql)?.execute(params![key, self.position(), self.time()]).map(drop)
    }

    fn put(&self, row: &Row<'_>) -> rusqlite::Result<()> {
        let (Some(object), Some(collection)) = (self.object(), self.key_of(row.place.collection)?) else {
            return Ok(());
        };
        let known = self.member_key(collection, &row.place.name)?;
        let key = self.keep_body(known, row.ics)?;
        self.keep_span(collection, key, row.ics)?;
        let sql = "INSERT INTO member
            (collection, name, key, object, uid, component, etag, schedule_tag, role, size, created, modified, changed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?11, ?12)
            ON CONFLICT (collection, name) DO UPDATE SET object = ?4, uid = ?5, component = ?6, etag = ?7,
            schedule_tag = ?8, role = ?9, size = ?10, modified = ?11, changed = ?12";
        self.rows.prepare_cached(sql)?.execute(params![
            collection,
            row.place.name,
            key,
            object.0.as_bytes(),
            row.uid,
            row.component,
            row.etag,
            optional(row.schedule_tag),
            role_code(row.role),
            row.ics.len(),
            self.time(),
            self.position(),
        ])?;
        self.unbury(collection, &row.place.name)?;
        self.touch(collection)
    }

    fn member_key(&self, collection: i64, name: &str) -> rusqlite::Result<Option<i64>> {
        let mut query = self.rows.prepare_cached("SELECT key FROM member WHERE collection = ? AND name = ?")?;
        query.query_row(params![collection, name], |row| row.get(0)).optional()
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
        let sql = "INSERT OR REPLACE INTO span (key, begins, ends, low, high) VALUES (?1, ?2, ?3, ?4, ?4)";
        self.rows.prepare_cached(sql)?.execute(params![key, begins, ends, collection]).map(drop)
    }

    fn unbury(&self, collection: i64, name: &str) -> rusqlite::Result<()> {
        let sql = "DELETE FROM tombstone WHERE collection = ? AND name = ?";
        self.rows.prepare_cached(sql)?.execute(params![collection, name]).map(drop)
    }

    fn revise(&self, place: &Place, content: &Content) -> rusqlite::Result<()> {
        let Some(collection) = self.key_of(place.collection)? else { return Ok(()) };
        let Some(key) = self.member_key(collection, &place.name)? else { return Ok(()) };
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
            self.time(),
            self.position(),
        ])?;
        self.touch(collection)
    }

    fn relocate(&self, moved: &ObjectMoved) -> rusqlite::Result<()> {
        let ObjectMoved { from, to } = moved;
        let (Some(old), Some(new)) = (self.key_of(from.collection)?, self.key_of(to.collection)?) else {
            return Ok(());
        };
        self.erase(new, &to.name)?;
        let Some(key) = self.member_key(old, &from.name)? else { return Ok(()) };
        let sql = "UPDATE member SET collection = ?3, name = ?4, modified = ?5, changed = ?6
            WHERE collection = ?1 AND name = ?2";
        let values = params![old, from.name, new, to.name, self.time(), self.position()];
        self.rows.prepare_cached(sql)?.execute(values)?;
        let sql = "UPDATE span SET low = ?2, high = ?2 WHERE key = ?1";
        self.rows.prepare_cached(sql)?.execute(params![key, new])?;
        self.entomb(old, &from.name)?;
        self.unbury(new, &to.name)?;
        self.touch(old)?;
        self.touch(new)
    }

    fn remove(&self, place: &Place) -> rusqlite::Result<()> {
        let Some(collection) = self.key_of(place.collection)? else { return Ok(()) };
        if self.erase(collection, &place.name)? {
            self.entomb(collection, &place.name)?;
            self.touch(collection)?;
        }
        Ok(())
    }

    /// Deletes a member's rows; says whether there were any.
    fn erase(&self, collection: i64, name: &str) -> rusqlite::Result<bool> {
        let Some(key) = self.member_key(collection, name)? else { return Ok(false) };
        self.rows.prepare_cached("DELETE FROM body WHERE key = ?")?.execute(params![key])?;
        self.rows.prepare_cached("DELETE FROM span WHERE key = ?")?.execute(params![key])?;
        let sql = "DELETE FROM member WHERE collection = ? AND name = ?";
        self.rows.prepare_cached(sql)?.execute(params![collection, name])?;
        Ok(true)
    }

    fn entomb(&self, collection: i64, name: &str) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO tombstone (collection, name, changed) VALUES (?, ?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![collection, name, self.position()]).map(drop)
    }
}
