//! `DAV:sync-collection` (RFC 6578 §3.2): what changed since a token.
//!
//! A token is a journal position: it survives restarts and rebuilds and never expires.

use actix_web::HttpResponse;
use dav::{
    Condition, Status,
    request::{SyncCollection, SyncLevel, Wanted},
};
use projections::Snapshot;
use schemas::Position;

use super::sync_tree;
use crate::{
    answer,
    call::Call,
    header::Depth,
    listing::{Listing, Shelf},
    no::No,
    node::Found,
    stream::{self, Outlet},
};

/// RFC 6578 §4: a token is a URI.
const TOKEN: &str = "data:,";

pub(crate) fn token(position: Position) -> String {
    format!("{TOKEN}{position}")
}

fn position(token: &str) -> Option<Position> {
    token.strip_prefix(TOKEN)?.parse().ok().map(Position)
}

pub(super) async fn answer(call: &Call, found: Found, sync: SyncCollection) -> Result<HttpResponse, No> {
    let level = level(call, sync.level)?;
    let (owner, collection) = match found {
        Found::Home { owner, home } => (owner, home),
        Found::Collection { owner, collection } => (owner, collection),
        Found::Root | Found::Principals | Found::Homes | Found::Principal(_) | Found::Member { .. } => {
            return Err(No::NotFound);
        }
    };
    let since = match &sync.token {
        None => None,
        Some(token) => Some(valid(token, collection.born, known(call, token).await?)?),
    };
    if collection.kind.holds_anything() {
        return sync_tree::answer(call, owner, *collection, level, since, sync).await;
    }
    // Calendars and inboxes have members directly below only, so that both levels are the same.
    let shelf = Shelf::of(&call.person, owner, *collection)?;
    let listing = Listing::of(call, Wanted::Prop(sync.wanted))?;
    let limit = sync.limit;
    stream::answer(answer::multistatus(), move |outlet| match (since, limit) {
        (None, None) => everything(&listing, &shelf, outlet),
        (since, limit) => changes(&listing, &shelf, since, limit, outlet),
    })
    .await
}

/// RFC 6578 §3.3
fn level(call: &Call, level: Option<SyncLevel>) -> Result<SyncLevel, No> {
    // Clients of the drafts say it by the header; §3.2 has that header say `0`, but clients that know both send either.
    match (level, Depth::of(call.headers(), Depth::Zero)?) {
        (Some(level), _) => Ok(level),
        (None, Depth::One) => Ok(SyncLevel::One),
        (None, Depth::Infinity) => Ok(SyncLevel::Infinite),
        (None, Depth::Zero) => Err(No::bad_request("sync-collection needs a sync-level")),
    }
}

/// How far the read models have come: at least to where a genuine token was given out. One of them may be ahead of the
/// others for a moment, and its tokens with it; whoever comes back that soon is not told that they are none.
async fn known(call: &Call, token: &str) -> Result<Position, No> {
    if position(token).is_some_and(|position| position > call.models().position()) {
        call.service().ready().await?;
    }
    Ok(call.models().position())
}

/// A token speaks of this collection, and not of the future.
fn valid(token: &str, born: Position, now: Position) -> Result<Position, No> {
    let position = position(token).filter(|position| (born..=now).contains(position));
    position.ok_or_else(|| No::unmet(Condition::ValidSyncToken, "this token was not given out for this collection"))
}

/// RFC 6578 §3.4: a client that has nothing gets all there is.
fn everything(listing: &Listing, shelf: &Shelf, outlet: &Outlet) -> Result<String, No> {
    let snapshot = listing.snapshot()?;
    let id = shelf.collection.id;
    let up_to = snapshot.collection_by_id(id)?.ok_or(No::NotFound)?.changed;
    let mut writing = listing.begin();
    if writing.wants_bodies() {
        snapshot.members_with_bodies(id, |member, body| {
            writing.member(shelf, &member, Some(body));
            writing.pass(outlet)
        })?;
    } else {
        snapshot.members(id, |member| {
            writing.member(shelf, &member, None);
            writing.pass(outlet)
        })?;
    }
    writing.out.sync_token(&token(up_to));
    Ok(writing.out.finish())
}

fn changes(
    listing: &Listing,
    shelf: &Shelf,
    since: Option<Position>,
    limit: Option<usize>,
    outlet: &Outlet,
) -> Result<String, No> {
    let snapshot: Snapshot = listing.snapshot()?;
    let id = shelf.collection.id;
    let changes = snapshot.changes(id, since.unwrap_or(Position::START), limit.unwrap_or(usize::MAX))?;
    let mut writing = listing.begin();
    for member in &changes.changed {
        if !writing.shows(shelf, member) {
            // It may have been shown before its own list came to say otherwise.
            if since.is_some() {
                writing.out.status(&shelf.member(&member.name), Status::NOT_FOUND);
            }
            continue;
        }
        let body = if writing.wants_bodies() { snapshot.member_with_body(id, &member.name)? } else { None };
        writing.member(shelf, member, body.as_ref().map(|(_, body)| body.as_str()));
        writing.pass(outlet)?;
    }
    // Who has nothing yet need not be told what is gone.
    let removed = changes.removed.iter().filter(|_| since.is_some());
    for name in removed {
        writing.out.status(&shelf.member(name), Status::NOT_FOUND);
        writing.pass(outlet)?;
    }
    if changes.truncated {
        // RFC 6578 §3.6: the client comes again with the new token.
        let condition = Condition::NumberOfMatchesWithinLimits;
        writing.out.status_because(&shelf.href, Status::INSUFFICIENT_STORAGE, condition);
    }
    writing.out.sync_token(&token(changes.up_to));
    Ok(writing.out.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_valid_from_the_collections_birth_to_now() {
        let rows = [
            ("data:,5", true),
            ("data:,9", true),
            ("data:,4", false),
            ("data:,10", false),
            ("data:,", false),
            ("data:,x", false),
            ("http://example.com/5", false),
        ];
        for (token, is_valid) in rows {
            assert_eq!(valid(token, Position(5), Position(9)).is_ok(), is_valid, "{token}");
        }
        assert_eq!(position(&token(Position(7))), Some(Position(7)));
    }
}
