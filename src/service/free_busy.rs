//! Busy times of principals (RFC 4791 §7.10, RFC 6638 §5).

mod busy_times;

use std::ops::Range;

use calendar::object::AddressBook;
use ical::{
    Address, Document, TimeRange,
    free_busy::{self, Availability, BusyPeriod},
    recur::Budget,
    time::Window,
    zone::Zone,
};
use projections::{Collection, Member, ReadModels, Snapshot};
use schemas::{
    CollectionId, ObjectId, PrincipalId,
    collection::{CollectionKind, Settings, Transparency},
    principal::PrincipalKind,
};

use busy_times::BusyTimes;

use crate::{
    Service, address_book::DirectoryAddressBook, asked_times::AskedTimes, error::Error,
    scheduling_policy::InboxPrivilege, sharing,
};

/// Maximum work, in steps of expansion, for one free-busy request, for all its recipients and
/// calendars. Once it is spent, series are approximated: busy from their first to their last
/// instance.
pub const MAX_FREE_BUSY_WORK: u32 = 5_000_000;
/// Maximum work, in steps of expansion, for one automatic answer, for all objects of the home. Once
/// it is spent, series are approximated: busy from their first to their last instance.
const MAX_BOOKING_WORK: u32 = 10_000_000;

/// Selection of an object that is excluded from the busy times.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Except<'a> {
    Nothing,
    /// Excludes the object with this UID.
    Uid(&'a str),
    /// Excludes the meeting with this UID, provided that it has this organizer. Without the
    /// condition a request could reveal the meetings of other organizers.
    MeetingOf {
        organizer: PrincipalId,
        uid: &'a str,
    },
}

/// A free-busy request of an organizer (RFC 6638 §5).
#[derive(Clone)]
pub struct Question<'a> {
    pub organizer: PrincipalId,
    /// Requested time range, in seconds since the epoch.
    pub window: Range<i64>,
    pub masked_uid: Option<&'a str>,
    /// Remaining work, which the answers for all recipients share.
    pub budget: &'a Budget,
}

/// Function that returns the `CALDAV:calendar-availability` of an inbox as iCalendar text (RFC 7953
/// §7.2.4); `None` if it is not set. It is supplied by the crate `http`, which can parse
/// properties.
pub type ReadAvailability = fn(&Collection) -> Option<String>;

/// A [`ReadAvailability`] that finds no availability at any inbox. For services without HTTP.
pub fn no_availability(_: &Collection) -> Option<String> {
    None
}

impl std::fmt::Debug for Question<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Question").field("organizer", &self.organizer).field("window", &self.window).finish()
    }
}

/// Reason why the busy times of a recipient are not returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoAnswer {
    /// No principal of this server has this address, or the one that has it is retired.
    InvalidUser,
    /// The requester lacks `CALDAV:schedule-query-freebusy` on the recipient's inbox.
    NoAuthority,
    /// The address is that of a group, which has no calendars.
    NoCalendars,
    /// The busy times of this recipient could not be read.
    Failed,
}

impl Service {
    /// Returns the busy periods of the principal with this address (RFC 6638 §5). An error concerns
    /// this recipient only.
    pub fn ask(&self, question: &Question<'_>, address: &str) -> Result<Vec<BusyPeriod>, NoAnswer> {
        let book = DirectoryAddressBook(self.models.directory());
        let entry = Address::parse(address).and_then(|address| book.0.by_address(&address));
        let entry = entry.filter(|entry| entry.is_present()).ok_or(NoAnswer::InvalidUser)?;
        if entry.kind == PrincipalKind::Group {
            return Err(NoAnswer::NoCalendars);
        }
        if !self.settings.scheduling_policy.admits(question.organizer, entry.id, InboxPrivilege::QueryFreeBusy) {
            return Err(NoAnswer::NoAuthority);
        }
        let organizer = question.organizer;
        let except = question.masked_uid.map_or(Except::Nothing, |uid| Except::MeetingOf { organizer, uid });
        let time =
            HomeTime { models: &self.models, book: &book, home: entry.id, availability: self.settings.availability };
        let window = Window::new(question.window.start, question.window.end);
        time.busy(window, except, question.budget).map_err(|error| {
            tracing::warn!(%error, recipient = %entry.id, "a free-busy request is answered without one recipient, \
                whose busy times could not be read");
            NoAnswer::Failed
        })
    }

    /// Returns the busy periods of the given calendars of one home, also of transparent ones (RFC
    /// 4791 §7.10). `window`: seconds since the epoch. `counts` returns true for each member whose
    /// busy time the caller may see.
    pub fn free_busy_of<'a>(
        &self,
        owner: PrincipalId,
        calendars: impl IntoIterator<Item = &'a Collection>,
        window: Range<i64>,
        counts: &dyn Fn(&Collection, &Member) -> bool,
    ) -> Result<Vec<BusyPeriod>, Error> {
        let book = DirectoryAddressBook(self.models.directory());
        let budget = Budget::new(MAX_FREE_BUSY_WORK);
        let (times, mut periods) = ([Window::new(window.start, window.end)], vec![]);
        let mut found = |period| periods.push(period);
        let mut busy = BusyTimes::by(owner, (&book, &budget), (&times, &mut found));
        let snapshot = self.models.snapshot()?;
        for calendar in calendars {
            busy.read_all(&snapshot, calendar, &|member| counts(calendar, member))?;
        }
        let availabilities = busy.availabilities;
        Ok(merged(periods, availabilities, TimeRange { start: Some(window.start), end: Some(window.end) }))
    }
}

/// Returns the time zone of a calendar's dates and floating times (RFC 4791 §5.2.2); UTC if none is
/// set, or if it cannot be parsed.
pub fn floating(settings: &Settings) -> Zone {
    let document = settings.time_zone.as_deref().and_then(|text| Document::parse(text).ok());
    document.as_ref().and_then(Zone::of_timezone_document).unwrap_or(Zone::Utc)
}

/// Returns true if the objects of the collection make its owner busy (RFC 6638 §9.1).
pub fn counts(collection: &Collection) -> bool {
    collection.kind == CollectionKind::Calendar
        && collection.settings.transparency.unwrap_or_default() == Transparency::Opaque
}

/// Access to the busy times of one home.
#[derive(Clone, Copy)]
pub(crate) struct HomeTime<'a> {
    pub models: &'a ReadModels,
    pub book: &'a DirectoryAddressBook,
    pub home: PrincipalId,
    pub availability: ReadAvailability,
}

impl HomeTime<'_> {
    /// Returns the busy periods of the home: those of its opaque calendars (RFC 6638 §5) and of
    /// calendars of others that its owner has accepted and set opaque, and the time outside of its
    /// availability (RFC 7953 §7.2.5).
    fn busy(&self, window: Window, except: Except<'_>, budget: &Budget) -> Result<Vec<BusyPeriod>, Error> {
        let mut periods = vec![];
        let mut availabilities = self.read((&[window], except), budget, &mut |period| periods.push(period))?;
        if let Some(inbox) = self.inbox_availability()? {
            availabilities.extend(inbox.within(window.into(), budget));
        }
        Ok(merged(periods, availabilities, window.into()))
    }

    /// Returns one value for each time: true if the owner is busy or unavailable then; false for an
    /// empty time. No object is read more than once.
    pub(crate) fn taken_at(&self, times: &[Window], except: Except<'_>) -> Result<Vec<bool>, Error> {
        let Some(around) = Window::around(times) else { return Ok(vec![]) };
        let mut asked = AskedTimes::of(times);
        let budget = Budget::new(MAX_BOOKING_WORK);
        let mut availabilities = self.read((times, except), &budget, &mut |period| asked.take(period))?;
        if let Some(inbox) = self.inbox_availability()? {
            // The availability gets a budget of its own, so that an expensive calendar does not
            // make the owner unavailable.
            availabilities.extend(inbox.within(around.into(), &Budget::new(MAX_FREE_BUSY_WORK)));
        }
        for period in free_busy::unavailable(availabilities, around.into()) {
            asked.take(period);
        }
        Ok(asked.taken())
    }

    /// Passes the busy periods of all opaque calendars, own and shared, to `found`. Returns the
    /// availabilities that the home's own calendars contain.
    fn read(
        &self,
        (times, except): (&[Window], Except<'_>),
        budget: &Budget,
        found: &mut dyn FnMut(BusyPeriod),
    ) -> Result<Vec<Availability>, Error> {
        let (book, snapshot) = (self.book, self.models.snapshot()?);
        let except_uid = except.uid(self.models, self.home, book)?;
        let mut own = BusyTimes::by(self.home, (book, budget), (times, &mut *found));
        for calendar in snapshot.home(self.home)?.iter().filter(|collection| counts(collection)) {
            own.add(&snapshot, calendar, except_uid)?;
        }
        let availabilities = own.availabilities;
        for calendar in shared(&snapshot, self.home)? {
            let mut theirs = BusyTimes::by(calendar.home, (book, budget), (times, &mut *found));
            theirs.add(&snapshot, &calendar, except_uid)?;
        }
        Ok(availabilities)
    }

    fn inbox_availability(&self) -> Result<Option<InboxAvailability>, Error> {
        inbox_availability(self.models, self.home, self.availability)
    }
}

/// Adds the time outside of the availabilities to the busy periods, and merges them (RFC 7953 §5).
fn merged(mut periods: Vec<BusyPeriod>, availabilities: Vec<Availability>, range: TimeRange) -> Vec<BusyPeriod> {
    periods.extend(free_busy::unavailable(availabilities, range));
    free_busy::merge(periods, range)
}

/// The availability that is set on an inbox (RFC 7953 §7.2.5).
#[derive(Debug)]
struct InboxAvailability {
    document: Document,
    /// Time zone of the floating times in `document`.
    zone: Zone,
}

impl InboxAvailability {
    fn within(&self, range: TimeRange, budget: &Budget) -> Vec<Availability> {
        free_busy::availabilities(&self.document, range, &self.zone, budget)
    }
}

fn inbox_availability(
    models: &ReadModels,
    home: PrincipalId,
    read: ReadAvailability,
) -> Result<Option<InboxAvailability>, Error> {
    let inbox = models.outline_by_id(CollectionId::derive(home, "inbox", 0))?;
    let Some((inbox, said)) = inbox.as_ref().and_then(|inbox| Some((inbox, read(inbox)?))) else { return Ok(None) };
    // A text that cannot be parsed counts as no availability. None is expected: the availability
    // was valid when it was set.
    Ok(Document::parse(said).ok().map(|document| InboxAvailability { document, zone: floating(&inbox.settings) }))
}

/// Returns the time zone of dates and floating times in a home: that of the first opaque calendar
/// by path, or UTC.
pub(crate) fn zone_of_home(models: &ReadModels, home: PrincipalId) -> Result<Zone, Error> {
    let snapshot = models.snapshot()?;
    let zone = snapshot.home(home)?.iter().find(|collection| counts(collection)).map(|first| floating(&first.settings));
    Ok(zone.unwrap_or(Zone::Utc))
}

/// Returns the calendars of other homes that make a sharee busy. The sharee has set them opaque
/// (caldav-sharing §5.5.5), and may see their busy times.
fn shared(snapshot: &Snapshot, sharee: PrincipalId) -> Result<Vec<Collection>, Error> {
    let mut calendars = vec![];
    for shared in snapshot.shared_calendars(sharee)? {
        let transparency = shared.accepted().and_then(|accepted| accepted.settings.transparency);
        if transparency == Some(Transparency::Opaque)
            && let Some(calendar) = snapshot.collection_by_id(shared.calendar)?
            && sharing::sees_busy_times(&calendar, sharee)
        {
            calendars.push(calendar);
        }
    }
    Ok(calendars)
}

impl<'a> Except<'a> {
    /// Returns the UID of the object that is excluded in this home. `None`: nothing is excluded.
    fn uid(
        self,
        models: &ReadModels,
        home: PrincipalId,
        book: &DirectoryAddressBook,
    ) -> Result<Option<&'a str>, Error> {
        let (organizer, uid) = match self {
            Self::Nothing => return Ok(None),
            Self::Uid(uid) => return Ok(Some(uid)),
            Self::MeetingOf { organizer, uid } => (organizer, uid),
        };
        for place in models.object_places(ObjectId::derive(home, uid))? {
            let Some((_, body)) = models.member_with_body(place.collection, &place.name)? else { continue };
            if Document::parse(body).is_ok_and(|meeting| leader(&meeting, home, book) == Some(organizer)) {
                return Ok(Some(uid));
            }
        }
        Ok(None)
    }
}

/// Returns the organizer of a meeting, or the owner of the copy if the meeting has no ORGANIZER.
/// `None` if the organizer is no principal of this server.
fn leader(object: &Document, owner: PrincipalId, book: &DirectoryAddressBook) -> Option<PrincipalId> {
    let mut organizers = object.root().components().filter_map(|component| component.property("ORGANIZER"));
    match organizers.next() {
        Some(organizer) => organizer.address().and_then(|organizer| book.principal(&organizer)),
        None => Some(owner),
    }
}
