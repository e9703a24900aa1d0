//! Principals: people, rooms, resources, groups. Few enough to be held in memory, as the [`Directory`].

mod directory;

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use schemas::{
    Event, PrincipalEvent, PrincipalId, Recorded, Stream,
    collection::Property,
    principal::{PrincipalPropertiesChanged, PrincipalRegistered, Profile},
};

pub use directory::{Conflict, Directory, Entry};

use crate::projection::Projection;

pub(crate) const NAME: &str = "principals";

/// The fold.
pub(crate) struct Principals;

impl Projection for Principals {
    fn name(&self) -> &'static str {
        NAME
    }

    fn version(&self) -> u32 {
        2
    }

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "CREATE TABLE principal (
                number INTEGER PRIMARY KEY,
                id BLOB NOT NULL UNIQUE,
                short_name TEXT NOT NULL,
                kind TEXT NOT NULL,
                profile TEXT NOT NULL,
                phc TEXT,
                members TEXT NOT NULL DEFAULT '[]',
                properties TEXT NOT NULL DEFAULT '[]'
            );",
        )
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        let Stream::Principal(id) = recorded.stream else { return Ok(()) };
        let Event::Principal(event) = &recorded.event else { return Ok(()) };
        match event {
            PrincipalEvent::Registered(registered) => register(rows, id, registered),
            PrincipalEvent::ProfileChanged(profile) => set(rows, id, "profile", &text(profile)?),
            PrincipalEvent::PasswordSet(password) => set(rows, id, "phc", &password.phc),
            PrincipalEvent::MembersSet(set_to) => set(rows, id, "members", &text(&set_to.members)?),
            PrincipalEvent::PropertiesChanged(changed) => change_properties(rows, id, changed),
            PrincipalEvent::Retired(_) => {
                rows.execute("DELETE FROM principal WHERE id = ?", params![id.0.as_bytes()]).map(drop)
            }
        }
    }
}

fn register(rows: &Connection, id: PrincipalId, registered: &PrincipalRegistered) -> rusqlite::Result<()> {
    let PrincipalRegistered { short_name, kind, profile } = registered;
    let sql = "INSERT OR REPLACE INTO principal (id, short_name, kind, profile) VALUES (?, ?, ?, ?)";
    let values = params![id.0.as_bytes(), short_name, text(kind)?, text::<Profile>(profile)?];
    rows.prepare_cached(sql)?.execute(values).map(drop)
}

fn change_properties(rows: &Connection, id: PrincipalId, changed: &PrincipalPropertiesChanged) -> rusqlite::Result<()> {
    let mut query = rows.prepare_cached("SELECT properties FROM principal WHERE id = ?")?;
    let held = query.query_row(params![id.0.as_bytes()], |row| row.get::<_, String>(0)).optional()?;
    let Some(mut held) = held.and_then(|held| serde_json::from_str(&held).ok()) else { return Ok(()) };
    Property::change(&mut held, &changed.set, &changed.removed);
    set(rows, id, "properties", &text(&held)?)
}

fn set(rows: &Connection, id: PrincipalId, column: &'static str, value: &str) -> rusqlite::Result<()> {
    let sql = format!("UPDATE principal SET {column} = ?2 WHERE id = ?1");
    rows.prepare_cached(&sql)?.execute(params![id.0.as_bytes(), value]).map(drop)
}

fn text<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
