//! Addresses and programs. The index stores each of them once.

use rusqlite::{Connection, OptionalExtension};

/// Returns the key of a name, which is made at its first use.
pub(super) fn key(rows: &Connection, name: &str) -> rusqlite::Result<i64> {
    let sql = "SELECT key FROM name WHERE name = ?";
    let known = rows.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()?;
    match known {
        Some(known) => Ok(known),
        None => rows.prepare_cached("INSERT INTO name (name) VALUES (?)")?.insert([name]),
    }
}

/// Returns the name of a key.
pub(super) fn named(rows: &Connection, key: i64) -> rusqlite::Result<String> {
    rows.prepare_cached("SELECT name FROM name WHERE key = ?")?.query_row([key], |row| row.get(0))
}

/// Returns the keys of the names that contain a text, ignoring case.
pub(super) fn containing(rows: &Connection, text: &str) -> rusqlite::Result<Vec<i64>> {
    let mut query = rows.prepare_cached("SELECT key FROM name WHERE instr(lower(name), ?)")?;
    query.query_map([text.to_lowercase()], |row| row.get(0))?.collect()
}
