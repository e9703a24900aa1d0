//! `GET` and `HEAD` (RFC 9110 §9.3).

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
};
use dav::Privilege;
use schemas::collection::CollectionKind;

use super::{range, whole_calendar};
use crate::{
    answer::{CollectionView, Validators},
    audience::Audience,
    call::Call,
    header,
    refusal::Refusal,
    resource::{Path, Resource, ResourceView, representation},
    response,
};

pub(crate) async fn get(call: &Call) -> Result<HttpResponse, Refusal> {
    // The entity tag and the text are read from the same row, so that they match.
    if let Some((found, body)) = call.lookup().with_body(&call.path)? {
        return object(call, &found, body);
    }
    let found = call.access().resource(&call.path, Privilege::Read)?;
    if let Resource::Member { .. } = &found {
        return file(call, &found);
    }
    let resource = call.view(&found)?;
    let validators = Validators::of(&resource, call.service());
    let validators = match &found {
        Resource::Collection { collection, .. } if collection.kind == CollectionKind::Calendar => {
            validators.of_variant(header::Timezones::of(call.headers())?.variant())
        }
        _ => validators,
    };
    if let Some(status) = validators.unmet(call.headers())? {
        return Ok(validators.head(status).finish());
    }
    let mut head = validators.head(StatusCode::OK);
    match found {
        Resource::Collection { owner, collection } if collection.kind == CollectionKind::Calendar => {
            whole_calendar::send(call, CollectionView::of(&call.person, owner, *collection)?, head).await
        }
        Resource::Root
        | Resource::Principals
        | Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Home { .. }
        | Resource::Collection { .. }
        | Resource::Member { .. } => Ok(head.insert_header((CONTENT_TYPE, response::TEXT)).body(representation::ABOUT)),
    }
}

fn object(call: &Call, found: &Resource, body: String) -> Result<HttpResponse, Refusal> {
    call.access().check(&call.path, found, Privilege::Read)?;
    let (validators, body) = selected(call, found, body)?;
    if let Some(status) = validators.unmet(call.headers())? {
        return Ok(validators.head(status).finish());
    }
    if let (ResourceView::Member { collection, member, .. }, Some(audience)) = (call.view(found)?, Audience::of(call)) {
        audience.gets(collection.home, collection.id, member);
    }
    let whole = validators.head(StatusCode::OK).insert_header((CONTENT_TYPE, representation::CALENDAR)).body(body);
    Ok(range::apply(call, validators.etag(), whole))
}

/// Returns the representation of an object that `CalDAV-Timezones` selects (RFC 7809 §3.1.3), with
/// its validators.
fn selected(call: &Call, found: &Resource, stored: String) -> Result<(Validators, String), Refusal> {
    let validators = Validators::of(&call.view(found)?, call.service());
    let changed = match header::Timezones::of(call.headers())?.apply(Cow::Borrowed(&stored)) {
        Cow::Owned(changed) if changed != stored => changed,
        Cow::Owned(_) | Cow::Borrowed(_) => return Ok((validators.of_variant(None), stored)),
    };
    // A new version of the server may write other `VTIMEZONE` components. Therefore the entity tag
    // is computed from the text.
    Ok((validators.of_variant(Some(&service::etag(&changed))), changed))
}

fn file(call: &Call, found: &Resource) -> Result<HttpResponse, Refusal> {
    let ResourceView::Member { collection, member, .. } = call.view(found)? else { return Err(Refusal::NotFound) };
    let validators = Validators::of_member(member);
    if let Some(status) = validators.unmet(call.headers())? {
        return Ok(validators.head(status).finish());
    }
    let whole = super::file::stored(call, collection, &member.name, StatusCode::OK)?;
    Ok(range::apply(call, validators.etag(), whole))
}

/// Returns a response with the calendar object or file as it is stored now. `found` is the resource
/// at `path`.
pub(super) fn stored(call: &Call, path: &Path, found: &Resource, status: StatusCode) -> Result<HttpResponse, Refusal> {
    if let Resource::Member { collection, member, .. } = found
        && collection.kind.holds_anything()
    {
        return super::file::stored(call, collection, &member.name, status);
    }
    let (found, body) = call.lookup().with_body(path)?.ok_or(Refusal::NotFound)?;
    // RFC 7809 §3.1.3: `CalDAV-Timezones` applies to every response with iCalendar data.
    let (validators, body) = selected(call, &found, body)?;
    Ok(validators.head(status).insert_header((CONTENT_TYPE, representation::CALENDAR)).body(body))
}
