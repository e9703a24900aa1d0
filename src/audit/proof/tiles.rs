//! A cache of the Merkle tree in tiles of 256 events. With it, computing a head only reads the
//! events since the last one.
//!
//! **Invariant:** the tiles are only a cache. `verify` computes all of them again from the journal.

use std::collections::BTreeMap;

use journal::Journal;
use schemas::Position;

use super::tree::{Hashes, Node, leaf, node};

/// Number of levels of the tree in a tile: it has two to this power leaves.
const LEVEL: u32 = 8;
/// Number of leaves in a tile.
const LEAVES: usize = 1 << LEVEL;
/// Bytes of a tile in the cache file: the position before its first event, and its hash.
const BYTES: usize = 8 + 32;
/// The first bytes of a cache file. A file of the earlier format begins with the position before
/// the first event instead, which is 0.
const FORMAT: &[u8; 8] = b"tiles-2\n";

/// The Merkle tree over the first events of a journal.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tiles {
    complete: Vec<Tile>,
    /// The hash over each group of 256 complete tiles.
    groups: Vec<Node>,
    /// The leaves after the last complete tile.
    rest: Vec<Node>,
    /// Position before the first leaf in `rest`.
    begun: Position,
    /// Position of the last event in the tree.
    end: Position,
    /// Leaves of complete tiles that were loaded because a proof needed them, by number of the
    /// tile.
    loaded: BTreeMap<u64, Vec<Node>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Tile {
    /// Position before the first event of the tile.
    after: Position,
    hash: Node,
}

/// The error that the leaves of a complete tile are needed, but not loaded. The number is that of
/// the tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missing(u64);

impl Tiles {
    /// Reads the tiles from the bytes of a cache file; returns an empty tree if they have an
    /// unknown format.
    pub fn from_cache(bytes: &[u8]) -> Self {
        let (groups, tiles) = match bytes.split_first_chunk() {
            Some((FORMAT, rest)) => groups(rest).unwrap_or_default(),
            _ => (vec![], bytes),
        };
        let tile = |bytes: &[u8]| {
            let (after, hash) = bytes.split_at(8);
            Some(Tile { after: Position(u64::from_be_bytes(after.try_into().ok()?)), hash: hash.try_into().ok()? })
        };
        let tiles = tiles.chunks_exact(BYTES);
        let Ok(end) = tiles.remainder().try_into().map(u64::from_be_bytes) else { return Self::default() };
        let complete = tiles.filter_map(tile).collect();
        let mut read = Self { complete, groups, end: Position(end), ..Self::default() };
        read.groups.truncate(read.complete.len() / LEAVES);
        read.group();
        read
    }

    /// Returns the bytes of a cache file: the complete tiles, and the position after them.
    pub fn to_cache(&self) -> Vec<u8> {
        let tiles = self.complete.iter().flat_map(|tile| tile.after.0.to_be_bytes().into_iter().chain(tile.hash));
        let end = if self.rest.is_empty() { self.end } else { self.begun };
        let number = (self.groups.len() as u64).to_be_bytes();
        let head = FORMAT.iter().copied().chain(number).chain(self.groups.iter().flatten().copied());
        head.chain(tiles).chain(end.0.to_be_bytes()).collect()
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
        if self.rest.is_empty() {
            self.begun = self.end;
        }
        self.rest.push(leaf);
        self.end = position;
        if self.rest.len() == LEAVES {
            let hash = folded(std::mem::take(&mut self.rest));
            self.complete.push(Tile { after: self.begun, hash });
            self.group();
        }
    }

    /// Returns the number of events in the tree.
    pub fn size(&self) -> u64 {
        (self.complete.len() * LEAVES + self.rest.len()) as u64
    }

    /// Returns the position of the last event in the tree.
    pub fn end(&self) -> Position {
        self.end
    }

    /// Returns the position before the first event of a tile. The tile may be the last, incomplete
    /// one.
    pub(super) fn before(&self, number: u64) -> Position {
        let complete = usize::try_from(number).ok().and_then(|number| self.complete.get(number));
        complete.map_or(self.begun, |tile| tile.after)
    }

    /// Loads the leaves of a complete tile, because a proof needs them.
    pub async fn load(&mut self, journal: &dyn Journal, Missing(number): Missing) -> Result<(), journal::Failure> {
        let tile = usize::try_from(number).ok().and_then(|number| self.complete.get(number).copied());
        let mut after = tile.map(|tile| tile.after).unwrap_or_default();
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

/// Reads the hashes of groups from a cache file, where their count stands before them. Returns the
/// hashes and the remaining bytes; `None` if there are too few bytes.
fn groups(bytes: &[u8]) -> Option<(Vec<Node>, &[u8])> {
    let (number, rest) = bytes.split_first_chunk().map(|(number, rest)| (u64::from_be_bytes(*number), rest))?;
    let bytes = usize::try_from(number).ok()?.checked_mul(size_of::<Node>())?;
    let (groups, rest) = rest.split_at_checked(bytes)?;
    Some((groups.as_chunks().0.to_vec(), rest))
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
            let mut grown = Tiles::from_cache(&tiles.to_cache());
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
        let cache = tiles.to_cache();
        assert_eq!(Tiles::from_cache(&cache).groups, tiles.groups);
        let earlier = &cache[FORMAT.len() + 8 + 2 * size_of::<Node>()..];
        for bytes in [&cache[..], earlier] {
            assert_eq!(tree::root(&Tiles::from_cache(bytes), size), tree::root(&tiles, size));
        }
        let of_tiles = tiles.complete.iter().map(|tile| tile.hash).collect::<Vec<_>>();
        assert_eq!(tiles.complete(2 * LEVEL, 1), Ok(folded(of_tiles[LEAVES..2 * LEAVES].to_vec())));
        for broken in [&cache[..9], &cache[..20], b"tiles-2\n\xff\xff\xff\xff\xff\xff\xff\xff"] {
            assert_eq!(Tiles::from_cache(broken), Tiles::default(), "{broken:?}");
        }
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
