//! `DAV:sync-collection` (RFC 6578 §3.2): returns the changes since a token.

use actix_web::HttpResponse;
use dav::{
    Condition, Status,
    request::{SyncCollection, SyncLevel, Wanted},
};
use projections::Snapshot;
use schemas::Position;

use super::sync_tree;
use crate::{
    answer::{
        CollectionView, Listing,
        stream::{self, ChunkSender},
    },
    call::Call,
    header::Depth,
    refusal::Refusal,
    resource::{Resource, sync_token},
    response,
};

pub(super) async fn answer(call: &Call, found: Resource, sync: SyncCollection) -> Result<HttpResponse, Refusal> {
    let level = level(call, sync.level)?;
    let (owner, collection) = match found {
        Resource::Home { owner, home } => (owner, home),
        Resource::Collection { owner, collection } => (owner, collection),
        Resource::Root
        | Resource::Principals
        | Resource::Homes
        | Resource::Principal(_)
        | Resource::Delegates(..)
        | Resource::Member { .. } => {
            return Err(Refusal::NotFound);
        }
    };
    let now = match &sync.token {
        None => Position::START,
        Some(token) => known(call, token).await?,
    };
    let (token, restores) = (sync.token.as_deref(), call.service().restores());
    if collection.kind.holds_anything() {
        let seen =
            token.map(|token| sync_token::seen(token, &collection, now, restores).ok_or_else(not_valid)).transpose()?;
        return sync_tree::answer(call, owner, *collection, level, seen, sync).await;
    }
    let since =
        token.map(|token| sync_token::valid(token, &collection, now, restores).ok_or_else(not_valid)).transpose()?;
    // Calendars and inboxes contain no collections, so that both levels mean the same.
    let view = CollectionView::of(&call.person, owner, *collection)?;
    let listing = Listing::of(call, Wanted::Prop(sync.wanted))?;
    let (limit, groups_since) = (sync.limit, call.person.groups_since_for(&view.collection));
    stream::answer(call, response::multistatus(), move |chunks| match (since, limit) {
        (None, None) => everything(&listing, &view, groups_since, chunks),
        (since, limit) => changes(&listing, &view, (since, limit), groups_since, chunks),
    })
    .await
}

/// Returns the level of the request (RFC 6578 §3.3).
fn level(call: &Call, level: Option<SyncLevel>) -> Result<SyncLevel, Refusal> {
    // Clients of the drafts send it as Depth. §3.2 requires Depth 0 together with the level, but
    // clients send other values, so the level wins.
    match (level, Depth::of(call.headers(), Depth::Zero)?) {
        (Some(level), _) => Ok(level),
        (None, Depth::One) => Ok(SyncLevel::One),
        (None, Depth::Infinity) => Ok(SyncLevel::Infinite),
        (None, Depth::Zero) => Err(Refusal::bad_request("sync-collection needs a sync-level of 1 or infinite")),
    }
}

/// Returns the position of the read models, after waiting for the position of the token.
///
/// One read model may briefly be ahead of the others, so that a token just handed out can lie ahead
/// of this one.
async fn known(call: &Call, token: &str) -> Result<Position, Refusal> {
    if sync_token::position(token).is_some_and(|position| position > call.models().position()) {
        call.service().ready().await?;
    }
    Ok(call.models().position())
}

/// The token is older than the collection, lies in the future, or is not one of this server.
fn not_valid() -> Refusal {
    Refusal::condition(
        Condition::ValidSyncToken,
        "this server did not issue the token for this collection; synchronize without a token",
    )
}

/// Returns all members, for a client without a token (RFC 6578 §3.4).
fn everything(
    listing: &Listing,
    view: &CollectionView,
    groups_since: Position,
    chunks: &ChunkSender,
) -> Result<String, Refusal> {
    let snapshot = listing.snapshot()?;
    let calendar = &view.collection;
    let up_to = snapshot.changed(calendar)?.ok_or(Refusal::NotFound)?;
    let mut writing = listing.begin();
    if writing.wants_bodies() {
        snapshot.members_with_bodies(calendar, |member, body| {
            writing.member(view, &member, Some(body));
            writing.flush(chunks)
        })?;
    } else {
        snapshot.members(calendar, |member| {
            writing.member(view, &member, None);
            writing.flush(chunks)
        })?;
    }
    writing.out.sync_token(&sync_token::of(&view.collection, up_to.max(groups_since), listing.restores()));
    Ok(writing.out.finish())
}

fn changes(
    listing: &Listing,
    view: &CollectionView,
    (since, limit): (Option<Position>, Option<usize>),
    groups_since: Position,
    chunks: &ChunkSender,
) -> Result<String, Refusal> {
    let snapshot: Snapshot = listing.snapshot()?;
    let calendar = &view.collection;
    let changes = snapshot.changes(calendar, since.unwrap_or(Position::START), limit.unwrap_or(usize::MAX))?;
    let mut writing = listing.begin();
    for member in &changes.changed {
        if !writing.shows(view, member) {
            // The client may have it from the time before an access control list denied reading it.
            if since.is_some() {
                writing.out.status(&view.member(&member.name), Status::NOT_FOUND);
            }
            continue;
        }
        let body = if writing.wants_bodies() { snapshot.member_with_body(calendar, &member.name)? } else { None };
        writing.member(view, member, body.as_ref().map(|(_, body)| body.as_str()));
        writing.flush(chunks)?;
    }
    // A client without a token has nothing to remove.
    let removed = changes.removed.iter().filter(|_| since.is_some());
    for name in removed {
        writing.out.status(&view.member(name), Status::NOT_FOUND);
        writing.flush(chunks)?;
    }
    if changes.truncated {
        // RFC 6578 §3.6: the client continues with the new token.
        let condition = Condition::NumberOfMatchesWithinLimits;
        writing.out.status_because(&view.href, Status::INSUFFICIENT_STORAGE, condition);
    }
    let up_to = if changes.truncated { changes.up_to } else { changes.up_to.max(groups_since) };
    writing.out.sync_token(&sync_token::of(&view.collection, up_to, listing.restores()));
    Ok(writing.out.finish())
}
