//! The busy times of one owner, collected calendar by calendar.

use std::{cell::LazyCell, ops::Range};

use calendar::object::AddressBook as _;
use ical::{
    Address, Document, TimeRange,
    free_busy::{self, Availability, BusyPeriod},
    recur::Budget,
    zone::Zone,
};
use projections::{Collection, Member, Snapshot};
use schemas::{ObjectId, PrincipalId};

use super::{InboxAvailability, floating};
use crate::{address_book::DirectoryAddressBook, error::Error};

/// The busy times of an owner, collected from some of their calendars.
pub(super) struct BusyTimes<'a> {
    owner: PrincipalId,
    book: &'a DirectoryAddressBook,
    budget: &'a Budget,
    pub(super) window: Range<i64>,
    pub(super) periods: Vec<BusyPeriod>,
    availabilities: Vec<Availability>,
}

impl<'a> BusyTimes<'a> {
    pub(super) fn by(
        owner: PrincipalId,
        (book, budget): (&'a DirectoryAddressBook, &'a Budget),
        window: Range<i64>,
    ) -> Self {
        Self { owner, book, budget, window, periods: Vec::new(), availabilities: Vec::new() }
    }

    /// Adds the indexed busy periods of a calendar, and evaluates the objects that are not indexed.
    pub(super) fn add(
        &mut self,
        snapshot: &Snapshot,
        calendar: &Collection,
        except_uid: Option<&str>,
    ) -> Result<(), Error> {
        let between = (self.window.start, self.window.end);
        let except = except_uid.map(|uid| ObjectId::derive(self.owner, uid));
        let owns = |address: &Address| self.book.principal(address) == Some(self.owner);
        snapshot.busy_periods(calendar.id, between, except, |claim| {
            let period = claim.kind_for(&owns).map(|kind| BusyPeriod { start: claim.start, end: claim.end, kind });
            self.periods.extend(period);
            Ok::<_, Error>(())
        })?;
        let zone = LazyCell::new(|| floating(&calendar.settings));
        snapshot.unindexed(calendar.id, between, |member, body| {
            if except_uid != Some(member.uid.as_str()) {
                self.read(body, &zone);
            }
            Ok(())
        })
    }

    /// Evaluates all objects of a calendar that `counts` selects.
    pub(super) fn read_all(
        &mut self,
        snapshot: &Snapshot,
        calendar: &Collection,
        counts: &dyn Fn(&Member) -> bool,
    ) -> Result<(), Error> {
        let (range, zone) = (self.range(), LazyCell::new(|| floating(&calendar.settings)));
        snapshot.overlapping(calendar.id, range.start, range.end, |member, body| {
            if counts(&member) {
                self.read(body, &zone);
            }
            Ok(())
        })
    }

    fn read(&mut self, body: &str, zone: &Zone) {
        // A stored text could be parsed when it was stored. If it no longer can, its times are
        // unknown.
        let Ok(document) = Document::parse(body) else { return };
        let (range, owns) = (self.range(), |address: &Address| self.book.principal(address) == Some(self.owner));
        self.periods.extend(free_busy::periods(&document, range, zone, &owns, self.budget));
        self.availabilities.extend(free_busy::availabilities(&document, range, zone, self.budget));
    }

    pub(super) fn add_availability(&mut self, InboxAvailability { document, zone }: &InboxAvailability) {
        self.availabilities.extend(free_busy::availabilities(document, self.range(), zone, self.budget));
    }

    /// Merges the periods: first the availability, then the busy periods (RFC 7953 §5).
    pub(super) fn merged(mut self) -> Vec<BusyPeriod> {
        let range = self.range();
        self.periods.extend(free_busy::unavailable(self.availabilities, range));
        free_busy::merge(self.periods, range)
    }

    fn range(&self) -> TimeRange {
        TimeRange { start: Some(self.window.start), end: Some(self.window.end) }
    }
}
