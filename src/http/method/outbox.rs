//! `POST` to the outbox: a free-busy request (RFC 6638 §5).

use std::{collections::BTreeSet, sync::Arc};

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    web::Payload,
};
use dav::{
    Condition,
    schedule_response::{RecipientResponse, ScheduleResponse},
};
use ical::{
    Address, Document, Property, TimeRange,
    free_busy::{self, Request},
    recur::Budget,
    repair,
};
use schemas::{AccessEvent, PrincipalId, access_journal::FreeBusyAsked};
use service::{
    Service, clock,
    free_busy::{MAX_FREE_BUSY_WORK, NoAnswer, Question},
};

use super::put;
use crate::{
    answer::stream::{self, ChunkSender},
    audience,
    call::Call,
    refusal::Refusal,
    response,
};

/// Request status of a recipient whose busy times are returned (RFC 5546 §3.6).
const SUCCESS: &str = "2.0;Success";

/// Longest time range of a free-busy request, in seconds: about ten years.
const MAX_RANGE_SECONDS: i64 = 3_700 * 24 * 3_600;

pub(super) async fn ask(call: &Call, owner: PrincipalId, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    put::is_calendar(call.header(CONTENT_TYPE.as_str()))?;
    let (text, _) = put::read(call, payload).await?;
    let repaired = repair::scheduling_message(text, clock::now().seconds());
    let invalid = |error: ical::SyntaxError| Refusal::condition(Condition::ValidCalendarData, error.to_string());
    let document = repaired.map_err(invalid)?.document;
    record(call, &request(call, owner, &document)?);
    call.service().refresh_asked(&document).await?;
    let service = Arc::clone(&call.state.service);
    let mut head = HttpResponse::build(StatusCode::OK);
    head.insert_header((CONTENT_TYPE, response::XML));
    stream::answer(call, head, move |chunks| {
        let request = Request::read(&document).map_err(unreadable)?;
        answered(&service, owner, &request, chunks)
    })
    .await
}

/// Queries the busy times of each attendee, and writes them into the response one after the other.
fn answered(
    service: &Service,
    organizer: PrincipalId,
    request: &Request<'_>,
    chunks: &ChunkSender,
) -> Result<String, Refusal> {
    let (window, masked_uid) = (request.start..request.end, request.masked.as_deref());
    let budget = Budget::new(MAX_FREE_BUSY_WORK);
    let question = Question { organizer, window, masked_uid, budget: &budget };
    let now = clock::now().seconds();
    let mut response = ScheduleResponse::default();
    // RFC 6638 §5: the response contains each address once, even if the request repeats it.
    let mut asked = BTreeSet::new();
    for attendee in request.attendees.iter().filter(|attendee| asked.insert(canonical(**attendee))) {
        let busy = service.ask(&question, attendee.value());
        let reply = busy.map(|periods| reply(request, *attendee, &periods, now));
        response.answer(&RecipientResponse {
            recipient: attendee.value(),
            request_status: reply.as_ref().map_or_else(|refusal| status(*refusal), |_| SUCCESS),
            calendar_data: reply.as_ref().ok().map(String::as_str),
            error: None,
            description: None,
        });
        chunks.flush(response.pending(), || response.take())?;
    }
    Ok(response.finish())
}

/// Maximum number of attendees whose addresses are recorded for one free-busy request. The total
/// number is recorded, too.
const MAX_RECORDED_ADDRESSES: usize = 100;

/// Records in the access journal whose busy times the caller asked for.
fn record(call: &Call, request: &Request<'_>) {
    let Some(recorder) = call.state.access.as_ref().filter(|recorder| recorder.records_reads()) else { return };
    let about = request.attendees.iter().take(MAX_RECORDED_ADDRESSES);
    let asked = FreeBusyAsked {
        about: about.map(|attendee| attendee.value().to_owned()).collect(),
        addresses: request.attendees.len() as u64,
        from: request.start,
        until: request.end,
    };
    let metadata = audience::of_request(&call.http, Some(&call.person), call.address, call.id);
    recorder.event(metadata, "free-busy-asked", AccessEvent::FreeBusyAsked(asked));
}

/// Parses the free-busy request. `Err` if the request is not valid or exceeds a limit, or if its
/// organizer is not the owner of the outbox (RFC 6638 §5.2).
fn request<'a>(call: &Call, owner: PrincipalId, document: &'a Document) -> Result<Request<'a>, Refusal> {
    if let Some(why) = free_busy::vfreebusy_fault(document) {
        return Err(Refusal::condition(Condition::ValidCalendarData, why));
    }
    let request = Request::read(document).map_err(unreadable)?;
    if request.end.saturating_sub(request.start) > MAX_RANGE_SECONDS {
        return Err(unreadable(
            "the time range is longer than max-free-busy-range, 3700 days; ask for a shorter one".to_owned(),
        ));
    }
    let limit = call.service().limits().max_attendees_per_instance;
    if request.attendees.len() > limit {
        let why = format!("the request has more attendees than max-attendees-per-instance allows, {limit}");
        return Err(Refusal::condition(Condition::MaxAttendeesPerInstance, why));
    }
    let organizer = Address::parse(request.organizer.value());
    let organizer = organizer.and_then(|organizer| call.person.directory.by_address(&organizer));
    if organizer.is_some_and(|organizer| organizer.id == owner) {
        Ok(request)
    } else {
        Err(Refusal::condition(Condition::ValidOrganizer, "the ORGANIZER must be the owner of this outbox"))
    }
}

fn unreadable(why: String) -> Refusal {
    Refusal::condition_as(StatusCode::BAD_REQUEST, Condition::ValidSchedulingMessage, why)
}

/// Returns the address of an attendee in the form by which addresses are compared. A value that is
/// not a calendar user address is compared as it is.
fn canonical(attendee: Property<'_>) -> String {
    let address = Address::parse(attendee.value());
    address.map_or_else(|| attendee.value().to_owned(), |address| address.canonical().to_owned())
}

fn reply(request: &Request<'_>, attendee: Property<'_>, periods: &[free_busy::BusyPeriod], now: i64) -> String {
    let range = TimeRange { start: Some(request.start), end: Some(request.end) };
    let about = free_busy::ReplyLines {
        uid: request.uid,
        organizer: request.organizer.content_line(),
        attendee: attendee.content_line(),
    };
    free_busy::reply(periods, range, now, &about)
}

/// Returns the request status of a recipient whose busy times are not returned (RFC 5546 §3.6).
fn status(refusal: NoAnswer) -> &'static str {
    match refusal {
        NoAnswer::InvalidUser => "3.7;Invalid calendar user",
        NoAnswer::NoAuthority => "3.8;No authority",
        NoAnswer::NoCalendars => "5.3;No scheduling support for user",
        NoAnswer::Failed => "5.1;Service unavailable",
    }
}
