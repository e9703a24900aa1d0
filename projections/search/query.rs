//! What is asked of the index.

use rusqlite::{Connection, OptionalExtension, Row, types::Value};
use schemas::{ObjectId, Position, PrincipalId, Timestamp};
use uuid::Uuid;

use super::{Clue, Search, words};
use crate::{Failure, ReadModels, position};

/// Meetings that are looked for. Everything that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Beginnings of words of titles, places and people's names, each of which must occur.
    pub words: Vec<String>,
    /// For each person that must be concerned: who it may be, and their addresses.
    pub people: Vec<(Vec<PrincipalId>, Vec<String>)>,
    /// Parts of the `User-Agent` of a program that acted, ignoring case.
    pub clients: Vec<String>,
    /// An act happened since this moment.
    pub since: Option<Timestamp>,
    /// An act happened before this moment.
    pub until: Option<Timestamp>,
    /// The meeting may take place between these two moments: seconds.
    pub during: Option<(i64, i64)>,
    /// Most meetings in the answer.
    pub limit: usize,
}

/// A meeting that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The iCalendar UID.
    pub uid: String,
    /// The last title.
    pub title: String,
    /// Address of the organizer; empty: it has none.
    pub organizer: String,
    /// The last act of a person.
    pub position: Position,
    /// When that was.
    pub at: Timestamp,
}

impl ReadModels {
    /// Returns the meetings that fit, the one of the last act first.
    pub fn find(&self, query: &Query) -> Result<Vec<Found>, Failure> {
        self.ask::<Search, _>(|rows| Statement::of(query).read(rows))
    }

    /// Returns the meeting with this UID; `None` if nobody ever had it.
    pub fn meeting(&self, uid: &str) -> Result<Option<Found>, Failure> {
        self.ask::<Search, _>(|rows| {
            let mut query =
                rows.prepare_cached("SELECT uid, title, organizer, position, at FROM meeting WHERE uid = ?")?;
            Ok(query.query_row([uid], found).optional()?)
        })
    }

    /// Returns the UID of an object; `None` for an unknown one.
    pub fn uid_of(&self, object: ObjectId) -> Result<Option<String>, Failure> {
        self.ask::<Search, _>(|rows| {
            let sql = "SELECT uid FROM object JOIN meeting ON meeting.key = object.meeting WHERE id = ?";
            let mut query = rows.prepare_cached(sql)?;
            Ok(query.query_row([object.0.as_bytes()], |row| row.get(0)).optional()?)
        })
    }

    /// Returns the positions of events that a clue may lead to, in order.
    pub fn follow(&self, clue: &Clue) -> Result<Vec<Position>, Failure> {
        self.ask::<Search, _>(|rows| {
            let mut next = rows.prepare_cached("SELECT week FROM clue WHERE week > ? ORDER BY week LIMIT 1")?;
            let mut query = rows.prepare_cached("SELECT position FROM clue WHERE week = ? AND clue = ?")?;
            let (mut positions, mut week) = (vec![], i64::MIN);
            while let Some(following) = next.query_row([week], |row| row.get(0)).optional()? {
                week = following;
                for position in query.query_map([week, clue.key()], |row| position::read(row, 0))? {
                    positions.push(position?);
                }
            }
            positions.sort_unstable();
            Ok(positions)
        })
    }

    /// Returns the objects that ever lay at a place, with their UIDs.
    pub fn objects_ever_at(&self, clue: &Clue) -> Result<Vec<(ObjectId, String)>, Failure> {
        self.ask::<Search, _>(|rows| {
            let sql = "SELECT object.id, meeting.uid FROM spot JOIN object ON object.key = spot.object
                JOIN meeting ON meeting.key = object.meeting WHERE spot.clue = ? ORDER BY object.key";
            let mut query = rows.prepare_cached(sql)?;
            let found =
                query.query_map([clue.key()], |row| Ok((ObjectId(Uuid::from_bytes(row.get(0)?)), row.get(1)?)))?;
            Ok(found.collect::<Result<_, _>>()?)
        })
    }
}

/// The question in SQL.
struct Statement {
    sql: String,
    values: Vec<Value>,
}

impl Statement {
    fn of(query: &Query) -> Self {
        let sql = "SELECT uid, title, organizer, position, at FROM meeting WHERE 1".to_owned();
        let mut statement = Self { sql, values: vec![] };
        for word in query.words.iter().flat_map(|word| split(word)) {
            statement.word(&word);
        }
        for (ids, addresses) in &query.people {
            statement.person(ids, addresses);
        }
        statement.acts(query);
        if let Some((start, end)) = query.during {
            statement.sql.push_str(" AND ifnull(begins, -9e18) < ? AND ifnull(ends, 9e18) >= ?");
            statement.values.extend([Value::Integer(end), Value::Integer(start)]);
        }
        statement.sql.push_str(" ORDER BY position DESC LIMIT ?");
        statement.values.push(Value::Integer(i64::try_from(query.limit).unwrap_or(i64::MAX)));
        statement
    }

    fn word(&mut self, word: &str) {
        self.sql.push_str(" AND key IN (SELECT meeting FROM word WHERE word >= ? AND word < ?)");
        self.values.push(Value::Text(word.to_owned()));
        self.values.push(Value::Text(format!("{word}\u{10ffff}")));
    }

    fn person(&mut self, ids: &[PrincipalId], addresses: &[String]) {
        let marks = |count: usize| vec!["?"; count].join(", ");
        let blobs = || ids.iter().map(|id| Value::Blob(id.0.as_bytes().to_vec()));
        let known = marks(ids.len());
        let person = format!(
            " AND key IN (SELECT meeting FROM object WHERE home IN ({known})
                UNION SELECT meeting FROM act WHERE person IN (SELECT key FROM person WHERE id IN ({known}))
                UNION SELECT meeting FROM word WHERE word IN ({}))",
            marks(addresses.len())
        );
        self.sql.push_str(&person);
        self.values.extend(blobs());
        self.values.extend(blobs());
        self.values.extend(addresses.iter().map(|address| Value::Text(words::mailbox(address))));
    }

    /// One act must have all of what is asked of acts.
    fn acts(&mut self, query: &Query) {
        let Query { clients, since, until, .. } = query;
        if clients.is_empty() && since.is_none() && until.is_none() {
            return;
        }
        self.sql.push_str(" AND EXISTS (SELECT 1 FROM act WHERE act.meeting = meeting.key");
        for client in clients {
            self.sql.push_str(" AND agent IN (SELECT key FROM agent WHERE instr(lower(agent), ?))");
            self.values.push(Value::Text(client.to_lowercase()));
        }
        for (moment, comparison) in [(since, ">="), (until, "<")] {
            if let Some(moment) = moment {
                self.sql.push_str(" AND act.at ");
                self.sql.push_str(comparison);
                self.sql.push_str(" ?");
                self.values.push(Value::Integer(moment.0));
            }
        }
        self.sql.push(')');
    }

    fn read(&self, rows: &Connection) -> Result<Vec<Found>, Failure> {
        let mut query = rows.prepare_cached(&self.sql)?;
        let found = query.query_map(rusqlite::params_from_iter(&self.values), found)?;
        Ok(found.collect::<Result<_, _>>()?)
    }
}

fn found(row: &Row<'_>) -> rusqlite::Result<Found> {
    Ok(Found {
        uid: row.get(0)?,
        title: row.get(1)?,
        organizer: row.get(2)?,
        position: position::read(row, 3)?,
        at: Timestamp(row.get(4)?),
    })
}

/// A word that was typed, as it is indexed: an address is one word.
fn split(word: &str) -> Vec<String> {
    if word.contains('@') { vec![words::mailbox(word)] } else { words::split(word).collect() }
}
