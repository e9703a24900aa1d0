//! Queries of the search index.

use std::collections::BTreeSet;

use rusqlite::Connection;
use schemas::{ObjectId, Position, PrincipalId, Stream, Timestamp};

use super::{
    Clue, Search, log,
    meeting::{About, Meeting},
    names, terms, words,
};
use crate::{Failure, ReadModels};

/// Maximum number of candidates that are read one by one. If there are more, the latest acts are
/// scanned for candidates instead.
const FEW: usize = 2_000;
/// Default maximum of meetings that are listed for a word or person. If there are more, the others
/// are left out.
const MAX_LISTED: usize = 300_000;
/// Default maximum of meetings that are read while the latest acts are scanned.
const MAX_READ: usize = 10_000;
/// Number of skipped meetings that count as much work as one that is read.
const READING: usize = 32;

/// The maximum work of a search. If it is reached, meetings can be missing
/// ([`Finding::is_partial`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effort {
    /// Number of meetings after which no further ones are listed for a word or person.
    pub listed: usize,
    /// Maximum number of meetings that are read while the latest acts are scanned.
    pub read: usize,
}

impl Effort {
    /// No limit: the search ends only when it has found [`Query::limit`] meetings or has read all.
    pub const WHOLE: Self = Self { listed: usize::MAX, read: usize::MAX };
}

impl Default for Effort {
    fn default() -> Self {
        Self { listed: MAX_LISTED, read: MAX_READ }
    }
}

/// A search for meetings. All given conditions must hold.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Prefixes of words in titles, places, and names and addresses of people. Each must occur.
    pub words: Vec<String>,
    /// For each person who must be concerned: the principals who may be meant, and their addresses.
    pub people: Vec<(Vec<PrincipalId>, Vec<String>)>,
    /// Parts of the `User-Agent` of a program that acted; case is ignored. One act must meet this
    /// condition and those of `since` and `until`.
    pub clients: Vec<String>,
    /// There must be an act at or after this time.
    pub since: Option<Timestamp>,
    /// There must be an act before this time.
    pub until: Option<Timestamp>,
    /// The time from the first to the last instance of the meeting must overlap the time between
    /// these two, in seconds since the epoch.
    pub during: Option<(i64, i64)>,
    /// The UIDs of the meetings that may be found; `None` for any.
    pub uids: Option<BTreeSet<String>>,
    /// Maximum number of meetings in the result.
    pub limit: usize,
    /// The maximum work of the search.
    pub effort: Effort,
}

/// The result of a search.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Finding {
    /// The meetings that fit, ordered by their latest act, newest first.
    pub meetings: Vec<Found>,
    /// True if the search reached its maximum work, so that meetings may be missing.
    pub is_partial: bool,
}

/// A meeting that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The iCalendar UID of the meeting.
    pub uid: String,
    /// The latest title of the meeting.
    pub title: String,
    /// Address of the organizer; empty if there is none.
    pub organizer: String,
    /// Position of the first event of the last act; of the meeting's first event if there was no
    /// act.
    pub position: Position,
    /// Time of the event at `position`.
    pub at: Timestamp,
}

impl ReadModels {
    /// Returns the meetings that fit, as far as the query's effort allows.
    pub fn find(&self, query: &Query) -> Result<Finding, Failure> {
        self.ask::<Search, _>(|rows| Finder::of(rows, query)?.find())
    }

    /// Returns the UID of an object; `None` if the object is unknown.
    pub fn uid_of(&self, object: ObjectId) -> Result<Option<String>, Failure> {
        self.ask::<Search, _>(|rows| {
            let meeting = Meeting::of_object(rows, object)?;
            Ok(meeting.map(|meeting| meeting.uid()).transpose()?)
        })
    }

    /// Returns the streams of all objects that ever had this UID in any home, oldest first.
    pub fn streams_of_uid(&self, uid: &str) -> Result<Vec<Stream>, Failure> {
        self.ask::<Search, _>(|rows| {
            let Some(meeting) = Meeting::by_uid(rows, uid)? else { return Ok(vec![]) };
            Ok(meeting.objects(rows)?.into_iter().map(Stream::Object).collect())
        })
    }

    /// Returns the positions of events that a clue may identify, in order. Some may be false
    /// matches.
    pub fn follow(&self, clue: &Clue) -> Result<Vec<Position>, Failure> {
        self.ask::<Search, _>(|rows| Ok(log::follow(rows, clue)?.into_iter().map(Position).collect()))
    }
}

/// A search that is being answered.
struct Finder<'a> {
    rows: &'a Connection,
    query: &'a Query,
    /// The keys of the meetings with the requested words, people and UIDs, in ascending order;
    /// empty if a requested program is unknown. `None` if none of these was requested.
    candidates: Option<Vec<i64>>,
    /// For each requested program, the keys of the names that match.
    clients: Vec<Vec<i64>>,
    /// True if there are meetings with a requested word or person that were not listed.
    is_partial: bool,
}

impl<'a> Finder<'a> {
    fn of(rows: &'a Connection, query: &'a Query) -> Result<Self, Failure> {
        let (mut lists, mut is_partial) = (vec![], false);
        let mut list = |terms: &[u64]| {
            let (meetings, is_cut) = terms::meetings(rows, terms, query.effort.listed)?;
            lists.push(meetings);
            is_partial |= is_cut;
            Ok::<_, rusqlite::Error>(())
        };
        let (addresses, words): (Vec<&String>, Vec<&String>) = query.words.iter().partition(|word| word.contains('@'));
        for word in words.into_iter().flat_map(|word| words::split(word)) {
            list(&terms::beginning_with(rows, &word)?)?;
        }
        for (ids, addresses) in &query.people {
            let people = ids.iter().map(|id| terms::person(*id));
            let mailboxes = addresses.iter().map(|address| words::mailbox(address).into_bytes());
            let known = people.chain(mailboxes).map(|term| terms::known(rows, &term));
            let known: Vec<Option<u64>> = known.collect::<rusqlite::Result<_>>()?;
            list(&known.into_iter().flatten().collect::<Vec<_>>())?;
        }
        for word in addresses {
            let (meetings, is_cut) = of_address(rows, word, query.effort)?;
            lists.push(meetings);
            is_partial |= is_cut;
        }
        if let Some(uids) = &query.uids {
            lists.push(keys(rows, uids)?);
        }
        let clients = query.clients.iter().map(|client| names::containing(rows, client));
        let clients: Vec<Vec<i64>> = clients.collect::<rusqlite::Result<_>>()?;
        if clients.iter().any(Vec::is_empty) {
            lists.push(vec![]);
        }
        Ok(Self {
            rows,
            query,
            candidates: lists.into_iter().reduce(|one, other| common(one, &other)),
            clients,
            is_partial,
        })
    }

    fn find(&self) -> Result<Finding, Failure> {
        let (mut found, mut is_partial) = (vec![], self.is_partial);
        match &self.candidates {
            Some(few) if few.len() <= FEW => {
                for key in few {
                    found.extend(self.fitting(*key)?);
                }
                found.sort_by_key(|found| std::cmp::Reverse(found.position));
                found.truncate(self.query.limit);
            }
            candidates => {
                let (mut work, mut is_over) = (0_usize, false);
                let most = self.query.effort.read.saturating_mul(READING);
                log::latest(self.rows, self.query.since.map(Timestamp::seconds), |key| {
                    let is_candidate = candidates.as_ref().is_none_or(|keys| keys.binary_search(&key).is_ok());
                    work += if is_candidate { READING } else { 1 };
                    is_over = work > most;
                    if is_candidate && !is_over {
                        found.extend(self.fitting(key)?);
                    }
                    Ok::<_, Failure>(found.len() < self.query.limit && !is_over)
                })?;
                is_partial |= is_over;
            }
        }
        Ok(Finding { meetings: found, is_partial })
    }

    /// Reads a meeting; `None` if it does not fit.
    fn fitting(&self, key: i64) -> Result<Option<Found>, Failure> {
        let meeting = Meeting::by_key(self.rows, key)?;
        if !self.may_take_place(&meeting) || !self.was_acted_upon(&meeting)? {
            return Ok(None);
        }
        Ok(Some(Found {
            uid: meeting.uid()?,
            organizer: meeting.about.organizer.map(|key| names::named(self.rows, key)).transpose()?.unwrap_or_default(),
            title: meeting.about.title,
            position: Position(meeting.position),
            at: Timestamp(meeting.at),
        }))
    }

    fn may_take_place(&self, meeting: &Meeting) -> bool {
        self.query.during.is_none_or(|(start, end)| {
            let About { begins, ends, .. } = meeting.about;
            begins.is_none_or(|begins| begins < end) && ends.is_none_or(|ends| ends >= start)
        })
    }

    /// Returns true if a single act meets all conditions that concern acts, or if there are no such
    /// conditions.
    fn was_acted_upon(&self, meeting: &Meeting) -> rusqlite::Result<bool> {
        let Query { since, until, .. } = self.query;
        if self.clients.is_empty() && since.is_none() && until.is_none() {
            return Ok(true);
        }
        let (since, until) = (since.map(Timestamp::seconds), until.map(Timestamp::seconds));
        meeting.was_acted_upon(self.rows, (since, until), |act| {
            self.clients.iter().all(|keys| keys.contains(&act.agent))
                && since.is_none_or(|since| act.at >= since)
                && until.is_none_or(|until| act.at < until)
        })
    }
}

/// Returns the keys of the meetings with these UIDs, in ascending order.
fn keys(rows: &Connection, uids: &BTreeSet<String>) -> rusqlite::Result<Vec<i64>> {
    let meetings = uids.iter().filter_map(|uid| Meeting::by_uid(rows, uid).transpose());
    let mut keys: Vec<i64> = meetings.map(|meeting| Ok(meeting?.key)).collect::<rusqlite::Result<_>>()?;
    keys.sort_unstable();
    Ok(keys)
}

/// Returns the meetings with an address that begins with `word`, and those that have, for each part
/// of `word`, a word that begins with it. The second value is true if there are more.
fn of_address(rows: &Connection, word: &str, effort: Effort) -> rusqlite::Result<(Vec<i64>, bool)> {
    let of = |word: &str| terms::meetings(rows, &terms::beginning_with(rows, word)?, effort.listed);
    let (mut meetings, mut is_partial) = of(&words::mailbox(word))?;
    let mut parts = vec![];
    for part in words::split(word) {
        let (with_it, is_cut) = of(&part)?;
        parts.push(with_it);
        is_partial |= is_cut;
    }
    meetings.extend(parts.into_iter().reduce(|one, other| common(one, &other)).unwrap_or_default());
    meetings.sort_unstable();
    meetings.dedup();
    Ok((meetings, is_partial))
}

/// Returns the numbers that two ascending lists have in common.
fn common(mut one: Vec<i64>, other: &[i64]) -> Vec<i64> {
    one.retain(|key| other.binary_search(key).is_ok());
    one
}
