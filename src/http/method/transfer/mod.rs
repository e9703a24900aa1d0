//! `COPY` and `MOVE` (RFC 4918 §9.8, §9.9).

mod collection;
mod member;
mod target;

use actix_web::{
    HttpResponse,
    http::header::{HeaderValue, LOCATION},
};
use dav::Privilege;
use schemas::{collection::CollectionKind, object::Place};
use service::{Error, Written};

use super::{conditions, preference, put, table::not_allowed};
use crate::{
    call::Call,
    header,
    refusal::Refusal,
    resource::{Path, Resource},
};

use member::MemberSource;
use target::{Operation, Shape, Target, destination, finished};

pub(super) use target::{remove, remove_collection, remove_object};

pub(crate) async fn copy(call: &Call) -> Result<HttpResponse, Refusal> {
    transfer(call, call.access().resource(&call.path, Privilege::Read)?, Operation::Copy).await
}

pub(crate) async fn relocate(call: &Call) -> Result<HttpResponse, Refusal> {
    // RFC 3744 appendix B asks for DAV:unbind only. DAV:read is needed here as well, or a caller
    // could read the resource by moving it to their own home.
    let found = call.access().resource(&call.path, Privilege::Read)?;
    if call.path.parent().is_some() {
        call.access().parent(&call.path, Privilege::Unbind)?;
    }
    transfer(call, found, Operation::Move).await
}

async fn transfer(call: &Call, found: Resource, operation: Operation) -> Result<HttpResponse, Refusal> {
    match found {
        Resource::Member { owner: home, collection, member } => {
            let to = destination(call)?;
            is_portable(collection.kind)?;
            let target = Target::of(call, &to, operation, Shape::Member)?;
            let place = Place { collection: collection.id, name: member.name.clone() };
            let (overwrite, require) = (header::overwrite(call.headers())?, conditions::of(call, &place)?);
            let from = MemberSource { home, collection: &collection, member: &member };
            if let Some(Resource::Collection { .. }) = target.replaced {
                require.check_tags(Some(&member.etag), member.schedule_tag.as_deref()).map_err(Error::from)?;
                target.clear(call).await?;
            }
            let written = member::copy_member(call, from, &to, &target, operation, (overwrite, require)).await?;
            Ok(preference::stored(call, &to, done(&written, &to, target.replaced.is_some())))
        }
        Resource::Collection { .. } => collection::transfer(call, &found, operation).await,
        Resource::Root
        | Resource::Principals
        | Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Home { .. } => Err(not_allowed(call, &call.path)),
    }
}

fn is_portable(kind: CollectionKind) -> Result<(), Refusal> {
    match kind {
        CollectionKind::Home | CollectionKind::Calendar | CollectionKind::Plain => Ok(()),
        CollectionKind::Inbox | CollectionKind::Outbox => {
            Err(Refusal::forbidden("scheduling messages cannot be copied or moved"))
        }
    }
}

fn done(written: &Written, to: &Path, replaced: bool) -> HttpResponse {
    let mut response = put::answer(written);
    *response.status_mut() = finished(replaced);
    if !replaced && let Ok(location) = HeaderValue::from_str(&to.member_href()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
