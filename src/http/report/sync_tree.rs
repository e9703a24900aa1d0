//! `DAV:sync-collection` on a home or a plain collection (RFC 6578 §3.3). Returns the changes
//! directly in the collection, or at any depth with the sync level `infinite`.
//!
//! **Invariant:** the results of all pages are ordered by position and, within one event, by href.
//! A client that reads all pages gets each change at least once.

use std::sync::Arc;

use actix_web::HttpResponse;
use dav::{
    Condition, Privilege, Status,
    request::{SyncCollection, SyncLevel, Wanted},
};
use projections::{Collection, Entry, Member, Seen, Snapshot};
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
        sync_token::{self, Page},
    },
    response,
};

pub(super) async fn answer(
    call: &Call,
    owner: PrincipalId,
    root: Collection,
    level: SyncLevel,
    page: Option<Page>,
    sync: SyncCollection,
) -> Result<HttpResponse, Refusal> {
    let view = Arc::new(CollectionView::of(&call.person, owner, root)?);
    let (person, limit) = (call.person.clone(), sync.limit);
    let listing = Listing::of(call, Wanted::Prop(sync.wanted))?;
    stream::answer(call, response::multistatus(), move |chunks| {
        let snapshot = listing.snapshot()?;
        let shared = shared(&person, &snapshot, &view.collection)?;
        if let Some(page) = &page {
            all_is_known(&person, &snapshot, &view, level, page)?;
        }
        let up_to = snapshot.changed_below(owner, &view.collection.name)?;
        let up_to = shared.iter().map(|shared| shared.changed).fold(up_to.max(person.groups_since()), Position::max);
        let seen = page.as_ref().map_or(Seen { position: Position::START, began: up_to }, |page| page.seen);
        let mut changes = ChangeCollector { person: &person, snapshot: &snapshot, level, seen, items: vec![] };
        changes.collect(&view)?;
        changes.shared(shared)?;
        changes.home(&view, page.as_ref(), up_to);
        let items = beyond(changes.items, page.as_ref());
        let (items, cut) = truncated_to(items, limit);
        let mut writing = listing.begin();
        for (_, item) in &items {
            item.write(&snapshot, &mut writing, chunks)?;
        }
        if cut.is_some() {
            // RFC 6578 §3.6: the response is incomplete; the client continues with the new token.
            let condition = Condition::NumberOfMatchesWithinLimits;
            writing.out.status_because(&view.href, Status::INSUFFICIENT_STORAGE, condition);
        }
        writing.out.sync_token(&sync_token::of_page(&end(cut, seen, up_to), listing.restores()));
        Ok(writing.out.finish())
    })
    .await
}

/// Returns the client's progress after a page that ends with `cut`; without `cut`, the client knows
/// all changes up to `up_to`.
fn end(cut: Option<Cut>, seen: Seen, up_to: Position) -> Page {
    match cut {
        Some((position, last_of_event)) => Page { seen: Seen { position, ..seen }, read: up_to, last_of_event },
        None => Page { seen: up_to.into(), read: up_to, last_of_event: None },
    }
}

/// With the sync level `infinite`, refuses a token if a collection below the requested one was
/// replaced by another after the token was issued. The client may hold members of the old
/// collection. The response cannot report the old collection as removed, because its name is in use
/// (RFC 6578 §3.5.1), and the names of its members are no longer known.
///
/// Also refuses a token if the caller's groups changed after it was issued.
fn all_is_known(
    person: &Person,
    snapshot: &Snapshot,
    root: &CollectionView,
    level: SyncLevel,
    page: &Page,
) -> Result<(), Refusal> {
    if page.read < person.groups_since() {
        let why = "the caller's groups changed since the token was issued, and with them what the caller may read; \
            synchronize without a token";
        return Err(Refusal::condition(Condition::ValidSyncToken, why));
    }
    let replaced = match level {
        SyncLevel::One => vec![],
        SyncLevel::Infinite => snapshot.replaced(root.collection.home, page.read)?,
    };
    if replaced.iter().any(|name| root.collection.is_above_name(name)) {
        let why = "since the token was issued, a collection was removed and another one made at its path; \
            synchronize without a token";
        return Err(Refusal::condition(Condition::ValidSyncToken, why));
    }
    Ok(())
}

/// Returns other people's calendars that appear in the requested home. Empty for a plain
/// collection, and for a home that the caller neither owns nor administers.
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

/// Something that changed, with the journal position of its last change.
type Dated<T> = (Position, T);

/// One result of the sync-collection report, which becomes one `DAV:response` element.
enum Item {
    /// The requested home itself. It comes after all other items of its position.
    Home(Arc<CollectionView>),
    Collection(Arc<CollectionView>),
    /// A changed member, with its href.
    Member(Arc<CollectionView>, Box<Member>, String),
    Gone(String),
}

impl Item {
    /// Returns the sort key for items of one position: the href, with the home last.
    fn order(&self) -> (bool, &str) {
        match self {
            Self::Home(view) => (true, &view.href),
            Self::Collection(view) => (false, &view.href),
            Self::Member(_, _, href) | Self::Gone(href) => (false, href),
        }
    }

    fn write(
        &self,
        snapshot: &Snapshot,
        writing: &mut MultistatusWriter<'_>,
        chunks: &ChunkSender,
    ) -> Result<(), Refusal> {
        match self {
            Self::Home(from) | Self::Collection(from) => writing.collection(from),
            Self::Member(from, member, _) => {
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
    seen: Seen,
    items: Vec<Dated<Item>>,
}

impl ChangeCollector<'_> {
    fn is_new(&self, collection: &Collection) -> bool {
        collection.changed > self.seen.position
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
            if !is_in_scope(&below.name) || below.changed <= self.seen.position {
                continue;
            }
            let from = Arc::new(CollectionView::of(self.person, owner, below)?);
            // A collection that the caller may not read is left out.
            if from.allows(self.person, Privilege::Read) {
                self.collection(&from)?;
            }
        }
        let owner = self.person.directory.by_id(owner).ok_or(Refusal::NotFound)?;
        let gone = self.snapshot.gone(owner.id, self.seen.removals_after())?;
        for (name, at) in gone.into_iter().filter(|(name, _)| is_in_scope(name)) {
            self.items.push((at, Item::Gone(href::collection(&owner.short_name, &name))));
        }
        Ok(())
    }

    /// Collects the home itself, if the request synchronizes a home, and either the home has
    /// changed or the token is of an incomplete page.
    ///
    /// A home is not its own member, but clients read the properties of a home in this report. An
    /// incomplete response already has a status for the home's href (RFC 6578 §3.6), and an href
    /// must not appear twice (RFC 4918 §14.24). Therefore the home is an item of the last page.
    fn home(&mut self, root: &Arc<CollectionView>, page: Option<&Page>, up_to: Position) {
        let goes_on = page.is_some_and(|page| page.seen.position < page.read);
        if root.collection.kind == CollectionKind::Home && (goes_on || self.is_new(&root.collection)) {
            self.items.push((up_to.max(root.collection.changed), Item::Home(Arc::clone(root))));
        }
    }

    /// Collects the changes in other people's calendars that appear in the home. A calendar that
    /// the caller may no longer read is reported as removed.
    fn shared(&mut self, calendars: Vec<Collection>) -> Result<(), Refusal> {
        let seen = self.seen;
        for calendar in calendars.into_iter().filter(|calendar| calendar.changed > seen.position) {
            let from = Arc::new(CollectionView::of(self.person, calendar.home, calendar)?);
            if from.allows(self.person, Privilege::Read) {
                self.collection(&from)?;
            } else if from.collection.changed > seen.began {
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
        // A collection that was created or moved here after the client started is new to the
        // client. All its members count as changed at that position, or later if they changed
        // later.
        let is_new = from.collection.born > self.seen.removals_after();
        let from_nothing = Seen { position: Position::START, began: from.collection.changed };
        let seen = if is_new { from_nothing } else { self.seen };
        let earliest = if is_new { from.collection.born } else { Position::START };
        let changes = self.snapshot.changes(&from.collection, seen, usize::MAX)?;
        for member in changes.changed {
            let at = member.changed.max(earliest);
            let href = from.member(&member.name);
            if from.allows_on_member(self.person, &member, Privilege::Read) {
                self.items.push((at, Item::Member(Arc::clone(from), Box::new(member), href)));
            } else if member.changed > seen.began {
                self.items.push((at, Item::Gone(href)));
            }
        }
        for (name, at) in self.snapshot.removed(from.collection.id, seen.removals_after())? {
            self.items.push((at, Item::Gone(from.member(&name))));
        }
        Ok(())
    }
}

/// Removes the items that the client got already: if the previous page ended within an event, the
/// items of that event up to the end of that page.
fn beyond(mut items: Vec<Dated<Item>>, page: Option<&Page>) -> Vec<Dated<Item>> {
    if let Some((page, last)) = page.and_then(|page| Some((page, page.last_of_event.as_deref()?))) {
        items.retain(|(at, item)| *at > page.seen.position.next() || item.order() > (false, last));
    }
    items
}

/// The end of an incomplete page: the position of the last complete event and, if the page ends
/// within the next event, the last href.
type Cut = (Position, Option<String>);

/// Returns the oldest items, at most `limit`, ordered by position and href. Also returns where the
/// page ends; `None` if it contains all items.
fn truncated_to(mut items: Vec<Dated<Item>>, limit: Option<usize>) -> (Vec<Dated<Item>>, Option<Cut>) {
    items.sort_by(|(a_at, a), (b_at, b)| (a_at, a.order()).cmp(&(b_at, b.order())));
    let beyond = limit.and_then(|limit| items.get(limit)).map(|(at, _)| *at);
    items.truncate(limit.unwrap_or(usize::MAX));
    let cut = beyond.zip(items.last()).map(|(beyond, (at, last))| {
        if *at < beyond { (*at, None) } else { (at.previous(), Some(last.order().1.to_owned())) }
    });
    (items, cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_after_an_event_or_names_the_last_address_of_it() {
        /// The name of the case; pairs of position and href; the limit; the hrefs on the page; the
        /// end of the page.
        type Row<'a> = (&'a str, &'a [(u64, &'a str)], Option<usize>, &'a str, Option<(u64, Option<&'a str>)>);
        let rows: [Row<'_>; 5] = [
            ("no limit", &[(3, "a"), (1, "b"), (2, "c")], None, "bca", None),
            ("exactly so many", &[(1, "b"), (2, "a")], Some(2), "ba", None),
            ("more", &[(3, "a"), (1, "b"), (2, "c")], Some(2), "bc", Some((2, None))),
            ("only one half fits", &[(2, "c"), (1, "b"), (2, "a")], Some(2), "ba", Some((1, Some("a")))),
            ("the first alone is too much", &[(4, "b"), (4, "a")], Some(1), "a", Some((3, Some("a")))),
        ];
        for (title, items, limit, kept, end) in rows {
            let items = items.iter().map(|(at, href)| (Position(*at), Item::Gone((*href).to_owned()))).collect();
            let (items, cut) = truncated_to(items, limit);
            let found: String = items.iter().map(|(_, item)| item.order().1).collect();
            assert_eq!(found, kept, "{title}");
            assert_eq!(cut, end.map(|(at, last)| (Position(at), last.map(str::to_owned))), "{title}");
        }
    }
}
