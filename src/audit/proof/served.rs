//! The Merkle tree in the form that other programs read over HTTP: a checkpoint, tiles of hashes,
//! and bundles of entries (C2SP `tlog-tiles`).
//!
//! An entry is only the hash of an event, 32 bytes, so that the tiles do not reveal the event.

use journal::Journal;

use super::{
    tiles::{Missing, Tiles},
    tree::{Hashes as _, Node},
};

/// Number of hashes in a full tile, and of entries in a full bundle.
pub const WIDTH: usize = 256;
/// Highest level of tiles. No journal ever has 256⁷ events, for which a higher level would be
/// needed.
const MAX_LEVEL: u32 = 6;
/// Maximum number of digits in the number of a tile.
const MAX_NUMBER_DIGITS: usize = 18;

/// The part of the signed Merkle tree that a client requests: the head, a tile or a bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// The last signed head.
    Checkpoint,
    /// A tile of hashes.
    Tile {
        /// Level of the tile. Level 0 has the hashes of entries; each higher level has one hash for
        /// each full tile of the level below.
        level: u32,
        /// Number of the tile in its level, from 0.
        number: u64,
        /// Number of hashes in the tile: [`WIDTH`], or fewer for a partial tile.
        width: usize,
    },
    /// A bundle of entries.
    Entries {
        /// Number of the bundle, from 0.
        number: u64,
        /// Number of entries in the bundle.
        width: usize,
    },
}

impl Wanted {
    /// Parses a path such as `checkpoint`, `tile/0/x001/234`, `tile/0/x001/234.p/5` or
    /// `tile/entries/000`; `None` for any other path.
    pub fn parse(path: &str) -> Option<Self> {
        if path == "checkpoint" {
            return Some(Self::Checkpoint);
        }
        let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let (number, width) = match rest.split_once(".p/") {
            Some((number, width)) => (number, decimal(width).filter(|width| (1..WIDTH as u64).contains(width))?),
            None => (rest, WIDTH as u64),
        };
        let (number, width) = (self::number(number)?, usize::try_from(width).ok()?);
        if level == "entries" {
            return Some(Self::Entries { number, width });
        }
        let level = u32::try_from(decimal(level)?).ok().filter(|level| *level <= MAX_LEVEL)?;
        Some(Self::Tile { level, number, width })
    }
}

/// Parses a number without leading zeros; `None` for any other text.
fn decimal(text: &str) -> Option<u64> {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| is_plain)
}

/// Parses a number such as `x001/234`: groups of three digits, all but the last after an `x`.
/// `None` for any other text.
fn number(text: &str) -> Option<u64> {
    let groups: Vec<&str> = text.split('/').collect();
    let (last, before) = groups.split_last()?;
    let before = before.iter().map(|group| group.strip_prefix('x')).collect::<Option<Vec<_>>>()?;
    let digits = before.into_iter().chain([*last]).collect::<Vec<_>>();
    let is_group = |group: &&str| group.len() == 3 && group.bytes().all(|byte| byte.is_ascii_digit());
    let is_shortest = digits.len() == 1 || digits.first() != Some(&"000");
    let text = digits.concat();
    (digits.iter().all(is_group) && is_shortest && text.len() <= MAX_NUMBER_DIGITS).then(|| text.parse().ok())?
}

impl Tiles {
    /// Returns the first `width` hashes of a tile, concatenated; `None` if the tree does not have
    /// all of them. An error if leaves must be loaded first.
    pub fn hashes(&self, level: u32, number: u64, width: usize) -> Result<Option<Vec<u8>>, Missing> {
        let first = number.saturating_mul(WIDTH as u64);
        let known = self.size().checked_shr(8 * level).unwrap_or_default();
        if first.saturating_add(width as u64) > known {
            return Ok(None);
        }
        let nodes = (0..width as u64).map(|at| self.complete(8 * level, first + at)).collect::<Result<Vec<Node>, _>>();
        Ok(Some(nodes?.concat()))
    }

    /// Returns the first `width` entries of a bundle, each after its length in two bytes
    /// (big-endian); `None` if the tree does not have all of them.
    pub async fn entries(
        &self,
        journal: &dyn Journal,
        number: u64,
        width: usize,
    ) -> Result<Option<Vec<u8>>, journal::Failure> {
        let first = number.saturating_mul(WIDTH as u64);
        if first.saturating_add(width as u64) > self.size() {
            return Ok(None);
        }
        let (mut bytes, mut after, mut left) = (vec![], self.before(number), width);
        while left > 0 {
            let page = journal.entries(after, left).await?;
            let Some(last) = page.last() else { return Ok(None) };
            (after, left) = (last.position, left - page.len());
            for entry in &page {
                bytes.extend(u16::try_from(entry.hash.len()).unwrap_or_default().to_be_bytes());
                bytes.extend(&entry.hash);
            }
        }
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_tlog_tiles_and_no_others() {
        let tile = |level, number, width| Some(Wanted::Tile { level, number, width });
        for (path, expected) in [
            ("checkpoint", Some(Wanted::Checkpoint)),
            ("tile/0/000", tile(0, 0, 256)),
            ("tile/2/x001/x234/067", tile(2, 1_234_067, 256)),
            ("tile/0/x001/067.p/8", tile(0, 1_067, 8)),
            ("tile/entries/003.p/255", Some(Wanted::Entries { number: 3, width: 255 })),
            ("tile/0/000.p/256", None),
            ("tile/0/000.p/0", None),
            ("tile/0/0", None),
            ("tile/0/x000/001", None),
            ("tile/0/001/002", None),
            ("tile/00/000", None),
            ("tile/7/000", None),
            ("tile/0/x999/x999/x999/x999/x999/x999/999", None),
            ("tile/../000", None),
            ("", None),
        ] {
            assert_eq!(Wanted::parse(path), expected, "{path}");
        }
    }
}
