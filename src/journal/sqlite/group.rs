//! A group of appends in one transaction.
//!
//! **Invariant:** positions are assigned inside the transaction, in commit order. An append is
//! refused before its first row is written, so a refusal never affects the other appends.

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use schemas::{Position, Revision, Stored, Timestamp};
use uuid::Uuid;

use super::{
    rows::{self, integer, natural},
    schema,
};
use crate::{
    AppendError, Appended, Clock,
    chain::{Head, VERSION},
    placement::{Admitted, Place, Placement, Prepared, place},
};

type AppendResult = Result<Appended, AppendError>;

/// The state of the journal before a group.
#[derive(Debug, Clone, Copy)]
pub(super) struct Before {
    /// The time of storage of the last event.
    pub latest: Timestamp,
    /// True if the tables have the columns of version 2 of the chain. If not, the next stored event
    /// adds them.
    pub is_version_2: bool,
}

/// A group that was committed durably.
#[derive(Debug)]
pub(super) struct Committed {
    /// One answer per append, in the order of the appends.
    pub answers: Vec<AppendResult>,
    pub events: Vec<Stored>,
    /// The end of the chain after the group.
    pub head: Head,
    /// The time of storage of the group's last event.
    pub latest: Timestamp,
}

/// Rewrites and commits an existing row, to test whether the disk accepts writes.
pub(super) fn probe(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    record(&transaction, &rows::chain_head(&transaction)?)?;
    transaction.commit()
}

/// The appends of one caller.
#[derive(Debug)]
pub(super) enum Batch {
    /// Each append is stored if its expected revision fits.
    Each(Vec<Result<Admitted, AppendError>>),
    /// All appends, which are to different streams, are stored if the expected revisions of all
    /// fit; otherwise none.
    Together(Vec<Admitted>),
}

impl Batch {
    /// Returns the appends that are within the limits.
    pub(super) fn admitted(&self) -> Box<dyn Iterator<Item = &Admitted> + '_> {
        match self {
            Self::Each(appends) => Box::new(appends.iter().flatten()),
            Self::Together(appends) => Box::new(appends.iter()),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::Each(appends) => appends.len(),
            Self::Together(appends) => appends.len(),
        }
    }
}

/// The place of an append in its stream.
struct Placed {
    name: String,
    /// Key of the stream; `None` if it does not exist.
    key: Option<i64>,
    placement: Placement,
}

/// Stores all appends whose expected revision fits, in one transaction. If an error is returned,
/// all of them were stored or none; on a full disk, none.
pub(super) fn commit(
    connection: &mut Connection,
    clock: &Clock,
    Before { latest, is_version_2 }: Before,
    batches: impl IntoIterator<Item = Batch>,
) -> rusqlite::Result<Committed> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let chain = rows::chain_head(&transaction)?;
    let mut group = Group { rows: &transaction, chain, clock, latest, is_version_2, events: Vec::new() };
    let answers = batches.into_iter().map(|batch| group.answer(batch)).collect::<rusqlite::Result<Vec<_>>>()?.concat();
    let Group { chain, latest, events, .. } = group;
    if !events.is_empty() {
        record(&transaction, &chain)?;
        transaction.commit()?;
    }
    Ok(Committed { answers, events, head: chain, latest })
}

#[derive(Debug)]
struct Group<'a> {
    rows: &'a Transaction<'a>,
    chain: Head,
    clock: &'a Clock,
    latest: Timestamp,
    is_version_2: bool,
    events: Vec<Stored>,
}

impl Group<'_> {
    fn answer(&mut self, batch: Batch) -> rusqlite::Result<Vec<AppendResult>> {
        match batch {
            Batch::Each(appends) => appends.into_iter().map(|append| self.append(append)).collect(),
            Batch::Together(appends) => self.append_together(appends),
        }
    }

    fn append(&mut self, append: Result<Admitted, AppendError>) -> rusqlite::Result<AppendResult> {
        let admitted = match append {
            Ok(admitted) => admitted,
            Err(refused) => return Ok(Err(refused)),
        };
        match self.place(&admitted)? {
            Ok(placed) => self.store(admitted, placed).map(Ok),
            Err(refused) => Ok(Err(refused)),
        }
    }

    /// Stores all appends, or none: then the answer to each is the refusal of the first that does
    /// not fit.
    fn append_together(&mut self, appends: Vec<Admitted>) -> rusqlite::Result<Vec<AppendResult>> {
        let placed: Result<Vec<_>, _> =
            appends.iter().map(|admitted| self.place(admitted)).collect::<Result<_, _>>()?;
        let placed = match placed {
            Ok(placed) => placed,
            Err(refused) => return Ok(vec![Err(refused); appends.len()]),
        };
        appends.into_iter().zip(placed).map(|(admitted, placed)| self.store(admitted, placed).map(Ok)).collect()
    }

    fn place(&self, admitted: &Admitted) -> rusqlite::Result<Result<Placed, AppendError>> {
        let name = admitted.stream.to_string();
        let key = stream_key(self.rows, &name)?;
        let last = key.map(|key| last_revision(self.rows, key)).transpose()?.flatten();
        let ids_from = |first, count| match key {
            Some(key) => ids(self.rows, key, first, count),
            None => Ok(vec![]),
        };
        let placement = place(admitted, last, ids_from)?;
        let refused = AppendError::WrongExpectedRevision { actual: last };
        Ok(placement.map(|placement| Placed { name, key, placement }).ok_or(refused))
    }

    fn store(&mut self, admitted: Admitted, Placed { name, key, placement }: Placed) -> rusqlite::Result<Appended> {
        match placement {
            Placement::At(first) => {
                let key = key.map_or_else(|| new_stream(self.rows, &name), Ok)?;
                self.push(admitted, &name, key, first)
            }
            Placement::Repeated(revision) => {
                let key = key.expect("only a stream that exists repeats");
                let position = position(self.rows, key, revision)?;
                Ok(Appended { revision, position })
            }
        }
    }

    fn push(&mut self, admitted: Admitted, name: &str, key: i64, first: Revision) -> rusqlite::Result<Appended> {
        if !self.is_version_2 {
            schema::add_version_2(self.rows)?;
            self.is_version_2 = true;
        }
        let mut insert = self.rows.prepare_cached(INSERT)?;
        let mut appended = Appended { revision: first, position: self.chain.position };
        for (prepared, revision) in admitted.events.into_iter().zip(first.0..) {
            self.latest = self.clock.stored_at(prepared.metadata.at, self.latest);
            let position = self.chain.position.next();
            let place = Place { position, stream: name, revision, stored_at: self.latest };
            let hash = prepared.content(&place).hash(self.chain.hash);
            let Prepared { event, clear, personal, .. } = &prepared;
            insert.execute(params![
                integer(position.0),
                key,
                integer(revision),
                event.id.as_bytes().as_slice(),
                event.kind,
                &clear[..],
                &event.data[..],
                &hash.0[..],
                VERSION,
                self.latest.0,
                event.encoding.name(),
                personal.as_ref().map(|personal| &personal.bytes[..]),
                personal.as_ref().map(|personal| personal.encoding.name()),
            ])?;
            self.chain = Head { events: self.chain.events + 1, position, hash };
            appended = Appended { revision: Revision(revision), position };
            self.events.push(prepared.stored(admitted.stream, &place, hash));
        }
        Ok(appended)
    }
}

const INSERT: &str = "
    INSERT INTO events (position, stream, revision, id, kind, metadata, data, hash,
        form, stored_at, data_encoding, personal, personal_encoding)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";

fn record(rows: &Connection, chain: &Head) -> rusqlite::Result<()> {
    let mut update = rows.prepare_cached("UPDATE chain SET events = ?1, position = ?2, hash = ?3")?;
    update.execute((integer(chain.events), integer(chain.position.0), &chain.hash.0[..]))?;
    Ok(())
}

fn stream_key(rows: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    rows.prepare_cached("SELECT stream FROM streams WHERE name = ?1")?.query_row([name], |row| row.get(0)).optional()
}

fn new_stream(rows: &Connection, name: &str) -> rusqlite::Result<i64> {
    rows.prepare_cached("INSERT INTO streams (name) VALUES (?1)")?.insert([name])
}

fn last_revision(rows: &Connection, key: i64) -> rusqlite::Result<Option<Revision>> {
    rows.prepare_cached("SELECT revision FROM events WHERE stream = ?1 ORDER BY revision DESC LIMIT 1")?
        .query_row([key], |row| row.get(0).map(|revision| Revision(natural(revision))))
        .optional()
}

fn ids(rows: &Connection, key: i64, first: Revision, count: usize) -> rusqlite::Result<Vec<Uuid>> {
    let mut select = rows.prepare_cached(
        "SELECT id FROM events WHERE stream = ?1 AND revision >= ?2 AND revision - ?2 < ?3 ORDER BY revision",
    )?;
    let id = |row: &rusqlite::Row<'_>| Ok(Uuid::from_slice(row.get_ref(0)?.as_blob()?).unwrap_or_default());
    select.query_map((key, integer(first.0), integer(count as u64)), id)?.collect()
}

fn position(rows: &Connection, key: i64, revision: Revision) -> rusqlite::Result<Position> {
    rows.prepare_cached("SELECT position FROM events WHERE stream = ?1 AND revision = ?2")?
        .query_row((key, integer(revision.0)), |row| row.get(0).map(|position| Position(natural(position))))
}
