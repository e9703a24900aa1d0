//! `DAV:sync-collection` on a home or a plain collection (RFC 6578 §3.3): changes directly in it,
//! and with the level `infinite` those at any depth.
//!
//! **Invariant:** an answer contains all changes of a journal position or none, so that its token
//! marks a whole event.

use std::sync::Arc;

use actix_web::HttpResponse;
use dav::{
    Condition, Privilege, Status,
    request::{SyncCollection, SyncLevel, Wanted},
};
use projections::{Collection, Entry, Member, Snapshot};
use schemas::{Position, PrincipalId, collection::CollectionKind};

use crate::{
    answer::{
        CollectionView, Listing, MultistatusWriter,
        stream::{self, ChunkSender},
    },
    call::Call,
    person::Person,
    refusal::Refusal,
    resource::{
        href, privileges,
        sync_token::{self, Seen},
    },
    response,
};

pub(super) async fn answer(
    call: &Call,
    owner: PrincipalId,
    root: Collection,
    level: SyncLevel,
    seen: Option<Seen>,
    sync: SyncCollection,
) -> Result<HttpResponse, Refusal> {
    let view = Arc::new(CollectionView::of(&call.person, owner, root)?);
    let since = seen.map(|seen| seen.position);
    let (person, limit) = (call.person.clone(), sync.limit);
    let listing = Listing::of(call, Wanted::Prop(sync.wanted))?;
    stream::answer(call, response::multistatus(), move |chunks| {
        let snapshot = listing.snapshot()?;
        let shared = shared(&person, &snapshot, &view.collection)?;
        if let Some(seen) = seen {
            if seen.read < person.groups_since() {
                let why = "the caller came into a group or left one, and may read something else now; synchronize without a token";
                return Err(Refusal::condition(Condition::ValidSyncToken, why));
            }
            all_is_known(&snapshot, &view, level, seen)?;
        }
        let up_to = snapshot.changed_below(owner, &view.collection.name)?;
        let up_to = shared.iter().map(|shared| shared.changed).fold(up_to.max(person.groups_since()), Position::max);
        let mut changes = ChangeCollector { person: &person, snapshot: &snapshot, level, since, items: vec![] };
        let is_page_of_more = seen.is_some_and(|seen| seen.position < seen.read);
        changes.collect(&view)?;
        changes.shared(shared)?;
        if view.collection.kind == CollectionKind::Home && (is_page_of_more || changes.is_new(&view.collection)) {
            // A home is not its own member, but clients of homes read its properties here. In an
            // answer that is cut its address has the status of that (RFC 6578 §3.6), and no second
            // response (RFC 4918 §14.24): it belongs to the last page.
            let at = up_to.max(view.collection.changed);
            changes.items.push((at, Item::Collection(Arc::clone(&view))));
        }
        let (items, cut) = truncated_to(changes.items, limit);
        let mut writing = listing.begin();
        for (_, item) in &items {
            item.write(&snapshot, &mut writing, chunks)?;
        }
        if cut.is_some() {
            // RFC 6578 §3.6: the client continues with the new token.
            let condition = Condition::NumberOfMatchesWithinLimits;
            writing.out.status_because(&view.href, Status::INSUFFICIENT_STORAGE, condition);
        }
        writing.out.sync_token(&sync_token::of_page(cut.unwrap_or(up_to), up_to, listing.restores()));
        Ok(writing.out.finish())
    })
    .await
}

/// Refuses a token if a collection below had another one in its place since. Clients may have
/// members of that one; it is not reported as removed, because its name is in use (RFC 6578
/// §3.5.1), and its members are not known any more.
fn all_is_known(snapshot: &Snapshot, root: &CollectionView, level: SyncLevel, seen: Seen) -> Result<(), Refusal> {
    let replaced = match level {
        SyncLevel::One => vec![],
        SyncLevel::Infinite => snapshot.replaced(root.collection.home, seen.read)?,
    };
    if replaced.iter().any(|name| root.collection.is_above_name(name)) {
        let why = "another collection has the place of one that was removed; synchronize without a token";
        return Err(Refusal::condition(Condition::ValidSyncToken, why));
    }
    Ok(())
}

/// Returns the calendars of others in the caller's own home; none below a plain collection.
fn shared(person: &Person, snapshot: &Snapshot, root: &Collection) -> Result<Vec<Collection>, Refusal> {
    let home = person.directory.by_id(root.home).filter(|_| root.kind == CollectionKind::Home);
    let Some(home) = home.filter(|home| privileges::owns_or_administers(person, home.id)) else { return Ok(vec![]) };
    let mut calendars = vec![];
    for offered in snapshot.shared_calendars(home.id)? {
        let is_present = person.directory.by_id(offered.owner).is_some_and(Entry::is_present);
        let calendar = snapshot.collection_by_id(offered.calendar)?.filter(|_| is_present);
        let shown = calendar.and_then(|calendar| offered.shown(calendar, &home.short_name));
        calendars.extend(shown.map(|calendar| person.sees(calendar)));
    }
    Ok(calendars)
}

/// A value with the journal position of its last change.
type Dated<T> = (Position, T);

/// A response element of the answer.
enum Item {
    Collection(Arc<CollectionView>),
    Member(Arc<CollectionView>, Box<Member>),
    Gone(String),
}

impl Item {
    fn write(
        &self,
        snapshot: &Snapshot,
        writing: &mut MultistatusWriter<'_>,
        chunks: &ChunkSender,
    ) -> Result<(), Refusal> {
        match self {
            Self::Collection(from) => writing.collection(from),
            Self::Member(from, member) => {
                let body = if writing.wants_bodies() {
                    snapshot.member_with_body(&from.collection, &member.name)?
                } else {
                    None
                };
                writing.member(from, member, body.as_ref().map(|(_, body)| body.as_str()));
            }
            Self::Gone(href) => writing.out.status(href, Status::NOT_FOUND),
        }
        writing.flush(chunks)
    }
}

struct ChangeCollector<'a> {
    person: &'a Person,
    snapshot: &'a Snapshot,
    level: SyncLevel,
    since: Option<Position>,
    items: Vec<Dated<Item>>,
}

impl ChangeCollector<'_> {
    fn is_new(&self, collection: &Collection) -> bool {
        self.since.is_none_or(|since| collection.changed > since)
    }

    fn collect(&mut self, root: &Arc<CollectionView>) -> Result<(), Refusal> {
        let owner = root.owner;
        if self.is_new(&root.collection) {
            self.members(root)?;
        }
        let level = self.level;
        let is_in_scope = |name: &str| match level {
            SyncLevel::One => root.collection.is_parent_of(name),
            SyncLevel::Infinite => root.collection.is_above_name(name),
        };
        for below in self.snapshot.home(owner)?.into_iter().map(|below| self.person.sees(below)) {
            if !is_in_scope(&below.name) || self.since.is_some_and(|since| below.changed <= since) {
                continue;
            }
            let from = Arc::new(CollectionView::of(self.person, owner, below)?);
            // A collection that the caller may not read is left out.
            if from.allows(self.person, Privilege::Read) {
                self.collection(&from)?;
            }
        }
        let Some(since) = self.since else { return Ok(()) };
        let owner = self.person.directory.by_id(owner).ok_or(Refusal::NotFound)?;
        let gone = self.snapshot.gone(owner.id, since)?;
        for (name, at) in gone.into_iter().filter(|(name, _)| is_in_scope(name)) {
            self.items.push((at, Item::Gone(href::collection(&owner.short_name, &name))));
        }
        Ok(())
    }

    /// Collects the changes in calendars of others. One that the caller may not read any more is
    /// gone.
    fn shared(&mut self, calendars: Vec<Collection>) -> Result<(), Refusal> {
        let since = self.since;
        for calendar in calendars.into_iter().filter(|calendar| since.is_none_or(|since| calendar.changed > since)) {
            let from = Arc::new(CollectionView::of(self.person, calendar.home, calendar)?);
            if from.allows(self.person, Privilege::Read) {
                self.collection(&from)?;
            } else if since.is_some() {
                self.items.push((from.collection.changed, Item::Gone(from.href.clone())));
            }
        }
        Ok(())
    }

    fn collection(&mut self, from: &Arc<CollectionView>) -> Result<(), Refusal> {
        self.items.push((from.collection.changed, Item::Collection(Arc::clone(from))));
        if self.level == SyncLevel::One {
            return Ok(());
        }
        self.members(from)
    }

    fn members(&mut self, from: &Arc<CollectionView>) -> Result<(), Refusal> {
        let id = from.collection.id;
        // All members of a collection that was moved here are new to the client.
        let since = self.since.filter(|since| from.collection.born <= *since);
        let changes = self.snapshot.changes(&from.collection, since.unwrap_or(Position::START), usize::MAX)?;
        for member in changes.changed {
            let at = member.changed.max(from.collection.born);
            if from.allows_on_member(self.person, &member, Privilege::Read) {
                self.items.push((at, Item::Member(Arc::clone(from), Box::new(member))));
            } else if since.is_some() {
                self.items.push((at, Item::Gone(from.member(&member.name))));
            }
        }
        let Some(since) = since else { return Ok(()) };
        for (name, at) in self.snapshot.removed(id, since)? {
            self.items.push((at, Item::Gone(from.member(&name))));
        }
        Ok(())
    }
}

/// Keeps the oldest items, at most `limit`; returns them with the last position kept, `None` if
/// nothing was cut.
///
/// Items of one position stay together. Those of the first position are always kept, or the client
/// could not get past it.
fn truncated_to<T>(mut items: Vec<Dated<T>>, limit: Option<usize>) -> (Vec<Dated<T>>, Option<Position>) {
    items.sort_by_key(|(at, _)| *at);
    let Some(beyond) = limit.and_then(|limit| items.get(limit)).map(|(at, _)| *at) else { return (items, None) };
    let first = items.first().map_or(beyond, |(at, _)| *at);
    let last = items.iter().map(|(at, _)| *at).take_while(|at| *at < beyond).last().unwrap_or(first);
    let whole = items.len();
    items.retain(|(at, _)| *at <= last);
    let cut = (items.len() < whole).then_some(last);
    (items, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_ends_between_two_events() {
        /// Positions, the limit, the number of items kept, the last position if items were cut.
        type Row<'a> = (&'a str, &'a [u64], Option<usize>, usize, Option<u64>);
        let rows: [Row<'_>; 6] = [
            ("no limit", &[3, 1, 2], None, 3, None),
            ("exactly so many", &[1, 2], Some(2), 2, None),
            ("more", &[3, 1, 2], Some(2), 2, Some(2)),
            ("only one half would fit", &[1, 2, 2], Some(2), 1, Some(1)),
            ("the first alone is too much", &[1, 1, 2], Some(1), 2, Some(1)),
            ("the first is everything", &[1, 1], Some(1), 2, None),
        ];
        for (title, positions, limit, told, cut) in rows {
            let items = positions.iter().map(|at| (Position(*at), ())).collect();
            let (items, found_cut) = truncated_to(items, limit);
            assert_eq!((items.len(), found_cut), (told, cut.map(Position)), "{title}");
        }
    }
}
