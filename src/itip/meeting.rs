//! A scheduling object as scheduling sees it: a master, overridden instances, and who is invited to each.
//!
//! **Invariant:** borrows its document; guests never include the organizer, who is told nothing (RFC 6638 §3.2.1).

use crate::body::Body;
use crate::line::Line;
use crate::people::Agent;
use crate::standing::is_scheduled;
use crate::times::{self, Key, Times};
use crate::{Context, Same};
use ical::value::DateTime;
use ical::view::Status;
use ical::{Address, Component, Document, Property};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which component of a meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Slot {
    Master,
    Instance(Key),
}

/// One component of a meeting.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) component: Component<'a>,
    /// In the order they are written.
    pub(crate) guests: Vec<Guest<'a>>,
    by_address: HashMap<Address, usize>,
    /// The organizer's own entry among the attendees.
    host: Option<Guest<'a>>,
    /// Entries that name nobody, or somebody once more: a copy that is brought up to date loses them.
    pub(crate) surplus: Vec<Property<'a>>,
    pub(crate) cancelled: bool,
}

/// A calendar user who is invited.
#[derive(Debug)]
pub(crate) struct Guest<'a> {
    /// The one that stands for all his addresses.
    pub(crate) address: Address,
    pub(crate) property: Property<'a>,
    pub(crate) agent: Agent,
}

impl Guest<'_> {
    /// Where messages for him go: as it is written, or by mail where that is what his name stands for.
    pub(crate) fn reached_at(&self) -> &str {
        reached_at(self.property, &self.address)
    }

    /// Is it the owner of the home, by any of his addresses?
    pub(crate) fn is_owned(&self, context: &Context<'_>) -> bool {
        (context.owns)(&self.address)
    }
}

impl<'a> Part<'a> {
    fn of(component: Component<'a>, organizer: Option<&Address>, agents: Agents, same: Same<'_>) -> Self {
        let mut part = Self {
            component,
            guests: Vec::new(),
            by_address: HashMap::new(),
            host: None,
            surplus: Vec::new(),
            cancelled: component.status() == Some(Status::Cancelled),
        };
        for property in component.properties_named("ATTENDEE") {
            match property.address() {
                Some(address) => {
                    part.list(Guest { address: same(&address), property, agent: agents(property) }, organizer);
                }
                None => part.surplus.push(property),
            }
        }
        part
    }

    fn list(&mut self, entry: Guest<'a>, organizer: Option<&Address>) {
        let is_host = Some(&entry.address) == organizer;
        if is_host && self.host.is_none() {
            self.host = Some(entry);
        } else if is_host || self.by_address.contains_key(&entry.address) {
            self.surplus.push(entry.property);
        } else {
            self.by_address.insert(entry.address.clone(), self.guests.len());
            self.guests.push(entry);
        }
    }

    /// Everybody among the attendees once, the organizer first.
    pub(crate) fn entries(&self) -> impl Iterator<Item = &Guest<'a>> {
        self.host.iter().chain(&self.guests)
    }

    pub(crate) fn entry(&self, address: &Address) -> Option<&Guest<'a>> {
        self.guest(address).or_else(|| self.host.as_ref().filter(|host| host.address == *address))
    }

    pub(crate) fn guest(&self, address: &Address) -> Option<&Guest<'a>> {
        self.by_address.get(address).map(|index| &self.guests[*index])
    }

    /// Is he invited to what this component describes, and told so by the server?
    pub(crate) fn invites(&self, address: &Address) -> bool {
        !self.cancelled && self.guest(address).is_some_and(|guest| guest.agent == Agent::Server)
    }

    /// Is what he was invited to cancelled?
    pub(crate) fn cancels(&self, address: &Address) -> bool {
        self.cancelled && self.guest(address).is_some_and(|guest| guest.agent == Agent::Server)
    }

    pub(crate) fn recurrence_id(&self) -> Option<Property<'a>> {
        self.component.property("RECURRENCE-ID")
    }

    /// RFC 5546 §2.1.4; what is not written is zero.
    pub(crate) fn sequence(&self) -> i32 {
        self.component.sequence()
    }
}

/// Where messages go for the user of a property, who is known by this address.
pub(crate) fn reached_at<'p>(property: Property<'p>, known: &'p Address) -> &'p str {
    let by_mail = property.address().is_some_and(|written| written.email().is_some() && written != *known);
    if by_mail { known.as_written() } else { property.value() }
}

/// The components of one object.
#[derive(Debug)]
pub(crate) struct Meeting<'a> {
    pub(crate) document: &'a Document,
    pub(crate) organizer: Option<Address>,
    pub(crate) master: Option<Part<'a>>,
    pub(crate) overrides: BTreeMap<Key, Part<'a>>,
    /// What the master leaves out.
    pub(crate) exdates: BTreeMap<Key, Property<'a>>,
    pub(crate) times: Times,
    hides_guests: bool,
    /// Asked for every guest, worked out once.
    recurs: RefCell<BTreeMap<Key, bool>>,
}

/// Who carries the messages to the calendar user of a property.
type Agents = fn(Property<'_>) -> Agent;

impl<'a> Meeting<'a> {
    pub(crate) fn of(document: &'a Document, context: &Context<'_>) -> Self {
        Self::known_by(document, context.same)
    }

    /// The meeting as everybody reads it who knows calendar users by the same addresses.
    pub(crate) fn known_by(document: &'a Document, same: Same<'_>) -> Self {
        Self::read(document, Agent::of, same)
    }

    /// As if the server told everybody, whatever the organizer wants.
    pub(crate) fn as_if_served(document: &'a Document, context: &Context<'_>) -> Self {
        Self::read(document, |_| Agent::Server, context.same)
    }

    fn read(document: &'a Document, agents: Agents, same: Same<'_>) -> Self {
        let times = Times::of(document);
        let components = || document.root().components().filter(|component| is_scheduled(*component));
        let organizer = components().find_map(Component::organizer).map(|organizer| same(&organizer));
        let is_master = |component: &Component<'_>| component.property("RECURRENCE-ID").is_none();
        let master = components().find(is_master).map(|master| Part::of(master, organizer.as_ref(), agents, same));
        let start = master.as_ref().and_then(|master| master.component.start());
        let mut overrides = BTreeMap::new();
        for component in components().filter(|component| !is_master(component)) {
            let Some(id) = component.recurrence_id() else { continue };
            let key = times.instance_key(&id, start.as_ref());
            overrides.entry(key).or_insert_with(|| Part::of(component, organizer.as_ref(), agents, same));
        }
        let mut exdates = BTreeMap::new();
        for exdate in master.iter().flat_map(|master| master.component.properties_named("EXDATE")) {
            for time in times::starts(exdate) {
                exdates.insert(times.instance_key(&time, start.as_ref()), exdate);
            }
        }
        // Asked for every component that is told of.
        let hides_guests = components().any(|component| component.has_value("X-HIDE-GUESTS", "TRUE"));
        Self { document, organizer, master, overrides, exdates, times, hides_guests, recurs: RefCell::default() }
    }

    pub(crate) fn part(&self, slot: Slot) -> Option<&Part<'a>> {
        match slot {
            Slot::Master => self.master.as_ref(),
            Slot::Instance(key) => self.overrides.get(&key),
        }
    }

    /// All parts, the master first.
    pub(crate) fn parts(&self) -> impl Iterator<Item = (Slot, &Part<'a>)> {
        let master = self.master.iter().map(|part| (Slot::Master, part));
        master.chain(self.overrides.iter().map(|(key, part)| (Slot::Instance(*key), part)))
    }

    /// The part that describes an instance: its own, one before it that describes all that follow, or the master.
    pub(crate) fn describing(&self, key: Key) -> Option<&Part<'a>> {
        let recurs = || self.master.as_ref().filter(|_| self.recurs_at(key));
        self.overrides.get(&key).or_else(|| recurs().map(|master| self.ranging(key).map_or(master, |(_, part)| part)))
    }

    /// The last override before an instance that describes all after it (RFC 5545 §3.2.13).
    fn ranging(&self, key: Key) -> Option<(Key, &Part<'a>)> {
        let mut before = self.overrides.range(..key).rev();
        before.find(|(_, part)| part.component.is_this_and_future()).map(|(key, part)| (*key, part))
    }

    /// What describes the same as a component of another revision does.
    pub(crate) fn at(&self, slot: Slot) -> Option<&Part<'a>> {
        match slot {
            Slot::Master => self.master.as_ref(),
            Slot::Instance(key) => self.describing(key),
        }
    }

    /// As [`at`](Self::at), as a component of its own.
    pub(crate) fn body_at(&self, slot: Slot) -> Option<Body<'a>> {
        match slot {
            Slot::Master => self.master.as_ref().map(|master| Body::of(master.component)),
            Slot::Instance(key) => self.body(key),
        }
    }

    /// Is he invited to that instance?
    pub(crate) fn invites(&self, address: &Address, key: Key) -> bool {
        self.describing(key).is_some_and(|part| part.invites(address))
    }

    /// Does the master's recurrence set hold that instance?
    pub(crate) fn recurs_at(&self, key: Key) -> bool {
        let Some((master, start)) = self.master.as_ref().zip(self.start()) else { return false };
        if self.exdates.contains_key(&key) {
            return false;
        }
        let mut known = self.recurs.borrow_mut();
        *known.entry(key).or_insert_with(|| self.times.recurs(master.component, &start, key))
    }

    /// The start of the master.
    pub(crate) fn start(&self) -> Option<DateTime> {
        self.master.as_ref().and_then(|master| master.component.start())
    }

    /// What describes an instance, as a component of its own.
    pub(crate) fn body(&self, key: Key) -> Option<Body<'a>> {
        match self.overrides.get(&key) {
            Some(part) => Some(Body::of(part.component)),
            None => self.derive(key),
        }
    }

    /// An instance as its series describes it, without the component of its own that it may have.
    pub(crate) fn derive(&self, key: Key) -> Option<Body<'a>> {
        let master = self.master.as_ref().filter(|_| self.recurs_at(key))?;
        let first = self.start()?;
        let original = self.times.spelled(key, &first);
        let mut id = Line::of(master.component.property("DTSTART")?);
        id.rename("RECURRENCE-ID");
        id.set_value(&original.to_string());
        let (template, template_is_of) = match self.ranging(key) {
            Some((key, part)) => (part, self.times.spelled(key, &first)),
            None => (master, first),
        };
        let moved = original.local().signed_duration_since(template_is_of.local());
        let mut body = Body::of(template.component);
        let of_series = ["RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"];
        body.lines.retain(|line| !of_series.into_iter().any(|name| line.is(name)));
        for line in
            body.lines.iter_mut().filter(|line| ["DTSTART", "DTEND", "DUE"].into_iter().any(|name| line.is(name)))
        {
            let time = DateTime::parse(line.value(), line.param("TZID")).ok()?;
            line.set_value(&time.at(time.local().checked_add_signed(moved)?).to_string());
        }
        body.lines.insert(1.min(body.lines.len()), id);
        Some(body)
    }

    /// Does the organizer want attendees to see nobody but him and themselves?
    pub(crate) fn hides_guests(&self) -> bool {
        self.hides_guests
    }

    /// Where answers go.
    pub(crate) fn organizers_address(&self) -> Option<&str> {
        let organizer = self.parts().find_map(|(_, part)| part.component.property("ORGANIZER"))?;
        Some(self.organizer.as_ref().map_or(organizer.value(), |known| reached_at(organizer, known)))
    }

    /// Everybody who is invited to anything, in the order they are first written.
    pub(crate) fn guests(&self) -> Vec<&Guest<'a>> {
        let mut seen = BTreeSet::new();
        let guests = self.parts().flat_map(|(_, part)| &part.guests);
        guests.filter(|guest| seen.insert(&guest.address)).collect()
    }

    /// The guest's entry in the first part that lists him.
    pub(crate) fn guest(&self, address: &Address) -> Option<&Guest<'a>> {
        self.parts().find_map(|(_, part)| part.guest(address))
    }

    /// A line by which a master leaves out an instance that has a component of its own: in UTC, if it has an instant.
    pub(crate) fn exclusion(&self, key: Key) -> Option<Line<'a>> {
        if let Key::Instant(instant) = key {
            return Some(Line::new("EXDATE", &times::utc(instant)));
        }
        self.exclusion_as_written(key)
    }

    /// The same, spelled as the component's `RECURRENCE-ID` is.
    pub(crate) fn exclusion_as_written(&self, key: Key) -> Option<Line<'a>> {
        let mut line = Line::of(self.overrides.get(&key)?.recurrence_id()?);
        line.rename("EXDATE");
        line.remove_param("RANGE");
        Some(line)
    }

    /// The line by which the master leaves out that one instance.
    pub(crate) fn exdate(&self, key: Key) -> Option<Line<'a>> {
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
