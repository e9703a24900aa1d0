//! Live properties of principals (RFC 3744 §4, RFC 4791 §6.2.1, RFC 6638 §2.4). Some properties
//! that clients ask for are in no RFC.

use dav::{name, value};
use ical::Address;
use projections::Entry;
use schemas::principal::PrincipalKind;

use super::{
    Context, Presence,
    Presence::{Absent, Present},
    PropStats, delegates,
    webdav::failed,
};
use crate::resource::{ResourceView, href};

fn principal<'a>(resource: &'a ResourceView<'_>) -> Option<&'a Entry> {
    match resource {
        ResourceView::Principal(entry) => Some(entry),
        ResourceView::Delegates { .. }
        | ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Home { .. }
        | ResourceView::Collection { .. }
        | ResourceView::Member { .. } => None,
    }
}

/// Returns the principal that this resource is. `None` for a group, which has no home, and for
/// resources that are not principals.
fn with_home<'a>(resource: &'a ResourceView<'_>) -> Option<&'a Entry> {
    principal(resource).filter(|entry| entry.kind != PrincipalKind::Group)
}

/// Writes `DAV:alternate-URI-set` (RFC 3744 §4.1): the principal's addresses.
pub(super) fn alternate_uri_set(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if let ResourceView::Delegates { .. } = resource {
        out.prop().empty("D:alternate-URI-set");
        return Present;
    }
    let Some(entry) = principal(resource) else { return Absent };
    value::hrefs(out.prop(), "D:alternate-URI-set", &entry.addresses);
    Present
}

pub(super) fn principal_url(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    match resource {
        ResourceView::Principal(_) | ResourceView::Delegates { .. } => {
            value::href(out.prop(), "D:principal-URL", &resource.href());
            Present
        }
        ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Home { .. }
        | ResourceView::Collection { .. }
        | ResourceView::Member { .. } => Absent,
    }
}

/// Writes `DAV:group-member-set` (RFC 3744 §4.3): the direct members. It is empty unless the
/// principal is a group.
pub(super) fn group_member_set(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    if let ResourceView::Delegates { owner, delegation } = resource {
        return delegates::members(context, owner, *delegation, out);
    }
    let Some(entry) = principal(resource) else { return Absent };
    let directory = &context.person.directory;
    let members = entry.members.iter().filter_map(|member| directory.by_id(*member));
    value::hrefs(out.prop(), "D:group-member-set", members.map(|member| href::principal(&member.short_name)));
    Present
}

/// Writes `DAV:group-membership` (RFC 3744 §4.4): the groups that contain the principal directly.
pub(super) fn group_membership(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    if let ResourceView::Delegates { .. } = resource {
        out.prop().empty("D:group-membership");
        return Present;
    }
    let Some(entry) = principal(resource) else { return Absent };
    let groups = context.person.directory.groups_of(entry.id).map(|group| href::principal(&group.short_name));
    // caldav-proxy §5.2: the delegates groups that contain the principal are added.
    match delegates::memberships(context, entry) {
        Ok(of_delegates) => value::hrefs(out.prop(), "D:group-membership", groups.chain(of_delegates)),
        Err(error) => return failed(out, &name::GROUP_MEMBERSHIP, &error),
    }
    Present
}

/// Writes `CALDAV:calendar-home-set` (RFC 4791 §6.2.1). On the caller's own principal, the home of
/// the caller comes first, because some clients read only the first href. Then follow the hrefs
/// under which clients find the calendars that other people share with the caller. On another
/// principal the property has that principal's home only.
pub(super) fn calendar_home_set(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let Some(entry) = with_home(resource) else { return Absent };
    let others = if entry.id == context.person.id { delegates::homes(context) } else { Ok(vec![]) };
    match others {
        Ok(others) => {
            let homes = std::iter::once(href::home(&entry.short_name)).chain(others);
            value::hrefs(out.prop(), "C:calendar-home-set", homes);
        }
        Err(error) => return failed(out, &name::CALENDAR_HOME_SET, &error),
    }
    Present
}

pub(super) fn schedule_inbox_url(
    _: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let Some(entry) = with_home(resource) else { return Absent };
    value::href(out.prop(), "C:schedule-inbox-URL", &href::collection(&entry.short_name, href::INBOX));
    Present
}

pub(super) fn schedule_outbox_url(
    _: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let Some(entry) = with_home(resource) else { return Absent };
    value::href(out.prop(), "C:schedule-outbox-URL", &href::collection(&entry.short_name, href::OUTBOX));
    Present
}

/// Writes `CALDAV:calendar-user-address-set` (RFC 6638 §2.4.1): the principal's addresses,
/// beginning with the preferred one, then its path and its id.
pub(super) fn calendar_user_address_set(
    _: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let Some(entry) = principal(resource) else { return Absent };
    let mut addresses = entry.addresses.clone();
    for other in [href::principal(&entry.short_name), format!("urn:uuid:{}", entry.id)] {
        if addresses.iter().all(|known| Address::parse(known) != Address::parse(&other)) {
            addresses.push(other);
        }
    }
    value::calendar_user_address_set(out.prop(), &addresses);
    Present
}

pub(super) fn calendar_user_type(
    _: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let Some(entry) = principal(resource) else { return Absent };
    let kind = match entry.kind {
        PrincipalKind::Individual => "INDIVIDUAL",
        PrincipalKind::Group => "GROUP",
        PrincipalKind::Resource => "RESOURCE",
        PrincipalKind::Room => "ROOM",
    };
    out.prop().element("C:calendar-user-type", kind);
    Present
}

pub(super) fn email_address_set(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Some(entry) = principal(resource) else { return Absent };
    let writer = out.prop();
    writer.start("CS:email-address-set");
    for address in entry.addresses.iter().filter_map(|address| Address::parse(address)) {
        if let Some(mailbox) = address.mailbox() {
            writer.element("CS:email-address", mailbox);
        }
    }
    writer.end("CS:email-address-set");
    Present
}

pub(super) fn first_name(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    name(out, "CS:first-name", principal(resource).map(|entry| entry.first_name.as_str()))
}

pub(super) fn last_name(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    name(out, "CS:last-name", principal(resource).map(|entry| entry.last_name.as_str()))
}

fn name(out: &mut PropStats<'_, '_>, element: &'static str, name: Option<&str>) -> Presence {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Absent };
    out.prop().element(element, name);
    Present
}
