//! When somebody is busy (RFC 4791 §7.10, RFC 6638 §5).

use std::{cell::LazyCell, ops::Range};

use calendar::{Refusal, object::AddressBook};
use ical::{
    Address, Document, TimeRange,
    free_busy::{self, Availability, BusyPeriod, Kind},
    recur::TooMany,
    zone::Zone,
};
use projections::{Collection, Member, ReadModels, Snapshot};
use schemas::{
    ObjectId, PrincipalId,
    collection::{CollectionKind, Settings, Transparency},
};

use crate::{Service, address_book::Book, error::Error};

impl Service {
    /// Busy periods of a whole home: all its calendars by their transparency, the inbox left out (RFC 6638 §5).
    /// `window` in seconds, UTC.
    pub fn free_busy(
        &self,
        of: PrincipalId,
        window: Range<i64>,
        except_uid: Option<&str>,
    ) -> Result<Vec<BusyPeriod>, Error> {
        of_home(&self.models, &Book(self.models.directory()), of, window, except_uid)
    }

    /// Busy periods of the given calendars of one home, whatever their transparency (RFC 4791 §7.10), by those of their
    /// objects that `counts` says may be known of.
    pub fn free_busy_of<'a>(
        &self,
        owner: PrincipalId,
        calendars: impl IntoIterator<Item = &'a Collection>,
        window: Range<i64>,
        counts: &dyn Fn(&Collection, &Member) -> bool,
    ) -> Result<Vec<BusyPeriod>, Error> {
        let book = Book(self.models.directory());
        let mut taken = Taken::by(owner, &book, window);
        let snapshot = self.models.snapshot()?;
        for calendar in calendars {
            taken.read_all(&snapshot, calendar, &|member| counts(calendar, member))?;
        }
        Ok(taken.merged())
    }
}

/// The zone of a calendar's dates and floating times (RFC 4791 §5.2.2); UTC where its owner said none.
pub fn floating(settings: &Settings) -> Zone {
    let document = settings.time_zone.as_deref().and_then(|text| Document::parse(text).ok());
    document.as_ref().and_then(Zone::of_timezone_document).unwrap_or(Zone::Utc)
}

/// Whether anything takes the time between `start` and `end`.
pub(crate) fn is_busy(periods: &[BusyPeriod]) -> bool {
    periods.iter().any(|period| period.kind != Kind::Free)
}

pub(crate) fn of_home(
    models: &ReadModels,
    book: &Book,
    home: PrincipalId,
    window: Range<i64>,
    except_uid: Option<&str>,
) -> Result<Vec<BusyPeriod>, Error> {
    let counts = |collection: &Collection| {
        collection.kind == CollectionKind::Calendar
            && collection.settings.transparency.unwrap_or_default() == Transparency::Opaque
    };
    let mut taken = Taken::by(home, book, window);
    let snapshot = models.snapshot()?;
    for calendar in snapshot.home(home)?.iter().filter(|collection| counts(collection)) {
        taken.add(&snapshot, calendar, except_uid)?;
    }
    Ok(taken.merged())
}

/// What the objects of some calendars say of somebody's time.
struct Taken<'a> {
    owner: PrincipalId,
    book: &'a Book,
    window: Range<i64>,
    periods: Vec<BusyPeriod>,
    availabilities: Vec<Availability>,
}

impl<'a> Taken<'a> {
    fn by(owner: PrincipalId, book: &'a Book, window: Range<i64>) -> Self {
        Self { owner, book, window, periods: Vec::new(), availabilities: Vec::new() }
    }

    /// By what the index knows; only where it does not, by the objects.
    fn add(&mut self, snapshot: &Snapshot, calendar: &Collection, except_uid: Option<&str>) -> Result<(), Error> {
        let between = (self.window.start, self.window.end);
        let except = except_uid.map(|uid| ObjectId::derive(self.owner, uid));
        let owns = |address: &Address| self.book.principal(address) == Some(self.owner);
        snapshot.claims(calendar.id, between, except, |claim| {
            let period = claim.kind_for(&owns).map(|kind| BusyPeriod { start: claim.start, end: claim.end, kind });
            self.periods.extend(period);
            Ok::<_, Error>(())
        })?;
        let zone = LazyCell::new(|| floating(&calendar.settings));
        snapshot.unclear(calendar.id, between, |member, body| {
            if except_uid == Some(member.uid.as_str()) { Ok(()) } else { self.read(body, &zone) }
        })
    }

    /// By the objects, of which each may be nobody's business.
    fn read_all(
        &mut self,
        snapshot: &Snapshot,
        calendar: &Collection,
        counts: &dyn Fn(&Member) -> bool,
    ) -> Result<(), Error> {
        let (range, zone) = (self.range(), LazyCell::new(|| floating(&calendar.settings)));
        snapshot.overlapping(calendar.id, range.start, range.end, |member, body| {
            if counts(&member) { self.read(body, &zone) } else { Ok(()) }
        })
    }

    fn read(&mut self, body: &str, zone: &Zone) -> Result<(), Error> {
        // What is stored was readable once; were it not, it takes no time anybody can know.
        let Ok(document) = Document::parse(body) else { return Ok(()) };
        let (range, owns) = (self.range(), |address: &Address| self.book.principal(address) == Some(self.owner));
        self.periods.extend(free_busy::periods(&document, range, zone, &owns).map_err(too_many)?);
        self.availabilities.extend(free_busy::availabilities(&document, range, zone).map_err(too_many)?);
        Ok(())
    }

    /// RFC 7953 §5: first when somebody is there at all, then what takes the time.
    fn merged(mut self) -> Vec<BusyPeriod> {
        let range = self.range();
        self.periods.extend(free_busy::unavailable(self.availabilities, range));
        free_busy::merge(self.periods, range)
    }

    fn range(&self) -> TimeRange {
        TimeRange { start: Some(self.window.start), end: Some(self.window.end) }
    }
}

fn too_many(too_many: TooMany) -> Error {
    Refusal::TooManyInstances { limit: too_many.limit }.into()
}
