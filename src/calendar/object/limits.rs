//! The limits of the text of one object (RFC 4791 §5.3.2.1, RFC 6638 §11.1).

use ical::{
    Component, Document,
    repair::{self, Repaired},
    rule::End,
};
use schemas::Timestamp;

use crate::{Limits, Refusal};

/// Parses and repairs the body of a request, within the limits. A later decision checks whether the
/// text may be stored. `now` becomes the DTSTAMP of components that have none, and have neither
/// LAST-MODIFIED nor CREATED in UTC.
///
/// Returns an error if the body exceeds a limit, or is not iCalendar.
pub fn read(ics: String, now: Timestamp, limits: &Limits) -> Result<Repaired, Refusal> {
    if ics.len() > limits.max_resource_size_bytes {
        return Err(Refusal::TooLarge { limit_bytes: limits.max_resource_size_bytes });
    }
    let repaired = repair::calendar_object(ics, now.seconds());
    let repaired = repaired.map_err(|error| Refusal::NotCalendarData { why: error.to_string() })?;
    if repaired.document.as_str().len() > limits.max_resource_size_bytes {
        return Err(Refusal::TooLarge { limit_bytes: limits.max_resource_size_bytes });
    }
    within(&repaired.document, limits)?;
    Ok(repaired)
}

/// Checks that a text that the server completed is within the limits of one object.
pub(super) fn fits(ics: &str, limits: &Limits) -> Result<(), Refusal> {
    if ics.len() > limits.max_resource_size_bytes {
        return Err(Refusal::TooLarge { limit_bytes: limits.max_resource_size_bytes });
    }
    Document::parse(ics).map_or(Ok(()), |document| within(&document, limits))
}

/// Checks the same of the text that a message made of a copy; `None`: of no copy. It has no more
/// attendees and instances than both together, and counting these is faster than parsing the text.
pub(super) fn fits_after(
    ics: &str,
    message: &Document,
    copy: Option<&Document>,
    limits: &Limits,
) -> Result<(), Refusal> {
    let both = copy.map(Extent::of).unwrap_or_default().plus(Extent::of(message));
    if ics.len() <= limits.max_resource_size_bytes && both.within(limits).is_ok() {
        return Ok(());
    }
    fits(ics, limits)
}

/// Checks the limits of one object.
pub(super) fn within(document: &Document, limits: &Limits) -> Result<(), Refusal> {
    Extent::of(document).within(limits)
}

/// The numbers in an object that are limited.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    /// Attendees of the component that has the most.
    attendees: usize,
    overridden: usize,
    /// Instances that the components enumerate.
    enumerated: usize,
}

impl Extent {
    fn of(document: &Document) -> Self {
        let mut extent = Self::default();
        for component in document.root().components() {
            extent.overridden += usize::from(component.property("RECURRENCE-ID").is_some());
            extent.enumerated += instances_enumerated(component);
            extent.attendees = extent.attendees.max(component.properties_named("ATTENDEE").count());
        }
        extent
    }

    fn plus(self, other: Self) -> Self {
        Self {
            attendees: self.attendees + other.attendees,
            overridden: self.overridden + other.overridden,
            enumerated: self.enumerated.saturating_add(other.enumerated),
        }
    }

    fn within(self, limits: &Limits) -> Result<(), Refusal> {
        if self.attendees > limits.max_attendees_per_instance {
            return Err(Refusal::TooManyAttendees { limit: limits.max_attendees_per_instance });
        }
        // The instances that the master enumerates include the overridden ones, so only the larger
        // number counts.
        if self.overridden.max(self.enumerated) > limits.max_instances {
            return Err(Refusal::TooManyInstances { limit: limits.max_instances });
        }
        Ok(())
    }
}

/// Returns the number of instances that a component enumerates (RFC 4791 §5.2.8): one per value of
/// RDATE, and the COUNT of a rule. Rules with UNTIL or without an end are limited when a report
/// expands them.
fn instances_enumerated(component: Component<'_>) -> usize {
    let counted = component.rules().filter_map(|rule| match rule.end {
        End::Count(count) => Some(usize::try_from(count).unwrap_or(usize::MAX)),
        End::Never | End::Until(_) => None,
    });
    let listed = component.properties_named("RDATE").map(|dates| dates.value().split(',').count());
    counted.chain(listed).fold(0, usize::saturating_add)
}
