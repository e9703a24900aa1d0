//! `CALDAV:free-busy-query` (RFC 4791 §7.10): returns when the owner of calendars is busy.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
};
use dav::{Condition, Privilege};
use ical::{TimeRange, free_busy, time::Window};
use projections::{Collection, Member};
use service::clock;

use crate::{
    answer::{self, CollectionView, stream},
    call::Call,
    refusal::Refusal,
    resource::{Resource, representation},
};

/// Longest range of one request: about ten years.
const MAX_RANGE_SECONDS: i64 = 3_700 * 24 * 3_600;

pub(super) async fn answer(call: &Call, found: Resource, asked: Window) -> Result<HttpResponse, Refusal> {
    let Window { start, end } = asked;
    if end.saturating_sub(start) > MAX_RANGE_SECONDS {
        // RFC 4791 §7.10: the only condition of this report.
        return Err(Refusal::condition(
            Condition::NumberOfMatchesWithinLimits,
            "the range is longer than max-free-busy-range, 3700 days",
        ));
    }
    let depth = answer::depth_of_objects(call, &found)?;
    let owner = match &found {
        Resource::Collection { owner, .. } | Resource::Home { owner, .. } => *owner,
        Resource::Root
        | Resource::Principals
        | Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Member { .. } => {
            return Err(Refusal::NotFound);
        }
    };
    let views = CollectionView::below(call, found, depth, Privilege::ReadFreeBusy)?;
    let reader = call.reader();
    let mut response = HttpResponse::build(StatusCode::OK);
    response.insert_header((CONTENT_TYPE, representation::CALENDAR));
    stream::answer(call, response, move |_| {
        let counts = |calendar: &Collection, member: &Member| {
            let view = views.iter().find(|view| view.collection.id == calendar.id);
            view.is_some_and(|view| view.allows_on_member(&reader.person, member, Privilege::ReadFreeBusy))
        };
        let calendars = views.iter().map(|view| &view.collection);
        let periods = reader.service.free_busy_of(owner, calendars, start..end, &counts)?;
        let range = TimeRange { start: Some(start), end: Some(end) };
        Ok(free_busy::report(&periods, range, clock::now().seconds()))
    })
    .await
}
