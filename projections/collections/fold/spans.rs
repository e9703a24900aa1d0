//! The index by time: one row for each piece of time that a resource may be in.

use rusqlite::{OptionalExtension, params, types::ValueRef};

use super::{super::span::Span, At};

/// Ids of a resource's rows lie between its key times this and the next.
const IDS_A_KEY: i64 = 64;
const _: () = assert!(ical::intervals::MAX_INTERVALS <= 64, "every piece has an id");

fn ids(key: i64, count: usize) -> impl Iterator<Item = i64> {
    (key * IDS_A_KEY..).take(count)
}

/// What stands beside a body.
#[derive(Debug, Default)]
pub(super) struct Noted {
    /// What is indexed.
    pub spans: Vec<Span>,
    /// The key of the shared text that it has.
    pub text: Option<i64>,
}

impl At<'_> {
    /// Most changes of a resource leave its time alone, and the index is dear to write.
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

    /// The resource is in another collection now. Answers when it may be at all.
    pub(super) fn reindex(&self, key: i64, collection: i64) -> rusqlite::Result<Option<Span>> {
        let spans = self.noted(key)?.spans;
        let mut update = self.rows.prepare_cached("UPDATE span SET low = ?2, high = ?2 WHERE id = ?1")?;
        ids(key, spans.len()).try_for_each(|id| update.execute(params![id, collection]).map(drop))?;
        Ok(Span::overall(&spans))
    }

    /// What stands beside the body of a resource; nothing, where there is none.
    pub(super) fn noted(&self, key: i64) -> rusqlite::Result<Noted> {
        let mut query = self.rows.prepare_cached("SELECT spans, shared FROM body WHERE key = ?")?;
        let noted = query.query_row(params![key], |row| {
            let spans = match row.get_ref(0)? {
                ValueRef::Blob(packed) => Span::unpack(packed),
                ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => vec![],
            };
            Ok(Noted { spans, text: row.get(1)? })
        });
        Ok(noted.optional()?.unwrap_or_default())
    }
}
