//! `DAV:sync-collection` (RFC 6578 §3.2): returns the changes in a collection since a sync token.

use actix_web::{HttpResponse, http::StatusCode};
use dav::{
    Condition, Status,
    request::{SyncCollection, SyncLevel, Wanted},
};
use projections::{Seen, Snapshot};
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
        let page =
            token.map(|token| sync_token::page(token, &collection, now, restores).ok_or_else(not_valid)).transpose()?;
        return sync_tree::answer(call, owner, *collection, level, page, sync).await;
    }
    let seen =
        token.map(|token| sync_token::valid(token, &collection, now, restores).ok_or_else(not_valid)).transpose()?;
    // Calendars and inboxes contain no collections, so the sync levels 1 and `infinite` mean the
    // same.
    let view = CollectionView::of(&call.person, owner, *collection)?;
    let listing = Listing::of(call, Wanted::Prop(sync.wanted))?;
    let (limit, groups_since) = (sync.limit, call.person.groups_since_for(&view.collection));
    stream::answer(call, response::multistatus(), move |chunks| match (seen, limit) {
        (None, None) => everything(&listing, &view, groups_since, chunks),
        (seen, limit) => changes(&listing, &view, (seen, limit), groups_since, chunks),
    })
    .await
}

/// Returns the sync level of the request (RFC 6578 §3.3).
fn level(call: &Call, level: Option<SyncLevel>) -> Result<SyncLevel, Refusal> {
    // Clients of early drafts send the sync level as `Depth`. RFC 6578 §3.2 requires `Depth: 0`
    // together with a sync level, but some clients send another depth. Therefore the sync level
    // takes precedence.
    match (level, Depth::of(call.headers(), Depth::Zero)?) {
        (Some(level), _) => Ok(level),
        (None, Depth::One) => Ok(SyncLevel::One),
        (None, Depth::Infinity) => Ok(SyncLevel::Infinite),
        (None, Depth::Zero) => Err(Refusal::bad_request("sync-collection needs a sync-level of 1 or infinite")),
    }
}

/// Returns the position of the read models. If the token's position is later, waits first until the
/// read models have reached the end of the journal. `Err` if they do not reach it in time.
///
/// One read model may briefly be ahead of the others. Therefore a token that was just issued can be
/// ahead of this position.
async fn known(call: &Call, token: &str) -> Result<Position, Refusal> {
    if sync_token::position(token).is_some_and(|position| position > call.models().position()) {
        call.service().ready().await?;
    }
    Ok(call.models().position())
}

/// Returns the refusal for a token that is older than the collection, lies in the future, or has a
/// form in which this server writes no token for the collection.
fn not_valid() -> Refusal {
    Refusal::condition(
        Condition::ValidSyncToken,
        "the token is not a valid token of this collection; synchronize without a token",
    )
}

/// Writes all members of the collection that the caller may read, for a request without a token and
/// without a limit (RFC 6578 §3.4). `groups_since` is the position of the last change of the
/// caller's groups.
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
    (seen, limit): (Option<Seen>, Option<usize>),
    groups_since: Position,
    chunks: &ChunkSender,
) -> Result<String, Refusal> {
    let snapshot: Snapshot = listing.snapshot()?;
    let calendar = &view.collection;
    let seen = match seen {
        Some(seen) => seen,
        None => Seen { position: Position::START, began: snapshot.changed(calendar)?.ok_or(Refusal::NotFound)? },
    };
    let changes = snapshot.changes(calendar, seen, limit.unwrap_or(usize::MAX))?;
    within(limit, changes.changed.len() + changes.removed.len())?;
    let mut writing = listing.begin();
    for member in &changes.changed {
        if !writing.shows(view, member) {
            // The client may have got the object before its ACL denied reading, so it is reported
            // as removed.
            if member.changed > seen.began {
                writing.out.status(&view.member(&member.name), Status::NOT_FOUND);
            }
            continue;
        }
        let body = if writing.wants_bodies() { snapshot.member_with_body(calendar, &member.name)? } else { None };
        writing.member(view, member, body.as_ref().map(|(_, body)| body.as_str()));
        writing.flush(chunks)?;
    }
    for name in &changes.removed {
        writing.out.status(&view.member(name), Status::NOT_FOUND);
        writing.flush(chunks)?;
    }
    if changes.truncated {
        // RFC 6578 §3.6: the response is incomplete; the client continues with the new token.
        let condition = Condition::NumberOfMatchesWithinLimits;
        writing.out.status_because(&view.href, Status::INSUFFICIENT_STORAGE, condition);
    }
    let token = if changes.truncated {
        sync_token::of_seen(&view.collection, Seen { position: changes.up_to, ..seen }, listing.restores())
    } else {
        sync_token::of(&view.collection, changes.up_to.max(groups_since), listing.restores())
    };
    writing.out.sync_token(&token);
    Ok(writing.out.finish())
}

/// Refuses a response that has more results than the limit of the request. This happens if a single
/// event has more results, because a response ends only between two events (RFC 6578 §3.7, with the
/// status of §3.12).
fn within(limit: Option<usize>, results: usize) -> Result<(), Refusal> {
    if limit.is_none_or(|limit| results <= limit) {
        return Ok(());
    }
    let why = format!("one change alone has {results} results; set the limit to {results} or more, or leave it out");
    Err(Refusal::condition_as(StatusCode::INSUFFICIENT_STORAGE, Condition::NumberOfMatchesWithinLimits, why))
}
