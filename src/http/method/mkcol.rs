//! `MKCALENDAR` (RFC 4791 §5.3.1), and `MKCOL` with and without a body (RFC 4918 §9.3, RFC 5689).
//!
//! Calendars and plain collections can be created in homes and in plain collections.

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CONTENT_TYPE},
    web::Payload,
};
use dav::{
    Condition, Detail, MultiStatus, Privilege, QName, Status,
    multistatus::{PropStats, mkcol_response},
    name::{CALDAV, DAV, RESOURCE_TYPE},
    request::{self, Creation, Update},
};
use schemas::{
    PrincipalId,
    collection::{CollectionCreated, CollectionKind},
};

use super::table::not_allowed;
use super::{conditions, proppatch};
use crate::{
    call::Call,
    property::{ChangeTarget, Changes, Context, Outcome, PropertyRefusal},
    refusal::Refusal,
    resource::{Kind, NO_COLLECTION_NAME},
    response,
};

/// Explains that a collection cannot be created in a parent of this kind, nor copied or moved
/// there.
pub(super) const HOLDS_NO_COLLECTION: &str =
    "collections can only be created in homes, and in collections other than calendars, inboxes and outboxes";

/// The method that creates the collection. `MKCOL` and `MKCALENDAR` report refusals in different
/// forms.
#[derive(Clone, Copy)]
enum CreatingMethod {
    Collection,
    Calendar,
}

pub(crate) async fn mkcalendar(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = body(call, payload).await?;
    let home = location(call, CreatingMethod::Calendar)?;
    let creation = request::mkcalendar(&body, &call.xml_limits())?;
    create(call, home, creation, CollectionKind::Calendar, CreatingMethod::Calendar).await
}

pub(crate) async fn mkcol(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = body(call, payload).await?;
    let home = location(call, CreatingMethod::Collection)?;
    let creation = request::mkcol(&body, &call.xml_limits())?;
    let Some(kind) = kind(creation.resource_type.as_deref()) else {
        return Ok(without_type(&creation));
    };
    create(call, home, creation, kind, CreatingMethod::Collection).await
}

/// Returns the body of the request. `Err` with 415 if it is neither empty nor XML (RFC 4918 §9.3,
/// RFC 4791 §5.3.1.1).
///
/// A body is taken for XML if its `Content-Type` contains `xml` or is absent. A body that starts
/// with `<` is taken for XML, too, because some clients send MKCALENDAR with the media type
/// `text/calendar`.
async fn body(call: &Call, payload: &mut Payload) -> Result<Vec<u8>, Refusal> {
    let body = call.xml(payload).await?;
    let is_xml = call.header(CONTENT_TYPE.as_str()).is_none_or(|kind| kind.to_ascii_lowercase().contains("xml"));
    if is_xml || body.is_empty() || body.trim_ascii_start().starts_with(b"<") {
        return Ok(body);
    }
    Err(Refusal::media_type("the body must be XML, with the Content-Type application/xml"))
}

/// Returns the kind of collection that the resource types ask for (RFC 5689 §3): `collection`
/// alone, or together with `calendar`. Without resource types it is a plain collection. `None` for
/// all other combinations of types.
fn kind(types: Option<&[QName]>) -> Option<CollectionKind> {
    let Some(types) = types else { return Some(CollectionKind::Plain) };
    let has = |(namespace, local)| types.iter().any(|name| name.is(namespace, local));
    match (types.len(), has((DAV, "collection")), has((CALDAV, "calendar"))) {
        (1, true, false) => Some(CollectionKind::Plain),
        (2, true, true) => Some(CollectionKind::Calendar),
        _ => None,
    }
}

/// Returns the refusal of an unsupported resource type (RFC 5689 §3.3), in the form of the example
/// in §3.5.
fn without_type(creation: &Creation) -> HttpResponse {
    let unknown = PropertyRefusal { status: Status::FORBIDDEN, condition: Some(Condition::ValidResourcetype) };
    let others = creation.set.iter().map(|element| (&element.name, None));
    refused(CreatingMethod::Collection, "", [(&RESOURCE_TYPE, Some(unknown))].into_iter().chain(others).collect())
}

/// Returns the response for a request with a property that cannot be set. The collection is not
/// created.
fn refused<'n>(
    method: CreatingMethod,
    href: &str,
    verdicts: Vec<(&'n QName, Option<PropertyRefusal>)>,
) -> HttpResponse {
    let verdicts = proppatch::failed(verdicts);
    let fill = |out: &mut PropStats<'_, 'n>| {
        for (name, PropertyRefusal { status, condition }) in verdicts {
            out.refuse(name, status, condition);
        }
    };
    match method {
        // RFC 4791 §5.3.1.1: MKCALENDAR reports the failed properties in a multistatus.
        CreatingMethod::Calendar => {
            let mut multistatus = MultiStatus::new(Detail::Full);
            let mut response = multistatus.response(href);
            fill(&mut response);
            response.finish();
            response::multistatus().body(multistatus.finish())
        }
        // RFC 5689 §3: MKCOL reports the failed properties in a `DAV:mkcol-response`.
        CreatingMethod::Collection => response::xml(StatusCode::FORBIDDEN, mkcol_response(fill)),
    }
}

/// Checks that a collection may be created at the request's path, and returns the owner of the
/// home.
///
/// `Err` if a resource exists at the path (405, or `resource-must-be-null` for MKCALENDAR), if the
/// parent does not exist (409) or cannot contain collections (`calendar-collection-location-ok`),
/// if the caller lacks a privilege, or if `If-Match` is sent (412).
fn location(call: &Call, method: CreatingMethod) -> Result<PrincipalId, Refusal> {
    if let Some(found) = call.lookup().at(&call.path)? {
        call.access().check_replaceable(&call.path, &found, &[Privilege::Read])?;
        return Err(match method {
            CreatingMethod::Calendar => {
                Refusal::condition(Condition::ResourceMustBeNull, "a resource exists at this path; choose another path")
            }
            // RFC 4918 §9.3.1: MKCOL is not allowed at a path where a resource exists (405).
            CreatingMethod::Collection => not_allowed(call, &call.path),
        });
    }
    let (home, above) = call.access().parent(&call.path, Privilege::Bind)?;
    if !above.kind.holds_anything() {
        // RFC 4791 §4.2: a calendar must not contain collections.
        return Err(Refusal::condition(Condition::CalendarCollectionLocationOk, HOLDS_NO_COLLECTION));
    }
    // RFC 9110 §13.2.1: conditions are evaluated only if the request, apart from its content, would
    // succeed without them.
    conditions::check_missing(call)?;
    Ok(home)
}

async fn create(
    call: &Call,
    home: PrincipalId,
    creation: Creation,
    kind: CollectionKind,
    method: CreatingMethod,
) -> Result<HttpResponse, Refusal> {
    let updates: Vec<_> = creation.set.into_iter().map(Update::Set).collect();
    let target = ChangeTarget {
        kind: if kind == CollectionKind::Plain { Kind::Plain } else { Kind::Calendar },
        owner: call.person.directory.by_id(home),
        is_new: true,
    };
    let changes = match Changes::of(&Context::of(call), target, &updates)? {
        Outcome::Accepted(changes) => changes,
        Outcome::Refused(verdicts) => return Ok(refused(method, &call.path.href(), verdicts)),
    };
    let created = CollectionCreated {
        home,
        name: call.path.collection_name().ok_or(Refusal::forbidden(NO_COLLECTION_NAME))?,
        kind,
        components: changes.components,
        properties: changes.set,
        settings: changes.settings,
    };
    call.service().create_collection(&call.stamp(home), created).await?;
    Ok(response::empty(StatusCode::CREATED))
}
