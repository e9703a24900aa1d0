//! Maintains the time index, which has a row for each interval in which a member may have
//! instances.

use rusqlite::{OptionalExtension, params, types::ValueRef};

use super::{super::span::Span, At};

/// Number of row ids reserved for each member. Its first id is its key times this number.
const IDS_A_KEY: i64 = 64;
const _: () = assert!(ical::intervals::MAX_INTERVALS <= 64, "every interval has an id");

fn ids(key: i64, count: usize) -> impl Iterator<Item = i64> {
    (key * IDS_A_KEY..).take(count)
}

/// The index entries that are stored with a body.
#[derive(Debug, Default)]
pub(super) struct StoredIndex {
    /// The member's intervals in the time index.
    pub spans: Vec<Span>,
    /// The key of the text that equal bodies share; `None` if the body's row has its own content.
    pub text: Option<i64>,
}

impl At<'_> {
    /// Replaces the stored intervals of a member (`before`) by `spans` if they differ. Most changes
    /// keep them, and writing the index is expensive.
    pub(super) fn index(&self, collection: i64, key: i64, before: &[Span], spans: &[Span]) -> rusqlite::Result<()> {
        if before == spans {
            return Ok(());
        }
        self.unindex(key, before.len())?;
        let sql = "INSERT INTO span (id, begins, ends, low, high, member) VALUES (?1, ?2, ?3, ?4, ?4, ?5)";
        let mut insert = self.rows.prepare_cached(sql)?;
        for (id, Span { begins, ends }) in ids(key, spans.len()).zip(spans) {
            insert.execute(params![id, begins, ends, collection, key])?;
        }
        Ok(())
    }

    pub(super) fn unindex(&self, key: i64, count: usize) -> rusqlite::Result<()> {
        let mut delete = self.rows.prepare_cached("DELETE FROM span WHERE id = ?")?;
        ids(key, count).try_for_each(|id| delete.execute(params![id]).map(drop))
    }

    /// Moves the intervals of a member to another collection. Returns the span that covers all of
    /// them; `None` if there are none.
    pub(super) fn reindex(&self, key: i64, collection: i64) -> rusqlite::Result<Option<Span>> {
        let spans = self.stored_index(key)?.spans;
        let mut update = self.rows.prepare_cached("UPDATE span SET low = ?2, high = ?2 WHERE id = ?1")?;
        ids(key, spans.len()).try_for_each(|id| update.execute(params![id, collection]).map(drop))?;
        Ok(Span::overall(&spans))
    }

    /// Reads the index entries of a body; they are empty if there is no body.
    pub(super) fn stored_index(&self, key: i64) -> rusqlite::Result<StoredIndex> {
        let mut query = self.rows.prepare_cached("SELECT spans, shared FROM body WHERE key = ?")?;
        let stored = query.query_row(params![key], |row| {
            let spans = match row.get_ref(0)? {
                ValueRef::Blob(packed) => Span::unpack(packed),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => vec![],
            };
            Ok(StoredIndex { spans, text: row.get(1)? })
        });
        Ok(stored.optional()?.unwrap_or_default())
    }
}
