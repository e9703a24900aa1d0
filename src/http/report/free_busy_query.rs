//! `CALDAV:free-busy-query` (RFC 4791 §7.10): returns when the owner of calendars is busy.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
};
use dav::{Condition, Privilege};
use ical::{TimeRange, free_busy};
use projections::{Collection, Member};
use service::clock;

use crate::{
    answer::CollectionView,
    call::Call,
    header::Depth,
    refusal::Refusal,
    resource::{Resource, representation},
};

/// Longest range of one request: about ten years.
const MAX_RANGE_SECONDS: i64 = 3_700 * 24 * 3_600;

pub(super) fn answer(call: &Call, found: Resource, range: TimeRange) -> Result<HttpResponse, Refusal> {
    let (Some(start), Some(end)) = (range.start, range.end) else {
        return Err(Refusal::condition(
            Condition::ValidFilter,
            "free-busy-query needs a time-range with a start and an end",
        ));
    };
    if end.saturating_sub(start) > MAX_RANGE_SECONDS {
        return Err(Refusal::condition(
            Condition::MaxDateTime,
            "the range is longer than max-free-busy-range, 3700 days",
        ));
    }
    // RFC 4791 §7.10: without the header the default of PROPFIND applies; on a calendar it means
    // the objects.
    let depth = Depth::of(call.headers(), Depth::One)?;
    let owner = match &found {
        Resource::Collection { owner, .. } | Resource::Home { owner, .. } => *owner,
        Resource::Root | Resource::Principals | Resource::Homes | Resource::Principal(_) | Resource::Member { .. } => {
            return Err(Refusal::NotFound);
        }
    };
    let views = CollectionView::below(call, found, depth, Privilege::ReadFreeBusy)?;
    let counts = |calendar: &Collection, member: &Member| {
        let view = views.iter().find(|view| view.collection.id == calendar.id);
        view.is_some_and(|view| view.allows_on_member(&call.person, member, Privilege::ReadFreeBusy))
    };
    let calendars = views.iter().map(|view| &view.collection);
    let periods = call.service().free_busy_of(owner, calendars, start..end, &counts)?;
    let text = free_busy::report(&periods, range, clock::now().seconds());
    Ok(HttpResponse::build(StatusCode::OK).insert_header((CONTENT_TYPE, representation::CALENDAR)).body(text))
}
