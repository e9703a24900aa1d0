//! `CALDAV:calendar-query` (RFC 4791 §7.8): returns the calendar objects that match a filter.

use actix_web::HttpResponse;
use dav::{
    Condition, Privilege,
    request::{CalendarQuery, QueryZone},
};
use ical::{
    Document, TimeRange, filter,
    query::{CompFilter, Filter},
    recur::Budget,
    zone::Zone,
};
use projections::Member;

use crate::{
    answer::{self, CollectionView, Listing, stream},
    call::Call,
    refusal::Refusal,
    resource::Resource,
    response,
};

/// Maximum work, in units of [`Budget`], on time ranges and texts for one query. When the limit is
/// reached, every condition that needs more work counts as fulfilled, so that the client gets too
/// many objects rather than too few.
const MAX_QUERY_WORK: u32 = 20_000_000;

pub(super) async fn answer(call: &Call, found: Resource, query: CalendarQuery) -> Result<HttpResponse, Refusal> {
    let depth = answer::depth_of_objects(call, &found)?;
    let zone = query.zone.as_ref().map(zone).transpose()?;
    let (mut views, only) = match found {
        Resource::Member { owner, collection, member } => {
            (vec![CollectionView::of(&call.person, owner, *collection)?], Some(member.name))
        }
        found => (CollectionView::below(call, found, depth, Privilege::Read)?, None),
    };
    if let Some(zone) = zone {
        for view in &mut views {
            view.zone = zone.clone();
        }
    }
    let listing = Listing::of(call, query.wanted)?;
    let span = span(&query.filter.component);
    let filter = query.filter;
    stream::answer(call, response::multistatus(), move |chunks| {
        let snapshot = listing.snapshot()?;
        let mut writing = listing.begin();
        let budget = Budget::new(MAX_QUERY_WORK);
        for view in &views {
            let mut show = |member: Member, body: &str| {
                if matches(body, &filter, &view.zone, &budget) {
                    writing.member(view, &member, Some(body));
                }
                writing.flush(chunks)
            };
            let calendar = &view.collection;
            match (&only, span) {
                (Some(name), _) => {
                    if let Some((member, body)) = snapshot.member_with_body(calendar, name)? {
                        show(member, &body)?;
                    }
                }
                // The index excludes objects that cannot overlap the time range.
                (None, Some(span)) => snapshot.overlapping(calendar, span.start, span.end, show)?,
                (None, None) => snapshot.members_with_bodies(calendar, show)?,
            }
        }
        Ok(writing.out.finish())
    })
    .await
}

/// Returns true if the object matches the filter. An object that cannot be parsed does not match.
fn matches(body: &str, filter: &Filter, zone: &Zone, budget: &Budget) -> bool {
    Document::parse(body).is_ok_and(|document| filter::matches(&document, filter, zone, budget))
}

/// Returns the time zone for dates and floating times that the request contains (RFC 4791 §7.3).
/// `Err` (403) if it is malformed or unknown.
fn zone(asked: &QueryZone) -> Result<Zone, Refusal> {
    let invalid = |why| Refusal::condition(Condition::ValidCalendarData, why);
    match asked {
        QueryZone::Object(text) => {
            let zone = Document::parse(text.as_str()).ok().and_then(|document| Zone::of_timezone_document(&document));
            zone.ok_or_else(|| {
                invalid("CALDAV:timezone must be an iCalendar object with one valid VTIMEZONE and no other component")
            })
        }
        // RFC 7809 §3.1.6: the time zone is given by its identifier.
        QueryZone::Id(name) => Zone::named(name).ok_or_else(|| {
            Refusal::condition(
                Condition::ValidTimezone,
                "this server does not know the time zone that CALDAV:timezone-id names",
            )
        }),
    }
}

/// Returns the time range that every matching object must overlap. `None` unless the filter has
/// exactly one component below `VCALENDAR`, with a time range.
fn span(calendar: &CompFilter) -> Option<TimeRange> {
    let [only] = calendar.comp_filters.as_slice() else { return None };
    only.time_range.filter(|_| !only.is_not_defined)
}
