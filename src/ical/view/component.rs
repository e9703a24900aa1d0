//! Typed values of properties that several components share (RFC 5545 §3.8).

use super::{Alarm, Attendee, Status};
use crate::rule::Rule;
use crate::value::{DateTime, Duration};
use crate::{Address, Component, Property};
use std::borrow::Cow;

impl<'a> Component<'a> {
    /// Returns the component's UID, with escapes as written.
    ///
    /// Returns `None` if the UID is missing or empty.
    pub fn uid(self) -> Option<&'a str> {
        self.property("UID").map(|uid| uid.value().trim()).filter(|uid| !uid.is_empty())
    }

    /// Returns the DATE or DATE-TIME of the first property with that name; `None` if it is missing
    /// or invalid.
    pub fn date_time(self, name: &str) -> Option<DateTime> {
        self.property(name)?.date_time().ok()
    }

    /// Returns the component's DTSTART; `None` if it is missing or invalid.
    pub fn start(self) -> Option<DateTime> {
        self.date_time("DTSTART")
    }

    /// Returns the component's DURATION, which is the time between repetitions in an alarm; `None`
    /// if it is missing or invalid.
    pub fn duration(self) -> Option<Duration> {
        self.property("DURATION")?.duration().ok()
    }

    /// Returns the component's DTSTAMP; `None` if it is missing or invalid.
    pub fn dtstamp(self) -> Option<DateTime> {
        self.date_time("DTSTAMP")
    }

    /// Returns the component's CREATED, the time of its creation; `None` if it is missing or
    /// invalid.
    pub fn created(self) -> Option<DateTime> {
        self.date_time("CREATED")
    }

    /// Returns the component's LAST-MODIFIED, the time of its last change; `None` if it is missing
    /// or invalid.
    pub fn last_modified(self) -> Option<DateTime> {
        self.date_time("LAST-MODIFIED")
    }

    /// Returns the component's SEQUENCE; zero if it is missing (RFC 5546 §2.1.4) or invalid.
    pub fn sequence(self) -> i32 {
        self.integer("SEQUENCE").unwrap_or(0)
    }

    /// Returns the component's PRIORITY, from 1, the highest, to 9.
    ///
    /// Returns `None` if PRIORITY is missing or invalid, or zero, which means undefined (RFC 5545
    /// §3.8.1.9).
    pub fn priority(self) -> Option<u8> {
        self.integer("PRIORITY").and_then(|priority| u8::try_from(priority).ok()).filter(|it| (1..=9).contains(it))
    }

    pub(super) fn integer(self, name: &str) -> Option<i32> {
        self.property(name)?.integer().ok()
    }

    /// Returns the component's SUMMARY, decoded; `None` if it is missing.
    pub fn summary(self) -> Option<Cow<'a, str>> {
        self.property("SUMMARY").map(Property::text)
    }

    /// Returns the component's first DESCRIPTION, decoded; `None` if it is missing.
    pub fn description(self) -> Option<Cow<'a, str>> {
        self.property("DESCRIPTION").map(Property::text)
    }

    /// Returns the component's LOCATION, decoded; `None` if it is missing.
    pub fn location(self) -> Option<Cow<'a, str>> {
        self.property("LOCATION").map(Property::text)
    }

    /// Returns the values of all CATEGORIES properties of the component, decoded.
    pub fn categories(self) -> impl Iterator<Item = Cow<'a, str>> {
        self.properties_named("CATEGORIES").flat_map(Property::texts)
    }

    /// Returns the component's STATUS.
    ///
    /// Returns `None` if STATUS is missing, or not a standard value.
    pub fn status(self) -> Option<Status> {
        Status::of(self.property("STATUS")?)
    }

    /// True if the component has STATUS:CANCELLED.
    pub fn is_cancelled(self) -> bool {
        self.status() == Some(Status::Cancelled)
    }

    /// True if the first property `name` has `word` as its value, ignoring case.
    pub fn has_value(self, name: &str, word: &str) -> bool {
        self.property(name).is_some_and(|property| property.value().trim().eq_ignore_ascii_case(word))
    }

    /// Returns the address of the component's ORGANIZER.
    ///
    /// Returns `None` if ORGANIZER is missing, blank or a `mailto:` without a mailbox; Exchange
    /// writes such ones.
    pub fn organizer(self) -> Option<Address> {
        self.property("ORGANIZER")?.address()
    }

    /// Returns the component's ATTENDEE properties.
    pub fn attendees(self) -> impl Iterator<Item = Attendee<'a>> {
        self.properties_named("ATTENDEE").map(Attendee::of)
    }

    /// Returns the component's RECURRENCE-ID, which names the instance that the component
    /// overrides; `None` if it is missing or invalid.
    pub fn recurrence_id(self) -> Option<DateTime> {
        self.date_time("RECURRENCE-ID")
    }

    /// True if RECURRENCE-ID has RANGE=THISANDFUTURE: the component also applies to all later
    /// instances (RFC 5545 §3.2.13).
    pub fn is_this_and_future(self) -> bool {
        let range = self.property("RECURRENCE-ID").and_then(|id| id.param("RANGE"));
        range.is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"))
    }

    /// Returns the component's RRULEs, without the invalid ones.
    pub fn rules(self) -> impl Iterator<Item = Rule> {
        self.properties_named("RRULE").filter_map(|rule| Rule::parse(rule.value()).ok())
    }

    /// True if the component has RRULE or RDATE.
    pub fn recurs(self) -> bool {
        self.properties().any(|property| property.is("RRULE") || property.is("RDATE"))
    }

    /// Returns the component's VALARMs.
    pub fn alarms(self) -> impl Iterator<Item = Alarm<'a>> {
        self.components().filter_map(Alarm::of)
    }
}
