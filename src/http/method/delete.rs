//! `DELETE` of an object, a file, an inbox item or a collection (RFC 4918 §9.6, RFC 6638 §3.2).

use actix_web::{HttpResponse, http::StatusCode};
use dav::Privilege;
use schemas::object::Place;
use service::{Delete, ScheduleReply};

use super::{conditions, options, transfer};
use crate::{access, answer, call::Call, header::Depth, no::No, node::Found};

/// RFC 6638 §8.1.
const SCHEDULE_REPLY: &str = "Schedule-Reply";

pub(crate) async fn delete(call: &Call) -> Result<HttpResponse, No> {
    if call.path.above().is_none() {
        access::found(call, Privilege::Read)?;
        return Err(No::MethodNotAllowed(options::allowed(&call.path)));
    }
    let found = access::removable(call)?;
    if let Found::Collection { .. } = found {
        conditions::hold(call, &found)?;
    }
    match found {
        Found::Member { owner, collection, member } if collection.kind.holds_anything() => {
            let place = Place { collection: collection.id, name: member.name };
            let require = conditions::of(call, &place)?;
            transfer::remove(call, owner, &collection, place.name, require).await?;
        }
        Found::Member { owner: home, collection, member } => {
            let place = Place { collection: collection.id, name: member.name };
            let require = conditions::of(call, &place)?;
            let delete = Delete { home, place, require, reply: reply(call)? };
            call.service().delete(&call.stamp(home), delete).await?;
        }
        Found::Collection { owner: home, collection } => {
            // RFC 4918 §9.6.1: a collection goes with everything in it.
            if Depth::of(call.headers(), Depth::Infinity)? != Depth::Infinity {
                return Err(No::bad_header("the Depth of DELETE on a collection is infinity"));
            }
            call.service().delete_collection(&call.stamp(home), home, collection.id).await?;
        }
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) | Found::Home { .. } => {
            return Err(No::MethodNotAllowed(options::allowed(&call.path)));
        }
    }
    Ok(answer::empty(StatusCode::NO_CONTENT))
}

/// Whether a declining attendee's removal is told to the organizer.
fn reply(call: &Call) -> Result<ScheduleReply, No> {
    match call.header(SCHEDULE_REPLY).map(str::trim) {
        None | Some("T" | "t") => Ok(ScheduleReply::Send),
        Some("F" | "f") => Ok(ScheduleReply::Suppress),
        Some(_) => Err(No::bad_header("Schedule-Reply is T or F")),
    }
}
