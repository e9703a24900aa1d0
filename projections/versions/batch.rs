//! The names that the events of a batch touch. They are held until the last event, so that what
//! several events change is read once and written once, in the order of the rows.
//!
//! **Invariant:** after [`Batch::save`] the rows are those that the events make one by one.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionId, Position, Recorded, object::Place};

use super::{fold, member::Member};
use crate::{projection::BatchError, varint};

/// Holds the names that the events of a batch touched, until they are saved.
pub(super) struct Batch<'a> {
    pub rows: &'a Connection,
    /// The keys of collections that are open; `None`: it is not.
    open: HashMap<CollectionId, Option<i64>>,
    /// By collection and name; true: changed.
    members: BTreeMap<(i64, Vec<u8>), (Member, bool)>,
}

/// Applies events, and writes what they mean.
pub(super) fn apply(rows: &Connection, events: &[&Recorded]) -> Result<(), BatchError> {
    let mut batch = Batch { rows, open: HashMap::new(), members: BTreeMap::new() };
    for recorded in events {
        fold::apply(&mut batch, recorded).map_err(|why| (recorded.position, why))?;
    }
    let last = events.last().map_or(Position::START, |recorded| recorded.position);
    batch.save().map_err(|why| (last, why))
}

impl Batch<'_> {
    /// Looks at the row of a name in a collection that is not gone; an empty one if nothing ever
    /// stood there.
    pub(super) fn member(&mut self, place: &Place) -> rusqlite::Result<Option<&Member>> {
        Ok(self.held(place)?.map(|(member, _)| &*member))
    }

    /// Changes the row of a name in a collection that is not gone. Returns false if it is gone.
    pub(super) fn change(
        &mut self,
        place: &Place,
        change: impl FnOnce(&mut Member) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<bool> {
        let rows = self.rows;
        let Some((member, is_changed)) = self.held(place)? else { return Ok(false) };
        change(member)?;
        *is_changed = true;
        if member.is_full() {
            member.save(rows)?;
            *is_changed = false;
        }
        Ok(true)
    }

    /// Writes what was changed, and holds nothing any more.
    pub(super) fn save(&mut self) -> rusqlite::Result<()> {
        self.open.clear();
        let mut changed = std::mem::take(&mut self.members).into_values().filter(|(_, is_changed)| *is_changed);
        changed.try_for_each(|(mut member, _)| member.save(self.rows))
    }

    fn held(&mut self, place: &Place) -> rusqlite::Result<Option<&mut (Member, bool)>> {
        let Some(collection) = self.open(place.collection)? else { return Ok(None) };
        Ok(Some(match self.members.entry((collection, varint::packed(&place.name))) {
            Entry::Occupied(held) => held.into_mut(),
            Entry::Vacant(vacant) => {
                let (collection, name) = vacant.key();
                let member = Member::load(self.rows, *collection, name)?;
                vacant.insert((member, false))
            }
        }))
    }

    fn open(&mut self, id: CollectionId) -> rusqlite::Result<Option<i64>> {
        if let Some(known) = self.open.get(&id) {
            return Ok(*known);
        }
        let sql = "SELECT key FROM collection WHERE id = ? AND is_open";
        let mut query = self.rows.prepare_cached(sql)?;
        let open = query.query_row(params![id.0.as_bytes()], |row| row.get(0)).optional()?;
        self.open.insert(id, open);
        Ok(open)
    }
}
