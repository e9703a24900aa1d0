//! The busy times of one owner, read calendar by calendar.

use std::cell::LazyCell;

use calendar::object::AddressBook as _;
use ical::{
    Address, Document,
    free_busy::{self, Availability, BusyPeriod},
    recur::Budget,
    time::Window,
    zone::Zone,
};
use projections::{Collection, Member, Snapshot};
use schemas::{ObjectId, PrincipalId};

use super::floating;
use crate::{address_book::DirectoryAddressBook, error::Error};

/// Reader of the busy times of one owner in some of their calendars.
pub(super) struct BusyTimes<'a> {
    owner: PrincipalId,
    book: &'a DirectoryAddressBook,
    budget: &'a Budget,
    /// Times for which busy periods are needed. Periods that overlap none of them may be omitted.
    times: &'a [Window],
    /// Smallest window that contains all `times`.
    around: Window,
    found: &'a mut dyn FnMut(BusyPeriod),
    /// Availabilities (VAVAILABILITY) in the calendars that were read.
    pub(super) availabilities: Vec<Availability>,
}

impl<'a> BusyTimes<'a> {
    pub(super) fn by(
        owner: PrincipalId,
        (book, budget): (&'a DirectoryAddressBook, &'a Budget),
        (times, found): (&'a [Window], &'a mut dyn FnMut(BusyPeriod)),
    ) -> Self {
        let around = Window::around(times).unwrap_or(Window::new(0, 0));
        Self { owner, book, budget, times, around, found, availabilities: vec![] }
    }

    /// Passes the indexed busy periods of a calendar to `found`, and evaluates the objects that are
    /// not indexed. `except_uid`: the object that is left out.
    pub(super) fn add(
        &mut self,
        snapshot: &Snapshot,
        calendar: &Collection,
        except_uid: Option<&str>,
    ) -> Result<(), Error> {
        let between = (self.around.start, self.around.end);
        let except = except_uid.map(|uid| ObjectId::derive(self.owner, uid));
        let owns = |address: &Address| self.book.principal(address) == Some(self.owner);
        snapshot.busy_periods(calendar.id, between, except, |claim| {
            if let Some(kind) = claim.kind_for(&owns) {
                (self.found)(BusyPeriod { start: claim.start, end: claim.end, kind });
            }
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

    /// Evaluates all objects of a calendar that `counts` selects and that may overlap the window
    /// `around`.
    pub(super) fn read_all(
        &mut self,
        snapshot: &Snapshot,
        calendar: &Collection,
        counts: &dyn Fn(&Member) -> bool,
    ) -> Result<(), Error> {
        let (start, end, zone) = (self.around.start, self.around.end, LazyCell::new(|| floating(&calendar.settings)));
        snapshot.overlapping(calendar.id, Some(start), Some(end), |member, body| {
            if counts(&member) {
                self.read(body, &zone);
            }
            Ok(())
        })
    }

    fn read(&mut self, body: &str, zone: &Zone) {
        // Stored texts were valid when they were stored. If this version cannot parse one, it is
        // left out.
        let Ok(document) = Document::parse(body) else { return };
        let owns = |address: &Address| self.book.principal(address) == Some(self.owner);
        let periods = free_busy::periods_at(&document, self.times, zone, &owns, self.budget);
        periods.into_iter().for_each(&mut *self.found);
        self.availabilities.extend(free_busy::availabilities(&document, self.around.into(), zone, self.budget));
    }
}
