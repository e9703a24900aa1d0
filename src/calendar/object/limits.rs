//! The limits of the text of one object (RFC 4791 §5.3.2.1, RFC 6638 §11.1).

use ical::{
    Component, Document, Property,
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

/// Checks the limits of `ics`, the text that a message made of `copy`; `None` if there was no copy.
/// The text is parsed only if the sum of what message and copy can contribute exceeds a limit,
/// because parsing is slower.
pub(super) fn fits_after(
    ics: &str,
    message: &Document,
    copy: Option<&Document>,
    limits: &Limits,
) -> Result<(), Refusal> {
    let most = copy.map(Extent::at_most).unwrap_or_default().plus(Extent::at_most(message));
    if ics.len() <= limits.max_resource_size_bytes && most.within(limits).is_ok() {
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
            extent.enumerated = extent.enumerated.saturating_add(instances_enumerated(component));
            extent.attendees = extent.attendees.max(component.properties_named("ATTENDEE").count());
        }
        extent
    }

    /// Returns an upper bound of what a document contributes to the text that a message makes of a
    /// copy. A component can become an override and a value of RDATE (ADD), each value of EXDATE an
    /// override (REPLY), and each address in DELEGATED-TO an attendee.
    fn at_most(document: &Document) -> Self {
        let values = |property: Property<'_>| property.value().split(',').count();
        let delegates = |line: Property<'_>| {
            let to = line.params().filter(|param| param.is("DELEGATED-TO"));
            to.map(|param| param.raw_value().split(',').count()).sum::<usize>()
        };
        let mut extent = Self::default();
        for component in document.root().components() {
            let excluded = component.properties_named("EXDATE").map(values).sum::<usize>();
            extent.overridden += 1 + excluded;
            extent.enumerated = extent.enumerated.saturating_add(1).saturating_add(instances_enumerated(component));
            extent.attendees =
                extent.attendees.max(component.properties_named("ATTENDEE").map(|line| 1 + delegates(line)).sum());
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
