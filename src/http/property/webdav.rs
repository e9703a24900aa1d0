//! Live properties of WebDAV (RFC 4918 §15, RFC 3253 §3.1.5, RFC 4331, RFC 5842 §3, RFC 5995 §3.2,
//! RFC 6578 §4, caldav-ctag §4.1).

use dav::{QName, Status, name, value};
use projections::{Collection, Failure};
use schemas::{Position, collection::CollectionKind};
use service::sharing::Delegation;
use uuid::Uuid;

use super::{
    Context, Presence,
    Presence::{Absent, Present},
    PropStats,
    selection::stored,
    sharing::{self, Part},
};
use crate::resource::{Kind, ResourceView, marked, privileges, representation, supported_reports, sync_token};

pub(super) fn creation_date(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let created = match resource {
        ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Principal(_)
        | ResourceView::Delegates { .. } => {
            return Absent;
        }
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => collection.created,
        ResourceView::Member { member, .. } => member.created,
    };
    value::creation_date(out.prop(), created.seconds());
    Present
}

pub(super) fn display_name(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let name = match resource {
        // RFC 4918 §15.2: a display name that a client has set replaces the default.
        _ if stored(context, out, resource, &name::DISPLAY_NAME) => return Present,
        ResourceView::Root => "Daybook",
        ResourceView::Principals => "Principals",
        ResourceView::Homes => "Calendars",
        ResourceView::Member { .. } => return Absent,
        ResourceView::Principal(entry) => &entry.display_name,
        ResourceView::Delegates { owner, delegation } => {
            let may = match delegation {
                Delegation::Read => "read",
                Delegation::Write => "read and write",
            };
            out.prop().element("D:displayname", &format!("Delegates of {} who {may}", owner.shown_name()));
            return Present;
        }
        ResourceView::Home { owner, .. } => &owner.display_name,
        ResourceView::Collection { collection, .. } => &collection.name,
    };
    out.prop().element("D:displayname", name);
    Present
}

/// Writes `DAV:getcontentlength` (RFC 4918 §15.4).
pub(super) fn content_length(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let bytes = match resource {
        // The text that a sharee gets is computed when it is read, so its length must be computed,
        // too.
        ResourceView::Member { collection, member, .. } if collection.shared_as.is_some() => {
            match context.models().member_with_body(*collection, &member.name) {
                Ok(found) => found.map_or(0, |(_, body)| body.len() as u64),
                Err(error) => return failed(out, &name::GET_CONTENT_LENGTH, &error),
            }
        }
        resource => representation::length(resource),
    };
    out.prop().element("D:getcontentlength", &bytes.to_string());
    Present
}

pub(super) fn content_type(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let media_type = representation::media_type(resource);
    out.prop().element("D:getcontenttype", &media_type);
    Present
}

pub(super) fn etag(context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let tag = representation::etag(resource, context.service.restores());
    let writer = out.prop();
    // Entity tags of this server contain no character that XML needs to escape.
    writer.raw("<D:getetag>\"");
    writer.raw(&tag);
    writer.raw("\"</D:getetag>");
    Present
}

/// Writes `DAV:getlastmodified` (RFC 4918 §15.7).
pub(super) fn last_modified(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let modified = representation::modified(resource, context.service.started());
    value::last_modified(out.prop(), modified.seconds());
    Present
}

/// Writes `DAV:lockdiscovery` (RFC 4918 §15.8). It is empty, because this server has no locks.
pub(super) fn lock_discovery(_: &Context<'_>, _: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    out.prop().empty("D:lockdiscovery");
    Present
}

/// Writes `DAV:supportedlock` (RFC 4918 §15.10). It is empty, because this server has no locks.
pub(super) fn supported_lock(_: &Context<'_>, _: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    out.prop().empty("D:supportedlock");
    Present
}

pub(super) fn resource_type(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let types: &[&str] = match resource.kind() {
        // caldav-sharing §4: the collection of notifications has its own resource type.
        Kind::Plain if resource.collection().is_some_and(privileges::is_of_notifications) => {
            &["D:collection", "CS:notification"]
        }
        Kind::Root | Kind::Principals | Kind::Homes | Kind::Home | Kind::Plain => &["D:collection"],
        // RFC 3744 §4: principals have the type DAV:principal.
        Kind::Principal => &["D:collection", "D:principal"],
        Kind::Delegates => match resource {
            // caldav-proxy §5.2: each of the two delegates groups has its own resource type.
            ResourceView::Delegates { delegation: Delegation::Write, .. } => {
                &["D:principal", "CS:calendar-proxy-write"]
            }
            _ => &["D:principal", "CS:calendar-proxy-read"],
        },
        Kind::Calendar => match sharing::part(context, resource) {
            None => &["D:collection", "C:calendar"],
            Some(Part::Sharee) => &["D:collection", "C:calendar", "CS:shared"],
            Some(Part::Owner) => &["D:collection", "C:calendar", "CS:shared-owner"],
        },
        Kind::Inbox => &["D:collection", "C:schedule-inbox"],
        Kind::Outbox => &["D:collection", "C:schedule-outbox"],
        Kind::Object | Kind::SchedulingMessage | Kind::File => &[],
    };
    value::resource_type(out.prop(), types);
    Present
}

pub(super) fn supported_report_set(
    _: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    value::supported_report_set(out.prop(), &supported_reports(resource.kind()));
    Present
}

/// Writes `DAV:sync-token` (RFC 6578 §4).
pub(super) fn sync_token(context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let (ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. }) = resource else {
        return Absent;
    };
    match changed(context, collection) {
        Ok(changed) => {
            out.prop().element("D:sync-token", &sync_token::of(collection, changed, context.service.restores()));
        }
        Err(error) => return failed(out, &name::SYNC_TOKEN, &error),
    }
    Present
}

/// Returns the position of the last change in a collection. For a home and a plain collection this
/// includes changes at any depth below, and the last change of the caller's groups; for a home also
/// changes in calendars of other people that appear in it, if the caller owns or administers the
/// home.
pub(crate) fn changed(context: &Context<'_>, collection: &Collection) -> Result<Position, Failure> {
    if !collection.kind.holds_anything() {
        return Ok(collection.changed);
    }
    let changed = context.models().changed_below(collection.home, &collection.name)?;
    let mut changed = changed.max(context.person.groups_since());
    if collection.kind == CollectionKind::Home && privileges::owns_or_administers(context.person, collection.home) {
        for shared in context.models().shared_calendars(collection.home)? {
            let calendar = context.models().collection_by_id(shared.calendar)?;
            changed = changed.max(shared.changed).max(calendar.map_or(Position::START, |calendar| calendar.changed));
        }
    }
    Ok(changed)
}

/// Writes the status 500 for one property, and logs the error.
pub(super) fn failed(out: &mut PropStats<'_, '_>, name: &'static QName, error: &dyn std::error::Error) -> Presence {
    tracing::error!(%error, property = name.local(), "answered 500 for this property: its value cannot be read");
    out.refuse(name, Status::INTERNAL_SERVER_ERROR, None);
    Present
}

/// Writes `CS:getctag`, the predecessor of sync tokens. It changes whenever a member of the
/// collection changes.
pub(super) fn ctag(context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(collection) = synchronised(resource) else { return Absent };
    out.prop().element("CS:getctag", &marked::position(collection.changed, context.service.restores()));
    Present
}

fn synchronised<'a>(resource: &ResourceView<'a>) -> Option<&'a Collection> {
    match resource {
        ResourceView::Collection { collection, .. } => Some(collection),
        ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Principal(_)
        | ResourceView::Delegates { .. }
        | ResourceView::Home { .. }
        | ResourceView::Member { .. } => None,
    }
}

/// Writes `DAV:resource-id` (RFC 5842 §3.1). The id of a collection stays the same after a `MOVE`
/// within the home, that of a calendar object after a `MOVE` to a calendar of the same home. Any
/// other `MOVE`, such as that of a file, is a copy and a removal (RFC 4918 §9.9): it creates a new
/// resource, which has an id of its own (RFC 5842 §2.7). So has a new resource with the name of an
/// earlier one.
pub(super) fn resource_id(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let id = match resource {
        ResourceView::Principal(entry) => entry.id.0,
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => collection.id.0,
        ResourceView::Member { member, .. } => Uuid::new_v5(&member.object.0, &member.born.0.to_be_bytes()),
        ResourceView::Root | ResourceView::Principals | ResourceView::Homes | ResourceView::Delegates { .. } => {
            return Absent;
        }
    };
    value::href(out.prop(), "D:resource-id", &format!("urn:uuid:{id}"));
    Present
}

/// Writes `DAV:quota-used-bytes` (RFC 4331 §4): the size of the bodies and properties in the
/// collection, at any depth. Earlier versions of them do not count. The property is absent unless
/// the caller owns or administers the home.
pub(super) fn quota_used(context: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(collection) = summed_collection(context, resource) else { return Absent };
    match context.models().size(collection.home, &collection.name) {
        Ok(bytes) => out.prop().element("D:quota-used-bytes", &bytes.to_string()),
        Err(error) => return failed(out, &name::QUOTA_USED_BYTES, &error),
    }
    Present
}

/// Writes `DAV:quota-available-bytes` (RFC 4331 §3): the rest of the home's quota. The property is
/// absent if the home has no quota, and unless the caller owns or administers the home.
pub(super) fn quota_available(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let Some(collection) = summed_collection(context, resource) else { return Absent };
    match context.service.quota_available(collection.home) {
        Ok(Some(bytes)) => out.prop().element("D:quota-available-bytes", &bytes.to_string()),
        Ok(None) => return Absent,
        Err(error) => return failed(out, &name::QUOTA_AVAILABLE_BYTES, &error),
    }
    Present
}

/// Returns the collection if the caller owns or administers its home, and so may read everything in
/// it: its size includes every member. Otherwise `None`.
fn summed_collection<'a>(context: &Context<'_>, resource: &ResourceView<'a>) -> Option<&'a Collection> {
    match resource {
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => {
            privileges::owns_or_administers(context.person, collection.home).then_some(collection)
        }
        ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Principal(_)
        | ResourceView::Delegates { .. }
        | ResourceView::Member { .. } => None,
    }
}

/// Writes `DAV:add-member` (RFC 5995 §3.2): the URL to which clients `POST` new objects whose names
/// the server chooses.
pub(super) fn add_member(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if resource.kind() != Kind::Calendar {
        return Absent;
    }
    value::href(out.prop(), "D:add-member", &format!("{}{}", resource.href(), representation::ADD_MEMBER));
    Present
}
