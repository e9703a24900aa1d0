//! `MKCALENDAR` (RFC 4791 §5.3.1) and `MKCOL`, plain and extended (RFC 4918 §9.3, RFC 5689).
//!
//! A home holds calendars, and plain collections of files.

use actix_web::{HttpResponse, http::StatusCode, web::Payload};
use dav::{
    Condition, Privilege, QName,
    multistatus::{Creating, creation_response},
    name::{CALDAV, DAV},
    request::{self, Creation, Update},
};
use schemas::collection::{CollectionCreated, CollectionKind};

use super::{options, proppatch};
use crate::{
    access, answer,
    call::Call,
    no::No,
    node::{self, Kind},
    path::Path,
    property::{Changes, Target},
};

pub(crate) async fn mkcalendar(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let body = call.xml(payload).await?;
    let name = location(call, Creating::Calendar)?;
    let creation = request::mkcalendar(&body, &call.xml_limits())?;
    create(call, name, creation, CollectionKind::Calendar, Creating::Calendar).await
}

pub(crate) async fn mkcol(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let body = call.xml(payload).await?;
    let name = location(call, Creating::Collection)?;
    let creation = request::mkcol(&body, &call.xml_limits())?;
    let kind = kind(creation.resource_type.as_deref())?;
    create(call, name, creation, kind, Creating::Collection).await
}

/// What is made (RFC 5689 §3): a plain collection unless the request says it is a calendar.
fn kind(types: Option<&[QName]>) -> Result<CollectionKind, No> {
    let Some(types) = types else { return Ok(CollectionKind::Plain) };
    let has = |(namespace, local)| types.iter().any(|name| name.is(namespace, local));
    match (types.len(), has((DAV, "collection")), has((CALDAV, "calendar"))) {
        (1, true, false) => Ok(CollectionKind::Plain),
        (2, true, true) => Ok(CollectionKind::Calendar),
        // RFC 5689 §3.3
        _ => Err(No::unmet(Condition::ValidResourcetype, "a collection made here is a calendar or a plain one")),
    }
}

/// The new collection's name, if one may be made here.
fn location(call: &Call, creating: Creating) -> Result<&str, No> {
    if let Some(found) = node::look(call, &call.path)? {
        access::require(call, &access::lent(call, &found)?, Privilege::Read)?;
        return Err(match creating {
            Creating::Calendar => No::unmet(Condition::ResourceMustBeNull, "there is a resource already"),
            // RFC 4918 §9.3.1
            Creating::Collection => No::MethodNotAllowed(options::allowed(&call.path)),
        });
    }
    access::above(call, &call.path, Privilege::Bind)?;
    match &call.path {
        Path::Collection { collection, .. } => Ok(collection),
        // RFC 4791 §4.2: no calendar inside a calendar.
        Path::Root
        | Path::Principals
        | Path::Principal { .. }
        | Path::Homes
        | Path::Home { .. }
        | Path::Object { .. } => {
            Err(No::unmet(Condition::CalendarCollectionLocationOk, "calendars lie directly in a home"))
        }
    }
}

async fn create(
    call: &Call,
    name: &str,
    creation: Creation,
    kind: CollectionKind,
    creating: Creating,
) -> Result<HttpResponse, No> {
    let (home, _) = access::above(call, &call.path, Privilege::Bind)?;
    let updates: Vec<_> = creation.set.into_iter().map(Update::Set).collect();
    let target = Target {
        kind: if kind == CollectionKind::Plain { Kind::Plain } else { Kind::Calendar },
        owner: call.person.directory.by_id(home),
        is_new: true,
    };
    let changes = match Changes::of(&call.context(), target, &updates)? {
        Ok(changes) => changes,
        Err(verdicts) => {
            let xml = creation_response(creating, |out| {
                for (name, refused) in proppatch::failed(verdicts) {
                    if let Some(refused) = refused {
                        out.refuse(name, refused.status, refused.condition);
                    }
                }
            });
            // RFC 5689 §3: nothing is created unless every property can be set.
            return Err(No::Body { status: StatusCode::FAILED_DEPENDENCY, xml });
        }
    };
    let created = CollectionCreated {
        home,
        name: name.to_owned(),
        kind,
        components: changes.components,
        properties: changes.set,
        settings: changes.settings,
    };
    call.service().create_collection(&call.stamp(home), created).await?;
    Ok(answer::empty(StatusCode::CREATED))
}
