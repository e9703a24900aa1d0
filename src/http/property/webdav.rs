//! Live properties of WebDAV itself: RFC 4918 §15, RFC 3253 §3.1.5, RFC 5842 §3, RFC 5995 §3.2, RFC 6578 §4.

use dav::{QName, Status, name, value};
use projections::Collection;
use schemas::collection::CollectionKind;
use uuid::Uuid;

use super::{
    Context, Presence,
    Presence::{Absent, There},
    PropStats,
    selection::stored,
};
use crate::{
    access, answer,
    method::{file, get, post},
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
        // RFC 4918 §15.2: what a client set comes first.
        _ if stored(out, node, &name::DISPLAY_NAME) => return There,
        Node::Root => "Daybook",
        Node::Principals => "Principals",
        Node::Homes => "Calendars",
        Node::Member { .. } => return Absent,
        Node::Principal(entry) => &entry.display_name,
        Node::Home { owner, .. } => &owner.display_name,
        Node::Collection { collection, .. } => &collection.name,
    };
    out.prop().element("D:displayname", name);
    There
}

/// RFC 4918 §15.4: what `GET` says. A calendar is sent in chunks, without a length: what its objects take together is as
/// near as one comes without writing it.
pub(super) fn content_length(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let bytes = match node {
        Node::Member { member, .. } => member.size as u64,
        Node::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => collection.bytes,
        Node::Root
        | Node::Principals
        | Node::Homes
        | Node::Principal(_)
        | Node::Home { .. }
        | Node::Collection { .. } => get::ABOUT.len() as u64,
    };
    out.prop().element("D:getcontentlength", &bytes.to_string());
    There
}

pub(super) fn content_type(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let media_type = match node {
        Node::Member { member, .. } => match &member.media_type {
            Some(media_type) => &file::tidy(media_type),
            None => get::CALENDAR,
        },
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
    let tag = answer::etag(node);
    let writer = out.prop();
    // A tag of ours has no character that XML would escape.
    writer.raw("<D:getetag>\"");
    writer.raw(&tag);
    writer.raw("\"</D:getetag>");
    There
}

/// RFC 4918 §15.7. What the server says of itself is as old as its start.
pub(super) fn last_modified(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let modified = match node {
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) => context.service.started(),
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
    let names: Vec<_> = report::supported(node.kind()).map(report::Kind::name).collect();
    value::supported_report_set(out.prop(), &names);
    There
}

/// Journal positions: they survive restarts and rebuilds.
pub(super) fn sync_token(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let (Node::Home { home: collection, .. } | Node::Collection { collection, .. }) = node else { return Absent };
    let changed = if collection.kind.holds_anything() {
        context.models().changed_below(collection.home, &collection.name)
    } else {
        Ok(collection.changed)
    };
    match changed {
        Ok(changed) => out.prop().element("D:sync-token", &report::sync_token(changed)),
        Err(error) => return failed(out, &name::SYNC_TOKEN, &error),
    }
    There
}

fn failed(out: &mut PropStats<'_, '_>, name: &'static QName, error: &dyn std::error::Error) -> Presence {
    tracing::error!(%error, property = %name.local, "a property could not be worked out");
    out.refuse(name, Status::INTERNAL_SERVER_ERROR, None);
    There
}

/// What clients used before sync tokens: changes whenever anything in the collection does.
pub(super) fn ctag(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(collection) = synchronised(node) else { return Absent };
    out.prop().element("CS:getctag", &collection.changed.to_string());
    There
}

fn synchronised<'a>(node: &Node<'a>) -> Option<&'a Collection> {
    match node {
        Node::Collection { collection, .. } => Some(collection),
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) | Node::Home { .. } | Node::Member { .. } => {
            None
        }
    }
}

/// RFC 5842 §3.1: it survives a `MOVE`, and what is stored later under the same name has another.
pub(super) fn resource_id(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let id = match node {
        Node::Principal(entry) => entry.id.0,
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => collection.id.0,
        Node::Member { member, .. } => Uuid::new_v5(&member.object.0, &member.born.0.to_be_bytes()),
        Node::Root | Node::Principals | Node::Homes => return Absent,
    };
    value::href(out.prop(), "D:resource-id", &format!("urn:uuid:{id}"));
    There
}

/// RFC 4331 §4: what is kept of the collections as they are now. Their history is not counted.
pub(super) fn quota_used(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(collection) = counted(context, node) else { return Absent };
    match context.models().size(collection.home, &collection.name) {
        Ok(bytes) => out.prop().element("D:quota-used-bytes", &bytes.to_string()),
        Err(error) => return failed(out, &name::QUOTA_USED_BYTES, &error),
    }
    There
}

/// RFC 4331 §3: what its home has left; without a limit there is no number to tell.
pub(super) fn quota_available(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(collection) = counted(context, node) else { return Absent };
    match context.service.quota_available(collection.home) {
        Ok(Some(bytes)) => out.prop().element("D:quota-available-bytes", &bytes.to_string()),
        Ok(None) => return Absent,
        Err(error) => return failed(out, &name::QUOTA_AVAILABLE_BYTES, &error),
    }
    There
}

/// Sums tell of what may not be read, too: they are for whoever may read everything.
fn counted<'a>(context: &Context<'_>, node: &Node<'a>) -> Option<&'a Collection> {
    match node {
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => {
            access::reigns(context.person, collection.home).then_some(collection)
        }
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) | Node::Member { .. } => None,
    }
}

/// RFC 5995 §3.2: where to `POST` an object that the server shall name.
pub(super) fn add_member(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if node.kind() != Kind::Calendar {
        return Absent;
    }
    value::href(out.prop(), "D:add-member", &format!("{}{}", node.href(), post::ADD_MEMBER));
    There
}
