//! `CALDAV:calendar-query` (RFC 4791 §7.8): the objects that match a filter.

use actix_web::HttpResponse;
use dav::{
    Condition, Privilege,
    request::{CalendarQuery, QueryZone},
};
use ical::{
    Document, TimeRange, filter,
    query::{CompFilter, Filter},
    zone::Zone,
};
use projections::Member;

use crate::{
    answer,
    call::Call,
    header::Depth,
    listing::{Listing, Shelf},
    no::No,
    node::Found,
    stream,
};

pub(super) async fn answer(call: &Call, found: Found, query: CalendarQuery) -> Result<HttpResponse, No> {
    // RFC 4791 §7.8 makes 0 the default, which would show nothing of a calendar: who leaves it out means the objects.
    let depth = Depth::of(call.headers(), Depth::One)?;
    let zone = query.zone.as_ref().map(zone).transpose()?;
    let (mut shelves, only) = match found {
        Found::Member { owner, collection, member } => {
            (vec![Shelf::of(&call.person, owner, *collection)?], Some(member.name))
        }
        found => (Shelf::below(call, found, depth, Privilege::Read)?, None),
    };
    if let Some(zone) = zone {
        for shelf in &mut shelves {
            shelf.zone = zone.clone();
        }
    }
    let listing = Listing::of(call, query.wanted)?;
    let span = span(&query.filter.component);
    let filter = query.filter;
    stream::answer(answer::multistatus(), move |outlet| {
        let snapshot = listing.snapshot()?;
        let mut writing = listing.begin();
        for shelf in &shelves {
            let mut show = |member: Member, body: &str| {
                if matches(body, &filter, &shelf.zone) {
                    writing.member(shelf, &member, Some(body));
                }
                writing.pass(outlet)
            };
            let id = shelf.collection.id;
            match (&only, span) {
                (Some(name), _) => {
                    if let Some((member, body)) = snapshot.member_with_body(id, name)? {
                        show(member, &body)?;
                    }
                }
                // The index knows which objects cannot lie in the range.
                (None, Some(span)) => snapshot.overlapping(id, span.start, span.end, show)?,
                (None, None) => snapshot.members_with_bodies(id, show)?,
            }
        }
        Ok(writing.out.finish())
    })
    .await
}

/// An object that cannot be read matches nothing.
fn matches(body: &str, filter: &Filter, zone: &Zone) -> bool {
    Document::parse(body).is_ok_and(|document| filter::matches(&document, filter, zone))
}

/// RFC 4791 §7.3: the zone of dates and floating times, as the request has it.
fn zone(asked: &QueryZone) -> Result<Zone, No> {
    let invalid = |why| No::unmet(Condition::ValidCalendarData, why);
    match asked {
        QueryZone::Object(text) => {
            let zone = Document::parse(text.as_str()).ok().and_then(|document| Zone::of_timezone_document(&document));
            zone.ok_or_else(|| invalid("the timezone is an iCalendar object with a VTIMEZONE"))
        }
        // RFC 7809 §4.2
        QueryZone::Id(name) => {
            Zone::named(name).ok_or_else(|| No::unmet(Condition::ValidTimezone, "this time zone is not known"))
        }
    }
}

/// The range that every match must overlap: of the one component asked for inside `VCALENDAR`.
fn span(calendar: &CompFilter) -> Option<TimeRange> {
    let [only] = calendar.comp_filters.as_slice() else { return None };
    only.time_range.filter(|_| !only.is_not_defined)
}
