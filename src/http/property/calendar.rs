//! Live properties of calendars: RFC 4791 §5.2, §7.5.1; RFC 6638 has its own file.

use dav::value;
use ical::Document;
use projections::Collection;
use schemas::collection::CollectionKind;

use super::{
    Context, Presence,
    Presence::{Absent, There},
    PropStats,
};
use crate::node::{Kind, Node};

/// The components a calendar accepts unless its creation said fewer.
pub(crate) const COMPONENTS: [&str; 5] = ["VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VAVAILABILITY"];

const COLLATIONS: [&str; 3] = ["i;ascii-casemap", "i;octet", "i;unicode-casemap"];

/// What can be computed with: four-digit years (RFC 4791 §5.2.6, §5.2.7).
const MIN_DATE_TIME: &str = "00010101T000000Z";
const MAX_DATE_TIME: &str = "99991231T235959Z";

fn calendar<'a>(node: &'a Node<'_>) -> Option<&'a Collection> {
    match node {
        Node::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => Some(collection),
        Node::Root
        | Node::Principals
        | Node::Homes
        | Node::Principal(_)
        | Node::Home { .. }
        | Node::Collection { .. }
        | Node::Member { .. } => None,
    }
}

/// RFC 4791 §5.2.3
pub(super) fn components(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let chosen = match node.kind() {
        Kind::Calendar | Kind::Inbox => node.collection().map(|collection| collection.components.as_slice()),
        Kind::Root
        | Kind::Principals
        | Kind::Homes
        | Kind::Principal
        | Kind::Home
        | Kind::Outbox
        | Kind::Plain
        | Kind::Object
        | Kind::Item
        | Kind::File => None,
    };
    let Some(chosen) = chosen else { return Absent };
    if chosen.is_empty() {
        value::supported_calendar_component_set(out.prop(), &COMPONENTS);
    } else {
        value::supported_calendar_component_set(out.prop(), chosen);
    }
    There
}

/// Empty: any set may be chosen for a new calendar of the home.
pub(super) fn component_sets(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if node.kind() != Kind::Home {
        return Absent;
    }
    value::supported_calendar_component_sets(out.prop(), &[]);
    There
}

/// RFC 4791 §5.2.4
pub(super) fn supported_data(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if !matches!(node.kind(), Kind::Calendar | Kind::Inbox) {
        return Absent;
    }
    value::supported_calendar_data(out.prop());
    There
}

/// RFC 4791 §7.5.1: on every resource where a calendar-query is answered.
pub(super) fn collations(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if !matches!(node.kind(), Kind::Home | Kind::Plain | Kind::Calendar | Kind::Inbox) {
        return Absent;
    }
    value::supported_collation_set(out.prop(), &COLLATIONS);
    There
}

/// RFC 7529 §10.1: rules of other calendars are refused.
pub(super) fn rscales(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if !matches!(node.kind(), Kind::Home | Kind::Calendar) {
        return Absent;
    }
    let writer = out.prop();
    writer.start("C:supported-rscale-set");
    writer.element("C:supported-rscale", "GREGORIAN");
    writer.end("C:supported-rscale-set");
    There
}

pub(super) fn max_resource_size(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let bytes = context.service.limits().max_resource_size_bytes;
    on_calendar(node, out, "C:max-resource-size", &bytes.to_string())
}

pub(super) fn min_date_time(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    on_calendar(node, out, "C:min-date-time", MIN_DATE_TIME)
}

pub(super) fn max_date_time(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    on_calendar(node, out, "C:max-date-time", MAX_DATE_TIME)
}

pub(super) fn max_instances(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    on_calendar(node, out, "C:max-instances", &context.service.limits().max_instances.to_string())
}

pub(super) fn max_attendees(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let limit = context.service.limits().max_attendees_per_instance;
    on_calendar(node, out, "C:max-attendees-per-instance", &limit.to_string())
}

/// RFC 7809 §5.2: the `TZID` of the time zone, be it set by its name or whole.
pub(super) fn timezone_id(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let collection = match node {
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection,
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) | Node::Member { .. } => return Absent,
    };
    let document = collection.settings.time_zone.as_deref().and_then(|text| Document::parse(text).ok());
    let timezone = document.as_ref().and_then(|document| document.root().components_named("VTIMEZONE").next());
    let Some(tzid) = timezone.and_then(|timezone| timezone.property("TZID")) else { return Absent };
    out.prop().element("C:calendar-timezone-id", &tzid.text());
    There
}

fn on_calendar(node: &Node<'_>, out: &mut PropStats<'_, '_>, element: &str, text: &str) -> Presence {
    if calendar(node).is_none() {
        return Absent;
    }
    out.prop().element(element, text);
    There
}
