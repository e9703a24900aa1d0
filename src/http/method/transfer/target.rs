//! The destination of a `COPY` or `MOVE`, and the resource that it replaces.

use std::sync::Arc;

use actix_web::http::StatusCode;
use dav::{Condition, Privilege};
use projections::Collection;
use schemas::{PrincipalId, object::Place};
use service::{Delete, Error, Overwrite, Require, ScheduleReply, Service, sharing::Reply};

use super::super::{
    conditions::Again,
    mkcol::HOLDS_NO_COLLECTION,
    notices::{self, Notices},
    put,
};
use crate::{
    call::Call,
    header::{self, Destination},
    refusal::Refusal,
    resource::{Path, Resource},
};

/// The method of the request: COPY or MOVE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Copy,
    Move,
}

/// Privileges that `COPY` needs on an existing resource that it overwrites (RFC 3744 appendix B).
const OVERWRITTEN: [Privilege; 2] = [Privilege::WriteContent, Privilege::WriteProperties];

/// Returns the path of the `Destination`. `Err` if the header is missing or malformed, if no
/// resource can exist at the path or it is on another server, if it is the source itself, or if one
/// of source and destination contains the other.
pub(super) fn destination(call: &Call) -> Result<Path, Refusal> {
    let path = match header::destination(call.headers())? {
        Destination::Here(path) => path,
        // RFC 4918 §9.8.5: this server does not copy to other servers.
        Destination::AnotherServer => {
            return Err(Refusal::status(
                StatusCode::BAD_GATEWAY,
                "the Destination names another host than the request, and this server copies and moves only within itself",
            ));
        }
    };
    let to = Path::of(path).ok_or_else(|| {
        Refusal::conflict("no resource can exist at the path of the Destination; choose a path below /calendars/")
    })?;
    if to == call.path {
        // RFC 4918 §9.8.5: 403 if the source and the destination are the same resource.
        return Err(Refusal::forbidden("the source and the Destination are the same resource"));
    }
    if to.is_below(&call.path) || call.path.is_below(&to) {
        return Err(Refusal::forbidden("the source and the Destination must not contain each other"));
    }
    Ok(to)
}

/// The kind of resource that the request creates at its destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Member,
    Plain,
    Calendar,
}

/// The destination of a request: the parent collection, and the resource to replace.
#[derive(Debug)]
pub(super) struct Target {
    pub home: PrincipalId,
    /// The parent collection of the destination.
    pub collection: Box<Collection>,
    /// The resource that already exists at the destination; `None` if there is none.
    pub replaced: Option<Resource>,
    /// The choice whether organizers get replies for attendees' copies that the request removes
    /// (RFC 6638 §8.1).
    pub reply: ScheduleReply,
}

impl Target {
    /// Returns the destination at the path `to`. `Err` if the caller may not create or replace the
    /// resource there, if its parent collection does not exist or cannot contain it, or if
    /// `Overwrite: F` forbids to replace it.
    pub(super) fn of(call: &Call, to: &Path, operation: Operation, shape: Shape) -> Result<Self, Refusal> {
        let replaced = call.lookup().at(to)?;
        if let Some(Resource::Collection { collection, .. }) = &replaced {
            notices::keep_collection(collection)?;
        }
        let (home, collection) = match &replaced {
            // RFC 3744 appendix B: COPY of a member overwrites the content of an existing member.
            Some(found @ Resource::Member { owner, collection, .. })
                if (operation, shape) == (Operation::Copy, Shape::Member) =>
            {
                call.access().check_replaceable(to, found, &OVERWRITTEN)?;
                (*owner, collection.clone())
            }
            // In all other cases, the parent collection gains a member, and loses the one that is
            // replaced.
            found => {
                let above = call.access().parent(to, Privilege::Bind)?;
                if found.is_some() {
                    call.access().parent(to, Privilege::Unbind)?;
                }
                above
            }
        };
        let (home, collection) = match shape {
            Shape::Member => put::storable_in((home, collection))?,
            Shape::Plain | Shape::Calendar if collection.kind.holds_anything() => (home, collection),
            // RFC 4791 §5.3.2.1: the destination of a calendar must be a place where calendars can
            // be created. The same rule is applied to plain collections.
            Shape::Plain | Shape::Calendar => {
                return Err(Refusal::condition(Condition::CalendarCollectionLocationOk, HOLDS_NO_COLLECTION));
            }
        };
        // RFC 4918 §10.6: with `Overwrite: F`, the destination must not exist.
        if replaced.is_some() && header::overwrite(call.headers())? == Overwrite::Forbidden {
            return Err(Refusal::status(
                StatusCode::PRECONDITION_FAILED,
                "a resource exists at the Destination, and Overwrite is F",
            ));
        }
        Ok(Self { home, collection, replaced, reply: header::schedule_reply(call.headers())? })
    }

    /// Removes the resource that the request replaces, as by `DELETE` (RFC 4918 §9.8.4).
    pub(super) async fn clear(&self, call: &Call) -> Result<(), Refusal> {
        let home = self.home;
        match &self.replaced {
            Some(Resource::Collection { collection, .. }) => {
                remove_collection(call, home, collection, (self.reply, Again::NONE)).await?;
            }
            Some(Resource::Member { collection, member, .. }) => {
                remove(call, home, collection, member.name.clone(), (Require::default(), self.reply)).await?;
            }
            Some(
                Resource::Root
                | Resource::Principals
                | Resource::Homes
                | Resource::Principal(_)
                | Resource::Delegates(..)
                | Resource::Home { .. },
            ) => {
                return Err(Refusal::forbidden(
                    "homes, principals and the collections above them cannot be replaced; choose another Destination",
                ));
            }
            None => {}
        }
        Ok(())
    }
}

/// Removes a file or a calendar object.
pub(in crate::method) async fn remove(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    name: String,
    (require, reply): (Require, ScheduleReply),
) -> Result<(), Refusal> {
    let place = Place { collection: collection.id, name };
    if collection.kind.holds_anything() {
        return Ok(call.service().delete_file(&call.stamp(home), home, place, require).await?);
    }
    Ok(remove_object(call, Delete { home, place, require, reply }).await?)
}

/// Removes a calendar object, and sends its scheduling messages.
pub(in crate::method) async fn remove_object(call: &Call, delete: Delete) -> Result<(), Error> {
    let stamp = call.stamp(delete.home);
    let bytes = put::size_at(call, &delete.place)?;
    call.command(Some(bytes), move |service| async move { service.delete(&stamp, delete).await }).await
}

/// Removes a collection with all its members. For a shared calendar in a sharee's home, the sharee
/// declines the share; the calendar remains in its owner's home (caldav-sharing §5.4.2).
pub(in crate::method) async fn remove_collection(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    (reply, again): (ScheduleReply, Again),
) -> Result<(), Error> {
    if let Some(shared) = collection.shared_as.as_deref() {
        let (stamp, sharee) = (call.stamp(shared.sharee), shared.sharee);
        let reply = Reply { share: shared.id, invitation: None, summary: String::new() };
        call.service().decline_share(&stamp, sharee, reply, &|| again.hold()).await?;
        if let Some(offered) = call.models().offered(shared.id)? {
            Notices::of(call, sharee).answered(&offered).await;
        }
        return Ok(());
    }
    let (stamp, collection) = (call.stamp(home), collection.id);
    let delete = async move |service: Arc<Service>| {
        service.delete_collection(&stamp, home, collection, reply, &|| again.hold()).await
    };
    call.command(None, delete).await
}

/// Returns 204 if the request replaced a resource, and 201 if it created one (RFC 4918 §9.8.5).
pub(super) fn finished(replaced: bool) -> StatusCode {
    if replaced { StatusCode::NO_CONTENT } else { StatusCode::CREATED }
}
