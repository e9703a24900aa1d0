//! What components of all kinds say of themselves (RFC 5545 §3.8).

use super::{Alarm, Attendee, Status};
use crate::rule::Rule;
use crate::value::{DateTime, Duration};
use crate::{Address, Component, Property};
use std::borrow::Cow;

impl<'a> Component<'a> {
    /// Which object it belongs to; one that is empty is none.
    pub fn uid(self) -> Option<&'a str> {
        self.property("UID").map(|uid| uid.value().trim()).filter(|uid| !uid.is_empty())
    }

    /// The DATE or DATE-TIME of a property.
    pub fn date_time(self, name: &str) -> Option<DateTime> {
        self.property(name)?.date_time().ok()
    }

    /// DTSTART.
    pub fn start(self) -> Option<DateTime> {
        self.date_time("DTSTART")
    }

    /// DURATION: how long it lasts; of an alarm, until it rings again.
    pub fn duration(self) -> Option<Duration> {
        self.property("DURATION")?.duration().ok()
    }

    /// DTSTAMP.
    pub fn dtstamp(self) -> Option<DateTime> {
        self.date_time("DTSTAMP")
    }

    pub fn created(self) -> Option<DateTime> {
        self.date_time("CREATED")
    }

    pub fn last_modified(self) -> Option<DateTime> {
        self.date_time("LAST-MODIFIED")
    }

    /// RFC 5546 §2.1.4: what is not written is zero.
    pub fn sequence(self) -> i32 {
        self.integer("SEQUENCE").unwrap_or(0)
    }

    /// From 1, the highest, to 9; nothing where none is said, as by zero (RFC 5545 §3.8.1.9).
    pub fn priority(self) -> Option<u8> {
        self.integer("PRIORITY").and_then(|priority| u8::try_from(priority).ok()).filter(|it| (1..=9).contains(it))
    }

    pub(super) fn integer(self, name: &str) -> Option<i32> {
        self.property(name)?.integer().ok()
    }

    pub fn summary(self) -> Option<Cow<'a, str>> {
        self.property("SUMMARY").map(Property::text)
    }

    pub fn description(self) -> Option<Cow<'a, str>> {
        self.property("DESCRIPTION").map(Property::text)
    }

    pub fn location(self) -> Option<Cow<'a, str>> {
        self.property("LOCATION").map(Property::text)
    }

    /// Those of all CATEGORIES together.
    pub fn categories(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.properties_named("CATEGORIES").flat_map(Property::texts)
    }

    /// Nothing where none is said, and where nobody has standardised it.
    pub fn status(self) -> Option<Status> {
        Status::of(self.property("STATUS")?)
    }

    /// Whether a property has this word for its value, in any case.
    pub fn has_value(self, name: &str, word: &str) -> bool {
        self.property(name).is_some_and(|property| property.value().trim().eq_ignore_ascii_case(word))
    }

    /// Who invites; an address that is empty is none (Exchange sends such).
    pub fn organizer(self) -> Option<Address> {
        self.property("ORGANIZER")?.address()
    }

    pub fn attendees(self) -> impl Iterator<Item = Attendee<'a>> {
        self.properties_named("ATTENDEE").map(Attendee::of)
    }

    /// Which instance it stands for.
    pub fn recurrence_id(self) -> Option<DateTime> {
        self.date_time("RECURRENCE-ID")
    }

    /// Whether it stands for that instance and all behind it (RFC 5545 §3.2.13).
    pub fn is_this_and_future(self) -> bool {
        let range = self.property("RECURRENCE-ID").and_then(|id| id.param("RANGE"));
        range.is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"))
    }

    /// The RRULEs that can be read.
    pub fn rules(self) -> impl Iterator<Item = Rule> {
        self.properties_named("RRULE").filter_map(|rule| Rule::parse(rule.value()).ok())
    }

    /// Whether it says when it happens again.
    pub fn recurs(self) -> bool {
        self.properties().any(|property| property.is("RRULE") || property.is("RDATE"))
    }

    pub fn alarms(self) -> impl Iterator<Item = Alarm<'a>> {
        self.components().filter_map(Alarm::of)
    }
}
