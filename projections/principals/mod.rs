//! The read model of principals: people, rooms, resources and groups. There are few enough to be
//! kept in memory, in the [`Directory`].

mod directory;
mod hosts;
mod membership;

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use rusqlite::{Connection, OptionalExtension, ToSql, Transaction, params, types::ValueRef};
use schemas::{
    Event, PasswordId, PrincipalEvent, PrincipalId, Recorded, Stream,
    collection::Property,
    principal::{PrincipalPropertiesChanged, PrincipalRegistered, PrincipalRenamed, PrincipalState, Profile},
};
use sha2::{Digest, Sha256};

pub use directory::{Conflict, Directory, Entry, folded};
pub use hosts::Hosts;

use crate::{Failure, projection::Projection};

/// The projection of principals.
pub(crate) struct Principals {
    directory: Arc<ArcSwap<Directory>>,
    hosts: Arc<OnceLock<Hosts>>,
}

impl Principals {
    pub(crate) fn new(directory: Arc<ArcSwap<Directory>>, hosts: Arc<OnceLock<Hosts>>) -> Self {
        Self { directory, hosts }
    }
}

impl Projection for Principals {
    const NAME: &'static str = "principals";
    const VERSION: u32 = 7;
    const IS_REQUIRED: bool = true;

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.execute_batch(
            "CREATE TABLE principal (
                number INTEGER PRIMARY KEY,
                id BLOB NOT NULL UNIQUE,
                short_name TEXT NOT NULL,
                kind TEXT NOT NULL,
                profile TEXT NOT NULL,
                password BLOB,
                app_passwords TEXT NOT NULL DEFAULT '[]',
                members TEXT NOT NULL DEFAULT '[]',
                properties TEXT NOT NULL DEFAULT '[]',
                former_names TEXT NOT NULL DEFAULT '[]',
                state TEXT NOT NULL DEFAULT '\"active\"',
                quota TEXT NOT NULL DEFAULT 'null',
                groups_since INTEGER NOT NULL DEFAULT 0
            );",
        )
    }

    fn handles(&self, event: &Event) -> bool {
        matches!(event, Event::Principal(_))
    }

    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()> {
        let Stream::Principal(id) = recorded.stream else { return Ok(()) };
        let Event::Principal(event) = &recorded.event else { return Ok(()) };
        match event {
            PrincipalEvent::Registered(registered) => register(rows, id, registered),
            PrincipalEvent::ProfileChanged(profile) => set(rows, id, "profile", &text(profile)?),
            PrincipalEvent::PasswordSet(password) => set(rows, id, "password", password.password.0.as_bytes()),
            PrincipalEvent::AppPasswordAdded(added) => add_app_password(rows, id, added.password),
            PrincipalEvent::AppPasswordRevoked(revoked) => remove_app_password(rows, id, revoked.password),
            PrincipalEvent::MembersSet(set_to) => {
                membership::changed(rows, recorded.position, membership::difference(rows, id, &set_to.members)?)?;
                set(rows, id, "members", &text(&set_to.members)?)
            }
            PrincipalEvent::PropertiesChanged(changed) => change_properties(rows, id, changed),
            PrincipalEvent::Renamed(renamed) => rename(rows, id, renamed),
            PrincipalEvent::QuotaSet(set_to) => set(rows, id, "quota", &text(&set_to.quota_bytes)?),
            PrincipalEvent::Disabled(_) => set(rows, id, "state", &text(&PrincipalState::Disabled)?),
            PrincipalEvent::Enabled(_) => {
                membership::changed(rows, recorded.position, membership::members(rows, id)?)?;
                set(rows, id, "state", &text(&PrincipalState::Active)?)
            }
            PrincipalEvent::Retired(_) => {
                membership::changed(rows, recorded.position, membership::members(rows, id)?)?;
                set(rows, id, "state", &text(&PrincipalState::Retired)?)
            }
        }
    }

    fn digest(&self, rows: &Connection) -> rusqlite::Result<Option<[u8; 32]>> {
        let sql =
            "SELECT number, id, short_name, kind, profile, ifnull(password, ''), app_passwords, members, properties, former_names,
             state, quota, groups_since FROM principal ORDER BY number";
        let mut query = rows.prepare_cached(sql)?;
        let columns = query.column_count();
        let (mut sha, mut found) = (Sha256::new(), query.query([])?);
        while let Some(row) = found.next()? {
            for column in 0..columns {
                let bytes = match row.get_ref(column)? {
                    ValueRef::Integer(number) => number.to_be_bytes().to_vec(),
                    value => value.as_bytes_or_null()?.unwrap_or_default().to_vec(),
                };
                sha.update((bytes.len() as u64).to_be_bytes());
                sha.update(&bytes);
            }
        }
        Ok(Some(sha.finalize().into()))
    }

    fn committed(&self, rows: &Connection) -> Result<(), Failure> {
        self.directory.store(Arc::new(Directory::load(rows, self.hosts.get().unwrap_or(&Hosts::default()))?));
        Ok(())
    }

    fn replaced(&self, rows: &Connection) -> Result<(), Failure> {
        self.committed(rows)
    }
}

fn register(rows: &Connection, id: PrincipalId, registered: &PrincipalRegistered) -> rusqlite::Result<()> {
    let PrincipalRegistered { short_name, kind, profile } = registered;
    let sql = "INSERT OR REPLACE INTO principal (id, short_name, kind, profile) VALUES (?, ?, ?, ?)";
    let values = params![id.0.as_bytes(), short_name, text(kind)?, text::<Profile>(profile)?];
    rows.prepare_cached(sql)?.execute(values).map(drop)
}

fn add_app_password(rows: &Connection, id: PrincipalId, password: PasswordId) -> rusqlite::Result<()> {
    let sql = "UPDATE principal SET app_passwords = json_insert(app_passwords, '$[#]', ?2) WHERE id = ?1";
    rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), password.to_string()]).map(drop)
}

fn remove_app_password(rows: &Connection, id: PrincipalId, password: PasswordId) -> rusqlite::Result<()> {
    let sql = "UPDATE principal SET app_passwords =
            (SELECT json_group_array(value) FROM (SELECT value FROM json_each(app_passwords) WHERE value <> ?2 ORDER BY key))
        WHERE id = ?1";
    rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), password.to_string()]).map(drop)
}

fn rename(rows: &Connection, id: PrincipalId, renamed: &PrincipalRenamed) -> rusqlite::Result<()> {
    let sql = "UPDATE principal SET former_names = json_insert(former_names, '$[#]', short_name), short_name = ?2
        WHERE id = ?1";
    rows.prepare_cached(sql)?.execute(params![id.0.as_bytes(), renamed.short_name]).map(drop)
}

fn change_properties(rows: &Connection, id: PrincipalId, changed: &PrincipalPropertiesChanged) -> rusqlite::Result<()> {
    let mut query = rows.prepare_cached("SELECT properties FROM principal WHERE id = ?")?;
    let held = query.query_row(params![id.0.as_bytes()], |row| row.get::<_, String>(0)).optional()?;
    let Some(mut held) = held.and_then(|held| serde_json::from_str(&held).ok()) else { return Ok(()) };
    Property::change(&mut held, &changed.set, &changed.removed);
    set(rows, id, "properties", &text(&held)?)
}

fn set(rows: &Connection, id: PrincipalId, column: &'static str, value: impl ToSql) -> rusqlite::Result<()> {
    let sql = format!("UPDATE principal SET {column} = ?2 WHERE id = ?1");
    rows.prepare_cached(&sql)?.execute(params![id.0.as_bytes(), value]).map(drop)
}

fn text<T: serde::Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}
