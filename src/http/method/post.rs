//! `POST`: to a calendar it adds an object (RFC 5995), to the outbox it asks a question (RFC 6638 §5).

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_TYPE, HeaderValue, LOCATION},
    },
    web::Payload,
};
use dav::Privilege;
use projections::Collection;
use schemas::{PrincipalId, collection::CollectionKind, object::Place};
use service::{Put, Require, clock};

use super::{options, outbox, put};
use crate::{
    access,
    call::Call,
    no::No,
    node::{self, Found},
    path::Path,
};

/// Below a calendar: where to `POST` what the server shall name (RFC 5995 §3.2.1). The calendar itself takes it as well.
pub(crate) const ADD_MEMBER: &str = ";add-member";

pub(crate) async fn post(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let path = match &call.path {
        Path::Inside { owner, within, name } if name == ADD_MEMBER => Path::of_collection(owner, within),
        path => path.clone(),
    };
    let needed = match node::look(call, &path)? {
        Some(Found::Collection { collection, .. }) if collection.kind == CollectionKind::Outbox => {
            // RFC 6638 §6.2.4
            Privilege::ScheduleSendFreebusy
        }
        // RFC 3744 §3.9: adding needs no reading.
        Some(Found::Collection { .. }) => Privilege::Bind,
        Some(
            Found::Root
            | Found::Principals
            | Found::Homes
            | Found::Principal(_)
            | Found::Home { .. }
            | Found::Member { .. },
        )
        | None => Privilege::Read,
    };
    match access::found_at(call, &path, needed)? {
        Found::Collection { owner, collection } => match collection.kind {
            CollectionKind::Calendar => add_member(call, owner, &collection, payload).await,
            CollectionKind::Outbox => outbox::ask(call, owner, payload).await,
            CollectionKind::Home | CollectionKind::Inbox | CollectionKind::Plain => {
                Err(No::MethodNotAllowed(options::allowed(&call.path)))
            }
        },
        Found::Root
        | Found::Principals
        | Found::Homes
        | Found::Principal(_)
        | Found::Home { .. }
        | Found::Member { .. } => Err(No::MethodNotAllowed(options::allowed(&call.path))),
    }
}

/// RFC 5995 §3: the server finds the name.
async fn add_member(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    payload: &mut Payload,
) -> Result<HttpResponse, No> {
    let owner = call.path.owner().unwrap_or_default().to_owned();
    let name = format!("{}.ics", clock::new_id());
    let path = Path::Inside { owner, within: collection.name.clone(), name: name.clone() };
    put::target(call, &path, put::OVERWRITTEN)?;
    put::is_calendar(call.header(CONTENT_TYPE.as_str()))?;
    let ics = put::read(call, payload).await?;
    let place = Place { collection: collection.id, name };
    let put = Put { home, place, ics, require: Require::default() };
    let written = call.service().put(&call.stamp(home), put).await?;
    let mut response = if call.prefer().is_representation() {
        put::represented(call, &path, StatusCode::CREATED).unwrap_or_else(|_| put::answer(&written))
    } else {
        put::answer(&written)
    };
    if let Ok(location) = HeaderValue::from_str(&path.href()) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}
