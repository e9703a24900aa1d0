//! Live properties of scheduling collections and scheduling objects (RFC 6638 §9, §3.2.10).

use dav::{Status, name, setting, value};
use schemas::collection::Transparency;
use service::free_busy;

use super::{
    Context, Presence,
    Presence::{Absent, Present},
    PropStats,
};
use crate::resource::{Kind, ResourceView, href};

/// Writes `CALDAV:schedule-calendar-transp` (RFC 6638 §9.1): opaque, unless the client set it
/// transparent.
pub(super) fn transparency(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    if resource.kind() != Kind::Calendar {
        return Absent;
    }
    let settings = resource.collection().map(|collection| &collection.settings);
    let transparency = settings.and_then(|settings| settings.transparency).unwrap_or_default();
    value::schedule_calendar_transp(
        out.prop(),
        match transparency {
            Transparency::Opaque => setting::Transparency::Opaque,
            Transparency::Transparent => setting::Transparency::Transparent,
        },
    );
    Present
}

/// Writes `CALDAV:schedule-default-calendar-URL` (RFC 6638 §9.2): the calendar that receives
/// invitations.
pub(super) fn default_calendar(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let (Kind::Inbox, Some(owner)) = (resource.kind(), resource.owner()) else { return Absent };
    let calendar = match context.service.default_calendar(owner.id) {
        Ok(Some(calendar)) => calendar,
        Ok(None) => return Absent,
        Err(error) => {
            tracing::error!(%error, "answered 500 for schedule-default-calendar-URL: the default calendar cannot be \
                read");
            out.refuse(&name::SCHEDULE_DEFAULT_CALENDAR_URL, Status::INTERNAL_SERVER_ERROR, None);
            return Present;
        }
    };
    // The href in `schedule-default-calendar-URL` has no slash at its end. Clients compare it with
    // the href that they got earlier, and this server has always sent it in this form.
    let href = href::collection(&owner.short_name, &calendar.name);
    value::href(out.prop(), "C:schedule-default-calendar-URL", href.trim_end_matches('/'));
    Present
}

/// Writes `CALDAV:calendar-free-busy-set`, for clients older than RFC 6638: the calendars that
/// count as busy time. Each calendar's `schedule-calendar-transp` (RFC 6638 §9.1) decides whether
/// it counts.
pub(super) fn free_busy_set(
    context: &Context<'_>,
    resource: &ResourceView<'_>,
    out: &mut PropStats<'_, '_>,
) -> Presence {
    let (Kind::Inbox, Some(owner)) = (resource.kind(), resource.owner()) else { return Absent };
    let calendars = match context.models().home(owner.id) {
        Ok(calendars) => calendars,
        Err(error) => {
            tracing::error!(%error, "answered 500 for calendar-free-busy-set: the calendars of the home cannot be \
                read");
            out.refuse(&name::CALENDAR_FREE_BUSY_SET, Status::INTERNAL_SERVER_ERROR, None);
            return Present;
        }
    };
    let counting = calendars.iter().filter(|calendar| free_busy::counts(calendar));
    let hrefs = counting.map(|calendar| href::collection(&owner.short_name, &calendar.name));
    value::hrefs(out.prop(), "C:calendar-free-busy-set", hrefs);
    Present
}

/// Writes `CALDAV:schedule-tag` (RFC 6638 §9.3).
pub(super) fn schedule_tag(_: &Context<'_>, resource: &ResourceView<'_>, out: &mut PropStats<'_, '_>) -> Presence {
    let ResourceView::Member { member, .. } = resource else { return Absent };
    let Some(tag) = &member.schedule_tag else { return Absent };
    out.prop().element("C:schedule-tag", &format!("\"{tag}\""));
    Present
}
