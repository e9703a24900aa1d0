//! A scheduling object: the master, the overridden instances, and the attendees of each.
//!
//! **Invariant:** borrows its document. The attendees exclude the organizer, who gets no messages
//! (RFC 6638 §3.2.1).

mod derive;
mod part;

use crate::body::Body;
use crate::calendar_user_role::is_scheduled;
use crate::line::Line;
use crate::participation::Agent;
use crate::times::{self, InstanceKey, Times};
use crate::{Canonical, Context};
use ical::recur::Recurrence;
use ical::value::DateTime;
use ical::{Address, Component, Document, Property};
use part::Agents;
pub(crate) use part::{Attendee, Part, reached_at};
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

/// Identifies a component of a meeting: the master, or the override of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum ComponentKey {
    Master,
    Instance(InstanceKey),
}

/// A scheduling object, by component.
#[derive(Debug)]
pub(crate) struct Meeting<'a> {
    pub(crate) document: &'a Document,
    pub(crate) organizer: Option<Address>,
    pub(crate) master: Option<Part<'a>>,
    pub(crate) overrides: BTreeMap<InstanceKey, Part<'a>>,
    /// The instances that the master excludes, each with its EXDATE property.
    pub(crate) exdates: BTreeMap<InstanceKey, Property<'a>>,
    pub(crate) times: Times,
    hides_attendees: bool,
    /// Cache of [`recurs_at`](Self::recurs_at).
    recurs: RefCell<BTreeMap<InstanceKey, bool>>,
    /// Cache of [`series`](Self::series).
    series: OnceCell<Option<Series>>,
    /// Cache: for each instance whose RDATE is a period, the content line that gives its end
    /// (DTEND, DUE or DURATION).
    period_ends: OnceCell<BTreeMap<InstanceKey, String>>,
}

/// The recurrence set and the start of a master, read once for all of its instances.
#[derive(Debug)]
struct Series {
    recurrence: Recurrence,
    start: DateTime,
}

impl<'a> Meeting<'a> {
    pub(crate) fn of(document: &'a Document, context: &Context<'_>) -> Self {
        Self::known_by(document, context.canonical)
    }

    /// Reads a meeting. `canonical` returns the canonical address of each calendar user.
    pub(crate) fn known_by(document: &'a Document, canonical: Canonical<'_>) -> Self {
        Self::read(document, Times::of(document), Agent::of, canonical, None)
    }

    /// Returns this meeting with its RECURRENCE-IDs read as instances of the series of `other`.
    /// This is for a text without a series that writes RECURRENCE-IDs in another form, for example
    /// as floating times. `None` if the text has a series, if `other` has none, or if no key
    /// differs.
    pub(crate) fn named_as_in(&self, other: &Meeting<'_>, context: &Context<'_>) -> Option<Self> {
        let start = other.start().filter(|_| self.master.is_none())?;
        let is_other = |(key, part): (&InstanceKey, &Part<'_>)| {
            let id = part.component.recurrence_id();
            id.is_some_and(|id| self.times.instance_key(&id, Some(&start)) != *key)
        };
        let differs = self.overrides.iter().any(is_other);
        differs.then(|| Self::read(self.document, self.times.clone(), Agent::of, context.canonical, Some(start)))
    }

    /// Returns the same meeting, read with the time zones of `times` instead of those of its text.
    pub(crate) fn in_zones(&self, times: Times, context: &Context<'_>) -> Self {
        Self::read(self.document, times, Agent::of, context.canonical, None)
    }

    /// Reads a meeting as if every attendee had SCHEDULE-AGENT=SERVER.
    pub(crate) fn as_if_served(document: &'a Document, context: &Context<'_>) -> Self {
        Self::read(document, Times::of(document), |_| Agent::Server, context.canonical, None)
    }

    /// Reads a meeting. `series` is the start of the series, for a text that contains only
    /// overrides.
    fn read(
        document: &'a Document,
        times: Times,
        agents: Agents,
        canonical: Canonical<'_>,
        series: Option<DateTime>,
    ) -> Self {
        let components = || document.root().components().filter(|component| is_scheduled(*component));
        let organizer = components().find_map(Component::organizer).map(|organizer| canonical(&organizer));
        let is_master = |component: &Component<'_>| component.property("RECURRENCE-ID").is_none();
        let master = components().find(is_master).map(|master| Part::of(master, organizer.as_ref(), agents, canonical));
        let start = master.as_ref().map_or(series, |master| master.component.start());
        let mut overrides = BTreeMap::new();
        for component in components().filter(|component| !is_master(component)) {
            let Some(id) = component.recurrence_id() else { continue };
            let key = times.instance_key(&id, start.as_ref());
            overrides.entry(key).or_insert_with(|| Part::of(component, organizer.as_ref(), agents, canonical));
        }
        let mut exdates = BTreeMap::new();
        for exdate in master.iter().flat_map(|master| master.component.properties_named("EXDATE")) {
            for time in times::starts(exdate) {
                exdates.insert(times.instance_key(&time, start.as_ref()), exdate);
            }
        }
        // X-HIDE-GUESTS is read once here, because it is needed for every component that is sent.
        let hides_attendees = components().any(|component| component.has_value("X-HIDE-GUESTS", "TRUE"));
        Self {
            document,
            organizer,
            master,
            overrides,
            exdates,
            times,
            hides_attendees,
            recurs: RefCell::default(),
            series: OnceCell::new(),
            period_ends: OnceCell::new(),
        }
    }

    pub(crate) fn part(&self, component_key: ComponentKey) -> Option<&Part<'a>> {
        match component_key {
            ComponentKey::Master => self.master.as_ref(),
            ComponentKey::Instance(key) => self.overrides.get(&key),
        }
    }

    /// Iterates over all components, the master first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (ComponentKey, &Part<'a>)> {
        let master = self.master.iter().map(|part| (ComponentKey::Master, part));
        master.chain(self.overrides.iter().map(|(key, part)| (ComponentKey::Instance(*key), part)))
    }

    /// Returns the component that describes an instance: its override, an earlier THISANDFUTURE
    /// override, or the master; `None` if it has no override and the series has no such instance.
    pub(crate) fn describing(&self, key: InstanceKey) -> Option<&Part<'a>> {
        let recurs = || self.master.as_ref().filter(|_| self.recurs_at(key));
        self.overrides.get(&key).or_else(|| recurs().map(|master| self.ranging(key).map_or(master, |(_, part)| part)))
    }

    /// Returns the last THISANDFUTURE override before an instance (RFC 5545 §3.2.13); `None` if
    /// there is none.
    pub(crate) fn ranging(&self, key: InstanceKey) -> Option<(InstanceKey, &Part<'a>)> {
        let mut before = self.overrides.range(..key).rev();
        before.find(|(_, part)| part.component.is_this_and_future()).map(|(key, part)| (*key, part))
    }

    /// Returns the component of this version of a meeting that describes `component_key` of another
    /// version: the master, or the component that describes the instance. `None` if there is none.
    pub(crate) fn at(&self, component_key: ComponentKey) -> Option<&Part<'a>> {
        match component_key {
            ComponentKey::Master => self.master.as_ref(),
            ComponentKey::Instance(key) => self.describing(key),
        }
    }

    /// Like [`at`](Self::at), but an instance is returned as a separate component (see
    /// [`body`](Self::body)).
    pub(crate) fn body_at(&self, component_key: ComponentKey) -> Option<Body<'a>> {
        match component_key {
            ComponentKey::Master => self.master.as_ref().map(|master| Body::of(master.component)),
            ComponentKey::Instance(key) => self.body(key),
        }
    }

    /// Returns whether the user with this canonical address is invited to the instance, and gets
    /// the server's messages about it (see [`Part::invites`]).
    pub(crate) fn invites(&self, address: &Address, key: InstanceKey) -> bool {
        self.describing(key).is_some_and(|part| part.invites(address))
    }

    /// Returns whether the master's recurrence set contains the instance.
    pub(crate) fn recurs_at(&self, key: InstanceKey) -> bool {
        if self.exdates.contains_key(&key) {
            return false;
        }
        let Some(series) = self.series() else { return false };
        let mut known = self.recurs.borrow_mut();
        *known.entry(key).or_insert_with(|| self.times.recurs(&series.recurrence, &series.start, key))
    }

    /// Returns all instances of the series; `None` if there is no series, if there are more than
    /// `limit` together with the excluded ones, or if counting them takes too much work.
    pub(crate) fn all_instances(&self, limit: usize) -> Option<BTreeSet<InstanceKey>> {
        let all = self.series()?.recurrence.all(limit)?;
        Some(all.into_iter().map(InstanceKey::from).filter(|key| !self.exdates.contains_key(key)).collect())
    }

    fn series(&self) -> Option<&Series> {
        let read = || {
            let (master, start) = self.master.as_ref().zip(self.start())?;
            let recurrence = self.times.recurrence(master.component)?;
            Some(Series { recurrence, start })
        };
        self.series.get_or_init(read).as_ref()
    }

    /// Returns the overridden instance that starts at this time; `None` if there is none, or more
    /// than one.
    pub(crate) fn instance_at(&self, start: InstanceKey) -> Option<InstanceKey> {
        let starts_there = |part: &Part<'_>| part.component.start().is_some_and(|at| self.times.key(&at) == start);
        let mut found = self.overrides.iter().filter(|(_, part)| starts_there(part)).map(|(key, _)| *key);
        found.next().filter(|_| found.next().is_none())
    }

    /// Returns the start of the master; `None` if there is no master, or if it has no start.
    pub(crate) fn start(&self) -> Option<DateTime> {
        self.master.as_ref().and_then(|master| master.component.start())
    }

    /// Returns an instance as a separate component: its override, or else one derived from the
    /// series; `None` if there is neither.
    pub(crate) fn body(&self, key: InstanceKey) -> Option<Body<'a>> {
        match self.overrides.get(&key) {
            Some(part) => Some(Body::of(part.component)),
            None => self.derive(key),
        }
    }

    /// Returns whether the organizer hides the attendees from each other (X-HIDE-GUESTS): each sees
    /// only the organizer and themselves.
    pub(crate) fn hides_attendees(&self) -> bool {
        self.hides_attendees
    }

    /// Returns the address to send replies to; `None` without ORGANIZER.
    pub(crate) fn organizers_address(&self) -> Option<&str> {
        let organizer = self.parts().find_map(|(_, part)| part.component.property("ORGANIZER"))?;
        Some(self.organizer.as_ref().map_or(organizer.value(), |known| reached_at(organizer, known)))
    }

    /// Returns each attendee of the meeting once, with their line in the first component that lists
    /// them ([`parts`](Self::parts)).
    pub(crate) fn attendees(&self) -> Vec<&Attendee<'a>> {
        let mut seen = BTreeSet::new();
        let attendees = self.parts().flat_map(|(_, part)| &part.attendees);
        attendees.filter(|attendee| seen.insert(&attendee.address)).collect()
    }

    /// Returns the attendee's line in the first component that lists them; `None` if none does.
    pub(crate) fn attendee(&self, address: &Address) -> Option<&Attendee<'a>> {
        self.parts().find_map(|(_, part)| part.attendee(address))
    }

    /// Returns an EXDATE line for an instance: in UTC, or, for a date or a floating time, spelled
    /// like the RECURRENCE-ID of its override; `None` if it needs this override and has none.
    pub(crate) fn exclusion(&self, key: InstanceKey) -> Option<Line<'a>> {
        if let InstanceKey::Instant(instant) = key {
            return Some(Line::new("EXDATE", &times::utc(instant)));
        }
        self.exclusion_as_written(key)
    }

    /// Returns an EXDATE line for an overridden instance, spelled like its `RECURRENCE-ID`; `None`
    /// if it has no override.
    pub(crate) fn exclusion_as_written(&self, key: InstanceKey) -> Option<Line<'a>> {
        let mut line = Line::of(self.overrides.get(&key)?.recurrence_id()?);
        line.rename("EXDATE");
        line.remove_param("RANGE");
        Some(line)
    }

    /// Returns an EXDATE line for one excluded instance, spelled as in the master; `None` if the
    /// master does not exclude it.
    pub(crate) fn exdate(&self, key: InstanceKey) -> Option<Line<'a>> {
        let (property, start) = (*self.exdates.get(&key)?, self.start());
        let values = property.value().split(',').map(str::trim);
        let tzid = property.param("TZID");
        let named = |value: &&str| {
            let time = DateTime::parse(value, tzid.as_deref());
            time.is_ok_and(|time| self.times.instance_key(&time, start.as_ref()) == key)
        };
        let mut line = Line::of(property);
        let value = values.into_iter().find(named)?.to_owned();
        line.set_value(&value);
        Some(line)
    }
}
