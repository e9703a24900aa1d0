//! Why and where an object is invalid.
//!
//! **Invariant:** `rule` is stable. Metrics, documentation and tests may refer to it.

use crate::text::{Component, Property};

/// A violated rule and its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {path}{}: {why} ({rule})", of(property.as_deref()))]
pub struct Invalid {
    /// The name of the rule.
    pub rule: &'static str,
    /// The precondition that it belongs to.
    pub precondition: Precondition,
    /// The physical line, from 1.
    pub line: usize,
    /// The component, as `VCALENDAR/VEVENT`.
    pub path: String,
    /// The property, if one is at fault.
    pub property: Option<String>,
    /// The explanation for a person.
    pub why: String,
}

fn of(property: Option<&str>) -> String {
    property.map_or_else(String::new, |name| format!(", {name}"))
}

/// The violated precondition of PUT (RFC 4791 §5.3.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// `CALDAV:valid-calendar-data`: the text is not valid iCalendar.
    ValidCalendarData,
    /// `CALDAV:valid-calendar-object-resource`: valid iCalendar, but not a calendar object resource
    /// (RFC 4791 §4.1).
    ValidCalendarObjectResource,
    /// `CALDAV:supported-rscale` (RFC 7529 §10): a rule uses another calendar than the Gregorian.
    SupportedRscale,
    /// `CALDAV:valid-timezone` (RFC 7809 §3.1.4): a TZID is unknown and has no VTIMEZONE. Clients
    /// know by it to send the definition.
    ValidTimezone,
    /// `CALDAV:min-date-time` (RFC 4791 §5.2.6): a date lies before the first year.
    MinDateTime,
}

impl Invalid {
    pub(super) fn component(rule: &'static str, at: Component<'_>, why: impl Into<String>) -> Self {
        let (line, path) = (at.line(), at.path());
        Self { rule, precondition: Precondition::ValidCalendarData, line, path, property: None, why: why.into() }
    }

    pub(super) fn property(rule: &'static str, at: Property<'_>, why: impl Into<String>) -> Self {
        let property = Some(at.name().to_ascii_uppercase());
        Self { line: at.line(), property, ..Self::component(rule, at.component(), why) }
    }

    /// Returns the same fault as one of an unknown time zone.
    pub(super) fn of_timezone(self) -> Self {
        Self { precondition: Precondition::ValidTimezone, ..self }
    }

    pub(super) fn of_early_date(self) -> Self {
        Self { precondition: Precondition::MinDateTime, ..self }
    }

    pub(super) fn of_scale(self) -> Self {
        Self { precondition: Precondition::SupportedRscale, ..self }
    }

    /// Returns the same fault as one of the object resource rather than of the data.
    pub(super) fn of_resource(self) -> Self {
        Self { precondition: Precondition::ValidCalendarObjectResource, ..self }
    }
}
