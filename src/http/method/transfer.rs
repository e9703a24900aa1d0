//! `COPY` and `MOVE` (RFC 4918 §9.8, §9.9): objects and files, and collections within their home by `MOVE`.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{HeaderValue, LOCATION},
    },
};
use dav::Privilege;
use projections::{Collection, Member};
use schemas::{PrincipalId, collection::CollectionKind, object::Place};
use service::{Overwrite, Transfer, Written};

use super::{
    carry::{Source, carry},
    options, put,
};
use crate::{
    access, answer,
    call::Call,
    header,
    no::No,
    node::{self, Found},
    path::Path,
};

/// What `COPY` needs on the object it overwrites (RFC 3744 appendix B).
const OVERWRITTEN: &[Privilege] = &[Privilege::WriteContent, Privilege::WriteProperties];

pub(crate) async fn copy(call: &Call) -> Result<HttpResponse, No> {
    match access::found(call, Privilege::Read)? {
        Found::Member { owner, collection, member } => {
            let to = destination(call, &collection)?;
            let target = put::target(call, &to, OVERWRITTEN)?;
            if is_carried(&collection, &target.1) {
                let (home, target) = (target.0, &target.1);
                return carry(call, (owner, &collection, &member), &to, (home, target), Source::Stays).await;
            }
            let transfer = transfer(call, owner, &collection, &member, &to, target)?;
            let stamp = call.stamp(transfer.to_home);
            let written = call.service().copy(&stamp, transfer).await?;
            Ok(done(&written, &to))
        }
        Found::Root
        | Found::Principals
        | Found::Homes
        | Found::Principal(_)
        | Found::Home { .. }
        | Found::Collection { .. } => Err(No::MethodNotAllowed(options::allowed(&call.path))),
    }
}

pub(crate) async fn relocate(call: &Call) -> Result<HttpResponse, No> {
    // RFC 3744 appendix B asks for `unbind` alone; but who moves it to a place of his own reads it there.
    match access::found(call, Privilege::Read)? {
        Found::Member { owner, collection, member } => {
            access::above(call, &call.path, Privilege::Unbind)?;
            let to = destination(call, &collection)?;
            // RFC 3744 appendix B: the members change, those overwritten go.
            let target = access::above(call, &to, Privilege::Bind)?;
            if node::look(call, &to)?.is_some() {
                access::above(call, &to, Privilege::Unbind)?;
            }
            let target = put::keeping(target)?;
            if is_carried(&collection, &target.1) {
                let (home, target) = (target.0, &target.1);
                return carry(call, (owner, &collection, &member), &to, (home, target), Source::Goes).await;
            }
            let transfer = transfer(call, owner, &collection, &member, &to, target)?;
            let mut stamp = call.stamp(owner);
            // Both homes may have something to tell.
            stamp.sending = stamp.sending.and(access::sending(call, transfer.to_home));
            let written = call.service().relocate(&stamp, transfer).await?;
            Ok(done(&written, &to))
        }
        Found::Collection { owner, collection } => rename(call, owner, &collection).await,
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) | Found::Home { .. } => {
            Err(No::MethodNotAllowed(options::allowed(&call.path)))
        }
    }
}

/// Whether one of the two is no calendar.
fn is_carried(from: &Collection, to: &Collection) -> bool {
    [from, to].iter().any(|collection| collection.kind == CollectionKind::Plain)
}

/// Where an object or a file of the collection is to go.
fn destination(call: &Call, collection: &Collection) -> Result<Path, No> {
    let to = header::destination(call.headers())?;
    if to == call.path {
        // RFC 4918 §9.8.5
        return Err(No::forbidden("source and Destination are the same resource"));
    }
    match collection.kind {
        CollectionKind::Calendar | CollectionKind::Plain => {}
        CollectionKind::Home | CollectionKind::Inbox | CollectionKind::Outbox => {
            return Err(No::forbidden("scheduling messages are not calendar objects"));
        }
    }
    Ok(to)
}

fn transfer(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    member: &Member,
    to: &Path,
    (to_home, target): (PrincipalId, Box<Collection>),
) -> Result<Transfer, No> {
    let Path::Object { name, .. } = to else { return Err(No::forbidden("an object goes into a calendar")) };
    Ok(Transfer {
        home,
        from: Place { collection: collection.id, name: member.name.clone() },
        to_home,
        to: Place { collection: target.id, name: name.clone() },
        overwrite: header::overwrite(call.headers())?,
        require: header::require(call.headers())?,
    })
}

/// `MOVE` of a calendar: it keeps its identity, its objects and its tokens.
async fn rename(call: &Call, home: PrincipalId, collection: &Collection) -> Result<HttpResponse, No> {
    access::above(call, &call.path, Privilege::Unbind)?;
    access::above(call, &call.path, Privilege::Bind)?;
    let to = header::destination(call.headers())?;
    let (Path::Collection { owner, collection: name }, Some(from)) = (&to, call.path.owner()) else {
        return Err(No::forbidden("a calendar lies directly in a home"));
    };
    if owner != from {
        return Err(No::forbidden("a calendar stays in its home"));
    }
    if to == call.path {
        return Err(No::forbidden("source and Destination are the same resource"));
    }
    let stamp = call.stamp(home);
    let replaced = match node::look(call, &to)? {
        Some(Found::Collection { collection: there, .. }) => {
            if header::overwrite(call.headers())? == Overwrite::Forbidden {
                return Err(No::plain(StatusCode::PRECONDITION_FAILED, "there is a calendar at the Destination"));
            }
            // RFC 4918 §9.9.3: as if it had been deleted before.
            call.service().delete_collection(&stamp, home, there.id).await?;
            true
        }
        _ => false,
    };
    // An act of its own: the removal above was another.
    let stamp = call.stamp(home);
    call.service().rename_collection(&stamp, collection.id, name.clone()).await?;
    Ok(answer::empty(if replaced { StatusCode::NO_CONTENT } else { StatusCode::CREATED }))
}

pub(super) fn done(written: &Written, to: &Path) -> HttpResponse {
    let mut response = put::answer(written);
    if written.created
        && let Ok(location) = HeaderValue::from_str(&to.href())
    {
        response.headers_mut().insert(LOCATION, location);
    }
    response
}
