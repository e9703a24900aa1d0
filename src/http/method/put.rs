//! `PUT` of a calendar object (RFC 4791 §5.3.2), and with it every scheduling act of a client (RFC 6638 §3).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, ETAG, HeaderName, HeaderValue},
    },
    web::Payload,
};
use dav::{Condition, Privilege};
use projections::Collection;
use schemas::{PrincipalId, collection::CollectionKind, object::Place};
use service::{Error, Put, Refusal, Written};

use super::{conditions, file, get, options};
use crate::{
    access,
    answer::quoted,
    body::{self, Limit},
    call::Call,
    no::No,
    node::{self, Found},
    path::Path,
};

pub(crate) const SCHEDULE_TAG: &str = "Schedule-Tag";
/// RFC 7240 §3
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

pub(crate) async fn put(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let Path::Inside { name, .. } = &call.path else {
        return Err(No::MethodNotAllowed(options::allowed(&call.path)));
    };
    let (home, collection) = target(call, &call.path, OVERWRITTEN)?;
    if collection.kind.holds_anything() {
        return file::store(call, payload, (home, &collection), name).await;
    }
    is_calendar(call.header(CONTENT_TYPE.as_str()))?;
    let place = Place { collection: collection.id, name: name.clone() };
    let require = conditions::of(call, &place)?;
    let ics = read(call, payload).await?;
    let put = Put { home, place, ics, require };
    let written = match call.service().put(&call.stamp(home), put).await {
        // RFC 8144 §3.2: what is there instead.
        Err(Error::Refused(refusal @ Refusal::Precondition { .. })) if call.prefer().is_representation() => {
            return represented(call, &call.path, StatusCode::PRECONDITION_FAILED)
                .map_err(|_| No::from(Error::from(refusal)));
        }
        written => written?,
    };
    if call.prefer().is_representation() {
        // RFC 9110 §15.3.5: a 204 has no body.
        let status = if written.created { StatusCode::CREATED } else { StatusCode::OK };
        if let Ok(response) = represented(call, &call.path, status) {
            return Ok(response);
        }
    }
    Ok(answer(&written))
}

/// What is stored at a path, for a client that prefers to be told.
pub(super) fn represented(call: &Call, path: &Path, status: StatusCode) -> Result<HttpResponse, No> {
    // Who may write need not be allowed to read.
    access::found_at(call, path, Privilege::Read)?;
    let mut response = get::representation(call, path, status)?;
    response.headers_mut().insert(PREFERENCE_APPLIED, HeaderValue::from_static("return=representation"));
    Ok(response)
}

/// What a `PUT` needs on the object it overwrites (RFC 3744 appendix B).
pub(super) const OVERWRITTEN: &[Privilege] = &[Privilege::WriteContent];

/// The collection an object or a file is stored in, if the person may store it there under that name.
pub(crate) fn target(
    call: &Call,
    path: &Path,
    overwritten: &[Privilege],
) -> Result<(PrincipalId, Box<Collection>), No> {
    let (home, collection) = match node::look(call, path)? {
        Some(found) => {
            access::changeable(call, path, &found, overwritten)?;
            match found {
                Found::Member { owner, collection, .. } => (owner, collection),
                // RFC 4918 §9.7.2
                Found::Root
                | Found::Principals
                | Found::Homes
                | Found::Principal(_)
                | Found::Home { .. }
                | Found::Collection { .. } => return Err(No::MethodNotAllowed(options::allowed(path))),
            }
        }
        None => access::above(call, path, Privilege::Bind)?,
    };
    keeping((home, collection))
}

const NO_PLACE: &str = "calendar objects are stored in calendars, files in homes and plain collections";

/// The collection, if what clients write is stored in it.
pub(super) fn keeping(
    (home, collection): (PrincipalId, Box<Collection>),
) -> Result<(PrincipalId, Box<Collection>), No> {
    match collection.kind {
        CollectionKind::Calendar | CollectionKind::Plain | CollectionKind::Home => Ok((home, collection)),
        // Only deliveries arrive in an inbox, and an outbox keeps nothing (RFC 6638 §2.1, §2.2).
        CollectionKind::Inbox | CollectionKind::Outbox => Err(No::forbidden(NO_PLACE)),
    }
}

/// RFC 4791 §5.3.2.1, `supported-calendar-data`. Clients that say nothing mean a calendar.
pub(super) fn is_calendar(content_type: Option<&str>) -> Result<(), No> {
    let Some(content_type) = content_type else { return Ok(()) };
    let mut parts = content_type.split(';').map(str::trim);
    let is_calendar = parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/calendar"));
    let mut versions = parts
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("version"));
    if is_calendar && versions.all(|(_, version)| version.trim_matches('"') == "2.0") {
        return Ok(());
    }
    Err(No::unmet(
        Condition::SupportedCalendarData,
        format!("the media type is text/calendar, version 2.0; not {content_type}"),
    ))
}

pub(super) async fn read(call: &Call, payload: &mut Payload) -> Result<String, No> {
    let bytes = call.service().limits().max_resource_size_bytes;
    let body = body::read(&call.http, payload, Limit { name: "max-resource-size", bytes }).await;
    let body = body.map_err(|no| match no {
        // RFC 4791 §5.3.2.1: the limit of a calendar object is a precondition of its own.
        No::TooLarge(limit) => No::unmet(Condition::MaxResourceSize, format!("larger than {} bytes", limit.bytes)),
        no => no,
    })?;
    text(body)
}

/// RFC 4791 §5.3.2.1: iCalendar data is UTF-8.
pub(super) fn text(data: Vec<u8>) -> Result<String, No> {
    String::from_utf8(data).map_err(|error| {
        let readable = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = readable.split(|byte| *byte == b'\n').count();
        No::unmet(Condition::ValidCalendarData, format!("line {line}: the bytes are not UTF-8"))
    })
}

/// What a client is told of what it wrote.
pub(crate) fn answer(written: &Written) -> HttpResponse {
    let mut response = HttpResponse::build(if written.created { StatusCode::CREATED } else { StatusCode::NO_CONTENT });
    // RFC 4791 §5.3.4: an ETag would tell the client that its bytes are what is stored.
    if written.as_sent {
        response.insert_header((ETAG, quoted(&written.etag)));
    }
    if let Some(tag) = &written.schedule_tag {
        response.insert_header((SCHEDULE_TAG, quoted(tag)));
    }
    response.finish()
}
