//! A cache of the Merkle tree in tiles of 256 events. With it, computing a head only reads the last
//! complete tile and the events after it.
//!
//! **Invariant:** the tiles are only a cache. `daybook verify --against` compares signed heads with
//! a tree that it computes from the journal.

use std::collections::BTreeMap;

use journal::Journal;
use schemas::Position;

use super::tree::{Hashes, Node, leaf, node};

/// Number of levels of the tree in a tile: it has two to this power leaves.
const LEVEL: u32 = 8;
/// Number of leaves in a tile.
const LEAVES: usize = 1 << LEVEL;
/// Bytes of a record in the cache file: the position of the last event below a hash, and that hash.
const RECORD: usize = 8 + 32;
/// The first bytes of a cache file. After them, each record is that of a complete tile, but every
/// 257th is that of the 256 tiles before it. So a file only grows at its end.
const FORMAT: &[u8; 8] = b"tiles-3\n";

/// The Merkle tree over the first events of a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tiles {
    complete: Vec<Tile>,
    /// The hash over each group of 256 complete tiles.
    groups: Vec<Node>,
    /// The leaves after the last complete tile.
    rest: Vec<Node>,
    /// Position of the last event in the tree.
    end: Position,
    /// Leaves of complete tiles that were loaded because a proof needed them, by number of the
    /// tile.
    loaded: BTreeMap<u64, Vec<Node>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tile {
    /// Position of the last event of the tile.
    end: Position,
    hash: Node,
}

/// The error that the leaves of a complete tile are needed, but not loaded. The number is that of
/// the tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing(u64);

impl Tiles {
    /// Reads the tiles from the bytes of a cache file; returns an empty tree if they have another
    /// format. Bytes after the last complete record are ignored.
    pub fn from_cache(bytes: &[u8]) -> Self {
        let mut read = Self::default();
        let records = bytes.strip_prefix(FORMAT).unwrap_or_default().as_chunks::<RECORD>().0;
        read.complete.reserve(records.len());
        for record in records {
            let (position, hash) = record.split_at(8);
            let end = Position(u64::from_be_bytes(position.try_into().unwrap_or_default()));
            let hash = hash.try_into().unwrap_or_default();
            if read.complete.len() == (read.groups.len() + 1) * LEAVES {
                read.groups.push(hash);
            } else {
                read.complete.push(Tile { end, hash });
                read.end = end;
            }
        }
        read.group();
        read
    }

    /// Returns what a cache file of `written` bytes lacks: the offset in the file at which to
    /// write, and the bytes. `written` is 0 for a file that `from_cache` reads as empty.
    pub fn to_cache(&self, written: usize) -> (usize, Vec<u8>) {
        let records = self.complete.len() + self.groups.len();
        let Some(present) = written.checked_sub(FORMAT.len()).map(|bytes| records.min(bytes / RECORD)) else {
            return (0, [&FORMAT[..], &self.records(0)].concat());
        };
        (FORMAT.len() + present * RECORD, self.records(present))
    }

    /// Returns the records of the cache file from the given one (from 0) on.
    fn records(&self, from: usize) -> Vec<u8> {
        let records = self.complete.len() + self.groups.len();
        let mut bytes = Vec::with_capacity(records.saturating_sub(from) * RECORD);
        for number in from..records {
            let (group, within) = (number / (LEAVES + 1), number % (LEAVES + 1));
            let tile = &self.complete[group * LEAVES + within.min(LEAVES - 1)];
            let hash = if within == LEAVES { &self.groups[group] } else { &tile.hash };
            bytes.extend_from_slice(&tile.end.0.to_be_bytes());
            bytes.extend_from_slice(hash);
        }
        bytes
    }

    /// Reads the tiles from the bytes of a cache file, as `from_cache` does, and computes the last
    /// one again from the journal. Returns an empty tree if it differs, for example because an
    /// older backup of the journal was restored.
    pub async fn of_journal(bytes: &[u8], journal: &dyn Journal) -> Result<Self, journal::Failure> {
        let mut tiles = Self::from_cache(bytes);
        let Some(last) = tiles.complete.last().copied() else { return Ok(tiles) };
        let number = tiles.complete.len() as u64 - 1;
        tiles.load(journal, Missing(number)).await?;
        let fits = tiles.loaded.remove(&number).is_some_and(|leaves| folded(leaves) == last.hash);
        Ok(if fits { tiles } else { Self::default() })
    }

    /// Computes the hashes of the groups of 256 tiles that have become complete.
    fn group(&mut self) {
        while let Some(tiles) = self.complete[self.groups.len() * LEAVES..].get(..LEAVES) {
            self.groups.push(folded(tiles.iter().map(|tile| tile.hash).collect()));
        }
    }

    /// Reads new events from the journal, until the tree has `size` events or there are no more.
    pub async fn extend(&mut self, journal: &dyn Journal, size: Option<u64>) -> Result<(), journal::Failure> {
        while size.is_none_or(|size| self.size() < size) {
            let left = size.map_or(usize::MAX, |size| usize::try_from(size - self.size()).unwrap_or(usize::MAX));
            let page = journal.hashes(self.end, left.min(4 * LEAVES)).await?;
            if page.is_empty() {
                break;
            }
            for (position, hash) in page {
                self.add(leaf(&hash), position);
            }
        }
        Ok(())
    }

    fn add(&mut self, leaf: Node, position: Position) {
        self.rest.push(leaf);
        self.end = position;
        if self.rest.len() == LEAVES {
            let hash = folded(std::mem::take(&mut self.rest));
            self.complete.push(Tile { end: position, hash });
            self.group();
        }
    }

    /// Returns the number of events in the tree.
    pub fn size(&self) -> u64 {
        (self.complete.len() * LEAVES + self.rest.len()) as u64
    }

    /// Returns the position of the last event in the tree; [`Position::START`] if it is empty.
    pub fn end(&self) -> Position {
        self.end
    }

    /// Returns the position before the first event of a tile, which is the end of the tile before.
    /// The tile may be the last, incomplete one.
    pub(super) fn before(&self, number: u64) -> Position {
        let before = number.checked_sub(1).and_then(|number| usize::try_from(number).ok());
        before.and_then(|number| self.complete.get(number)).map_or_else(Position::default, |tile| tile.end)
    }

    /// Loads the leaves of a complete tile.
    pub async fn load(&mut self, journal: &dyn Journal, Missing(number): Missing) -> Result<(), journal::Failure> {
        let mut after = self.before(number);
        let mut leaves = Vec::with_capacity(LEAVES);
        while leaves.len() < LEAVES {
            let page = journal.hashes(after, LEAVES - leaves.len()).await?;
            let Some((last, _)) = page.last() else { break };
            after = *last;
            leaves.extend(page.iter().map(|(_, hash)| leaf(hash)));
        }
        // If the journal has lost events of the tile, the missing leaves are filled with zeros.
        // Proofs with them fail, because the hash of the tile does not fit.
        leaves.resize(LEAVES, [0; 32]);
        self.loaded.insert(number, leaves);
        Ok(())
    }

    /// Compares the complete tiles with those of an earlier reading of the same journal. Returns
    /// the indexes (from 0) of the first event of the first tile that differs, and of the first
    /// event after that tile. Returns `None` if all tiles that both have are equal.
    pub fn first_difference(&self, earlier: &Self) -> Option<(u64, u64)> {
        let differs = |pair: (&Tile, &Tile)| pair.0.hash != pair.1.hash;
        let first = self.complete.iter().zip(&earlier.complete).position(differs)? * LEAVES;
        Some((first as u64, (first + LEAVES) as u64))
    }
}

impl Hashes for Tiles {
    type Error = Missing;

    fn complete(&self, level: u32, index: u64) -> Result<Node, Missing> {
        if level >= 2 * LEVEL {
            return Ok(folded(part(&self.groups, index, level - 2 * LEVEL).to_vec()));
        }
        if level >= LEVEL {
            let tiles = part(&self.complete, index, level - LEVEL);
            return Ok(folded(tiles.iter().map(|tile| tile.hash).collect()));
        }
        let start = index << level;
        let (number, within) = (start >> LEVEL, usize::try_from(start % LEAVES as u64).unwrap_or_default());
        let leaves = if number == self.complete.len() as u64 {
            &self.rest
        } else {
            self.loaded.get(&number).ok_or(Missing(number))?
        };
        let part = leaves.get(within..within + (1 << level)).unwrap_or_default();
        Ok(folded(part.to_vec()))
    }
}

/// Cuts a list into parts whose length is two to the given power. Returns the part `index`; empty
/// if there are not that many.
fn part<T>(list: &[T], index: u64, power: u32) -> &[T] {
    let count = 1_usize.checked_shl(power).unwrap_or(usize::MAX);
    let start = usize::try_from(index).unwrap_or(usize::MAX).saturating_mul(count);
    list.get(start..start.saturating_add(count)).unwrap_or_default()
}

/// Returns the hash over some nodes, of which there must be a power of two.
fn folded(mut nodes: Vec<Node>) -> Node {
    while nodes.len() > 1 {
        nodes =
            nodes.chunks(2).map(|pair| if let [left, right] = pair { node(left, right) } else { pair[0] }).collect();
    }
    nodes.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use journal::{Append, Journal as _, memory::Memory};
    use schemas::{Event, Expected, Metadata, NewEvent, PrincipalEvent, PrincipalId, Stream, event::Nothing};
    use uuid::Uuid;

    use super::*;
    use crate::proof::tree;

    async fn journal(events: u128) -> Memory {
        let journal = Memory::new();
        let append = |number: u128| {
            let event = Event::from(PrincipalEvent::Disabled(Nothing {}));
            let events = vec![NewEvent::new(Uuid::from_u128(number), &event)];
            let stream = Stream::Principal(PrincipalId(Uuid::from_u128(number)));
            Append { stream, expected: Expected::NoStream, metadata: Metadata::default(), events }
        };
        for answer in journal.append_many((1..=events).map(append).collect()).await {
            answer.unwrap();
        }
        journal
    }

    #[tokio::test]
    async fn a_tree_that_grew_from_a_cache_is_the_tree_that_was_read_at_once() {
        let journal = journal(1_000).await;
        let mut at_once = Tiles::default();
        at_once.extend(&journal, None).await.unwrap();
        let whole = tree::root(&at_once, 1_000).unwrap();
        for size in [0, 1, 255, 256, 257, 700, 1_000] {
            let mut tiles = Tiles::default();
            tiles.extend(&journal, Some(size)).await.unwrap();
            assert_eq!(tiles.size(), size);
            let mut grown = Tiles::from_cache(&tiles.to_cache(0).1);
            grown.extend(&journal, None).await.unwrap();
            assert_eq!(tree::root(&grown, 1_000).unwrap(), whole, "{size}");
            assert_eq!(grown.end(), Position(1_000));
            assert_eq!(grown.first_difference(&at_once), None);
        }
    }

    #[test]
    fn groups_of_tiles_come_from_the_cache_and_from_one_without_them() {
        const TILES: u64 = 600;
        let mut tiles = Tiles::default();
        for number in 0..TILES * LEAVES as u64 {
            tiles.add(leaf(&number.to_be_bytes()), Position(number + 1));
        }
        assert_eq!(tiles.groups.len(), 2);
        let size = tiles.size();
        let (_, cache) = tiles.to_cache(0);
        assert_eq!(Tiles::from_cache(&cache).groups, tiles.groups);
        assert_eq!(tree::root(&Tiles::from_cache(&cache), size), tree::root(&tiles, size));
        let of_tiles = tiles.complete.iter().map(|tile| tile.hash).collect::<Vec<_>>();
        assert_eq!(tiles.complete(2 * LEVEL, 1), Ok(folded(of_tiles[LEAVES..2 * LEAVES].to_vec())));
        for length in [0, 7, FORMAT.len(), FORMAT.len() + RECORD, FORMAT.len() + 256 * RECORD, cache.len() - 1] {
            let (offset, lacking) = tiles.to_cache(length);
            assert_eq!([&cache[..offset], &lacking].concat(), cache, "{length}");
            let read = Tiles::from_cache(&cache[..length]);
            assert!(read.complete[..] == tiles.complete[..read.complete.len()], "{length}");
        }
        for foreign in [&b"tiles-2\n\xff\xff\xff\xff\xff\xff\xff\xff"[..], &[0; 48]] {
            assert_eq!(Tiles::from_cache(foreign), Tiles::default(), "{foreign:?}");
        }
    }

    #[tokio::test]
    async fn the_cache_of_another_journal_is_not_used() {
        let mut tiles = Tiles::default();
        tiles.extend(&journal(600).await, None).await.unwrap();
        let (_, cache) = tiles.to_cache(0);
        assert_eq!(Tiles::of_journal(&cache, &journal(700).await).await.unwrap(), Tiles::from_cache(&cache));
        // An older state of the same journal lacks events of the last tile.
        assert_eq!(Tiles::of_journal(&cache, &journal(500).await).await.unwrap(), Tiles::default());
        let mut other = cache.clone();
        other[FORMAT.len() + 2 * RECORD - 1] ^= 1;
        assert_eq!(Tiles::of_journal(&other, &journal(700).await).await.unwrap(), Tiles::default());
    }

    #[tokio::test]
    async fn proofs_load_the_tiles_they_need() {
        let journal = journal(700).await;
        let mut tiles = Tiles::default();
        tiles.extend(&journal, None).await.unwrap();
        for index in [0, 255, 256, 600, 699] {
            let path = loop {
                match tree::inclusion(&tiles, index, 700) {
                    Ok(path) => break path,
                    Err(missing) => tiles.load(&journal, missing).await.unwrap(),
                }
            };
            let entry = journal.entries(Position(index), 1).await.unwrap().remove(0);
            let root = tree::root(&tiles, 700).unwrap();
            assert!(tree::proves_inclusion(leaf(&entry.hash), index, 700, &path, &root), "{index}");
        }
    }
}
