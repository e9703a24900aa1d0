//! Live properties of WebDAV itself: RFC 4918 §15, RFC 3253 §3.1.5, RFC 5842 §3, RFC 5995 §3.2, RFC 6578 §4.

use dav::{name, value};
use schemas::collection::CollectionKind;

use super::{
    Context, Presence,
    Presence::{Absent, There},
    PropStats,
    selection::stored,
};
use crate::{
    answer,
    method::get,
    node::{Kind, Node},
    report,
};

pub(super) fn creation_date(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let created = match node {
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) => return Absent,
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection.created,
        Node::Member { member, .. } => member.created,
    };
    value::creation_date(out.prop(), created.seconds());
    There
}

pub(super) fn display_name(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let name = match node {
        Node::Root | Node::Principals | Node::Homes | Node::Member { .. } => return Absent,
        Node::Principal(entry) => &entry.display_name,
        Node::Home { owner, home } => {
            if stored(out, home, &name::DISPLAY_NAME) {
                return There;
            }
            &owner.display_name
        }
        Node::Collection { collection, .. } => {
            if stored(out, collection, &name::DISPLAY_NAME) {
                return There;
            }
            &collection.name
        }
    };
    out.prop().element("D:displayname", name);
    There
}

/// RFC 4918 §15.4: what `GET` says. A calendar's own is found out by writing it.
pub(super) fn content_length(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let bytes = match node {
        Node::Member { member, .. } => member.size,
        Node::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => return Absent,
        Node::Root
        | Node::Principals
        | Node::Homes
        | Node::Principal(_)
        | Node::Home { .. }
        | Node::Collection { .. } => get::ABOUT.len(),
    };
    out.prop().element("D:getcontentlength", &bytes.to_string());
    There
}

pub(super) fn content_type(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let media_type = match node {
        Node::Member { member, .. } => member.media_type.as_deref().unwrap_or(get::CALENDAR),
        Node::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => get::CALENDAR,
        Node::Root
        | Node::Principals
        | Node::Homes
        | Node::Principal(_)
        | Node::Home { .. }
        | Node::Collection { .. } => answer::TEXT,
    };
    out.prop().element("D:getcontenttype", media_type);
    There
}

pub(super) fn etag(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Node::Member { member, .. } = node else { return Absent };
    let writer = out.prop();
    // A tag of ours has no character that XML would escape.
    writer.raw("<D:getetag>\"");
    writer.raw(&member.etag);
    writer.raw("\"</D:getetag>");
    There
}

pub(super) fn last_modified(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let modified = match node {
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) => return Absent,
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection.modified,
        Node::Member { member, .. } => member.modified,
    };
    value::last_modified(out.prop(), modified.seconds());
    There
}

/// Without locks there are none to discover (RFC 4918 §15.8).
pub(super) fn lock_discovery(_: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    out.prop().empty("D:lockdiscovery");
    There
}

/// Nor any that could be taken (RFC 4918 §15.10).
pub(super) fn supported_lock(_: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    out.prop().empty("D:supportedlock");
    There
}

pub(super) fn resource_type(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let types: &[&str] = match node.kind() {
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Home | Kind::Plain => &["D:collection"],
        // RFC 3744 §4: a principal resource says so.
        Kind::Principal => &["D:collection", "D:principal"],
        Kind::Calendar => &["D:collection", "C:calendar"],
        Kind::Inbox => &["D:collection", "C:schedule-inbox"],
        Kind::Outbox => &["D:collection", "C:schedule-outbox"],
        Kind::Object | Kind::Item | Kind::File => &[],
    };
    value::resource_type(out.prop(), types);
    There
}

pub(super) fn supported_reports(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let names: Vec<_> = report::supported(node.kind()).iter().map(|report| report.name()).collect();
    value::supported_report_set(out.prop(), &names);
    There
}

/// Journal positions: they survive restarts and rebuilds.
pub(super) fn sync_token(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(collection) = synchronised(node) else { return Absent };
    out.prop().element("D:sync-token", &report::sync_token(collection.changed));
    There
}

/// What clients used before sync tokens: changes whenever anything in the collection does.
pub(super) fn ctag(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(collection) = synchronised(node) else { return Absent };
    out.prop().element("CS:getctag", &collection.changed.to_string());
    There
}

fn synchronised<'a>(node: &'a Node<'_>) -> Option<&'a projections::Collection> {
    match node.kind() {
        Kind::Calendar | Kind::Inbox | Kind::Plain => node.collection(),
        Kind::Root
        | Kind::Principals
        | Kind::Homes
        | Kind::Principal
        | Kind::Home
        | Kind::Outbox
        | Kind::Object
        | Kind::Item
        | Kind::File => None,
    }
}

/// RFC 5842 §3.1. One UID may be in several calendars of a home: objects have no identity that survives a `MOVE`.
pub(super) fn resource_id(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let id = match node {
        Node::Principal(entry) => entry.id.0,
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection.id.0,
        Node::Root | Node::Principals | Node::Homes | Node::Member { .. } => return Absent,
    };
    value::href(out.prop(), "D:resource-id", &format!("urn:uuid:{id}"));
    There
}

/// RFC 5995 §3.2: where to `POST` an object that the server shall name.
pub(super) fn add_member(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if node.kind() != Kind::Calendar {
        return Absent;
    }
    value::href(out.prop(), "D:add-member", &node.href());
    There
}
