//! `CALDAV:free-busy-query` (RFC 4791 §7.10): when the owner of calendars is busy, and nothing more.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
};
use dav::{Condition, Privilege};
use ical::{TimeRange, free_busy};
use projections::{Collection, Member};
use service::clock;

use crate::{call::Call, header::Depth, listing::Shelf, method::get::CALENDAR, no::No, node::Found};

/// The longest time asked about at once: some ten years.
const MAX_RANGE_SECONDS: i64 = 3_700 * 24 * 3_600;

pub(super) fn answer(call: &Call, found: Found, range: TimeRange) -> Result<HttpResponse, No> {
    let (Some(start), Some(end)) = (range.start, range.end) else {
        return Err(No::unmet(Condition::ValidFilter, "busy times need a range with a start and an end"));
    };
    if end.saturating_sub(start) > MAX_RANGE_SECONDS {
        return Err(No::unmet(Condition::MaxDateTime, "the range is longer than max-free-busy-range, 3700 days"));
    }
    // RFC 4791 §7.10: as PROPFIND; without it, who asks a calendar means its objects.
    let depth = Depth::of(call.headers(), Depth::One)?;
    let owner = match &found {
        Found::Collection { owner, .. } | Found::Home { owner, .. } => *owner,
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) | Found::Member { .. } => {
            return Err(No::NotFound);
        }
    };
    let shelves = Shelf::below(call, found, depth, Privilege::ReadFreeBusy)?;
    let counts = |calendar: &Collection, member: &Member| {
        let shelf = shelves.iter().find(|shelf| shelf.collection.id == calendar.id);
        shelf.is_some_and(|shelf| shelf.allows(&call.person, member, Privilege::ReadFreeBusy))
    };
    let calendars = shelves.iter().map(|shelf| &shelf.collection);
    let periods = call.service().free_busy_of(owner, calendars, start..end, &counts)?;
    let text = free_busy::report(&periods, range, clock::now().seconds());
    Ok(HttpResponse::build(StatusCode::OK).insert_header((CONTENT_TYPE, CALENDAR)).body(text))
}
