//! The personal data that sharees have for the objects of a shared calendar, and the objects as
//! each sharee sees them (caldav-sharing §5.5.4).

use std::borrow::Cow;

use ical::{
    Document,
    personal::{self, Entry},
};
use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionId, ObjectId, Position, PrincipalId, ShareId, Timestamp, share::PersonalData};

use super::{Collection, Member, queries, rows, share};
use crate::{Failure, ReadModels};

/// A collection as a person views it: at its own path, or as a shared calendar in the home of a
/// sharee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Viewed {
    pub(super) collection: CollectionId,
    pub(super) share: Option<ShareId>,
}

impl From<CollectionId> for Viewed {
    fn from(collection: CollectionId) -> Self {
        Self { collection, share: None }
    }
}

impl From<&Collection> for Viewed {
    fn from(collection: &Collection) -> Self {
        Self { collection: collection.id, share: collection.shared_as.as_deref().map(|shared| shared.id) }
    }
}

/// The personal data of one sharee for one object.
struct Kept {
    data: Vec<PersonalData>,
    modified: Timestamp,
    changed: Position,
}

impl Kept {
    fn of(
        connection: &Connection,
        share: ShareId,
        (collection, object): (CollectionId, ObjectId),
    ) -> rusqlite::Result<Option<Self>> {
        let sql = "SELECT data, modified, changed FROM personal
            WHERE collection = (SELECT key FROM collection WHERE id = ?1) AND object = ?2 AND share = ?3";
        let values = params![collection.0.as_bytes(), object.0.as_bytes(), share.0.as_bytes()];
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Self { data: rows::json(row, 0)?, modified: Timestamp(row.get(1)?), changed: rows::position(row, 2)? })
        };
        connection.prepare_cached(sql)?.query_row(values, read).optional()
    }

    /// Returns the member as the sharee sees it: its last change is that of the object or of the
    /// personal data, whichever is later, and its ETag also depends on the personal data.
    fn seen(&self, member: Member) -> Member {
        Member {
            etag: format!("{}{}", member.etag, self.tag()),
            modified: member.modified.max(self.modified),
            changed: member.changed.max(self.changed),
            ..member
        }
    }

    /// Returns the suffix that the personal data add to the ETag.
    fn tag(&self) -> String {
        format!("-{}", self.changed)
    }
}

impl Viewed {
    /// Creates the value for a calendar that a sharee views in their own home.
    pub fn by_sharee(calendar: CollectionId, share: ShareId) -> Self {
        Self { collection: calendar, share: Some(share) }
    }

    /// Returns the member as the viewer sees it, without its body. The size is that of the owner's
    /// text.
    pub(super) fn member(self, connection: &Connection, member: Member) -> Result<Member, Failure> {
        Ok(match self.kept(connection, &member)? {
            Some(kept) => kept.seen(member),
            None => member,
        })
    }

    pub(super) fn with_body<'b>(
        self,
        connection: &Connection,
        member: Member,
        body: &'b str,
    ) -> Result<(Member, Cow<'b, str>), Failure> {
        if self.share.is_none() {
            return Ok((member, Cow::Borrowed(body)));
        }
        let kept = self.kept(connection, &member)?;
        let data = kept.as_ref().map(|kept| kept.data.as_slice()).unwrap_or_default();
        let body = shown(body, data);
        let member = kept.iter().fold(member, |member, kept| kept.seen(member));
        Ok((Member { size: body.len(), ..member }, Cow::Owned(body)))
    }

    pub(crate) fn named(self, connection: &Connection, name: &str) -> Result<Option<Member>, Failure> {
        let member = queries::member(connection, self.collection, name)?;
        member.map(|member| self.member(connection, member)).transpose()
    }

    pub(crate) fn named_with_body(
        self,
        connection: &Connection,
        name: &str,
    ) -> Result<Option<(Member, String)>, Failure> {
        let Some((member, body)) = queries::member_with_body(connection, self.collection, name)? else {
            return Ok(None);
        };
        let (member, shown) = self.with_body(connection, member, &body)?;
        let shown = match shown {
            Cow::Owned(shown) => shown,
            Cow::Borrowed(_) => body,
        };
        Ok(Some((member, shown)))
    }

    /// Returns the position of the last change of the collection, or of the viewer's share with
    /// their own properties and personal data, whichever is later; `None` if the collection was
    /// removed.
    pub(super) fn changed(self, connection: &Connection) -> Result<Option<Position>, Failure> {
        let Some(collection) = queries::collection_by_id(connection, self.collection)? else { return Ok(None) };
        let share = self.share.map(|share| share::by_id(connection, share)).transpose()?.flatten();
        Ok(Some(share.map_or(collection.changed, |share| collection.changed.max(share.changed))))
    }

    fn kept(self, connection: &Connection, member: &Member) -> rusqlite::Result<Option<Kept>> {
        match self.share {
            Some(share) => Kept::of(connection, share, (self.collection, member.object)),
            None => Ok(None),
        }
    }
}

/// Returns the text of an object as a sharee sees it. If the object cannot be parsed, returns an
/// empty text, because the owner's alarms must not be shown.
fn shown(body: &str, data: &[PersonalData]) -> String {
    let entries: Vec<_> = data.iter().map(entry).collect();
    Document::parse(body).map(|object| personal::shown(&object, &entries)).unwrap_or_default()
}

fn entry(PersonalData { instance, properties, alarms }: &PersonalData) -> Entry {
    Entry { instance: instance.clone(), properties: properties.clone(), alarms: alarms.clone() }
}

impl ReadModels {
    /// Returns the personal data of a sharee for an object, and the suffix that they add to the
    /// object's ETag; `None` if none are stored. The data are empty if the sharee removed them.
    pub fn personal_data(
        &self,
        calendar: CollectionId,
        object: ObjectId,
        share: ShareId,
    ) -> Result<Option<(Vec<PersonalData>, String)>, Failure> {
        let kept = self.ask::<super::Collections, _>(|rows| Ok(Kept::of(rows, share, (calendar, object))?))?;
        Ok(kept.map(|kept| {
            let tag = kept.tag();
            (kept.data, tag)
        }))
    }
}

/// Returns the total bytes of the personal data that a sharee has for objects in calendars of other
/// people.
pub(super) fn bytes(connection: &Connection, sharee: PrincipalId) -> rusqlite::Result<u64> {
    // The column contains `[]` if there are no data; these two bytes are not counted.
    let sql = "SELECT COALESCE(SUM(octet_length(personal.data) - 2), 0) FROM share
        JOIN personal ON personal.share = share.id WHERE share.home = ?";
    let mut query = connection.prepare_cached(sql)?;
    Ok(query.query_row(params![sharee.0.as_bytes()], |row| row.get::<_, i64>(0))?.unsigned_abs())
}
