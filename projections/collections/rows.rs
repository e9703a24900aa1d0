//! Converts rows to values, and values to columns.

use rusqlite::{Row, types::Value};
use schemas::{CollectionId, ObjectId, PrincipalId, Timestamp, object::Role};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::{Collection, Member};
pub(super) use crate::position::read as position;

/// The columns that [`collection`] reads, in order.
pub(super) const COLLECTION: &str =
    "id, home, name, kind, components, properties, settings, acl, created, modified, born, changed, bytes";

/// Reads a collection, without its inherited access control lists.
pub(super) fn collection(row: &Row<'_>) -> rusqlite::Result<Collection> {
    Ok(Collection {
        id: CollectionId(uuid(row, 0)?),
        home: PrincipalId(uuid(row, 1)?),
        name: row.get(2)?,
        kind: json(row, 3)?,
        components: json(row, 4)?,
        properties: json(row, 5)?,
        settings: json(row, 6)?,
        acl: json(row, 7)?,
        inherited: vec![],
        created: Timestamp(row.get(8)?),
        modified: Timestamp(row.get(9)?),
        born: position(row, 10)?,
        changed: position(row, 11)?,
        bytes: row.get::<_, i64>(12)?.unsigned_abs(),
        shared_as: None,
    })
}

/// The columns that [`member`] reads, in order.
pub(super) const MEMBER: &str = "member.object, member.name, member.uid, member.component, member.etag, \
     member.schedule_tag, member.role, member.size, member.created, member.modified, member.changed, \
     member.media_type, member.born, member.acl, member.properties";

/// SQL expression for the body of a member: its own content, or the text that it shares with equal
/// bodies.
pub(super) const BODY: &str = "ifnull(body.data, (SELECT data FROM shared WHERE shared.key = body.shared))";

/// Number of columns in [`MEMBER`], and so the index of the first further column.
pub(super) const MEMBER_COLUMNS: usize = 15;

pub(super) fn member(row: &Row<'_>) -> rusqlite::Result<Member> {
    Ok(Member {
        object: ObjectId(uuid(row, 0)?),
        name: row.get(1)?,
        uid: row.get(2)?,
        component: row.get(3)?,
        etag: row.get(4)?,
        schedule_tag: row.get(5)?,
        role: role(row.get(6)?),
        size: row.get(7)?,
        created: Timestamp(row.get(8)?),
        modified: Timestamp(row.get(9)?),
        changed: position(row, 10)?,
        media_type: row.get(11)?,
        born: position(row, 12)?,
        acl: optional_json(row, 13)?.unwrap_or_default(),
        properties: optional_json(row, 14)?.unwrap_or_default(),
    })
}

fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get(column).map(Uuid::from_bytes)
}
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let value = optional_json(row, column)?;
    value.ok_or_else(|| rusqlite::Error::InvalidColumnType(column, "JSON".to_owned(), rusqlite::types::Type::Null))
}

/// Reads a column with JSON; `None` for `NULL`.
fn optional_json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<T>> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
    serde_json::from_str(text).map(Some).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
    })
}

/// Converts a maximum number of rows for SQLite, whose integers are signed.
pub(super) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// Encodes a value as JSON, for [`json`] to read.
pub(super) fn text<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

pub(super) fn role_code(role: Role) -> i64 {
    match role {
        Role::None => 0,
        Role::Organizer => 1,
        Role::Attendee => 2,
    }
}

fn role(code: i64) -> Role {
    match code {
        1 => Role::Organizer,
        2 => Role::Attendee,
        _ => Role::None,
    }
}

/// Converts a text to a column value; `None` becomes `NULL`.
pub(super) fn optional(text: Option<&str>) -> Value {
    text.map_or(Value::Null, |text| Value::Text(text.to_owned()))
}
