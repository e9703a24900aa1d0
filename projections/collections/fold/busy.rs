//! What the resources of calendars claim of their owner's time.

use rusqlite::params;

use super::{
    super::{
        busy::{CLAIM, claim, weeks_of_span},
        span::Span,
    },
    At,
};
use crate::week::weeks;
use ical::free_busy::{FreeBusyType, IndexedPeriod};

/// A row of the calendar whose claims are kept.
#[derive(Clone, Copy)]
pub(super) struct Claimant {
    pub collection: i64,
    pub key: i64,
}

impl At<'_> {
    /// Writes down the claims of a resource that had the span `before`; `None`: it had none.
    pub(super) fn keep_claims(
        &self,
        claimant: Claimant,
        before: Option<Span>,
        span: Span,
        claims: Option<&[IndexedPeriod<'static>]>,
    ) -> rusqlite::Result<()> {
        let Claimant { collection, key } = claimant;
        let rows = claims.map(by_week);
        if let Some(before) = before {
            // Most changes of a resource leave its claims alone.
            if before == span
                && !rows.as_ref().is_none_or(Vec::is_empty)
                && rows == Some(self.claims(claimant, before)?)
            {
                return Ok(());
            }
            self.forget_claims(claimant, before)?;
        }
        let Some(rows) = rows else {
            let sql = "INSERT INTO unclear (collection, key, begins, ends) VALUES (?, ?, ?, ?)";
            return self.rows.prepare_cached(sql)?.execute(params![collection, key, span.begins, span.ends]).map(drop);
        };
        let sql = format!("INSERT INTO busy (collection, week, key, number, {CLAIM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        let mut insert = self.rows.prepare_cached(&sql)?;
        for (number, (week, IndexedPeriod { start, end, kind, participants })) in rows.into_iter().enumerate() {
            let tentative = kind == FreeBusyType::Tentative;
            insert.execute(params![collection, week, key, number, start, end, tentative, participants])?;
        }
        Ok(())
    }

    pub(super) fn forget_claims(&self, claimant: Claimant, before: Span) -> rusqlite::Result<()> {
        let Claimant { collection, key } = claimant;
        let sql = "DELETE FROM unclear WHERE collection = ? AND key = ?";
        self.rows.prepare_cached(sql)?.execute(params![collection, key])?;
        let mut delete = self.rows.prepare_cached("DELETE FROM busy WHERE collection = ? AND week = ? AND key = ?")?;
        weeks_of_span(before).try_for_each(|week| delete.execute(params![collection, week, key]).map(drop))
    }

    pub(super) fn move_claims(&self, claimant: Claimant, to: i64, span: Span) -> rusqlite::Result<()> {
        let Claimant { collection, key } = claimant;
        let sql = "UPDATE unclear SET collection = ?3 WHERE collection = ?1 AND key = ?2";
        self.rows.prepare_cached(sql)?.execute(params![collection, key, to])?;
        let sql = "UPDATE busy SET collection = ?4 WHERE collection = ?1 AND week = ?2 AND key = ?3";
        let mut update = self.rows.prepare_cached(sql)?;
        weeks_of_span(span).try_for_each(|week| update.execute(params![collection, week, key, to]).map(drop))
    }

    /// The claims as they are written down.
    fn claims(&self, claimant: Claimant, span: Span) -> rusqlite::Result<Vec<(i64, IndexedPeriod<'static>)>> {
        let sql = format!("SELECT {CLAIM} FROM busy WHERE collection = ? AND week = ? AND key = ? ORDER BY number");
        let mut query = self.rows.prepare_cached(&sql)?;
        let mut found = Vec::new();
        for week in weeks_of_span(span) {
            let mut rows = query.query(params![claimant.collection, week, claimant.key])?;
            while let Some(row) = rows.next()? {
                found.push((week, claim(row)?.into_owned()));
            }
        }
        Ok(found)
    }
}

/// Each claim in each of its weeks.
fn by_week(claims: &[IndexedPeriod<'static>]) -> Vec<(i64, IndexedPeriod<'static>)> {
    let in_weeks = |claim: &IndexedPeriod<'static>| {
        let claim = claim.clone();
        weeks(claim.start, claim.end).map(move |week| (week, claim.clone()))
    };
    let mut rows: Vec<_> = claims.iter().flat_map(in_weeks).collect();
    rows.sort_by_key(|(week, _)| *week);
    rows
}
