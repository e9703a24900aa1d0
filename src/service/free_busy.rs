//! When somebody is busy (RFC 4791 §7.10, RFC 6638 §5).

use std::ops::Range;

use calendar::{Refusal, object::AddressBook};
use ical::{
    Address, Document, TimeRange,
    free_busy::{self, BusyPeriod, Kind},
    recur::TooMany,
    zone::Zone,
};
use projections::{Collection, ReadModels};
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

    /// Busy periods of the given calendars of one home, whatever their transparency (RFC 4791 §7.10).
    pub fn free_busy_of(
        &self,
        owner: PrincipalId,
        calendars: &[Collection],
        window: Range<i64>,
    ) -> Result<Vec<BusyPeriod>, Error> {
        let book = Book(self.models.directory());
        let mut periods = Vec::new();
        for calendar in calendars {
            periods.extend(of_calendar(&self.models, &book, owner, calendar, &window, None)?);
        }
        Ok(free_busy::merge(periods, range(&window)))
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
    let mut periods = Vec::new();
    for calendar in models.home(home)?.iter().filter(|collection| counts(collection)) {
        periods.extend(of_calendar(models, book, home, calendar, &window, except_uid)?);
    }
    Ok(free_busy::merge(periods, range(&window)))
}

fn of_calendar(
    models: &ReadModels,
    book: &Book,
    owner: PrincipalId,
    calendar: &Collection,
    window: &Range<i64>,
    except_uid: Option<&str>,
) -> Result<Vec<BusyPeriod>, Error> {
    let owns = |address: &Address| book.principal(address) == Some(owner);
    let zone = floating(&calendar.settings);
    let mut periods = Vec::new();
    models.snapshot()?.overlapping(calendar.id, Some(window.start), Some(window.end), |member, body| {
        if except_uid == Some(member.uid.as_str()) {
            return Ok(());
        }
        // What is stored was readable once; were it not, it takes no time anybody can know.
        let Ok(document) = Document::parse(body) else { return Ok(()) };
        periods.extend(free_busy::periods(&document, range(window), &zone, &owns).map_err(too_many)?);
        Ok::<_, Error>(())
    })?;
    Ok(periods)
}

fn too_many(too_many: TooMany) -> Error {
    Refusal::TooManyInstances { limit: too_many.limit }.into()
}

fn range(window: &Range<i64>) -> TimeRange {
    TimeRange { start: Some(window.start), end: Some(window.end) }
}
