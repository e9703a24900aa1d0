//! Evaluates the `If` header (RFC 4918 §10.4).
//!
//! This server has no locks, so a lock token never matches. Entity tags and sync tokens (RFC 6578
//! §5) can match. The header is evaluated before the method starts. A write of a calendar object or
//! file then requires the state that the evaluation found (see `conditions::of`).

use actix_web::http::StatusCode;
use dav::Privilege;

use crate::{
    call::Call,
    header::{self, State, StateList},
    property::{self, Context},
    refusal::Refusal,
    resource::{Path, ResourceView, privileges, representation, sync_token},
};

/// Returns an error (412) if the request has an `If` header and none of its lists is true.
pub(super) fn check(call: &Call) -> Result<(), Refusal> {
    let lists = header::state_lists(call.headers())?;
    if lists.is_empty() {
        return Ok(());
    }
    for list in &lists {
        if holds(call, list)? {
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

fn holds(call: &Call, list: &StateList) -> Result<bool, Refusal> {
    let states = match &list.resource {
        None => states(call, &call.path)?,
        Some(resource) => match Path::of_href(resource) {
            Some(path) => states(call, &path)?,
            None => vec![],
        },
    };
    Ok(list.conditions.iter().all(|condition| states.contains(&condition.state) != condition.negated))
}

/// Returns the current entity tag of the resource at `path`, and for a collection also its sync
/// token. Empty if the resource does not exist or the caller may not read it.
fn states(call: &Call, path: &Path) -> Result<Vec<State>, Refusal> {
    let Some(found) = call.lookup().at(path)? else { return Ok(vec![]) };
    let resource = call.view(&found)?;
    if !privileges::allows(&call.person, &resource, Privilege::Read) {
        return Ok(vec![]);
    }
    let mut states = vec![State::Etag(representation::etag(&resource, call.service().restores()).into_owned())];
    match resource {
        ResourceView::Home { home: collection, .. } | ResourceView::Collection { collection, .. } => {
            let changed = property::changed(&Context::of(call), collection)?;
            states.push(State::Token(sync_token::of(collection, changed, call.service().restores())));
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
