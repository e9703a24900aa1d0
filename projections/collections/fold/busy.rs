//! Maintains the busy index: the periods in which the objects in calendars make their owner busy.

use rusqlite::params;

use super::{
    super::{
        busy::{PERIOD, period, weeks_of_span},
        span::Span,
    },
    At,
};
use crate::week::weeks;
use ical::free_busy::{FreeBusyType, IndexedPeriod};

/// The keys of a member's row and of its collection.
#[derive(Clone, Copy)]
pub(super) struct MemberKey {
    pub collection: i64,
    pub key: i64,
}

impl At<'_> {
    /// Stores the busy periods of a member. `before` is its earlier span; `None` if it had none. If
    /// `periods` is `None`, the busy periods will be computed from the text.
    pub(super) fn store_periods(
        &self,
        member: MemberKey,
        before: Option<Span>,
        span: Span,
        periods: Option<&[IndexedPeriod<'static>]>,
    ) -> rusqlite::Result<()> {
        let MemberKey { collection, key } = member;
        let rows = periods.map(by_week);
        if let Some(before) = before {
            // Most changes of an object keep its span and its busy periods; nothing is written
            // then.
            if before == span
                && !rows.as_ref().is_none_or(Vec::is_empty)
                && rows == Some(self.stored_periods(member, before)?)
            {
                return Ok(());
            }
            self.remove_periods(member, before)?;
        }
        let Some(rows) = rows else {
            let sql = "INSERT INTO unclear (collection, key, begins, ends) VALUES (?, ?, ?, ?)";
            return self.rows.prepare_cached(sql)?.execute(params![collection, key, span.begins, span.ends]).map(drop);
        };
        let sql = format!("INSERT INTO busy (collection, week, key, number, {PERIOD}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        let mut insert = self.rows.prepare_cached(&sql)?;
        for (number, (week, IndexedPeriod { start, end, kind, participants })) in rows.into_iter().enumerate() {
            let tentative = kind == FreeBusyType::Tentative;
            insert.execute(params![collection, week, key, number, start, end, tentative, participants])?;
        }
        Ok(())
    }

    pub(super) fn remove_periods(&self, member: MemberKey, before: Span) -> rusqlite::Result<()> {
        let MemberKey { collection, key } = member;
        let sql = "DELETE FROM unclear WHERE collection = ? AND key = ?";
        self.rows.prepare_cached(sql)?.execute(params![collection, key])?;
        let mut delete = self.rows.prepare_cached("DELETE FROM busy WHERE collection = ? AND week = ? AND key = ?")?;
        weeks_of_span(before).try_for_each(|week| delete.execute(params![collection, week, key]).map(drop))
    }

    pub(super) fn move_periods(&self, member: MemberKey, to: i64, span: Span) -> rusqlite::Result<()> {
        let MemberKey { collection, key } = member;
        let sql = "UPDATE unclear SET collection = ?3 WHERE collection = ?1 AND key = ?2";
        self.rows.prepare_cached(sql)?.execute(params![collection, key, to])?;
        let sql = "UPDATE busy SET collection = ?4 WHERE collection = ?1 AND week = ?2 AND key = ?3";
        let mut update = self.rows.prepare_cached(sql)?;
        weeks_of_span(span).try_for_each(|week| update.execute(params![collection, week, key, to]).map(drop))
    }

    /// Returns the stored busy periods of a member: each once for every week that it overlaps, with
    /// the number of that week. `span` is the span with which they were stored.
    fn stored_periods(&self, member: MemberKey, span: Span) -> rusqlite::Result<Vec<(i64, IndexedPeriod<'static>)>> {
        let sql = format!("SELECT {PERIOD} FROM busy WHERE collection = ? AND week = ? AND key = ? ORDER BY number");
        let mut query = self.rows.prepare_cached(&sql)?;
        let mut found = Vec::new();
        for week in weeks_of_span(span) {
            let mut rows = query.query(params![member.collection, week, member.key])?;
            while let Some(row) = rows.next()? {
                found.push((week, period(row)?.into_owned()));
            }
        }
        Ok(found)
    }
}

/// Returns the periods, each repeated for every week that it overlaps, ordered by week.
fn by_week(periods: &[IndexedPeriod<'static>]) -> Vec<(i64, IndexedPeriod<'static>)> {
    let in_weeks = |period: &IndexedPeriod<'static>| {
        let period = period.clone();
        weeks(period.start, period.end).map(move |week| (week, period.clone()))
    };
    let mut rows: Vec<_> = periods.iter().flat_map(in_weeks).collect();
    rows.sort_by_key(|(week, _)| *week);
    rows
}
