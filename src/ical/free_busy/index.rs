//! Busy periods for an index. They do not depend on a query, and are right for every possible
//! attendee.
//!
//! **Invariant:** the indexed periods give the same busy time as the object itself. An object for
//! which that cannot be guaranteed, such as a busy event with floating times, is not indexed; a
//! query evaluates its text.

use super::{FreeBusyType, Participation, stated_type, weigh};
use crate::recur::{self, Budget};
use crate::series::Series;
use crate::time::{DAY, Instant, Window};
use crate::zone::{Zone, Zones};
use crate::{Address, Component, Document, Property};
use std::borrow::Cow;

/// Maximum time from the first to the last instant of an indexed object, in seconds. A longer
/// object with a busy event is evaluated from its text.
pub const MAX_INDEXED_SPAN: i64 = 400 * DAY;
/// Maximum number of instances of an indexed object. An object with a busy event and more instances
/// is evaluated from its text.
const MAX_INDEXED_PERIODS: usize = 64;
/// Maximum size of the participants of all indexed periods of an object, in bytes. An object with
/// more is evaluated from its text.
const MAX_PARTICIPANTS_BYTES: usize = 8_192;

/// The busy period of one instance, for all participants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedPeriod<'a> {
    /// The start of the instance.
    pub start: Instant,
    /// The end of the instance, exclusive.
    pub end: Instant,
    /// The free-busy type that the event states, without regard to participation.
    pub kind: FreeBusyType,
    /// The participants, one a line: a letter for the role or PARTSTAT, then the address as
    /// written. Empty if the event has no attendees.
    pub participants: Cow<'a, str>,
}

impl IndexedPeriod<'_> {
    /// Returns the same period as a value that borrows no text.
    pub fn into_owned(self) -> IndexedPeriod<'static> {
        IndexedPeriod { participants: Cow::Owned(self.participants.into_owned()), ..self }
    }

    /// Returns the free-busy type of the instance for the user whose addresses `owns` accepts.
    ///
    /// A user who is not an attendee has the type that the event states. Returns `None` if the
    /// instance does not make the user busy.
    pub fn kind_for(&self, owns: &dyn Fn(&Address) -> bool) -> Option<FreeBusyType> {
        let is_own = |address: &str| Address::parse(address).is_some_and(|address| owns(&address));
        let participants = || self.participants.lines().filter_map(read);
        let mut attendees = participants().filter_map(|(role, address)| Some((role.participation()?, address)));
        let Some((own, _)) = attendees.find(|(_, address)| is_own(address)) else { return Some(self.kind) };
        weigh(self.kind, own, || participants().any(|(role, address)| role == Role::Organizer && is_own(address)))
    }
}

/// Returns the busy periods of an object, none if no event is busy. `window` must contain all
/// instances.
///
/// Returns `None` if the object must be evaluated from its text.
pub fn indexed_periods(object: &Document, window: Window) -> Option<Vec<IndexedPeriod<'static>>> {
    let parts = || object.root().components();
    if parts().any(|component| component.is("VFREEBUSY") || component.is("VAVAILABILITY")) {
        return None;
    }
    let events: Vec<_> = parts().filter(|component| component.is("VEVENT")).collect();
    if events.iter().all(|event| stated_type(*event).is_none()) {
        return Some(Vec::new());
    }
    if window.end.saturating_sub(window.start) > MAX_INDEXED_SPAN {
        return None;
    }
    let zones = Zones::of(object);
    if events.iter().any(|event| floats(*event, &zones)) {
        return None;
    }
    let mut found = Vec::new();
    let budget = Budget::default();
    for series in Series::of(object, &zones) {
        let limits = (MAX_INDEXED_PERIODS, &budget);
        let instances = recur::instances_within(&series, &zones, &Zone::Utc, window, limits).ok()?;
        found.extend(
            instances.into_iter().filter(|instance| instance.component.is("VEVENT")).filter_map(indexed_period),
        );
    }
    let bytes: usize = found.iter().map(|indexed_period| indexed_period.participants.len()).sum();
    (found.len() <= MAX_INDEXED_PERIODS && bytes <= MAX_PARTICIPANTS_BYTES).then_some(found)
}

fn indexed_period(instance: recur::Instance<'_>) -> Option<IndexedPeriod<'static>> {
    let kind = stated_type(instance.component)?;
    let participants = Cow::Owned(participants(instance.component));
    (instance.start < instance.end).then_some(IndexedPeriod {
        start: instance.start,
        end: instance.end,
        kind,
        participants,
    })
}

/// True if the event has floating times, whose instants depend on the time zone of the person who
/// reads it.
fn floats(event: Component<'_>, zones: &Zones) -> bool {
    let mut times = ["DTSTART", "DTEND", "RECURRENCE-ID"].into_iter().filter_map(|name| event.date_time(name));
    times.any(|time| zones.floats(&time))
}

/// The role of a participant, which the index stores as one letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Organizer,
    Attendee(Participation),
}

impl Role {
    const ALL: [(char, Self); 5] = [
        ('O', Self::Organizer),
        ('Y', Self::Attendee(Participation::Accepted)),
        ('M', Self::Attendee(Participation::Tentative)),
        ('N', Self::Attendee(Participation::Declined)),
        ('?', Self::Attendee(Participation::Unanswered)),
    ];

    fn participation(self) -> Option<Participation> {
        match self {
            Self::Organizer => None,
            Self::Attendee(participation) => Some(participation),
        }
    }

    fn letter(self) -> char {
        let known = Self::ALL.into_iter().find(|(_, role)| *role == self);
        known.map_or('Y', |(letter, _)| letter)
    }
}

fn participants(event: Component<'_>) -> String {
    let mut participants = String::new();
    let mut write = |role: Role, property: Property<'_>| {
        participants.push(role.letter());
        participants.push_str(property.value());
        participants.push('\n');
    };
    for attendee in event.properties_named("ATTENDEE") {
        write(Role::Attendee(Participation::of(attendee)), attendee);
    }
    // The organizer matters only if the event has attendees.
    if let (Some(organizer), Some(_)) = (event.property("ORGANIZER"), event.property("ATTENDEE")) {
        write(Role::Organizer, organizer);
    }
    participants
}

fn read(line: &str) -> Option<(Role, &str)> {
    let letter = line.chars().next()?;
    let (_, role) = Role::ALL.into_iter().find(|(known, _)| *known == letter)?;
    Some((role, &line[letter.len_utf8()..]))
}

#[cfg(test)]
mod tests {
    use super::super::{BusyPeriod, merge, periods};
    use super::*;
    use crate::TimeRange;

    fn document(components: &str) -> Document {
        Document::parse(specimens::calendar(components)).expect("well-formed")
    }

    fn indexed(document: &Document) -> Option<Vec<IndexedPeriod<'static>>> {
        let bounds = crate::bounds::of(document);
        let end = bounds.last.map_or(Window::ALL.end, |last| last + 1);
        indexed_periods(document, Window::new(bounds.first.unwrap_or(Window::ALL.start), end))
    }

    fn event(lines: &str) -> Document {
        document(&format!("BEGIN:VEVENT\nUID:1\n{}\nEND:VEVENT\n", lines.replace(' ', "\n")))
    }

    #[test]
    fn indexed_periods_give_the_same_busy_time_as_the_object() {
        let range = TimeRange { start: Some(1_767_225_600), end: Some(1_769_904_000) };
        let owns = |address: &Address| address.canonical() == "mailto:me@x";
        let rows = [
            ("an event", "DTSTART:20260107T120000Z DURATION:PT1H"),
            ("no time", "DTSTART:20260107T120000Z"),
            ("a series", "DTSTART:20260107T120000Z DURATION:PT1H RRULE:FREQ=DAILY;COUNT=30 EXDATE:20260108T120000Z"),
            ("transparent", "DTSTART:20260107T120000Z DURATION:PT1H TRANSP:TRANSPARENT"),
            ("tentative", "DTSTART:20260107T120000Z DURATION:PT1H STATUS:TENTATIVE"),
            ("in a zone", "DTSTART;TZID=Europe/Berlin:20260107T120000 DURATION:PT1H"),
            ("accepted", "DTSTART:20260107T120000Z DURATION:PT1H ATTENDEE;PARTSTAT=ACCEPTED:mailto:me@x"),
            ("a maybe", "DTSTART:20260107T120000Z DURATION:PT1H ATTENDEE;PARTSTAT=tentative:mailto:me@x"),
            ("declined", "DTSTART:20260107T120000Z DURATION:PT1H ATTENDEE;PARTSTAT=DECLINED:MAILTO:Me@x"),
            ("said otherwise", "DTSTART:20260107T120000Z DURATION:PT1H ATTENDEE;PARTSTAT=X-MAYBE:mailto:me@x"),
            ("not answered", "DTSTART:20260107T120000Z DURATION:PT1H ORGANIZER:mailto:b@x ATTENDEE:mailto:me@x"),
            ("own", "DTSTART:20260107T120000Z DURATION:PT1H ORGANIZER:mailto:me@x ATTENDEE:mailto:me@x"),
            ("others", "DTSTART:20260107T120000Z DURATION:PT1H ORGANIZER:mailto:me@x ATTENDEE:mailto:b@x"),
        ];
        for (title, lines) in rows {
            let object = event(lines);
            let expected = merge(periods(&object, range, &Zone::Utc, &owns, &Budget::default()), range);
            let indexed_periods = indexed(&object).expect(title);
            let period = |indexed_period: &IndexedPeriod<'_>| {
                indexed_period.kind_for(&owns).map(|kind| BusyPeriod {
                    start: indexed_period.start,
                    end: indexed_period.end,
                    kind,
                })
            };
            assert_eq!(merge(indexed_periods.iter().filter_map(period).collect(), range), expected, "{title}");
        }
    }

    #[test]
    fn objects_unfit_for_the_index_are_left_to_evaluation() {
        let rows = [
            ("without end", event("DTSTART:20260107T120000Z RRULE:FREQ=DAILY")),
            ("floating", event("DTSTART:20260107T120000 DURATION:PT1H")),
            ("a day", event("DTSTART;VALUE=DATE:20260107")),
            ("in an unknown zone", event("DTSTART;TZID=Nowhere:20260107T120000 DURATION:PT1H")),
            ("for years", event("DTSTART:20260107T120000Z RRULE:FREQ=YEARLY;COUNT=5")),
            ("too often", event("DTSTART:20260107T120000Z DURATION:PT1M RRULE:FREQ=HOURLY;COUNT=100")),
            (
                "too many participants",
                event(&format!(
                    "DTSTART:20260107T120000Z DURATION:PT1H {}",
                    "ATTENDEE:mailto:somebody@example.com ".repeat(300).trim_end()
                )),
            ),
            ("published", document("BEGIN:VFREEBUSY\nUID:1\nFREEBUSY:20260107T120000Z/PT1H\nEND:VFREEBUSY\n")),
            ("office hours", document("BEGIN:VAVAILABILITY\nUID:1\nEND:VAVAILABILITY\n")),
        ];
        for (title, object) in rows {
            assert_eq!(indexed(&object), None, "{title}");
        }
    }

    #[test]
    fn objects_without_busy_time_have_no_indexed_periods() {
        let rows = [
            ("a day off", event("DTSTART;VALUE=DATE:20260107 TRANSP:TRANSPARENT")),
            ("cancelled", event("DTSTART:20260107T120000 RRULE:FREQ=DAILY STATUS:CANCELLED")),
            ("a task", document("BEGIN:VTODO\nUID:1\nDUE:20260107T120000Z\nEND:VTODO\n")),
        ];
        for (title, object) in rows {
            assert_eq!(indexed(&object), Some(vec![]), "{title}");
        }
    }
}
