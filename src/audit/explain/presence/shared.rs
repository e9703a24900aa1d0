//! Finds meetings in the calendars of other people that a person reaches through a share or an ACL.

use std::collections::{BTreeMap, BTreeSet};

use schemas::{
    CollectionEvent, CollectionId, Event, Position, PrincipalId, Recorded, Stream,
    access::{AccessControlEntry, Effect, Grantee},
    object::Place,
};

use super::{Interval, when};
use crate::{
    Clock,
    calendars::{Offer, Standing},
    sentence::Context,
    state::State,
};

/// Privileges that include `DAV:read` (RFC 3744 §3.1, §3.11).
const READING: [&str; 2] = ["read", "all"];

/// Returns, for each calendar of another person that `person` can or could reach, the times at
/// which the meeting was in it and they could reach it. They reach it by a share that they
/// accepted, or else by an ACE that names them.
pub(super) fn intervals(context: &Context<'_>, person: PrincipalId) -> Vec<Vec<Interval>> {
    let intervals = |(calendar, places): (CollectionId, Places<'_>)| {
        let offered = offer(context, person, calendar);
        let (offered, ways) = (offered.into_iter().collect::<Vec<_>>(), Ways { context, person, calendar, places });
        let by_offer = ways.intervals(offered.iter().flat_map(|offer| offer.changes()), |at| {
            offered.iter().find_map(|offer| shown(context, offer, at))
        });
        if by_offer.is_empty() { ways.intervals(ways.changes(), |at| ways.readable(at)) } else { by_offer }
    };
    places(context, person).into_iter().map(intervals).filter(|intervals| !intervals.is_empty()).collect()
}

/// Returns sentences about the calendars that contain the meeting and whose share the person has
/// not accepted. `title` is that of the meeting.
pub(super) fn offered(context: &Context<'_>, person: PrincipalId, title: &str, clock: &Clock) -> Vec<String> {
    let foreign = places(context, person);
    let last = foreign.values().filter_map(|places| *places.values().next_back()?);
    let names = context.evidence.names.today();
    let who = names.person(person);
    let said = |place: &Place| {
        let offer = offer(context, person, place.collection)?;
        let (position, standing) = offer.last()?;
        let calendar = context.places.collection(place.collection, &names, Position(u64::MAX));
        let when = when(context, position, clock);
        let not_accepted = match standing {
            Standing::Offered => "which is shared with them, but not accepted yet",
            Standing::Declined => "which was shared with them, and which they declined",
            // The calendar was in their home, but without the meeting.
            Standing::Withdrawn if matches!(offer.at(position.previous()), Some(Standing::Accepted(_))) => {
                "which was shared with them, and withdrawn while the meeting was not in it"
            }
            Standing::Withdrawn => "which was shared with them, and withdrawn before they accepted",
            Standing::Accepted(_) => return None,
        };
        Some(format!("{title} is not in {who}'s calendars: it is in {calendar}, {not_accepted} (#{position}, {when})."))
    };
    last.filter_map(said).collect()
}

/// The place of the meeting in a calendar after each event that stored, moved or removed it there;
/// `None`: it was gone.
type Places<'e> = BTreeMap<Position, Option<&'e Place>>;

/// Returns the places of the meeting in the calendars of other people than `person`, by calendar.
fn places<'e>(context: &Context<'e>, person: PrincipalId) -> BTreeMap<CollectionId, Places<'e>> {
    let mut state = State::default();
    let mut places: BTreeMap<CollectionId, Places<'e>> = BTreeMap::new();
    let of_another = |recorded: &&Recorded| context.homes.get(&recorded.stream).is_some_and(|home| *home != person);
    for recorded in context.evidence.events.iter().filter(of_another) {
        let before: Vec<&Place> = state.of(recorded.stream).map(|(place, _)| place).collect();
        if state.apply(recorded).place.is_none() {
            continue;
        }
        for gone in before {
            places.entry(gone.collection).or_default().insert(recorded.position, None);
        }
        for (place, _) in state.of(recorded.stream) {
            places.entry(place.collection).or_default().insert(recorded.position, Some(place));
        }
    }
    places
}

fn offer<'c>(context: &'c Context<'_>, person: PrincipalId, calendar: CollectionId) -> Option<&'c Offer> {
    context.offers.to(person).find(|offer| offer.calendar == calendar)
}

/// Describes how a shared calendar was in the person's home at a position; `None` if it was not
/// there.
fn shown(context: &Context<'_>, offer: &Offer, at: Position) -> Option<String> {
    let Some(Standing::Accepted(name)) = offer.at(at) else { return None };
    let sharee = context.evidence.names.today().person(offer.sharee);
    let name = crate::foreign::quoted(name);
    Some(format!(", which is shared with {sharee} {} as {name}", offer.may(at)))
}

/// The ways in which a person can reach a calendar of another person.
struct Ways<'c, 'e> {
    context: &'c Context<'e>,
    person: PrincipalId,
    calendar: CollectionId,
    places: Places<'e>,
}

impl Ways<'_, '_> {
    /// Returns the times at which the meeting was in the calendar and the person could reach it.
    /// `reach` says in words how the person reaches the calendar at a position, `None` if they do
    /// not; `changes` are the positions at which this may change.
    fn intervals(
        &self,
        changes: impl Iterator<Item = Position>,
        reach: impl Fn(Position) -> Option<String>,
    ) -> Vec<Interval> {
        let changes_of_reach: BTreeSet<Position> = self.places.keys().copied().chain(changes).collect();
        let mut intervals: Vec<Interval> = vec![];
        for at in changes_of_reach {
            let place = self.places.range(..=at).next_back().and_then(|(_, place)| place.cloned());
            let open = intervals.last_mut().filter(|interval| interval.until.is_none());
            match (open, place.zip(reach(at))) {
                (Some(interval), Some((place, reach))) => (interval.place, interval.reach) = (place, Some(reach)),
                (Some(interval), None) => interval.until = Some(at),
                (None, Some((place, reach))) => {
                    intervals.push(Interval { since: at, place, until: None, reach: Some(reach) });
                }
                (None, None) => {}
            }
        }
        intervals
    }

    /// Returns the positions at which the ACL of the calendar, or of a collection above it,
    /// changed.
    fn changes(&self) -> impl Iterator<Item = Position> {
        let lists = self.lists(|list| list).chain(self.lists(|_| Position(u64::MAX)));
        lists.map(|recorded| recorded.position)
    }

    /// Returns the ACL changes and creations of the calendar and of the collections above it. `at`
    /// gets the position of each event, and returns the position at which a collection must be
    /// above the calendar.
    fn lists(&self, at: impl Fn(Position) -> Position) -> impl Iterator<Item = &Recorded> {
        let is_list = move |recorded: &&Recorded| {
            let is_change = matches!(
                recorded.event,
                Event::Collection(CollectionEvent::AclChanged(_) | CollectionEvent::Created(_))
            );
            matches!(recorded.stream, Stream::Collection(id)
                if is_change && self.context.places.is_within(self.calendar, id, at(recorded.position)))
        };
        self.context.evidence.collections.iter().filter(is_list)
    }

    /// Describes that the person may read the calendar by an ACE for them, on it or on a collection
    /// above it; `None` if there is no such ACE.
    fn readable(&self, at: Position) -> Option<String> {
        let mut last: BTreeMap<Stream, &[AccessControlEntry]> = BTreeMap::new();
        for recorded in self.lists(|_| at).filter(|recorded| recorded.position <= at) {
            let entries = match &recorded.event {
                Event::Collection(CollectionEvent::AclChanged(changed)) => changed.entries.as_slice(),
                _ => &[],
            };
            last.insert(recorded.stream, entries);
        }
        let is_theirs = |entry: &&AccessControlEntry| {
            let reads = entry.privileges.iter().any(|name| READING.contains(&name.as_str()));
            reads && entry.effect == Effect::Grant && !entry.inverted && entry.to == Grantee::Principal(self.person)
        };
        last.values().flat_map(|entries| entries.iter()).find(is_theirs)?;
        let person = self.context.evidence.names.today().person(self.person);
        Some(format!(", which {person} may read there"))
    }
}
