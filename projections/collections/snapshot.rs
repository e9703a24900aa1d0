//! A snapshot of the read model. It does not change while a long response is streamed from it in
//! bounded memory.

use ical::free_busy::IndexedPeriod;
use schemas::{CollectionId, ObjectId, Position, PrincipalId};

use super::{Changes, Collection, Member, Seen, Viewed, busy, queries, sync};
use crate::{
    Failure,
    readers::{Ended, Reader},
};

/// A snapshot of all collections, for use by one thread at a time. Drop it as soon as the response
/// is written.
#[derive(Debug)]
pub struct Snapshot {
    pub(super) reader: Reader,
}

impl Snapshot {
    pub(crate) fn new(reader: Reader) -> Self {
        Self { reader }
    }

    pub fn home(&self, home: PrincipalId) -> Result<Vec<Collection>, Failure> {
        self.reader.ask(|rows| queries::home(rows, home))
    }

    /// Returns the position of the last change of a collection, or of the last change or removal of
    /// anything below it, whichever is later. The empty name means the home.
    pub fn changed_below(&self, home: PrincipalId, name: &str) -> Result<Position, Failure> {
        self.reader.ask(|rows| queries::changed_below(rows, home, name))
    }

    pub fn collection_by_id(&self, id: CollectionId) -> Result<Option<Collection>, Failure> {
        self.reader.ask(|rows| queries::collection_by_id(rows, id))
    }

    pub fn member(&self, viewed: impl Into<Viewed>, name: &str) -> Result<Option<Member>, Failure> {
        self.reader.ask(|rows| viewed.into().named(rows, name))
    }

    pub fn member_with_body(&self, viewed: impl Into<Viewed>, name: &str) -> Result<Option<(Member, String)>, Failure> {
        self.reader.ask(|rows| viewed.into().named_with_body(rows, name))
    }

    /// Returns the position of the last change of a collection, or of the viewer's share with their
    /// own properties and personal data, whichever is later; `None` if the collection was removed.
    pub fn changed(&self, viewed: impl Into<Viewed>) -> Result<Option<Position>, Failure> {
        self.reader.ask(|rows| viewed.into().changed(rows))
    }

    /// Calls `each` with every member of a collection, ordered by name.
    pub fn members<E: From<Failure>>(
        &self,
        viewed: impl Into<Viewed>,
        mut each: impl FnMut(Member) -> Result<(), E>,
    ) -> Result<(), E> {
        let viewed = viewed.into();
        self.reader.list(|rows| {
            queries::each(rows, viewed.collection, |member| each(viewed.member(rows, member)?).map_err(Ended::Caller))
        })
    }

    /// Calls `each` with every calendar object or inbox item of a collection and its text, ordered
    /// by name. Returns [`Failure::Damaged`] if the collection has a file.
    pub fn members_with_bodies<E: From<Failure>>(
        &self,
        viewed: impl Into<Viewed>,
        mut each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let viewed = viewed.into();
        self.reader.list(|rows| {
            queries::each_with_body(rows, viewed.collection, |member, body| {
                let (member, body) = viewed.with_body(rows, member, body)?;
                each(member, &body).map_err(Ended::Caller)
            })
        })
    }

    /// Calls `each` with every member of a collection that may have an instance in `start..end`
    /// (seconds since the epoch; `None`: no bound), and with its body. The index is approximate, so
    /// the caller must check each member.
    pub fn overlapping<E: From<Failure>>(
        &self,
        viewed: impl Into<Viewed>,
        start: Option<i64>,
        end: Option<i64>,
        mut each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let viewed = viewed.into();
        self.reader.list(|rows| {
            queries::each_overlapping(rows, viewed.collection, start, end, |member, body| {
                let (member, body) = viewed.with_body(rows, member, body)?;
                each(member, &body).map_err(Ended::Caller)
            })
        })
    }

    /// Returns the names that were removed from a collection after `since` and are not in use now,
    /// each with the position of its last removal.
    pub fn removed(&self, collection: CollectionId, since: Position) -> Result<Vec<(String, Position)>, Failure> {
        self.reader.ask(|rows| sync::removed(rows, collection, since, usize::MAX - 1))
    }

    /// Calls `each` with every indexed busy period that overlaps `start..end` (seconds since the
    /// epoch), except those of the object `except`. A period may be passed more than once.
    pub fn busy_periods<E: From<Failure>>(
        &self,
        collection: CollectionId,
        (start, end): (i64, i64),
        except: Option<ObjectId>,
        mut each: impl FnMut(IndexedPeriod<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reader.list(|rows| {
            busy::each_period(rows, collection, (start, end), except, |period| each(period).map_err(Ended::Caller))
        })
    }

    /// Calls `each` with the members of a collection, and their bodies, whose busy periods are not
    /// indexed and that may have an instance in `start..end` (seconds since the epoch).
    pub fn unindexed<E: From<Failure>>(
        &self,
        collection: CollectionId,
        (start, end): (i64, i64),
        mut each: impl FnMut(Member, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        self.reader.list(|rows| {
            busy::each_unindexed(rows, collection, (start, end), |member, body| {
                each(member, body).map_err(Ended::Caller)
            })
        })
    }

    /// Returns the changes in a collection that the client has not seen, oldest first. Returns at
    /// most `limit` changes, but always all changes of the first event.
    pub fn changes(&self, viewed: impl Into<Viewed>, seen: impl Into<Seen>, limit: usize) -> Result<Changes, Failure> {
        self.reader.ask(|rows| sync::changes(rows, viewed.into(), seen.into(), limit))
    }

    /// Returns the names in a home that a collection or shared calendar lost after `since`, by
    /// removal or a new name, and that are not in use now, each with the position of the loss.
    pub fn gone(&self, home: PrincipalId, since: Position) -> Result<Vec<(String, Position)>, Failure> {
        self.reader.ask(|rows| sync::gone(rows, home, since))
    }

    /// Returns the names in a home that a collection or shared calendar lost after `since` and that
    /// are in use again. If the former collection was removed, the names of its members are no
    /// longer known.
    pub fn replaced(&self, home: PrincipalId, since: Position) -> Result<Vec<String>, Failure> {
        self.reader.ask(|rows| sync::replaced(rows, home, since))
    }
}
