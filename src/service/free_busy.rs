//! When somebody is busy (RFC 4791 §7.10, RFC 6638 §5).

use std::ops::Range;

use calendar::{Refusal, object::AddressBook};
use ical::{
    Address, Document, TimeRange,
    free_busy::{self, Availability, BusyPeriod, Kind},
    recur::TooMany,
    zone::Zone,
};
use projections::{Collection, Member, ReadModels};
use schemas::{
    PrincipalId,
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
        let mut taken = Taken::default();
        for calendar in calendars {
            taken.add(&self.models, &book, owner, calendar, &window, &|member| counts(calendar, member))?;
        }
        Ok(taken.merged(range(&window)))
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
    let mut taken = Taken::default();
    for calendar in models.home(home)?.iter().filter(|collection| counts(collection)) {
        taken.add(models, book, home, calendar, &window, &|member| except_uid != Some(member.uid.as_str()))?;
    }
    Ok(taken.merged(range(&window)))
}

/// What the objects of some calendars say of somebody's time.
#[derive(Default)]
struct Taken {
    periods: Vec<BusyPeriod>,
    availabilities: Vec<Availability>,
}

impl Taken {
    fn add(
        &mut self,
        models: &ReadModels,
        book: &Book,
        owner: PrincipalId,
        calendar: &Collection,
        window: &Range<i64>,
        counts: &dyn Fn(&Member) -> bool,
    ) -> Result<(), Error> {
        let owns = |address: &Address| book.principal(address) == Some(owner);
        let zone = floating(&calendar.settings);
        let range = range(window);
        models.snapshot()?.overlapping(calendar.id, range.start, range.end, |member, body| {
            if !counts(&member) {
                return Ok(());
            }
            // What is stored was readable once; were it not, it takes no time anybody can know.
            let Ok(document) = Document::parse(body) else { return Ok(()) };
            self.periods.extend(free_busy::periods(&document, range, &zone, &owns).map_err(too_many)?);
            self.availabilities.extend(free_busy::availabilities(&document, range, &zone).map_err(too_many)?);
            Ok::<_, Error>(())
        })
    }

    /// RFC 7953 §5: first when somebody is there at all, then what takes the time.
    fn merged(mut self, range: TimeRange) -> Vec<BusyPeriod> {
        self.periods.extend(free_busy::unavailable(self.availabilities, range));
        free_busy::merge(self.periods, range)
    }
}

fn too_many(too_many: TooMany) -> Error {
    Refusal::TooManyInstances { limit: too_many.limit }.into()
}

fn range(window: &Range<i64>) -> TimeRange {
    TimeRange { start: Some(window.start), end: Some(window.end) }
}
