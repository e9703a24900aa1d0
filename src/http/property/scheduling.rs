//! Live properties of scheduling collections and objects: RFC 6638 §9, §3.2.10.

use dav::{setting, value};
use schemas::collection::Transparency;

use super::{Context, Presence, Presence::*, PropStats};
use crate::{
    href,
    no::No,
    node::{Kind, Node},
};

/// RFC 6638 §9.1: opaque unless the owner said otherwise.
pub(super) fn transparency(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    if node.kind() != Kind::Calendar {
        return Ok(Absent);
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
    Ok(There)
}

/// RFC 6638 §9.2: where invitations are put.
pub(super) fn default_calendar(
    context: &Context<'_>,
    node: &Node<'_>,
    out: &mut PropStats<'_, '_>,
) -> Result<Presence, No> {
    let (Kind::Inbox, Some(owner)) = (node.kind(), node.owner()) else { return Ok(Absent) };
    let Some(calendar) = context.service.default_calendar(owner.id)? else { return Ok(Absent) };
    value::href(out.prop(), "C:schedule-default-calendar-URL", &href::collection(&owner.short_name, &calendar.name));
    Ok(There)
}

/// RFC 6638 §9.3
pub(super) fn schedule_tag(_: &Context<'_>, node: &Node<'_>, out: &mut PropStats<'_, '_>) -> Result<Presence, No> {
    let Node::Member { member, .. } = node else { return Ok(Absent) };
    let Some(tag) = &member.schedule_tag else { return Ok(Absent) };
    out.prop().element("C:schedule-tag", &format!("\"{tag}\""));
    Ok(There)
}
