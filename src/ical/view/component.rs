//! Values of properties that several components share (RFC 5545 §3.8).

use super::{Alarm, Attendee, Status};
use crate::rule::Rule;
use crate::value::{DateTime, Duration};
use crate::{Address, Component, Property};
use std::borrow::Cow;

impl<'a> Component<'a> {
    /// Returns the UID.
    ///
    /// Returns `None` if it is missing or empty.
    pub fn uid(self) -> Option<&'a str> {
        self.property("UID").map(|uid| uid.value().trim()).filter(|uid| !uid.is_empty())
    }

    /// Returns the DATE or DATE-TIME of a property.
    pub fn date_time(self, name: &str) -> Option<DateTime> {
        self.property(name)?.date_time().ok()
    }

    /// Returns DTSTART.
    pub fn start(self) -> Option<DateTime> {
        self.date_time("DTSTART")
    }

    /// Returns DURATION. For an alarm it is the time between repetitions.
    pub fn duration(self) -> Option<Duration> {
        self.property("DURATION")?.duration().ok()
    }

    /// Returns DTSTAMP.
    pub fn dtstamp(self) -> Option<DateTime> {
        self.date_time("DTSTAMP")
    }

    /// Returns CREATED.
    pub fn created(self) -> Option<DateTime> {
        self.date_time("CREATED")
    }

    /// Returns LAST-MODIFIED.
    pub fn last_modified(self) -> Option<DateTime> {
        self.date_time("LAST-MODIFIED")
    }

    /// Returns SEQUENCE; the default is zero (RFC 5546 §2.1.4).
    pub fn sequence(self) -> i32 {
        self.integer("SEQUENCE").unwrap_or(0)
    }

    /// Returns PRIORITY from 1, the highest, to 9.
    ///
    /// Returns `None` for zero, which means undefined (RFC 5545 §3.8.1.9).
    pub fn priority(self) -> Option<u8> {
        self.integer("PRIORITY").and_then(|priority| u8::try_from(priority).ok()).filter(|it| (1..=9).contains(it))
    }

    pub(super) fn integer(self, name: &str) -> Option<i32> {
        self.property(name)?.integer().ok()
    }

    /// Returns SUMMARY, decoded.
    pub fn summary(self) -> Option<Cow<'a, str>> {
        self.property("SUMMARY").map(Property::text)
    }

    /// Returns DESCRIPTION, decoded.
    pub fn description(self) -> Option<Cow<'a, str>> {
        self.property("DESCRIPTION").map(Property::text)
    }

    /// Returns LOCATION, decoded.
    pub fn location(self) -> Option<Cow<'a, str>> {
        self.property("LOCATION").map(Property::text)
    }

    /// Returns the values of all CATEGORIES properties.
    pub fn categories(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.properties_named("CATEGORIES").flat_map(Property::texts)
    }

    /// Returns STATUS.
    ///
    /// Returns `None` if it is missing or not a standard value.
    pub fn status(self) -> Option<Status> {
        Status::of(self.property("STATUS")?)
    }

    /// True if the property has this word as its value, in any case.
    pub fn has_value(self, name: &str, word: &str) -> bool {
        self.property(name).is_some_and(|property| property.value().trim().eq_ignore_ascii_case(word))
    }

    /// Returns ORGANIZER.
    ///
    /// Returns `None` if it is missing or empty; Exchange writes empty ones.
    pub fn organizer(self) -> Option<Address> {
        self.property("ORGANIZER")?.address()
    }

    /// Returns the ATTENDEE properties.
    pub fn attendees(self) -> impl Iterator<Item = Attendee<'a>> {
        self.properties_named("ATTENDEE").map(Attendee::of)
    }

    /// Returns RECURRENCE-ID: the instance that the component replaces.
    pub fn recurrence_id(self) -> Option<DateTime> {
        self.date_time("RECURRENCE-ID")
    }

    /// True for RANGE=THISANDFUTURE: the component applies to all later instances, too (RFC 5545
    /// §3.2.13).
    pub fn is_this_and_future(self) -> bool {
        let range = self.property("RECURRENCE-ID").and_then(|id| id.param("RANGE"));
        range.is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"))
    }

    /// Returns the valid RRULEs.
    pub fn rules(self) -> impl Iterator<Item = Rule> {
        self.properties_named("RRULE").filter_map(|rule| Rule::parse(rule.value()).ok())
    }

    /// True if the component has RRULE or RDATE.
    pub fn recurs(self) -> bool {
        self.properties().any(|property| property.is("RRULE") || property.is("RDATE"))
    }

    /// Returns the VALARM components.
    pub fn alarms(self) -> impl Iterator<Item = Alarm<'a>> {
        self.components().filter_map(Alarm::of)
    }
}
