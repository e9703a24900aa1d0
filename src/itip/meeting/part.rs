//! One component of a meeting with its attendees.

use crate::participation::Agent;
use crate::{Canonical, Context};
use ical::{Address, Component, Property};
use std::collections::HashMap;

/// Returns the scheduling agent of a calendar user's property (RFC 6638 §7.1).
pub(super) type Agents = fn(Property<'_>) -> Agent;

/// One component of a meeting.
#[derive(Debug)]
pub(crate) struct Part<'a> {
    pub(crate) component: Component<'a>,
    /// The attendees except the organizer, one entry per calendar user, in the order of their
    /// lines.
    pub(crate) attendees: Vec<Attendee<'a>>,
    by_address: HashMap<Address, usize>,
    /// The organizer's own first ATTENDEE line; `None` if there is none.
    host: Option<Attendee<'a>>,
    /// Further lines of users who are listed by more than one of their addresses.
    pub(crate) aliases: Vec<Attendee<'a>>,
    /// ATTENDEE lines without an address, or with the address of an earlier line. An update of an
    /// attendee's copy removes them; a write of the organizer removes only the repeated ones.
    pub(crate) surplus: Vec<Property<'a>>,
    /// True if the component has `STATUS:CANCELLED`.
    pub(crate) cancelled: bool,
}

/// An invited calendar user.
#[derive(Debug)]
pub(crate) struct Attendee<'a> {
    /// The canonical address of the attendee.
    pub(crate) address: Address,
    pub(crate) property: Property<'a>,
    pub(crate) agent: Agent,
}

impl Attendee<'_> {
    /// Returns the address to deliver messages to.
    pub(crate) fn reached_at(&self) -> &str {
        reached_at(self.property, &self.address)
    }

    /// Returns whether this attendee is the owner of the home.
    pub(crate) fn is_owned(&self, context: &Context<'_>) -> bool {
        (context.owns)(&self.address)
    }
}

impl<'a> Part<'a> {
    pub(super) fn of(
        component: Component<'a>,
        organizer: Option<&Address>,
        agents: Agents,
        canonical: Canonical<'_>,
    ) -> Self {
        let mut part = Self {
            component,
            attendees: Vec::new(),
            by_address: HashMap::new(),
            host: None,
            aliases: Vec::new(),
            surplus: Vec::new(),
            cancelled: component.is_cancelled(),
        };
        for property in component.properties_named("ATTENDEE") {
            match property.address() {
                Some(address) => {
                    part.list(Attendee { address: canonical(&address), property, agent: agents(property) }, organizer);
                }
                None => part.surplus.push(property),
            }
        }
        part
    }

    fn list(&mut self, entry: Attendee<'a>, organizer: Option<&Address>) {
        let is_host = Some(&entry.address) == organizer;
        if is_host && self.host.is_none() {
            self.host = Some(entry);
        } else if is_host || self.by_address.contains_key(&entry.address) {
            if self.lines().any(|line| line.property.address() == entry.property.address()) {
                self.surplus.push(entry.property);
            } else {
                self.aliases.push(entry);
            }
        } else {
            self.by_address.insert(entry.address.clone(), self.attendees.len());
            self.attendees.push(entry);
        }
    }

    /// Iterates over the ATTENDEE lines, one per address: first the organizer's, then the first
    /// line of each other user, then further lines of the same users.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &Attendee<'a>> {
        self.host.iter().chain(&self.attendees).chain(&self.aliases)
    }

    /// Iterates over the ATTENDEE lines of everybody who answers the invitation: all but the
    /// organizer's.
    pub(crate) fn answered_lines(&self) -> impl Iterator<Item = &Attendee<'a>> {
        self.attendees.iter().chain(self.aliases.iter().filter(|alias| !self.is_hosts(alias)))
    }

    /// Iterates over the organizer's own ATTENDEE lines.
    pub(crate) fn organizers_lines(&self) -> impl Iterator<Item = &Attendee<'a>> {
        self.host.iter().chain(self.aliases.iter().filter(|alias| self.is_hosts(alias)))
    }

    fn is_hosts(&self, line: &Attendee<'_>) -> bool {
        self.host.as_ref().is_some_and(|host| host.address == line.address)
    }

    /// Iterates over the first ATTENDEE line of each participant: the organizer, if listed, and the
    /// attendees.
    pub(crate) fn participants(&self) -> impl Iterator<Item = &Attendee<'a>> {
        self.host.iter().chain(&self.attendees)
    }

    /// Iterates over the lines of one attendee.
    pub(crate) fn lines_of(&self, address: &Address) -> impl Iterator<Item = &Attendee<'a>> {
        self.attendee(address).into_iter().chain(self.aliases.iter().filter(move |alias| alias.address == *address))
    }

    /// Returns the line that corresponds to `other`, a line of another version of the component:
    /// the line with the same address, else the first line of the same user; `None` if there is
    /// neither.
    pub(crate) fn line_of(&self, other: &Attendee<'_>) -> Option<&Attendee<'a>> {
        let written = other.property.address();
        let host = self.host.iter().filter(|host| host.address == other.address);
        let mut lines = host.chain(self.lines_of(&other.address)).peekable();
        let first = lines.peek().copied();
        lines.find(|line| line.property.address() == written).or(first)
    }

    pub(crate) fn attendee(&self, address: &Address) -> Option<&Attendee<'a>> {
        self.by_address.get(address).map(|index| &self.attendees[*index])
    }

    /// Returns whether the component is not cancelled, and lists this user as an attendee to whom
    /// the server sends messages.
    pub(crate) fn invites(&self, address: &Address) -> bool {
        !self.cancelled && self.attendee(address).is_some_and(|attendee| attendee.agent == Agent::Server)
    }

    /// Returns whether the component is cancelled and lists this user as an attendee to whom the
    /// server sends messages.
    pub(crate) fn cancels(&self, address: &Address) -> bool {
        self.cancelled && self.attendee(address).is_some_and(|attendee| attendee.agent == Agent::Server)
    }

    pub(crate) fn recurrence_id(&self) -> Option<Property<'a>> {
        self.component.property("RECURRENCE-ID")
    }

    /// Returns SEQUENCE; zero if it is absent (RFC 5546 §2.1.4).
    pub(crate) fn sequence(&self) -> i32 {
        self.component.sequence()
    }
}

/// Returns the address to deliver messages to: the canonical address `known` if the property has an
/// EMAIL parameter (RFC 7986 §6.2) and its value is a different address; else the value of the
/// property.
pub(crate) fn reached_at<'p>(property: Property<'p>, known: &'p Address) -> &'p str {
    let by_mail = property.address().is_some_and(|written| written.email().is_some() && written != *known);
    if by_mail { known.as_written() } else { property.value() }
}
