//! One view that does not change while it is read: long answers are written from it, page by page, in bounded memory.

use ical::free_busy::IndexedPeriod;
use schemas::{CollectionId, ObjectId, Position, PrincipalId};

use super::{Changes, Collection, Member, busy, queries, sync};
use crate::{Failure, readers::Reader};

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
        queries::home(&self.reader, home)
    }

    /// The last change of a collection or of anything below it, removals included; the empty name is the home.
    pub fn changed_below(&self, home: PrincipalId, name: &str) -> Result<Position, Failure> {
        queries::changed_below(&self.reader, home, name)
    }

    pub fn collection_by_id(&self, id: CollectionId) -> Result<Option<Collection>, Failure> {
        queries::collection_by_id(&self.reader, id)
    }

    pub fn member(&self, collection: CollectionId, name: &str) -> Result<Option<Member>, Failure> {
        queries::member(&self.reader, collection, name)
    }

    pub fn member_with_body(&self, collection: CollectionId, name: &str) -> Result<Option<(Member, String)>, Failure> {
        queries::member_with_body(&self.reader, collection, name)
    }

    /// Every member in the order of names.
    pub fn members<E: From<Failure>>(
        &self,
        collection: CollectionId,
        each: impl FnMut(Member) -> Result<(), E>,
    ) -> Result<(), E> {
        queries::each(&self.reader, collection, each)
    }

    /// Every member with its body, in the order of names.
    pub fn members_with_bodies<E: From<Failure>>(
        &self,
        collection: CollectionId,
        each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        queries::each_with_body(&self.reader, collection, each)
    }

    /// Every member that may overlap `start..end` (seconds, UTC), with its body: candidates, to be looked at closely.
    pub fn overlapping<E: From<Failure>>(
        &self,
        collection: CollectionId,
        start: Option<i64>,
        end: Option<i64>,
        each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        queries::each_overlapping(&self.reader, collection, start, end, each)
    }

    /// When a name was last removed from a collection, for all that were after `since`.
    pub fn removed(&self, collection: CollectionId, since: Position) -> Result<Vec<(String, Position)>, Failure> {
        sync::removed(&self.reader, collection, since, usize::MAX - 1)
    }

    /// Every claim on the time from `start` to before `end` (seconds, UTC) but those of one object, maybe more than once.
    pub fn claims<E: From<Failure>>(
        &self,
        collection: CollectionId,
        (start, end): (i64, i64),
        except: Option<ObjectId>,
        each: impl FnMut(IndexedPeriod<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        busy::each_claim(&self.reader, collection, (start, end), except, each)
    }

    /// Every member that may take time from `start` to before `end`, but is to be read for that.
    pub fn unclear<E: From<Failure>>(
        &self,
        collection: CollectionId,
        (start, end): (i64, i64),
        each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        busy::each_unclear(&self.reader, collection, (start, end), each)
    }

    /// What happened in a collection after `since`, at most `limit` of it.
    pub fn changes(&self, collection: CollectionId, since: Position, limit: usize) -> Result<Changes, Failure> {
        sync::changes(&self.reader, collection, since, limit)
    }

    /// Names of collections that left a home after `since`, and when.
    pub fn gone(&self, home: PrincipalId, since: Position) -> Result<Vec<(String, Position)>, Failure> {
        sync::gone(&self.reader, home, since)
    }
}
