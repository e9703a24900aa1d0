//! Folds the events of calendar objects and files into members of collections.

use std::{ops::Sub, sync::Arc};

use rusqlite::{
    OptionalExtension, params,
    types::{ToSqlOutput, ValueRef},
};
use schemas::{
    ObjectId,
    access::AccessControlEntry,
    collection::{Property, PropertyName},
    file::FileStored,
    object::{Content, InboxItem, ObjectMoved, ObjectPut, Place, Role},
};

use super::{
    super::{
        queries,
        rows::{optional, role_code, text},
        span::Span,
    },
    At,
    busy::MemberKey,
    spans::StoredIndex,
    texts::{Indexed, Reader, Texts},
};

/// The column values of a member's row.
pub(super) struct Row<'a> {
    place: &'a Place,
    uid: &'a str,
    component: &'a str,
    media_type: Option<&'a str>,
    body: Body<'a>,
    etag: &'a str,
    schedule_tag: Option<&'a str>,
    role: Role,
}

impl<'a> Row<'a> {
    pub(super) fn of(put: &'a ObjectPut) -> Self {
        let ObjectPut { home: _, place, uid, component, content, sent: _, edits: _, imported: _, copied: _ } = put;
        let Content { ics, etag, schedule_tag, role } = content;
        let body = Body::Object(ics);
        let schedule_tag = schedule_tag.as_deref();
        Self { place, uid, component, media_type: None, body, etag, schedule_tag, role: *role }
    }

    pub(super) fn inbox(item: &'a InboxItem, uid: &'a str) -> Self {
        let InboxItem { place, component, ics, etag } = item;
        let body = Body::Message(ics);
        Self { place, uid, component, media_type: None, body, etag, schedule_tag: None, role: Role::None }
    }

    pub(super) fn file(stored: &'a FileStored) -> Self {
        let FileStored { home: _, place, media_type, data, etag } = stored;
        let (media_type, body) = (Some(media_type.as_str()), Body::File(data));
        Self { place, uid: "", component: "", media_type, body, etag, schedule_tag: None, role: Role::None }
    }
}

/// The body of a member: a calendar object, an inbox item, or a file.
#[derive(Clone, Copy)]
pub(super) enum Body<'a> {
    Object(&'a str),
    Message(&'a str),
    File(&'a [u8]),
}

impl Body<'_> {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Object(ics) | Self::Message(ics) => ics.as_bytes(),
            Self::File(data) => data,
        }
    }

    fn size(&self) -> i64 {
        i64::try_from(self.bytes().len()).unwrap_or(i64::MAX)
    }

    pub(super) fn value(&self) -> ValueRef<'_> {
        match self {
            Self::Object(ics) | Self::Message(ics) => ValueRef::Text(ics.as_bytes()),
            Self::File(data) => ValueRef::Blob(data),
        }
    }

    /// Returns the values to index for the body. `around` is in seconds since the epoch, see
    /// [`Reader`].
    fn indexed(&self, texts: &Texts, around: i64) -> Arc<Indexed> {
        match self {
            Self::Object(ics) => texts.read(ics, Reader::Calendar { around }),
            Self::Message(ics) => texts.read(ics, Reader::Inbox),
            Self::File(_) => Arc::new(Indexed { busy: Some(vec![]), ..Indexed::default() }),
        }
    }
}

/// Returns the length of a text in bytes; 0 for `None`.
fn length(text: Option<&str>) -> i64 {
    text.map_or(0, |text| i64::try_from(text.len()).unwrap_or(i64::MAX))
}

/// An existing row of a member: its key, the key of its collection, its object, and its size.
struct Known {
    collection: i64,
    key: i64,
    object: ObjectId,
    size: Size,
}

/// The size of a member in bytes, or the difference between two sizes.
#[derive(Clone, Copy, Default)]
pub(super) struct Size {
    pub body: i64,
    pub properties: i64,
}

impl Size {
    /// Returns the difference in size if the new body has `body` bytes and the properties stay the
    /// same.
    fn grown_to(self, body: i64) -> Self {
        Self { body: body - self.body, properties: 0 }
    }
}

impl Sub for Size {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self { body: self.body - other.body, properties: self.properties - other.properties }
    }
}

impl At<'_> {
    pub(super) fn put(&self, object: ObjectId, row: &Row<'_>) -> rusqlite::Result<()> {
        let Place { collection, name } = row.place;
        let Some(collection) = self.key_of(*collection)? else { return Ok(()) };
        let known = self.known(collection, name)?;
        let key = self.keep(known.as_ref().map(|known| known.key), collection, &row.body)?;
        let sql = "INSERT INTO member (collection, name, key, object, uid, component, media_type, etag, schedule_tag,
                role, size, created, modified, changed, born)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13, ?13)
            ON CONFLICT (collection, name) DO UPDATE SET object = ?4, uid = ?5, component = ?6, media_type = ?7,
            etag = ?8, schedule_tag = ?9, role = ?10, size = ?11, modified = ?12, changed = ?13";
        self.rows.prepare_cached(sql)?.execute(params![
            collection,
            name,
            key,
            object.0.as_bytes(),
            row.uid,
            row.component,
            optional(row.media_type),
            row.etag,
            optional(row.schedule_tag),
            role_code(row.role),
            row.body.size(),
            self.time.0,
            self.position(),
        ])?;
        if known.is_none() {
            self.remove_tombstone(collection, name)?;
        }
        if let Some(other) = known.as_ref().filter(|known| known.object != object) {
            self.forget_personal_data(other)?;
        }
        let size = known.map_or(Size::default(), |known| known.size);
        self.touch(collection, size.grown_to(row.body.size()))
    }

    pub(super) fn revise(&self, object: ObjectId, place: &Place, content: &Content) -> rusqlite::Result<()> {
        let Some(Known { collection, key, size, .. }) = self.of(object, place)? else { return Ok(()) };
        let body = Body::Object(&content.ics);
        self.keep(Some(key), collection, &body)?;
        let sql = "UPDATE member SET etag = ?3, schedule_tag = ?4, role = ?5, size = ?6, modified = ?7, changed = ?8
            WHERE collection = ?1 AND name = ?2";
        self.rows.prepare_cached(sql)?.execute(params![
            collection,
            place.name,
            content.etag,
            optional(content.schedule_tag.as_deref()),
            role_code(content.role),
            body.size(),
            self.time.0,
            self.position(),
        ])?;
        self.touch(collection, size.grown_to(body.size()))
    }

    pub(super) fn relocate(&self, object: ObjectId, moved: &ObjectMoved) -> rusqlite::Result<()> {
        let ObjectMoved { home: _, uid: _, from, to, schedule_tag } = moved;
        let Some(known) = self.of(object, from)? else { return Ok(()) };
        let Known { collection: old, key, size, .. } = known;
        let Some(new) = self.key_of(to.collection)? else { return self.remove(object, from) };
        if from == to {
            return Ok(());
        }
        let overwritten = self.known(new, &to.name)?;
        if let Some(overwritten) = &overwritten {
            self.erase(overwritten, &to.name)?;
        }
        if old != new {
            self.forget_personal_data(&known)?;
        }
        let sql = "UPDATE member SET collection = ?3, name = ?4, modified = ?5, changed = ?6,
            schedule_tag = ifnull(?7, schedule_tag) WHERE collection = ?1 AND name = ?2";
        let values = params![old, from.name, new, to.name, self.time.0, self.position(), schedule_tag.as_deref()];
        self.rows.prepare_cached(sql)?.execute(values)?;
        if let Some(span) = self.reindex(key, new)? {
            self.move_periods(MemberKey { collection: old, key }, new, span)?;
        }
        self.add_tombstone(old, &from.name)?;
        self.remove_tombstone(new, &to.name)?;
        self.touch(old, Size::default() - size)?;
        self.touch(new, size - overwritten.map_or(Size::default(), |overwritten| overwritten.size))
    }

    pub(super) fn change_acl(
        &self,
        object: ObjectId,
        place: &Place,
        entries: &[AccessControlEntry],
    ) -> rusqlite::Result<()> {
        let acl = if entries.is_empty() { None } else { Some(text(&entries)?) };
        self.note(object, place, "acl", acl.as_deref(), 0)
    }

    pub(super) fn change_properties(
        &self,
        object: ObjectId,
        place: &Place,
        (set, removed): (&[Property], &[PropertyName]),
    ) -> rusqlite::Result<()> {
        let Some(member) = queries::member_row(self.rows, place.collection, &place.name)? else { return Ok(()) };
        let mut properties = member.properties;
        Property::change(&mut properties, set, removed);
        let properties = if properties.is_empty() { None } else { Some(text(&properties)?) };
        let known = self.of(object, place)?.map_or(0, |known| known.size.properties);
        let grown = length(properties.as_deref()) - known;
        self.note(object, place, "properties", properties.as_deref(), grown)
    }

    /// Stores a column that does not belong to the content. `properties` is the growth of the
    /// properties in bytes. The content and its time of modification stay the same.
    fn note(
        &self,
        object: ObjectId,
        place: &Place,
        column: &'static str,
        value: Option<&str>,
        properties: i64,
    ) -> rusqlite::Result<()> {
        let Some(Known { collection, .. }) = self.of(object, place)? else { return Ok(()) };
        let sql = format!("UPDATE member SET {column} = ?3, changed = ?4 WHERE collection = ?1 AND name = ?2");
        let values = params![collection, place.name, optional(value), self.position()];
        self.rows.prepare_cached(&sql)?.execute(values)?;
        self.touch(collection, Size { body: 0, properties })
    }

    pub(super) fn remove(&self, object: ObjectId, place: &Place) -> rusqlite::Result<()> {
        let Some(known) = self.of(object, place)? else { return Ok(()) };
        self.erase(&known, &place.name)?;
        self.add_tombstone(known.collection, &place.name)?;
        self.touch(known.collection, Size::default() - known.size)
    }

    /// Returns the row of the member at a place; `None` if there is none, or if it belongs to
    /// another object.
    fn of(&self, object: ObjectId, place: &Place) -> rusqlite::Result<Option<Known>> {
        let Place { collection, name } = place;
        let Some(collection) = self.key_of(*collection)? else { return Ok(None) };
        Ok(self.known(collection, name)?.filter(|known| known.object == object))
    }

    fn known(&self, collection: i64, name: &str) -> rusqlite::Result<Option<Known>> {
        let sql = "SELECT key, object, size, ifnull(octet_length(properties), 0) FROM member
            WHERE collection = ? AND name = ?";
        let mut query = self.rows.prepare_cached(sql)?;
        let known = query.query_row(params![collection, name], |row| {
            let object = ObjectId(uuid::Uuid::from_bytes(row.get(1)?));
            let size = Size { body: row.get(2)?, properties: row.get(3)? };
            Ok(Known { collection, key: row.get(0)?, object, size })
        });
        known.optional()
    }

    /// Stores a body and its index entries. `known` is the key of the body that it replaces; `None`
    /// for a new member. Returns the key under which both are stored.
    fn keep(&self, known: Option<i64>, collection: i64, body: &Body<'_>) -> rusqlite::Result<i64> {
        let indexed = body.indexed(self.texts, self.time.seconds());
        let Indexed { digest: _, spans, busy } = &*indexed;
        let shared = self.keep_text(body, &indexed)?;
        let data = ToSqlOutput::Borrowed(if shared.is_some() { ValueRef::Null } else { body.value() });
        let packed = Span::pack(spans);
        let (key, before) = if let Some(key) = known {
            let StoredIndex { spans: before, text } = self.stored_index(key)?;
            let sql = "UPDATE body SET spans = ?2, data = ?3, shared = ?4 WHERE key = ?1";
            self.rows.prepare_cached(sql)?.execute(params![key, packed, data, shared])?;
            self.release_text(text)?;
            (key, before)
        } else {
            let sql = "INSERT INTO body (spans, data, shared) VALUES (?, ?, ?)";
            (self.rows.prepare_cached(sql)?.insert(params![packed, data, shared])?, vec![])
        };
        self.index(collection, key, &before, spans)?;
        let (member, before) = (MemberKey { collection, key }, Span::overall(&before));
        match (Span::overall(spans), before) {
            (Some(span), before) => self.store_periods(member, before, span, busy.as_deref())?,
            (None, Some(before)) => self.remove_periods(member, before)?,
            (None, None) => {}
        }
        Ok(key)
    }

    fn erase(&self, known: &Known, name: &str) -> rusqlite::Result<()> {
        let StoredIndex { spans, text } = self.stored_index(known.key)?;
        if let Some(span) = Span::overall(&spans) {
            self.remove_periods(MemberKey { collection: known.collection, key: known.key }, span)?;
        }
        self.unindex(known.key, spans.len())?;
        self.forget_personal_data(known)?;
        self.rows.prepare_cached("DELETE FROM body WHERE key = ?")?.execute(params![known.key])?;
        self.release_text(text)?;
        let sql = "DELETE FROM member WHERE collection = ? AND name = ?";
        self.rows.prepare_cached(sql)?.execute(params![known.collection, name]).map(drop)
    }

    /// Deletes the personal data of all sharees for a member.
    fn forget_personal_data(&self, known: &Known) -> rusqlite::Result<()> {
        let sql = "DELETE FROM personal WHERE collection = ? AND object = ?";
        self.rows.prepare_cached(sql)?.execute(params![known.collection, known.object.0.as_bytes()]).map(drop)
    }

    /// Records that a name is no longer in use, for clients that synchronise (RFC 6578).
    fn add_tombstone(&self, collection: i64, name: &str) -> rusqlite::Result<()> {
        let sql = "INSERT OR REPLACE INTO tombstone (collection, name, changed) VALUES (?, ?, ?)";
        self.rows.prepare_cached(sql)?.execute(params![collection, name, self.position()]).map(drop)
    }

    fn remove_tombstone(&self, collection: i64, name: &str) -> rusqlite::Result<()> {
        let sql = "DELETE FROM tombstone WHERE collection = ? AND name = ?";
        self.rows.prepare_cached(sql)?.execute(params![collection, name]).map(drop)
    }
}
