//! Live properties of scheduling collections and objects: RFC 6638 §9, §3.2.10.

use dav::{Status, name, setting, value};
use schemas::collection::Transparency;
use service::free_busy;

use super::{
    Context, Presence,
    Presence::{Absent, There},
    PropStats,
};
use crate::{
    href,
    node::{Kind, Node},
    path::HOMES,
};

/// RFC 6638 §9.1: opaque unless the owner said otherwise.
pub(super) fn transparency(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if node.kind() != Kind::Calendar {
        return Absent;
    }
    let settings = node.collection().map(|collection| &collection.settings);
    let transparency = settings.and_then(|settings| settings.transparency).unwrap_or_default();
    value::schedule_calendar_transp(
        out.prop(),
        match transparency {
            Transparency::Opaque => setting::Transparency::Opaque,
            Transparency::Transparent => setting::Transparency::Transparent,
        },
    );
    There
}

/// RFC 6638 §9.2: where invitations are put.
pub(super) fn default_calendar(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let (Kind::Inbox, Some(owner)) = (node.kind(), node.owner()) else { return Absent };
    let calendar = match context.service.default_calendar(owner.id) {
        Ok(Some(calendar)) => calendar,
        Ok(None) => return Absent,
        Err(error) => {
            tracing::error!(%error, "the default calendar could not be looked up");
            out.refuse(&name::SCHEDULE_DEFAULT_CALENDAR_URL, Status::INTERNAL_SERVER_ERROR, None);
            return There;
        }
    };
    // Without the slash at its end: the clients that read this property have never seen one there.
    let href = href::of(&[HOMES, &owner.short_name, &calendar.name], "");
    value::href(out.prop(), "C:schedule-default-calendar-URL", &href);
    There
}

/// What old clients look for on the inbox: the calendars that count as busy time. What RFC 6638 §9.1 says of each counts.
pub(super) fn free_busy_set(context: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let (Kind::Inbox, Some(owner)) = (node.kind(), node.owner()) else { return Absent };
    let calendars = match context.models().home(owner.id) {
        Ok(calendars) => calendars,
        Err(error) => {
            tracing::error!(%error, "the calendars of a home could not be looked up");
            out.refuse(&name::CALENDAR_FREE_BUSY_SET, Status::INTERNAL_SERVER_ERROR, None);
            return There;
        }
    };
    let counting = calendars.iter().filter(|calendar| free_busy::counts(calendar));
    let hrefs = counting.map(|calendar| href::collection(&owner.short_name, &calendar.name));
    value::hrefs(out.prop(), "C:calendar-free-busy-set", hrefs);
    There
}

/// RFC 6638 §9.3
pub(super) fn schedule_tag(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let Node::Member { member, .. } = node else { return Absent };
    let Some(tag) = &member.schedule_tag else { return Absent };
    out.prop().element("C:schedule-tag", &format!("\"{tag}\""));
    There
}
