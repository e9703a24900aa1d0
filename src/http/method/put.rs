//! `PUT` of a calendar object (RFC 4791 §5.3.2) or of a file. A `PUT` of a calendar object also
//! sends the scheduling messages that result from it (RFC 6638 §3).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_RANGE, CONTENT_TYPE, ETAG},
    },
    web::Payload,
};
use dav::{Condition, Privilege};
use ical::repair;
use projections::Collection;
use schemas::{PrincipalId, collection::CollectionKind, object::Place};
use service::{Attributes, Error, Put, Source, Written};

use super::table::not_allowed;
use super::{conditions, file, preference, sharee};
use crate::{
    answer::SCHEDULE_TAG,
    body,
    call::Call,
    refusal::Refusal,
    resource::{Path, Resource, representation},
};

pub(crate) async fn put(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    if call.headers().contains_key(CONTENT_RANGE) {
        // RFC 9110 §14.5: the body is only a part of the resource, and must not replace the whole.
        return Err(Refusal::bad_request(
            "a PUT with Content-Range would replace the resource by a part; send the whole resource without \
             Content-Range",
        ));
    }
    let Path::Inside { name, .. } = &call.path else {
        return Err(not_allowed(call, &call.path));
    };
    let (home, collection, denied) = match target(call, &call.path, OVERWRITTEN) {
        Ok((home, collection)) => (home, collection, None),
        // A sharee who may only read the object can still store alarms of their own.
        Err(denied) => match sharee::readable(call)? {
            Some((home, collection)) => (home, collection, Some(denied)),
            None => return Err(denied),
        },
    };
    if collection.kind.holds_anything() {
        return file::store(call, payload, (home, &collection), name).await;
    }
    is_calendar(call.header(CONTENT_TYPE.as_str()))?;
    let place = Place { collection: collection.id, name: name.clone() };
    let require = conditions::of(call, &collection, name)?;
    if let Err(error) = conditions::check_before_body(call, &collection, &place, &require).await {
        return preference::failed(call, error);
    }
    let (ics, source) = read(call, payload).await?;
    let put = Put { home, place, ics, source, require, attributes: Attributes::default() };
    let may_change = sharee::MayChange { object: denied.is_none(), frees: None };
    let written = match sharee::store(call, &collection, put, may_change).await {
        Err(error) => return preference::failed(call, error),
        Ok(Some(written)) => written,
        Ok(None) => return Err(denied.unwrap_or(Refusal::NotFound)),
    };
    Ok(preference::stored(call, &call.path, answer(&written)))
}

/// Privileges that `PUT` needs on an existing resource that it overwrites (RFC 3744 appendix B).
pub(super) const OVERWRITTEN: &[Privilege] = &[Privilege::WriteContent];

/// Returns the collection in which the caller may store an object or a file at `path`, with the
/// owner of its home. `Err` if the caller lacks a privilege, if the path is that of a collection,
/// or if the parent is missing, an inbox or an outbox.
///
/// The caller needs the privileges `overwritten` on a resource that already exists at `path`.
pub(crate) fn target(
    call: &Call,
    path: &Path,
    overwritten: &[Privilege],
) -> Result<(PrincipalId, Box<Collection>), Refusal> {
    let (home, collection) = match call.lookup().at(path)? {
        Some(found) => {
            call.access().check_replaceable(path, &found, overwritten)?;
            match found {
                Resource::Member { owner, collection, .. } => (owner, collection),
                // RFC 4918 §9.7.2: PUT cannot replace a collection.
                Resource::Root
                | Resource::Principals
                | Resource::Homes
                | Resource::Principal(_)
                | Resource::Delegates(..)
                | Resource::Home { .. }
                | Resource::Collection { .. } => return Err(not_allowed(call, path)),
            }
        }
        None => call.access().parent(path, Privilege::Bind)?,
    };
    storable_in((home, collection))
}

const NOT_STORABLE: &str = "calendar objects can only be stored in calendars, other files only in homes, and in \
    collections other than calendars, inboxes and outboxes";

/// Returns the collection unchanged if clients may store members in it. `Err` with 403 for an inbox
/// and an outbox.
pub(super) fn storable_in(
    (home, collection): (PrincipalId, Box<Collection>),
) -> Result<(PrincipalId, Box<Collection>), Refusal> {
    match collection.kind {
        CollectionKind::Calendar | CollectionKind::Plain | CollectionKind::Home => Ok((home, collection)),
        // RFC 6638 §2.1, §2.2: only the server adds messages to an inbox, and an outbox stores
        // nothing.
        CollectionKind::Inbox | CollectionKind::Outbox => Err(Refusal::forbidden(NOT_STORABLE)),
    }
}

/// Checks that the media type is iCalendar 2.0 (RFC 4791 §5.3.2.1, `supported-calendar-data`). A
/// request without a media type is accepted.
pub(super) fn is_calendar(content_type: Option<&str>) -> Result<(), Refusal> {
    let Some(content_type) = content_type else { return Ok(()) };
    let mut parts = content_type.split(';').map(str::trim);
    let is_calendar = parts.next().is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/calendar"));
    let mut versions = parts
        .filter_map(|parameter| parameter.split_once('='))
        .filter(|(name, _)| name.eq_ignore_ascii_case("version"));
    if is_calendar && versions.all(|(_, version)| version.trim_matches('"') == "2.0") {
        return Ok(());
    }
    Err(Refusal::condition(
        Condition::SupportedCalendarData,
        format!("the media type must be text/calendar, version 2.0, and not {content_type}"),
    ))
}

/// Reads the text of a calendar object from the body of the request.
pub(super) async fn read(call: &Call, payload: &mut Payload) -> Result<(String, Source), Refusal> {
    let body = call.content(payload).await.map_err(|error| match error {
        // RFC 4791 §5.3.2.1: for calendar objects, the maximum size is a precondition.
        body::Error::TooLarge(limit) => Refusal::condition(
            Condition::MaxResourceSize,
            format!("the calendar object is larger than max-resource-size, {} bytes", limit.bytes),
        ),
        error => error.into(),
    })?;
    text(body)
}

/// Decodes iCalendar data. If a line fold splits a UTF-8 character, the fold is moved behind the
/// character.
///
/// `Err` with `valid-calendar-data` if the bytes are not UTF-8 (RFC 4791 §5.3.2.1).
pub(super) fn text(data: Vec<u8>) -> Result<(String, Source), Refusal> {
    let octets = if std::str::from_utf8(&data).is_err() { data.clone() } else { vec![] };
    let decoded = repair::utf8(data);
    let (text, repair) =
        decoded.map_err(|error| Refusal::condition(Condition::ValidCalendarData, error.to_string()))?;
    Ok((text, repair.map_or(Source::Body, |repair| Source::Decoded { octets, repair })))
}

/// Returns the size in bytes of the object at this place (a collection and a name); 0 if there is
/// none.
pub(super) fn size_at(call: &Call, place: &Place) -> Result<usize, Error> {
    Ok(call.models().member(place.collection, &place.name)?.map_or(0, |member| member.size))
}

/// Returns the response to a successful write: 201 or 204, with `Schedule-Tag` if the resource has
/// one.
pub(crate) fn answer(written: &Written) -> HttpResponse {
    let mut response = HttpResponse::build(if written.created { StatusCode::CREATED } else { StatusCode::NO_CONTENT });
    // RFC 4791 §5.3.4: `ETag` is sent only if the server stored the client's bytes unchanged.
    if written.as_sent {
        response.insert_header((ETAG, representation::quoted(&written.etag)));
    }
    if let Some(tag) = &written.schedule_tag {
        response.insert_header((SCHEDULE_TAG, representation::quoted(tag)));
    }
    response.finish()
}
