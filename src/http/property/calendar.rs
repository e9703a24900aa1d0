//! Live properties of calendars (RFC 4791 §5.2, §7.5.1). The properties of RFC 6638 are in
//! `scheduling`.

use dav::value;
use ical::Document;

use super::{
    Context, Presence,
    Presence::{Absent, Present},
    PropStats,
};
use crate::resource::{Kind, ResourceView, with_objects};

/// Components that a calendar accepts if the request that created it named no component set.
pub(crate) const COMPONENTS: [&str; 5] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"];

const COLLATIONS: [&str; 3] = ["i;ascii-casemap", "i;octet", "i;unicode-casemap"];

/// The value of `CALDAV:min-date-time` (RFC 4791 §5.2.6): the beginning of the year 1.
const MIN_DATE_TIME: &str = "00010101T000000Z";
/// The value of `CALDAV:max-date-time` (RFC 4791 §5.2.7): the end of the last year with four
/// digits.
const MAX_DATE_TIME: &str = "99991231T235959Z";

/// Writes `CALDAV:supported-calendar-component-set` (RFC 4791 §5.2.3).
pub(super) fn components(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let chosen = match resource.kind() {
        Kind::Calendar | Kind::Inbox => resource.collection().map(|collection| collection.components.as_slice()),
        Kind::Root
        | Kind::Principals
        | Kind::Homes
        | Kind::Principal
        | Kind::Delegates
        | Kind::Home
        | Kind::Outbox
        | Kind::Plain
        | Kind::Object
        | Kind::SchedulingMessage
        | Kind::File => None,
    };
    let Some(chosen) = chosen else { return Absent };
    if chosen.is_empty() {
        value::supported_calendar_component_set(out.prop(), &COMPONENTS);
    } else {
        value::supported_calendar_component_set(out.prop(), chosen);
    }
    Present
}

/// Writes `CALDAV:supported-calendar-component-sets`. It is empty, because a new calendar in the
/// home may accept any set of components.
pub(super) fn component_sets(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if resource.kind() != Kind::Home {
        return Absent;
    }
    value::supported_calendar_component_sets(out.prop(), &[]);
    Present
}

/// Writes `CALDAV:supported-calendar-data` (RFC 4791 §5.2.4).
pub(super) fn supported_data(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if !matches!(resource.kind(), Kind::Calendar | Kind::Inbox) {
        return Absent;
    }
    value::supported_calendar_data(out.prop());
    Present
}

/// Writes `CALDAV:supported-collation-set` (RFC 4791 §7.5.1). Every resource that supports
/// calendar-query has this property.
pub(super) fn collations(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if !with_objects(resource.kind()) {
        return Absent;
    }
    value::supported_collation_set(out.prop(), &COLLATIONS);
    Present
}

/// Writes `CALDAV:supported-rscale-set` (RFC 7529 §10.1). The server supports the Gregorian
/// calendar only.
pub(super) fn rscales(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if !matches!(resource.kind(), Kind::Home | Kind::Calendar) {
        return Absent;
    }
    let writer = out.prop();
    writer.start("C:supported-rscale-set");
    writer.element("C:supported-rscale", "GREGORIAN");
    writer.end("C:supported-rscale-set");
    Present
}

pub(super) fn max_resource_size(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let bytes = context.service.limits().max_resource_size_bytes;
    on_calendar(resource, out, "C:max-resource-size", &bytes.to_string())
}

pub(super) fn min_date_time(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    on_calendar(resource, out, "C:min-date-time", MIN_DATE_TIME)
}

pub(super) fn max_date_time(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    on_calendar(resource, out, "C:max-date-time", MAX_DATE_TIME)
}

pub(super) fn max_instances(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    on_calendar(resource, out, "C:max-instances", &context.service.limits().max_instances.to_string())
}

pub(super) fn max_attendees(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let limit = context.service.limits().max_attendees_per_instance;
    on_calendar(resource, out, "C:max-attendees-per-instance", &limit.to_string())
}

/// Writes `CALDAV:calendar-timezone-id` (RFC 7809 §5.2): the `TZID` of the collection's time zone.
/// It does not matter whether the client set this identifier or a whole `VTIMEZONE`.
pub(super) fn timezone_id(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let collection = match resource {
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => collection,
        ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Principal(_)
        | ResourceView::Delegates { .. }
        | ResourceView::Member { .. } => return Absent,
    };
    let document = collection.settings.time_zone.as_deref().and_then(|text| Document::parse(text).ok());
    let timezone = document.as_ref().and_then(|document| document.root().components_named("VTIMEZONE").next());
    let Some(tzid) = timezone.and_then(|timezone| timezone.property("TZID")) else { return Absent };
    out.prop().element("C:calendar-timezone-id", &tzid.text());
    Present
}

fn on_calendar(
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
    element: &'static str,
    text: &str,
) -> Presence {
    if resource.calendar().is_none() {
        return Absent;
    }
    out.prop().element(element, text);
    Present
}
