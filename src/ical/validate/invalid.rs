//! The error of validation: the reason for which an object is invalid, and the place.
//!
//! **Invariant:** the name of a rule never changes, so metrics, documentation and tests may refer
//! to it.

use crate::text::{Component, Property};

/// A violated rule, and the place of the fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {path}{}: {why} ({rule})", of(property.as_deref()))]
pub struct Invalid {
    /// The name of the rule.
    pub rule: &'static str,
    /// The precondition that the violation fails.
    pub precondition: Precondition,
    /// The number of the first physical line of the property or component at fault, from 1, in the
    /// text that the client sent.
    pub line: usize,
    /// The names of the component and those around it, as `VCALENDAR/VEVENT`.
    pub path: String,
    /// The name of the property at fault; `None` if the fault is in the component as a whole.
    pub property: Option<String>,
    /// The reason for which the object is invalid, as a sentence for a person.
    pub why: String,
}

fn of(property: Option<&str>) -> String {
    property.map_or_else(String::new, |name| format!(", {name}"))
}

/// A precondition that invalid data fails (RFC 4791 §5.3.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// `CALDAV:valid-calendar-data`: the text is not valid iCalendar.
    ValidCalendarData,
    /// `CALDAV:valid-calendar-object-resource`: valid iCalendar, but not a calendar object resource
    /// (RFC 4791 §4.1).
    ValidCalendarObjectResource,
    /// `CALDAV:supported-rscale` (RFC 7529 §10): a recurrence rule uses a calendar other than the
    /// Gregorian.
    SupportedRscale,
    /// `CALDAV:valid-timezone` (RFC 7809 §3.1.4): a TZID is unknown and has no valid VTIMEZONE. The
    /// client can send one.
    ValidTimezone,
    /// `CALDAV:min-date-time` (RFC 4791 §5.2.6): a date is before the year 1.
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

    /// Returns the same error with the precondition for unknown time zones.
    pub(super) fn of_timezone(self) -> Self {
        Self { precondition: Precondition::ValidTimezone, ..self }
    }

    pub(super) fn of_early_date(self) -> Self {
        Self { precondition: Precondition::MinDateTime, ..self }
    }

    pub(super) fn of_scale(self) -> Self {
        Self { precondition: Precondition::SupportedRscale, ..self }
    }

    /// Returns the same error with the precondition for calendar object resources in place of
    /// calendar data.
    pub(super) fn of_resource(self) -> Self {
        Self { precondition: Precondition::ValidCalendarObjectResource, ..self }
    }
}
