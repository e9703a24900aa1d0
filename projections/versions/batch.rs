//! The rows of names that the events of a batch change. They are kept in memory until the last
//! event, or until an event of a collection, so that a row is not read and written again for each
//! event.
//!
//! **Invariant:** after [`Batch::save`] the rows are the same as if each event had been applied
//! separately.

use std::collections::{BTreeMap, HashMap, btree_map::Entry};

use rusqlite::{Connection, OptionalExtension, params};
use schemas::{CollectionId, Position, Recorded, object::Place};

use super::{fold, member::Member};
use crate::{projection::BatchError, varint};

/// The changed names of a batch, until they are saved.
pub(super) struct Batch<'a> {
    pub rows: &'a Connection,
    /// The keys of existing collections; `None` for a collection that was removed or is unknown.
    open: HashMap<CollectionId, Option<i64>>,
    /// The rows of names, by collection and name. The flag is true if the row was changed.
    members: BTreeMap<(i64, Vec<u8>), (Member, bool)>,
}

/// Applies events and writes the changed rows.
pub(super) fn apply(rows: &Connection, events: &[&Recorded]) -> Result<(), BatchError> {
    let mut batch = Batch { rows, open: HashMap::new(), members: BTreeMap::new() };
    for recorded in events {
        fold::apply(&mut batch, recorded).map_err(|why| (recorded.position, why))?;
    }
    let last = events.last().map_or(Position::START, |recorded| recorded.position);
    batch.save().map_err(|why| (last, why))
}

impl Batch<'_> {
    /// Returns the row of a name; it is empty if the name was never used. Returns `None` if the
    /// collection was removed or is unknown.
    pub(super) fn member(&mut self, place: &Place) -> rusqlite::Result<Option<&Member>> {
        Ok(self.held(place)?.map(|(member, _)| &*member))
    }

    /// Changes the row of a name. Returns false if the collection was removed or is unknown.
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

    /// Writes the changed rows and empties the batch.
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
