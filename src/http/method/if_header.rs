//! Evaluates the `If` header (RFC 4918 §10.4).
//!
//! This server has no locks, so a lock token never matches. Entity tags and sync tokens (RFC 6578
//! §5) can match. The header is evaluated before the method starts. If it has an entity tag for the
//! calendar object or file that is written, and the request has no `If-Match`, the write then
//! requires the entity tag that the evaluation found (see `conditions::of`). Some writes of a
//! collection evaluate the header again (see `conditions::Again`).

use actix_web::http::{StatusCode, header::HeaderMap};
use dav::Privilege;

use crate::{
    call::Call,
    header::{self, State, StateList},
    property::{self, Context},
    refusal::Refusal,
    resource::{Access, Path, ResourceView, privileges, representation, sync_token},
};

/// Returns an error (412) if the request has an `If` header and none of its lists is true.
pub(super) fn check(call: &Call) -> Result<(), Refusal> {
    evaluate(call.headers(), &Request { path: &call.path, access: call.access(), context: Context::of(call) })
}

/// The parts of a request that the evaluation of its `If` header needs.
#[derive(Clone, Copy)]
pub(super) struct Request<'a> {
    pub path: &'a Path,
    pub access: Access<'a>,
    pub context: Context<'a>,
}

/// Returns an error (412) if `headers` contain an `If` header and none of its lists is true.
pub(super) fn evaluate(headers: &HeaderMap, request: &Request<'_>) -> Result<(), Refusal> {
    let lists = header::state_lists(headers)?;
    if lists.is_empty() {
        return Ok(());
    }
    for list in &lists {
        if holds(request, list)? {
            return Ok(());
        }
    }
    Err(Refusal::status(StatusCode::PRECONDITION_FAILED, "no list of the If header is true; read the resource again"))
}

/// Returns true if the `If` header contains an entity tag for the requested resource.
pub(super) fn names_etag_of_target(call: &Call) -> Result<bool, Refusal> {
    let is_tagged = |list: &StateList| list.conditions.iter().any(|it| matches!(it.state, State::Etag(_)));
    let is_itself = |list: &StateList| match &list.resource {
        None => true,
        Some(resource) => Path::of_href(resource).is_some_and(|path| path == call.path),
    };
    Ok(header::state_lists(call.headers())?.iter().any(|list| is_tagged(list) && is_itself(list)))
}

fn holds(request: &Request<'_>, list: &StateList) -> Result<bool, Refusal> {
    let states = match &list.resource {
        None => states(request, request.path)?,
        Some(resource) => match Path::of_href(resource) {
            Some(path) => states(request, &path)?,
            None => vec![],
        },
    };
    Ok(list.conditions.iter().all(|condition| states.contains(&condition.state) != condition.negated))
}

/// Returns the current entity tag of the resource at `path`, and for a collection also its sync
/// token. Empty if the resource does not exist or the caller may not read it.
fn states(request: &Request<'_>, path: &Path) -> Result<Vec<State>, Refusal> {
    let Request { access: Access { person, lookup }, context, .. } = request;
    let Some(found) = lookup.at(path)? else { return Ok(vec![]) };
    let resource = lookup.view(&found)?;
    if !privileges::allows(person, &resource, Privilege::Read) {
        return Ok(vec![]);
    }
    let restores = context.service.restores();
    let mut states = vec![State::Etag(representation::etag(&resource, restores).into_owned())];
    match resource {
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => {
            let changed = property::changed(context, collection)?;
            states.push(State::Token(sync_token::of(collection, changed, restores)));
        }
        ResourceView::Root
        | ResourceView::Principals
        | ResourceView::Homes
        | ResourceView::Principal(_)
        | ResourceView::Delegates { .. }
        | ResourceView::Member { .. } => {}
    }
    Ok(states)
}
