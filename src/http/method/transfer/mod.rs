//! `COPY` and `MOVE` (RFC 4918 §9.8, §9.9).

mod collection;
mod member;
mod target;

use actix_web::{
    HttpResponse,
    http::header::{HeaderValue, LOCATION},
};
use dav::Privilege;
use projections::Collection;
use schemas::{ShareId, collection::CollectionKind, object::Place};
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
    // On the source of a MOVE, RFC 3744 appendix B requires DAV:unbind only. This server requires
    // DAV:read, too: otherwise a caller could read a resource by moving it to their own home.
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
            let (overwrite, require) =
                (header::overwrite(call.headers())?, conditions::of(call, &collection, &place.name)?);
            if operation == Operation::Move {
                stays_where_it_is_shared(call, &collection, &target)?;
            }
            let from = MemberSource { home, collection: &collection, member: &member };
            if let Some(Resource::Collection { .. }) = target.replaced {
                require.check_tags(Some(&member.etag), member.schedule_tag.as_deref()).map_err(Error::from)?;
                target.clear(call).await?;
            }
            if collection.shared_as.is_some() {
                require.check_tags(Some(&member.etag), member.schedule_tag.as_deref()).map_err(Error::from)?;
            }
            let require = conditions::as_of_owner(call, &collection, &place, require)?;
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

/// Checks that a sharee does not move an object out of a shared calendar (caldav-sharing §5.5.5),
/// neither by the owner's path nor by the sharee's path.
fn stays_where_it_is_shared(call: &Call, from: &Collection, target: &Target) -> Result<(), Refusal> {
    let is_sharees = || -> Result<bool, Refusal> {
        let offered = call.models().offered(ShareId::derive(from.id, call.person.id))?;
        Ok(from.shared_as.is_some() || offered.is_some_and(|offered| offered.accepted().is_some()))
    };
    if from.id != target.collection.id && is_sharees()? {
        return Err(Refusal::forbidden(
            "a sharee can copy objects of a shared calendar, but not move them to another collection",
        ));
    }
    Ok(())
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
