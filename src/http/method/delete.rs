//! `DELETE` of a calendar object, a file, a scheduling message or a collection (RFC 4918 §9.6, RFC
//! 6638 §3.2).

use actix_web::{HttpResponse, http::StatusCode};
use dav::Privilege;
use schemas::object::Place;
use service::Delete;

use super::table::not_allowed;
use super::{conditions, notices, transfer};
use crate::{
    call::Call,
    header::{self, Depth},
    refusal::Refusal,
    resource::Resource,
    response,
};

pub(crate) async fn delete(call: &Call) -> Result<HttpResponse, Refusal> {
    if call.path.parent().is_none() {
        call.access().resource(&call.path, Privilege::Read)?;
        return Err(not_allowed(call, &call.path));
    }
    let found = call.access().removable(&call.path)?;
    if let Resource::Collection { .. } = found {
        conditions::check(call, &found)?;
    }
    let reply = header::schedule_reply(call.headers())?;
    match found {
        Resource::Member { owner, collection, member } if collection.kind.holds_anything() => {
            let place = Place { collection: collection.id, name: member.name };
            let require = conditions::of(call, &collection, &place.name)?;
            transfer::remove(call, owner, &collection, place.name, (require, reply)).await?;
        }
        Resource::Member { owner: home, collection, member } => {
            let place = Place { collection: collection.id, name: member.name };
            let require = conditions::of(call, &collection, &place.name)?;
            let require = conditions::as_of_owner(call, &collection, &place, require)?;
            let delete = Delete { home, place, require, reply };
            transfer::remove_object(call, delete).await?;
        }
        Resource::Collection { owner: home, collection } => {
            // RFC 4918 §9.6.1: a collection is deleted with all its members.
            if Depth::of(call.headers(), Depth::Infinity)? != Depth::Infinity {
                return Err(Refusal::bad_request("the Depth of DELETE on a collection must be infinity"));
            }
            notices::keep_collection(&collection)?;
            transfer::remove_collection(call, home, &collection, (reply, conditions::Again::of(call))).await?;
        }
        Resource::Root
        | Resource::Principals
        | Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Home { .. } => {
            return Err(not_allowed(call, &call.path));
        }
    }
    Ok(response::empty(StatusCode::NO_CONTENT))
}
