//! `POST` to the outbox: when are these people free (RFC 6638 §5)?

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    web::Payload,
};
use dav::{
    Condition,
    schedule_response::{Answer, schedule_response},
};
use ical::{Address, Component, Document, Property, TimeRange, free_busy, validate, value::DateTime};
use projections::Entry;
use schemas::{PrincipalId, principal::PrincipalKind};
use service::clock;

use super::put;
use crate::{answer, call::Call, no::No};

/// RFC 5546 §3.6: the outcomes for a recipient.
const SUCCESS: &str = "2.0;Success";
const INVALID_USER: &str = "3.7;Invalid calendar user";
/// Groups have no calendars that could be busy.
const NO_AUTHORITY: &str = "3.8;No authority";

/// The longest time asked about at once: some ten years.
const MAX_RANGE_SECONDS: i64 = 3_700 * 24 * 3_600;

pub(super) async fn ask(call: &Call, owner: PrincipalId, payload: &mut Payload) -> Result<HttpResponse, No> {
    put::is_calendar(call.header(CONTENT_TYPE.as_str()))?;
    let text = put::read(call, payload).await?;
    let document = Document::parse(text).map_err(|error| No::unmet(Condition::ValidCalendarData, error.to_string()))?;
    let asked = Asked::of(call, owner, &document)?;
    let now = clock::now().seconds();
    let mut replies = Vec::new();
    for attendee in asked.request.properties_named("ATTENDEE") {
        replies.push((attendee.value(), asked.reply(call, attendee, now)?));
    }
    let answers = replies.iter().map(|(recipient, reply)| Answer {
        recipient,
        request_status: reply.as_ref().map_or_else(|status| *status, |_| SUCCESS),
        calendar_data: reply.as_ref().ok().map(String::as_str),
        error: None,
        description: None,
    });
    Ok(answer::xml(StatusCode::OK, schedule_response(answers)))
}

/// A request for busy times that may be answered.
struct Asked<'a> {
    request: Component<'a>,
    uid: String,
    organizer: Property<'a>,
    start: i64,
    end: i64,
    /// A meeting that is being moved must not stand in its own way.
    except_uid: Option<String>,
}

impl<'a> Asked<'a> {
    /// RFC 6638 §5.1: one `VFREEBUSY` request in the name of the outbox's owner, and nothing else.
    fn of(call: &Call, owner: PrincipalId, document: &'a Document) -> Result<Self, No> {
        let invalid = |why: &str| No::unmet(Condition::ValidSchedulingMessage, why);
        let summary = validate::message(document).map_err(|error| invalid(&error.to_string()))?;
        if summary.method.as_deref() != Some("REQUEST") || summary.component != "VFREEBUSY" {
            return Err(invalid("the outbox takes a VFREEBUSY with METHOD:REQUEST"));
        }
        let request = document.root().components_named("VFREEBUSY").next();
        let request = request.ok_or_else(|| invalid("there is no VFREEBUSY"))?;
        let organizer = request.property("ORGANIZER").filter(|organizer| is_owner(call, owner, *organizer));
        let organizer = organizer
            .ok_or_else(|| No::unmet(Condition::ValidOrganizer, "the ORGANIZER is not the owner of this outbox"))?;
        let range = instant(request, "DTSTART").zip(instant(request, "DTEND"));
        let range = range.filter(|(start, end)| start < end && end.saturating_sub(*start) <= MAX_RANGE_SECONDS);
        let (start, end) = range.ok_or_else(|| {
            invalid("DTSTART and DTEND are in UTC, in this order, and not further apart than 3700 days")
        })?;
        let except_uid = request.property("X-CALENDARSERVER-MASK-UID").map(|uid| uid.text().into_owned());
        Ok(Self { request, uid: summary.uid, organizer, start, end, except_uid })
    }

    /// The busy times of one recipient, or the status that says why there are none to be had.
    fn reply(&self, call: &Call, attendee: Property<'_>, now: i64) -> Result<Result<String, &'static str>, No> {
        let entry = match recipient(call, attendee) {
            Ok(entry) => entry,
            Err(status) => return Ok(Err(status)),
        };
        let periods = call.service().free_busy(entry.id, self.start..self.end, self.except_uid.as_deref())?;
        let range = TimeRange { start: Some(self.start), end: Some(self.end) };
        let about = free_busy::Answer {
            uid: &self.uid,
            organizer: self.organizer.content_line(),
            attendee: attendee.content_line(),
        };
        Ok(Ok(free_busy::reply(&periods, range, now, &about)))
    }
}

fn is_owner(call: &Call, owner: PrincipalId, organizer: Property<'_>) -> bool {
    let address = Address::parse(organizer.value());
    let entry = address.and_then(|address| call.person.directory.by_address(&address));
    entry.is_some_and(|entry| entry.id == owner)
}

/// Everybody with an account may ask for everybody's busy times.
fn recipient<'a>(call: &'a Call, attendee: Property<'_>) -> Result<&'a Entry, &'static str> {
    let address = Address::parse(attendee.value()).ok_or(INVALID_USER)?;
    let entry = call.person.directory.by_address(&address).ok_or(INVALID_USER)?;
    match entry.kind {
        PrincipalKind::Individual | PrincipalKind::Resource | PrincipalKind::Room => Ok(entry),
        PrincipalKind::Group => Err(NO_AUTHORITY),
    }
}

/// RFC 5545 §3.6.4: both ends are in UTC.
fn instant(request: Component<'_>, name: &str) -> Option<i64> {
    match request.property(name)?.date_time().ok()? {
        DateTime::Utc(time) => Some(time.and_utc().timestamp()),
        DateTime::Date(_) | DateTime::Floating(_) | DateTime::Zoned { .. } => None,
    }
}
