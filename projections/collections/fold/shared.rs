//! Stores long texts that many members have in common only once, identified by their digest.
//!
//! **Invariant:** a shared text is stored exactly as long as a body refers to it.

use rusqlite::{OptionalExtension, params, types::ToSqlOutput};

use super::{At, member::Body, texts::Indexed};

impl At<'_> {
    /// Stores a long text once for all bodies that equal it, and returns its key; `None` for a
    /// file, and for a text that is too short for that.
    pub(super) fn keep_text(&self, body: &Body<'_>, indexed: &Indexed) -> rusqlite::Result<Option<i64>> {
        let Some(digest) = indexed.digest else { return Ok(None) };
        let mut query = self.rows.prepare_cached("SELECT key FROM shared WHERE digest = ?")?;
        if let Some(known) = query.query_row(params![digest], |row| row.get(0)).optional()? {
            return Ok(Some(known));
        }
        let mut insert = self.rows.prepare_cached("INSERT INTO shared (digest, data) VALUES (?, ?)")?;
        insert.insert(params![digest, ToSqlOutput::Borrowed(body.value())]).map(Some)
    }

    /// Removes a shared text if no body refers to it any more.
    pub(super) fn release_text(&self, text: Option<i64>) -> rusqlite::Result<()> {
        let Some(text) = text else { return Ok(()) };
        let sql = "DELETE FROM shared WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM body WHERE shared = ?1)";
        self.rows.prepare_cached(sql)?.execute(params![text]).map(drop)
    }

    /// Returns the keys of all shared texts to which the bodies of a collection's members refer.
    pub(super) fn texts_in(&self, collection: i64) -> rusqlite::Result<Vec<i64>> {
        let sql = "SELECT DISTINCT body.shared FROM member JOIN body ON body.key = member.key
            WHERE member.collection = ? AND body.shared IS NOT NULL";
        let mut query = self.rows.prepare_cached(sql)?;
        query.query_map(params![collection], |row| row.get(0))?.collect()
    }
}
