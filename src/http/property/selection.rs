//! What a request asks to see of each resource.

use dav::{
    Condition, QName, Status,
    multistatus::PropStats,
    name::{self, CALDAV},
    request::{Props, Wanted},
    xml::Writer,
};
use schemas::collection::Property;

use super::{
    Context, Presence,
    table::{LIVE, Live, live},
};
use crate::node::Node;

/// The properties asked for, looked up once for all resources of an answer.
#[derive(Debug)]
pub(crate) enum Selection<'a> {
    /// `allprop`, and what is included besides.
    All(Vec<Item<'a>>),
    /// `propname`
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

    /// Whether a property of this name is asked for.
    pub(crate) fn names(&self, name: &QName) -> bool {
        match self {
            Self::All(items) | Self::Listed(items) => items.iter().any(|item| item.name == name),
            Self::Names => false,
        }
    }

    /// Writes what the resource has, and what it has not.
    pub(crate) fn write(&self, context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, 'a>) {
        match self {
            Self::Listed(items) => write_items(items, context, node, out),
            Self::All(include) => {
                for live in LIVE.iter().filter(|live| live.in_allprop) {
                    (live.show)(context, node, out);
                }
                // RFC 4791 §5.2: its own properties, also those that are kept as they were set, are not shown.
                for (_, xml) in dead(node).filter(|(name, _)| live(name).is_none() && name.namespace != CALDAV) {
                    out.prop().raw(xml);
                }
                // RFC 4918 §9.1.1: named besides, unless it was shown already.
                let shown = |item: &&Item<'_>| item.live.is_some_and(|live| live.in_allprop);
                let rest: Vec<_> = include.iter().filter(|item| !shown(item)).copied().collect();
                write_items(&rest, context, node, out);
            }
            Self::Names => {
                for live in LIVE {
                    if has(live, context, node) {
                        out.name(live.name);
                    }
                }
                for (name, _) in dead(node).filter(|(name, _)| live(name).is_none()) {
                    out.name(&name);
                }
            }
        }
    }
}

fn items(props: &Props) -> Vec<Item<'_>> {
    props.names.iter().map(|name| Item { name, live: live(name) }).collect()
}

fn write_items<'a>(items: &[Item<'a>], context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, 'a>) {
    for item in items {
        let presence = match item.live {
            Some(live) => (live.show)(context, node, out),
            None if *item.name == name::CALENDAR_DATA => calendar_data(node, out),
            None if stored(out, node, item.name) => Presence::There,
            None => Presence::Absent,
        };
        match presence {
            Presence::There => {}
            Presence::Absent => out.missing(item.name),
            // RFC 3744 §7.1.1
            Presence::Withheld => out.refuse(item.name, Status::FORBIDDEN, Some(Condition::NeedPrivileges)),
        }
    }
}

/// RFC 4791 §9.6: shown by reports that read the bodies.
fn calendar_data(node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Node::Member { body: Some(body), .. } = node else { return Presence::Absent };
    out.prop().element("C:calendar-data", body);
    Presence::There
}

/// Whether the resource has it: found out by writing it away.
fn has(live: &Live, context: &Context<'_>, node: &Node<'_>) -> bool {
    let mut scratch = Writer::fragment();
    let mut out = PropStats::response(&mut scratch, "", dav::Detail::Minimal);
    let presence = (live.show)(context, node, &mut out);
    out.finish();
    presence == Presence::There
}

/// What clients keep on the resource.
fn kept<'a>(node: &Node<'a>) -> &'a [Property] {
    match node {
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => &collection.properties,
        Node::Member { member, .. } => &member.properties,
        Node::Principal(entry) => &entry.properties,
        Node::Root | Node::Principals | Node::Homes => &[],
    }
}

fn dead<'a>(node: &Node<'a>) -> impl Iterator<Item = (QName, &'a str)> {
    kept(node)
        .iter()
        .map(|property| (QName::new(&property.name.namespace, &property.name.local), property.xml.as_str()))
}

/// Writes the property as it was set, if it was.
pub(super) fn stored(out: &mut PropStats<'_, '_>, node: &Node<'_>, name: &QName) -> bool {
    let property = kept(node).iter().find(|property| name.is(&property.name.namespace, &property.name.local));
    if let Some(property) = property {
        out.prop().raw(&property.xml);
    }
    property.is_some()
}
