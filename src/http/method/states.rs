//! Whether what `If` says of resources is so (RFC 4918 §10.4).
//!
//! No lock is ever held here, so that no lock token matches; entity tags do, and sync tokens (RFC 6578 §5). It is looked up
//! before the method begins; a write then requires the state that was looked at (`conditions`).

use actix_web::http::StatusCode;
use dav::{Privilege, href::Href};

use crate::{
    access, answer,
    call::Call,
    header::{self, State, StateList},
    no::No,
    node::{self, Node},
    path::Path,
    report::sync_token,
};

pub(super) fn hold(call: &Call) -> Result<(), No> {
    let lists = header::state_lists(call.headers())?;
    if lists.is_empty() {
        return Ok(());
    }
    for list in &lists {
        if holds(call, list)? {
            return Ok(());
        }
    }
    Err(No::plain(StatusCode::PRECONDITION_FAILED, "none of the states in `If` is so"))
}

/// Whether the entity tag of the request's own resource is spoken of.
pub(super) fn speak_of_itself(call: &Call) -> Result<bool, No> {
    let is_tagged = |list: &StateList| list.conditions.iter().any(|it| matches!(it.state, State::Etag(_)));
    let is_itself = |list: &StateList| match &list.resource {
        None => true,
        Some(resource) => path(resource).is_some_and(|path| path == call.path),
    };
    Ok(header::state_lists(call.headers())?.iter().any(|list| is_tagged(list) && is_itself(list)))
}

fn path(resource: &str) -> Option<Path> {
    Href::parse(resource).ok().and_then(|href| Path::of(href.path))
}

fn holds(call: &Call, list: &StateList) -> Result<bool, No> {
    let states = match &list.resource {
        None => states(call, &call.path)?,
        Some(resource) => match path(resource) {
            Some(path) => states(call, &path)?,
            None => vec![],
        },
    };
    Ok(list.conditions.iter().all(|condition| states.contains(&condition.state) != condition.negated))
}

/// What is so of a resource; nothing of one that is not there, or that the person may not read.
fn states(call: &Call, path: &Path) -> Result<Vec<State>, No> {
    let Some(found) = node::look(call, path)? else { return Ok(vec![]) };
    let node = access::lent(call, &found)?;
    if !access::may(&call.person, &node, Privilege::Read) {
        return Ok(vec![]);
    }
    let mut states = vec![State::Etag(answer::etag(&node).into_owned())];
    match node {
        Node::Home { home: collection, .. } | Node::Collection { collection, .. } => {
            let changed = call.models().changed_below(collection.home, &collection.name)?;
            states.push(State::Token(sync_token(changed)));
        }
        Node::Root | Node::Principals | Node::Homes | Node::Principal(_) | Node::Member { .. } => {}
    }
    Ok(states)
}
