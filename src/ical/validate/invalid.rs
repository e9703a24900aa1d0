//! Why an object is refused, and where.
//!
//! **Invariant:** `rule` is stable: it may be counted, looked up and tested.

use crate::text::{Component, Property};

/// A rule broken at a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, {path}{}: {why} ({rule})", of(property.as_deref()))]
pub struct Invalid {
    pub rule: &'static str,
    pub precondition: Precondition,
    /// The physical line, from 1.
    pub line: usize,
    /// The component, as `VCALENDAR/VEVENT`.
    pub path: String,
    /// The property, where it is one.
    pub property: Option<String>,
    /// What is wrong, for people.
    pub why: String,
}

fn of(property: Option<&str>) -> String {
    property.map_or_else(String::new, |name| format!(", {name}"))
}

/// Which precondition of a PUT is not met (RFC 4791 §5.3.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precondition {
    /// `CALDAV:valid-calendar-data`: no valid iCalendar.
    ValidCalendarData,
    /// `CALDAV:valid-calendar-object-resource`: valid, but no calendar object resource (RFC 4791 §4.1).
    ValidCalendarObjectResource,
    /// `CALDAV:supported-rscale` (RFC 7529 §10): the rule is of another calendar than the Gregorian.
    SupportedRscale,
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

    pub(super) fn of_scale(self) -> Self {
        Self { precondition: Precondition::SupportedRscale, ..self }
    }

    /// The same fault, as one of the object rather than of the data.
    pub(super) fn of_resource(self) -> Self {
        Self { precondition: Precondition::ValidCalendarObjectResource, ..self }
    }
}
