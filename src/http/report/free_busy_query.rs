//! `CALDAV:free-busy-query` (RFC 4791 §7.10): returns the busy times in calendars.

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

/// Longest time range of one request, in seconds: about ten years.
const MAX_RANGE_SECONDS: i64 = 3_700 * 24 * 3_600;

pub(super) async fn answer(call: &Call, found: Resource, asked: TimeRange) -> Result<HttpResponse, Refusal> {
    let Window { start, end } = bounded(asked);
    if end.saturating_sub(start) > MAX_RANGE_SECONDS {
        // RFC 4791 §7.10 defines only the condition `DAV:number-of-matches-within-limits` for this
        // report.
        return Err(Refusal::condition(
            Condition::NumberOfMatchesWithinLimits,
            "the time range is longer than max-free-busy-range, 3700 days; ask for a shorter one",
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

/// Returns the time range with both a start and an end. If the request leaves one of them open (RFC
/// 4791 §9.9), the range gets the maximum length. The result is cut to [`Window::ALL`].
fn bounded(TimeRange { start, end }: TimeRange) -> Window {
    let start = start.unwrap_or_else(|| end.map_or(Window::ALL.start, |end| end - MAX_RANGE_SECONDS));
    let end = end.unwrap_or(start + MAX_RANGE_SECONDS);
    Window { start: start.max(Window::ALL.start), end: end.min(Window::ALL.end) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_that_is_open_at_one_end_reaches_as_far_as_a_range_may() {
        let Window { start: first, end: last } = Window::ALL;
        for (start, end, expected) in [
            (Some(0), Some(60), (0, 60)),
            (Some(0), None, (0, MAX_RANGE_SECONDS)),
            (None, Some(0), (-MAX_RANGE_SECONDS, 0)),
            (Some(last - 60), None, (last - 60, last)),
            (None, Some(first + 60), (first, first + 60)),
        ] {
            let Window { start, end } = bounded(TimeRange { start, end });
            assert_eq!((start, end), expected);
        }
    }
}
