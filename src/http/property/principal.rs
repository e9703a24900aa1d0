//! Live properties of principals (RFC 3744 §4, RFC 4791 §6.2.1, RFC 6638 §2.4), and some without an
//! RFC that clients ask for.

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

/// Returns a principal with a home; `None` for groups, which have none.
fn with_home<'a>(resource: &'a ResourceView<'_>) -> Option<&'a Entry> {
    principal(resource).filter(|entry| entry.kind != PrincipalKind::Group)
}

/// RFC 3744 §4.1: the addresses of the principal.
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

/// RFC 3744 §4.3: the direct members; empty for principals other than groups.
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

/// RFC 3744 §4.4
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
    // caldav-proxy §5.2
    match delegates::memberships(context, entry) {
        Ok(of_delegates) => value::hrefs(out.prop(), "D:group-membership", groups.chain(of_delegates)),
        Err(error) => return failed(out, &name::GROUP_MEMBERSHIP, &error),
    }
    Present
}

/// RFC 4791 §6.2.1: for the caller also where to find what others share with them by name; their
/// own home comes first, because some clients look at the first only.
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

/// RFC 6638 §2.4.1: every address at which the principal can be scheduled, the preferred one first.
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
