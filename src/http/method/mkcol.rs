//! `MKCALENDAR` (RFC 4791 §5.3.1) and `MKCOL`, plain and extended (RFC 4918 §9.3, RFC 5689).
//!
//! A home and a plain collection hold calendars, and plain collections.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue},
    },
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

use super::{options, proppatch};
use crate::{
    access, answer,
    call::Call,
    no::No,
    node::{self, Kind},
    property::{Changes, Refused, Target},
};

/// Which method makes it: they say "no" in different words.
#[derive(Clone, Copy)]
enum Creating {
    Collection,
    Calendar,
}

pub(crate) async fn mkcalendar(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let body = call.xml(payload).await?;
    let home = location(call, Creating::Calendar)?;
    let creation = request::mkcalendar(&body, &call.xml_limits())?;
    Ok(uncached(create(call, home, creation, CollectionKind::Calendar, Creating::Calendar).await?))
}

pub(crate) async fn mkcol(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let body = call.xml(payload).await?;
    let home = location(call, Creating::Collection)?;
    // RFC 4918 §9.3: a body of a kind that says nothing here. Who does not say what it is means XML.
    let is_xml = call.header(CONTENT_TYPE.as_str()).is_none_or(|kind| kind.to_ascii_lowercase().contains("xml"));
    if !body.is_empty() && !is_xml {
        return Err(No::media_type("the body of MKCOL is XML"));
    }
    let creation = request::mkcol(&body, &call.xml_limits())?;
    let Some(kind) = kind(creation.resource_type.as_deref()) else {
        return Ok(uncached(without_type(&creation)));
    };
    Ok(uncached(create(call, home, creation, kind, Creating::Collection).await?))
}

/// RFC 4791 §5.3.1, RFC 5689 §3.4.
fn uncached(mut answer: HttpResponse) -> HttpResponse {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}

/// What is made (RFC 5689 §3): a plain collection unless the request says it is a calendar; nothing else can be.
fn kind(types: Option<&[QName]>) -> Option<CollectionKind> {
    let Some(types) = types else { return Some(CollectionKind::Plain) };
    let has = |(namespace, local)| types.iter().any(|name| name.is(namespace, local));
    match (types.len(), has((DAV, "collection")), has((CALDAV, "calendar"))) {
        (1, true, false) => Some(CollectionKind::Plain),
        (2, true, true) => Some(CollectionKind::Calendar),
        _ => None,
    }
}

/// RFC 5689 §3.3, answered as in the example of §3.4.
fn without_type(creation: &Creation) -> HttpResponse {
    let unknown = Refused { status: Status::FORBIDDEN, condition: Some(Condition::ValidResourcetype) };
    let others = creation.set.iter().map(|element| (&element.name, None));
    refused(Creating::Collection, "", [(&RESOURCE_TYPE, Some(unknown))].into_iter().chain(others).collect())
}

/// Nothing is created unless every property can be set.
fn refused<'n>(creating: Creating, href: &str, verdicts: Vec<(&'n QName, Option<Refused>)>) -> HttpResponse {
    let verdicts = proppatch::failed(verdicts);
    let fill = |out: &mut PropStats<'_, 'n>| {
        for (name, Refused { status, condition }) in verdicts {
            out.refuse(name, status, condition);
        }
    };
    match creating {
        // RFC 4791 §5.3.1.1
        Creating::Calendar => {
            let mut multistatus = MultiStatus::new(Detail::Full);
            let mut response = multistatus.response(href);
            fill(&mut response);
            response.finish();
            answer::multistatus().body(multistatus.finish())
        }
        // RFC 5689 §3
        Creating::Collection => answer::xml(StatusCode::FORBIDDEN, mkcol_response(fill)),
    }
}

/// Whose home the new collection is in, if it may be made here.
fn location(call: &Call, creating: Creating) -> Result<PrincipalId, No> {
    if let Some(found) = node::look(call, &call.path)? {
        access::changeable(call, &call.path, &found, &[Privilege::Read])?;
        return Err(match creating {
            Creating::Calendar => No::unmet(Condition::ResourceMustBeNull, "there is a resource already"),
            // RFC 4918 §9.3.1
            Creating::Collection => No::MethodNotAllowed(options::allowed(&call.path)),
        });
    }
    let (home, above) = access::above(call, &call.path, Privilege::Bind)?;
    if above.kind.holds_anything() {
        return Ok(home);
    }
    // RFC 4791 §4.2: no calendar inside a calendar.
    let why = "collections lie in a home or in a plain collection";
    Err(No::unmet(Condition::CalendarCollectionLocationOk, why))
}

async fn create(
    call: &Call,
    home: PrincipalId,
    creation: Creation,
    kind: CollectionKind,
    creating: Creating,
) -> Result<HttpResponse, No> {
    let updates: Vec<_> = creation.set.into_iter().map(Update::Set).collect();
    let target = Target {
        kind: if kind == CollectionKind::Plain { Kind::Plain } else { Kind::Calendar },
        owner: call.person.directory.by_id(home),
        is_new: true,
    };
    let changes = match Changes::of(&call.context(), target, &updates)? {
        Ok(changes) => changes,
        Err(verdicts) => return Ok(refused(creating, &call.path.href(), verdicts)),
    };
    let created = CollectionCreated {
        home,
        name: call.path.collection_name().unwrap_or_default(),
        kind,
        components: changes.components,
        properties: changes.set,
        settings: changes.settings,
    };
    call.service().create_collection(&call.stamp(home), created).await?;
    Ok(answer::empty(StatusCode::CREATED))
}
