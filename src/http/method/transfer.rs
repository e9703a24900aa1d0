//! `COPY` and `MOVE` (RFC 4918 §9.8, §9.9): what is asked for, where it goes, and what is in its way there.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, LOCATION},
    },
};
use dav::{Condition, Privilege};
use projections::Collection;
use schemas::{PrincipalId, collection::CollectionKind, object::Place};
use service::{Delete, Error, Overwrite, Require, ScheduleReply, Written};

use super::{
    carry::{self, Carried},
    conditions, options, put, tree,
};
use crate::{
    access, answer,
    call::Call,
    header,
    no::No,
    node::{self, Found},
    path::Path,
};

/// Whether the source stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Stays,
    Goes,
}

/// What `COPY` needs on the object it overwrites (RFC 3744 appendix B).
const OVERWRITTEN: [Privilege; 2] = [Privilege::WriteContent, Privilege::WriteProperties];

pub(crate) async fn copy(call: &Call) -> Result<HttpResponse, No> {
    transfer(call, access::found(call, Privilege::Read)?, Source::Stays).await
}

pub(crate) async fn relocate(call: &Call) -> Result<HttpResponse, No> {
    // RFC 3744 appendix B asks for `unbind` alone; but who moves it to a place of his own reads it there.
    let found = access::found(call, Privilege::Read)?;
    if call.path.above().is_some() {
        access::above(call, &call.path, Privilege::Unbind)?;
    }
    transfer(call, found, Source::Goes).await
}

async fn transfer(call: &Call, found: Found, source: Source) -> Result<HttpResponse, No> {
    match found {
        Found::Member { owner: home, collection, member } => {
            let to = destination(call)?;
            is_portable(collection.kind)?;
            let target = Target::of(call, &to, source, Shape::Member)?;
            let place = Place { collection: collection.id, name: member.name.clone() };
            let (overwrite, require) = (header::overwrite(call.headers())?, conditions::of(call, &place)?);
            let from = Carried { home, collection: &collection, member: &member };
            if let Some(Found::Collection { .. }) = target.replaced {
                require.check_tags(Some(&member.etag), member.schedule_tag.as_deref()).map_err(Error::from)?;
                target.clear(call).await?;
            }
            let written = carry::carry(call, from, &to, &target, source, (overwrite, require)).await?;
            Ok(done(&written, &to, target.replaced.is_some()))
        }
        Found::Collection { .. } => tree::transfer(call, &found, source).await,
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) | Found::Home { .. } => {
            Err(No::MethodNotAllowed(options::allowed(&call.path)))
        }
    }
}

/// Where it is to go: not to itself, nor into itself, nor over what it lies in.
pub(super) fn destination(call: &Call) -> Result<Path, No> {
    let to = header::destination(call.headers())?;
    if to == call.path {
        // RFC 4918 §9.8.5
        return Err(No::forbidden("source and Destination are the same resource"));
    }
    if to.is_below(&call.path) || call.path.is_below(&to) {
        return Err(No::forbidden("one of source and Destination lies in the other"));
    }
    Ok(to)
}

fn is_portable(kind: CollectionKind) -> Result<(), No> {
    match kind {
        CollectionKind::Home | CollectionKind::Calendar | CollectionKind::Plain => Ok(()),
        CollectionKind::Inbox | CollectionKind::Outbox => {
            Err(No::forbidden("scheduling messages are not calendar objects"))
        }
    }
}

/// What is to come to a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Member,
    Plain,
    Calendar,
}

/// The place something goes to.
#[derive(Debug)]
pub(super) struct Target {
    pub home: PrincipalId,
    /// What it comes to lie in.
    pub collection: Box<Collection>,
    /// What is in its way.
    pub replaced: Option<Found>,
}

impl Target {
    /// The place at a path, if the person may put something there.
    pub(super) fn of(call: &Call, to: &Path, source: Source, shape: Shape) -> Result<Self, No> {
        let replaced = node::look(call, to)?;
        let (home, collection) = match &replaced {
            // RFC 3744 appendix B: a copy changes what is there.
            Some(found @ Found::Member { owner, collection, .. })
                if (source, shape) == (Source::Stays, Shape::Member) =>
            {
                access::changeable(call, to, found, &OVERWRITTEN)?;
                (*owner, collection.clone())
            }
            // The members change, and those overwritten go.
            found => {
                let above = access::above(call, to, Privilege::Bind)?;
                if found.is_some() {
                    access::above(call, to, Privilege::Unbind)?;
                }
                above
            }
        };
        let (home, collection) = match shape {
            Shape::Member => put::keeping((home, collection))?,
            Shape::Plain | Shape::Calendar if collection.kind.holds_anything() => (home, collection),
            // RFC 4791 §5.3.2.1
            Shape::Plain | Shape::Calendar => {
                let why = "collections lie in a home or in a plain collection";
                return Err(No::unmet(Condition::CalendarCollectionLocationOk, why));
            }
        };
        // RFC 4918 §10.6
        if replaced.is_some() && header::overwrite(call.headers())? == Overwrite::Forbidden {
            return Err(No::plain(StatusCode::PRECONDITION_FAILED, "there is a resource at the Destination"));
        }
        Ok(Self { home, collection, replaced })
    }

    /// Removes what is in the way, as by a `DELETE` (RFC 4918 §9.8.4).
    pub(super) async fn clear(&self, call: &Call) -> Result<(), No> {
        // An act of its own.
        let (stamp, home) = (call.stamp(self.home), self.home);
        match &self.replaced {
            Some(Found::Collection { collection, .. }) => {
                call.service().delete_collection(&stamp, home, collection.id).await?;
            }
            Some(Found::Member { collection, member, .. }) => {
                remove(call, home, collection, member.name.clone(), Require::default()).await?;
            }
            Some(Found::Root | Found::Principals | Found::Homes | Found::Principal(_) | Found::Home { .. }) => {
                return Err(No::forbidden("what is at the Destination cannot be replaced"));
            }
            None => {}
        }
        Ok(())
    }
}

/// Removes a file or an object.
pub(super) async fn remove(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    name: String,
    require: Require,
) -> Result<(), No> {
    let place = Place { collection: collection.id, name };
    if collection.kind.holds_anything() {
        return Ok(call.service().delete_file(&call.stamp(home), home, place, require).await?);
    }
    let delete = Delete { home, place, require, reply: ScheduleReply::Send };
    Ok(call.service().delete(&call.stamp(home), delete).await?)
}

/// RFC 4918 §9.8.5: 201 where there was nothing, 204 where something was.
pub(super) fn finished(replaced: bool) -> StatusCode {
    if replaced { StatusCode::NO_CONTENT } else { StatusCode::CREATED }
}

fn done(written: &Written, to: &Path, replaced: bool) -> HttpResponse {
    let mut response = put::answer(written);
    *response.status_mut() = finished(replaced);
    if !replaced && let Ok(location) = HeaderValue::from_str(&to.member_href()) {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}

pub(super) fn collection_done(replaced: bool) -> HttpResponse {
    answer::empty(finished(replaced))
}
