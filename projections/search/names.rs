//! Addresses of organizers and names of programs, which the index stores only once each.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension};

/// A cache of the keys of names.
#[derive(Default)]
pub(super) struct Names(HashMap<String, i64>);

impl Names {
    /// Returns the key of a name, which is created when the name is first used.
    pub(super) fn key(&mut self, rows: &Connection, name: &str) -> rusqlite::Result<i64> {
        if let Some(known) = self.0.get(name) {
            return Ok(*known);
        }
        let sql = "SELECT key FROM name WHERE name = ?";
        let known = rows.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
        let key = match known {
            Some(known) => known,
            None => rows.prepare_cached("INSERT INTO name (name) VALUES (?)")?.insert([name])?,
        };
        self.0.insert(name.to_owned(), key);
        Ok(key)
    }
}

/// Returns the name with a key.
pub(super) fn named(rows: &Connection, key: i64) -> rusqlite::Result<String> {
    rows.prepare_cached("SELECT name FROM name WHERE key = ?")?.query_row([key], |row| row.get(0))
}

/// Returns the keys of all names that contain a text, ignoring the case of all letters. SQLite's
/// `lower()` changes only the letters of ASCII.
pub(super) fn containing(rows: &Connection, text: &str) -> rusqlite::Result<Vec<i64>> {
    let text = text.to_lowercase();
    let mut query = rows.prepare_cached("SELECT key, name FROM name")?;
    let (mut found, mut keys) = (query.query([])?, vec![]);
    while let Some(row) = found.next()? {
        if row.get_ref(1)?.as_str()?.to_lowercase().contains(&text) {
            keys.push(row.get(0)?);
        }
    }
    Ok(keys)
}
