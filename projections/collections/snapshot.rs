//! One view that does not change while it is read: long answers are written from it, page by page, in bounded memory.

use ical::free_busy::IndexedPeriod;
use schemas::{CollectionId, ObjectId, Position, PrincipalId};

use super::{Changes, Collection, Member, busy, queries, sync};
use crate::{
    Failure,
    readers::{Ended, Reader},
};

/// Belongs to one thread at a time. Hold it no longer than the answer takes.
#[derive(Debug)]
pub struct Snapshot {
    reader: Reader,
}

impl Snapshot {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader }
    }

    pub fn home(&self, home: PrincipalId) -> Result<Vec<Collection>, Failure> {
        self.reader.ask(|rows| queries::home(rows, home))
    }

    /// The last change of a collection or of anything below it, removals included; the empty name is the home.
    pub fn changed_below(&self, home: PrincipalId, name: &str) -> Result<Position, Failure> {
        self.reader.ask(|rows| queries::changed_below(rows, home, name))
    }

    pub fn collection_by_id(&self, id: CollectionId) -> Result<Option<Collection>, Failure> {
        self.reader.ask(|rows| queries::collection_by_id(rows, id))
    }

    pub fn member(&self, collection: CollectionId, name: &str) -> Result<Option<Member>, Failure> {
        self.reader.ask(|rows| queries::member(rows, collection, name))
    }

    pub fn member_with_body(&self, collection: CollectionId, name: &str) -> Result<Option<(Member, String)>, Failure> {
        self.reader.ask(|rows| queries::member_with_body(rows, collection, name))
    }

    /// Every member in the order of names.
    pub fn members<E: From<Failure>>(
        &self,
        collection: CollectionId,
        mut each: impl FnMut(Member) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reader.list(|rows| queries::each(rows, collection, |member| each(member).map_err(Ended::Caller)))
    }

    /// Every member with its body, in the order of names.
    pub fn members_with_bodies<E: From<Failure>>(
        &self,
        collection: CollectionId,
        mut each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reader.list(|rows| {
            queries::each_with_body(rows, collection, |member, body| each(member, body).map_err(Ended::Caller))
        })
    }

    /// Every member that may overlap `start..end` (seconds, UTC), with its body: candidates, to be looked at closely.
    pub fn overlapping<E: From<Failure>>(
        &self,
        collection: CollectionId,
        start: Option<i64>,
        end: Option<i64>,
        mut each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reader.list(|rows| {
            queries::each_overlapping(rows, collection, start, end, |member, body| {
                each(member, body).map_err(Ended::Caller)
            })
        })
    }

    /// When a name was last removed from a collection, for all that were after `since`.
    pub fn removed(&self, collection: CollectionId, since: Position) -> Result<Vec<(String, Position)>, Failure> {
        self.reader.ask(|rows| sync::removed(rows, collection, since, usize::MAX - 1))
    }

    /// Every claim on the time from `start` to before `end` (seconds, UTC) but those of one object, maybe more than once.
    pub fn claims<E: From<Failure>>(
        &self,
        collection: CollectionId,
        (start, end): (i64, i64),
        except: Option<ObjectId>,
        mut each: impl FnMut(IndexedPeriod<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reader.list(|rows| {
            busy::each_claim(rows, collection, (start, end), except, |claim| each(claim).map_err(Ended::Caller))
        })
    }

    /// Every member that may take time from `start` to before `end`, but is to be read for that.
    pub fn unclear<E: From<Failure>>(
        &self,
        collection: CollectionId,
        (start, end): (i64, i64),
        mut each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reader.list(|rows| {
            busy::each_unclear(rows, collection, (start, end), |member, body| each(member, body).map_err(Ended::Caller))
        })
    }

    /// What happened in a collection after `since`, at most `limit` of it.
    pub fn changes(&self, collection: CollectionId, since: Position, limit: usize) -> Result<Changes, Failure> {
        self.reader.ask(|rows| sync::changes(rows, collection, since, limit))
    }

    /// Names of collections that left a home after `since`, and when.
    pub fn gone(&self, home: PrincipalId, since: Position) -> Result<Vec<(String, Position)>, Failure> {
        self.reader.ask(|rows| sync::gone(rows, home, since))
    }
}
