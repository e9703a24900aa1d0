//! Long texts that many have stand once, by what they say.
//!
//! **Invariant:** a shared text stands as long as a body has it, and no longer.

use rusqlite::{OptionalExtension, params, types::ToSqlOutput};

use super::{At, member::Body, texts::Said};

impl At<'_> {
    /// Keeps the text, where it is one to be shared; its key.
    pub(super) fn keep_text(&self, body: &Body<'_>, said: &Said) -> rusqlite::Result<Option<i64>> {
        let Some(digest) = said.digest else { return Ok(None) };
        let mut query = self.rows.prepare_cached("SELECT key FROM shared WHERE digest = ?")?;
        if let Some(known) = query.query_row(params![digest], |row| row.get(0)).optional()? {
            return Ok(Some(known));
        }
        let mut insert = self.rows.prepare_cached("INSERT INTO shared (digest, data) VALUES (?, ?)")?;
        insert.insert(params![digest, ToSqlOutput::Borrowed(body.value())]).map(Some)
    }

    /// One body less has this text.
    pub(super) fn release_text(&self, text: Option<i64>) -> rusqlite::Result<()> {
        let Some(text) = text else { return Ok(()) };
        let sql = "DELETE FROM shared WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM body WHERE shared = ?1)";
        self.rows.prepare_cached(sql)?.execute(params![text]).map(drop)
    }

    /// The keys of all shared texts in a collection.
    pub(super) fn texts_in(&self, collection: i64) -> rusqlite::Result<Vec<i64>> {
        let sql = "SELECT DISTINCT body.shared FROM member JOIN body ON body.key = member.key
            WHERE member.collection = ? AND body.shared IS NOT NULL";
        let mut query = self.rows.prepare_cached(sql)?;
        query.query_map(params![collection], |row| row.get(0))?.collect()
    }
}
