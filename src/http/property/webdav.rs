//! Live properties of WebDAV itself: RFC 4918 §15, RFC 3253 §3.1.5, RFC 5842 §3, RFC 5995 §3.2, RFC 6578 §4.

use dav::{name, value};
use schemas::collection::CollectionKind;

use super::{Context, Presence, Presence::*, PropStats};
use crate::{
    method::get,
    no::No,
    node::{Kind, Node},
    report,
};

pub(super) fn creation_date(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let created = match node {
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) => return Ok(Absent),
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection.created,
        Node::Member { member, .. } => member.created,
    };
    value::creation_date(out.prop(), created.seconds());
    Ok(There)
}

pub(super) fn display_name(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let name = match node {
        Node::Root | Node::Principals | Node::Homes | Node::Member { .. } => return Ok(Absent),
        Node::Principal(entry) => &entry.display_name,
        Node::Home { owner, home } => {
            if super::selection::stored(out, home, &name::DISPLAY_NAME) {
                return Ok(There);
            }
            &owner.display_name
        }
        Node::Collection { collection, .. } => {
            if super::selection::stored(out, collection, &name::DISPLAY_NAME) {
                return Ok(There);
            }
            &collection.name
        }
    };
    out.prop().element("D:displayname", name);
    Ok(There)
}

pub(super) fn content_length(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let Node::Member { member, .. } = node else { return Ok(Absent) };
    out.prop().element("D:getcontentlength", &member.size.to_string());
    Ok(There)
}

pub(super) fn content_type(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    match node {
        Node::Member { member, .. } => out.prop().element("D:getcontenttype", &get::media_type(member)),
        Node::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => {
            out.prop().element("D:getcontenttype", "text/calendar; charset=utf-8");
        }
        Node::Root
        | Node::Principals
        | Node::Homes
        | Node::Principal(_)
        | Node::Home { .. }
        | Node::Collection { .. } => return Ok(Absent),
    }
    Ok(There)
}

pub(super) fn etag(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let Node::Member { member, .. } = node else { return Ok(Absent) };
    let writer = out.prop();
    // A tag of ours has no character that XML would escape.
    writer.raw("<D:getetag>\"");
    writer.raw(&member.etag);
    writer.raw("\"</D:getetag>");
    Ok(There)
}

pub(super) fn last_modified(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let modified = match node {
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) => return Ok(Absent),
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection.modified,
        Node::Member { member, .. } => member.modified,
    };
    value::last_modified(out.prop(), modified.seconds());
    Ok(There)
}

/// Without locks there are none to discover (RFC 4918 §15.8).
pub(super) fn lock_discovery(_: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    out.prop().empty("D:lockdiscovery");
    Ok(There)
}

/// Nor any that could be taken (RFC 4918 §15.10).
pub(super) fn supported_lock(_: &Context<'_>, _: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    out.prop().empty("D:supportedlock");
    Ok(There)
}

pub(super) fn resource_type(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let types: &[&str] = match node.kind() {
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Home => &["D:collection"],
        // RFC 3744 §4: a principal resource says so.
        Kind::Principal => &["D:collection", "D:principal"],
        Kind::Calendar => &["D:collection", "C:calendar"],
        Kind::Inbox => &["D:collection", "C:schedule-inbox"],
        Kind::Outbox => &["D:collection", "C:schedule-outbox"],
        Kind::Object | Kind::Item => &[],
    };
    value::resource_type(out.prop(), types);
    Ok(There)
}

pub(super) fn supported_reports(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let names: Vec<_> = report::supported(node.kind()).iter().map(|report| report.name()).collect();
    value::supported_report_set(out.prop(), &names);
    Ok(There)
}

/// Journal positions: they survive restarts and rebuilds.
pub(super) fn sync_token(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let Some(collection) = synchronised(node) else { return Ok(Absent) };
    out.prop().element("D:sync-token", &report::sync_token(collection.changed));
    Ok(There)
}

/// What clients used before sync tokens: changes whenever anything in the collection does.
pub(super) fn ctag(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let Some(collection) = synchronised(node) else { return Ok(Absent) };
    out.prop().element("CS:getctag", &collection.changed.to_string());
    Ok(There)
}

fn synchronised<'a>(node: &'a Node<'_>) -> Option<&'a projections::Collection> {
    match node.kind() {
        Kind::Calendar | Kind::Inbox => node.collection(),
        Kind::Root
        | Kind::Principals
        | Kind::Homes
        | Kind::Principal
        | Kind::Home
        | Kind::Outbox
        | Kind::Object
        | Kind::Item => None,
    }
}

/// RFC 5842 §3.1. One UID may be in several calendars of a home: objects have no identity that survives a `MOVE`.
pub(super) fn resource_id(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let id = match node {
        Node::Principal(entry) => entry.id.0,
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection.id.0,
        Node::Root | Node::Principals | Node::Homes | Node::Member { .. } => return Ok(Absent),
    };
    value::href(out.prop(), "D:resource-id", &format!("urn:uuid:{id}"));
    Ok(There)
}

/// RFC 5995 §3.2: where to `POST` an object that the server shall name.
pub(super) fn add_member(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    if node.kind() != Kind::Calendar {
        return Ok(Absent);
    }
    value::href(out.prop(), "D:add-member", &node.href());
    Ok(There)
}
