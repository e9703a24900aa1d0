//! `DAV:sync-collection` on what holds collections, a home or a plain collection (RFC 6578 §3.3): what lies directly in it,
//! and with the level `infinite` everything below.
//!
//! **Invariant:** an answer ends between two positions of the journal, so that its token speaks of whole events.

use actix_web::HttpResponse;
use dav::{
    Condition, Privilege, Status,
    request::{SyncCollection, SyncLevel, Wanted},
};
use projections::{Collection, Member, Snapshot};
use schemas::{Position, PrincipalId, collection::CollectionKind};

use super::sync_collection::token;
use crate::{
    answer,
    auth::Person,
    call::Call,
    href,
    listing::{Listing, Shelf, Writing},
    no::No,
    stream::{self, Outlet},
};

pub(super) async fn answer(
    call: &Call,
    owner: PrincipalId,
    root: Collection,
    level: SyncLevel,
    since: Option<Position>,
    sync: SyncCollection,
) -> Result<HttpResponse, No> {
    let shelf = Shelf::of(&call.person, owner, root)?;
    let (person, limit) = (call.person.clone(), sync.limit);
    let listing = Listing::of(call, Wanted::Prop(sync.wanted))?;
    stream::answer(answer::multistatus(), move |outlet| {
        let snapshot = listing.snapshot()?;
        let up_to = snapshot.changed_below(owner, &shelf.collection.name)?;
        let mut changes = Gathered { person: &person, snapshot: &snapshot, level, since, items: vec![] };
        changes.gather(&shelf)?;
        let (items, cut) = shortened(changes.items, limit);
        let mut writing = listing.begin();
        for (_, item) in &items {
            item.write(&snapshot, &mut writing, outlet)?;
        }
        if cut.is_some() {
            // RFC 6578 §3.6: the client comes again with the new token.
            let condition = Condition::NumberOfMatchesWithinLimits;
            writing.out.status_because(&shelf.href, Status::INSUFFICIENT_STORAGE, condition);
        }
        writing.out.sync_token(&token(cut.unwrap_or(up_to)));
        Ok(writing.out.finish())
    })
    .await
}

/// With the position of its last change.
type Dated<T> = (Position, T);

/// Something to be told.
enum Item {
    Collection(Shelf),
    Member(Shelf, Box<Member>),
    Gone(String),
}

impl Item {
    fn write(&self, snapshot: &Snapshot, writing: &mut Writing<'_>, outlet: &Outlet) -> Result<(), No> {
        match self {
            Self::Collection(from) => writing.collection(from),
            Self::Member(from, member) => {
                let id = from.collection.id;
                let body = if writing.wants_bodies() { snapshot.member_with_body(id, &member.name)? } else { None };
                writing.member(from, member, body.as_ref().map(|(_, body)| body.as_str()));
            }
            Self::Gone(href) => writing.out.status(href, Status::NOT_FOUND),
        }
        writing.pass(outlet)
    }
}

struct Gathered<'a> {
    person: &'a Person,
    snapshot: &'a Snapshot,
    level: SyncLevel,
    since: Option<Position>,
    items: Vec<Dated<Item>>,
}

impl Gathered<'_> {
    fn gather(&mut self, root: &Shelf) -> Result<(), No> {
        let owner = root.owner;
        if self.since.is_none_or(|since| root.collection.changed > since) {
            if root.collection.kind == CollectionKind::Home {
                // No member of itself, but clients of homes read its properties here.
                self.items.push((root.collection.changed, Item::Collection(root.clone())));
            }
            self.members(root)?;
        }
        let level = self.level;
        let is_told = |name: &str| match level {
            SyncLevel::One => root.collection.is_parent_of(name),
            SyncLevel::Infinite => root.collection.is_above_name(name),
        };
        for below in self.snapshot.home(owner)? {
            if !is_told(&below.name) || self.since.is_some_and(|since| below.changed <= since) {
                continue;
            }
            let from = Shelf::of(self.person, owner, below)?;
            // What may not be read is not there.
            if from.opens(self.person, Privilege::Read) {
                self.collection(&from)?;
            }
        }
        let Some(since) = self.since else { return Ok(()) };
        let owner = self.person.directory.by_id(owner).ok_or(No::NotFound)?;
        let gone = self.snapshot.gone(owner.id, since)?;
        for (name, at) in gone.into_iter().filter(|(name, _)| is_told(name)) {
            self.items.push((at, Item::Gone(href::collection(&owner.short_name, &name))));
        }
        Ok(())
    }

    fn collection(&mut self, from: &Shelf) -> Result<(), No> {
        self.items.push((from.collection.changed, Item::Collection(from.clone())));
        if self.level == SyncLevel::One {
            return Ok(());
        }
        self.members(from)
    }

    fn members(&mut self, from: &Shelf) -> Result<(), No> {
        let id = from.collection.id;
        // A calendar that came here is new with everything in it.
        let since = self.since.filter(|since| from.collection.born <= *since);
        let changes = self.snapshot.changes(id, since.unwrap_or(Position::START), usize::MAX)?;
        for member in changes.changed {
            let at = member.changed.max(from.collection.born);
            if from.allows(self.person, &member, Privilege::Read) {
                self.items.push((at, Item::Member(from.clone(), Box::new(member))));
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

/// The oldest of it, at most `limit`, and where it ends if that is not all. What happened at one position stays together;
/// the first position is always told, or a client would never come past it.
fn shortened<T>(mut items: Vec<Dated<T>>, limit: Option<usize>) -> (Vec<Dated<T>>, Option<Position>) {
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
        /// Positions, the limit, how many are told, where the answer ends.
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
            let (items, found_cut) = shortened(items, limit);
            assert_eq!((items.len(), found_cut), (told, cut.map(Position)), "{title}");
        }
    }
}
