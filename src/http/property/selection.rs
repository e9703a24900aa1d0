//! The selection of properties that a request asks for.

use std::borrow::Cow;

use dav::{
    Condition, QName, Status,
    multistatus::PropStats,
    name::{self, CALDAV},
    request::{Props, Wanted},
    value,
    xml::Writer,
};
use schemas::collection::Property;

use super::{
    Context, Presence,
    table::{LIVE, Live, live},
};
use crate::resource::{AS_REQUESTED, BEFORE_HREF, ResourceView};

/// The requested properties. They are looked up in the table once, for all resources of a response.
#[derive(Debug)]
pub(crate) enum Selection<'a> {
    /// `DAV:allprop`, with the properties of `DAV:include`.
    All(Vec<Item<'a>>),
    /// `DAV:propname`: the response has the names of the properties only.
    Names,
    Listed(Vec<Item<'a>>),
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    name: &'a QName,
    live: Option<&'static Live>,
}

impl<'a> Selection<'a> {
    pub(crate) fn of(wanted: &'a Wanted) -> Self {
        match wanted {
            Wanted::AllProp { include } => Self::All(items(include)),
            Wanted::PropName => Self::Names,
            Wanted::Prop(props) => Self::listed(props),
        }
    }

    pub(crate) fn listed(props: &'a Props) -> Self {
        Self::Listed(items(props))
    }

    /// Returns true if the request asks for this property by name.
    pub(crate) fn names(&self, name: &QName) -> bool {
        match self {
            Self::All(items) | Self::Listed(items) => items.iter().any(|item| item.name == name),
            Self::Names => false,
        }
    }

    /// Writes the requested properties that the resource has. Properties that the request lists by
    /// name and the resource lacks are reported as missing, unless the client wants a minimal
    /// response.
    pub(crate) fn write(&self, context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, 'a>) {
        match self {
            Self::Listed(items) => write_items(items, context, resource, out),
            Self::All(include) => {
                for live in LIVE.iter().filter(|live| live.in_allprop) {
                    (live.show)(context, resource, out);
                }
                // RFC 4791 §5.2: `allprop` leaves out all properties of CalDAV, even if they are
                // stored as dead properties.
                for (_, xml) in dead(resource).filter(|(name, _)| live(name).is_none() && name.namespace() != CALDAV) {
                    out.prop().raw(&as_stored(context, xml));
                }
                // RFC 4918 §9.1.1: the properties of `include` that `allprop` has not written
                // already.
                let shown = |item: &&Item<'_>| item.live.is_some_and(|live| live.in_allprop);
                let rest: Vec<_> = include.iter().filter(|item| !shown(item)).copied().collect();
                write_items(&rest, context, resource, out);
            }
            Self::Names => {
                for live in LIVE {
                    if has(live, context, resource) {
                        out.name(live.name);
                    }
                }
                for (name, _) in dead(resource).filter(|(name, _)| live(name).is_none()) {
                    out.name(&name);
                }
            }
        }
    }
}

fn items(props: &Props) -> Vec<Item<'_>> {
    props.names.iter().map(|name| Item { name, live: live(name) }).collect()
}

fn write_items<'a>(
    items: &[Item<'a>],
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, 'a>,
) {
    for item in items {
        let presence = match item.live {
            Some(live) => (live.show)(context, resource, out),
            None if *item.name == name::CALENDAR_DATA => calendar_data(resource, out),
            None if stored(context, out, resource, item.name) => Presence::Present,
            None => Presence::Absent,
        };
        match presence {
            Presence::Present => {}
            Presence::Absent => out.missing(item.name),
            // RFC 3744 §7.1.1: the missing privilege is reported as a failed precondition.
            Presence::Withheld => out.refuse(item.name, Status::FORBIDDEN, Some(Condition::NeedPrivileges)),
        }
    }
}

/// Writes `CALDAV:calendar-data` (RFC 4791 §9.6). The property is absent unless the request has
/// read the text of the object.
fn calendar_data(resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let ResourceView::Member { body: Some(body), .. } = resource else { return Presence::Absent };
    out.prop().element("C:calendar-data", body);
    Presence::Present
}

/// Writes `DAV:supported-live-property-set` (RFC 3253 §3.1.4): the live properties that the
/// resource has and the caller may read. This property itself is included without a test, because
/// the test would call this function again without end.
pub(super) fn supported_live_property_set(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let itself = &name::SUPPORTED_LIVE_PROPERTY_SET;
    let names = LIVE.iter().filter(|live| live.name == itself || has(live, context, resource)).map(|live| live.name);
    value::supported_live_property_set(out.prop(), names);
    Presence::Present
}

/// Returns true if the resource has the live property and the caller may read it. To find out, the
/// property is written to a buffer that is then discarded.
fn has(live: &Live, context: &Context<'_>, resource: &ResourceView<'_>) -> bool {
    let mut scratch = Writer::fragment();
    let mut out = PropStats::response(&mut scratch, "", dav::Detail::Minimal);
    let presence = (live.show)(context, resource, &mut out);
    out.finish();
    presence == Presence::Present
}

/// Returns the properties that are stored with the resource: its dead properties and
/// `DAV:displayname`.
fn dead_properties<'a>(resource: &ResourceView<'a>) -> &'a [Property] {
    match resource {
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => {
            &collection.properties
        }
        ResourceView::Member { member, .. } => &member.properties,
        ResourceView::Principal(entry) => &entry.properties,
        ResourceView::Root | ResourceView::Principals | ResourceView::Homes | ResourceView::Delegates { .. } => &[],
    }
}

/// Returns the dead properties of the resource. Properties whose stored names are not valid XML
/// names are left out.
fn dead<'a>(resource: &ResourceView<'a>) -> impl Iterator<Item = (QName, &'a str)> {
    dead_properties(resource).iter().filter_map(|property| {
        Some((QName::new(&property.name.namespace, &property.name.local)?, property.xml.as_str()))
    })
}

/// Writes a dead property as a client set it. Returns false if the resource has no such property.
pub(super) fn stored(
    context: &Context<'_>,
    out: &mut PropStats<'_, '_>,
    resource: &ResourceView<'_>,
    name: &QName,
) -> bool {
    let property =
        dead_properties(resource).iter().find(|property| name.is(&property.name.namespace, &property.name.local));
    if let Some(property) = property {
        out.prop().raw(&as_stored(context, &property.xml));
    }
    property.is_some()
}

/// Returns the XML of a dead property for the response. The hrefs in it are the client's, and below
/// `/asof/` they are marked, so that they are returned as they are stored (RFC 4918 §4.3).
fn as_stored<'x>(context: &Context<'_>, xml: &'x str) -> Cow<'x, str> {
    if context.is_past && xml.contains(BEFORE_HREF) {
        return Cow::Owned(xml.replace(BEFORE_HREF, &format!("{BEFORE_HREF}{AS_REQUESTED}")));
    }
    Cow::Borrowed(xml)
}
