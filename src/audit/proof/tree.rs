//! The Merkle tree over the events (RFC 6962 §2.1), and its proofs.
//!
//! A leaf's data are the 32 bytes of an event's link of the hash chain, in the journal's order.
//!
//! **Invariant:** pure. Hashes of complete subtrees are asked of [`Hashes`]; the right edge is
//! computed.

use sha2::{Digest, Sha256};

/// A node of the tree.
pub type Node = [u8; 32];

/// Hashes of complete subtrees.
pub trait Hashes {
    /// Why a hash could not be computed.
    type Error;

    /// Returns the hash over the leaves from `index << level`, `1 << level` of them. All of them
    /// exist.
    fn complete(&self, level: u32, index: u64) -> Result<Node, Self::Error>;
}

/// Returns the hash of a leaf (RFC 6962 §2.1).
pub fn leaf(data: &[u8]) -> Node {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// Returns the hash of a node above two others.
pub fn node(left: &Node, right: &Node) -> Node {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Returns the hash of an empty tree.
pub fn empty() -> Node {
    Sha256::digest([]).into()
}

/// Returns the root over the first `size` leaves.
pub fn root<H: Hashes>(hashes: &H, size: u64) -> Result<Node, H::Error> {
    if size == 0 { Ok(empty()) } else { range(hashes, 0, size) }
}

/// Returns the path that proves the leaf `index` in the tree of `size` leaves (RFC 6962 §2.1.1).
pub fn inclusion<H: Hashes>(hashes: &H, index: u64, size: u64) -> Result<Vec<Node>, H::Error> {
    let (mut start, mut end, mut path) = (0, size, vec![]);
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            path.push(range(hashes, middle, end)?);
            end = middle;
        } else {
            path.push(range(hashes, start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// Returns the nodes that prove that the tree of `old` leaves is the beginning of that of `new`
/// (RFC 9162 §2.1.4.1).
pub fn consistency<H: Hashes>(hashes: &H, old: u64, new: u64) -> Result<Vec<Node>, H::Error> {
    let (mut start, mut end, mut path, mut is_whole) = (0, new, vec![], true);
    if old == 0 || old == new {
        return Ok(path);
    }
    while start + (old - start) != end {
        let middle = start + split(end - start);
        if old <= middle {
            path.push(range(hashes, middle, end)?);
            end = middle;
        } else {
            path.push(range(hashes, start, middle)?);
            start = middle;
            is_whole = false;
        }
    }
    if !is_whole {
        path.push(range(hashes, start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// Returns true if the path leads from a leaf to the root (RFC 9162 §2.1.3.2).
pub fn proves_inclusion(leaf: Node, index: u64, size: u64, path: &[Node], root: &Node) -> bool {
    if index >= size {
        return false;
    }
    let (mut position, mut last, mut hash) = (index, size - 1, leaf);
    for step in path {
        if last == 0 {
            return false;
        }
        if position % 2 == 1 || position == last {
            hash = node(step, &hash);
            while position.is_multiple_of(2) && position != 0 {
                (position, last) = (position >> 1, last >> 1);
            }
        } else {
            hash = node(&hash, step);
        }
        (position, last) = (position >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Returns true if the nodes prove that the old tree is a prefix of the new one (RFC 9162
/// §2.1.4.2).
pub fn proves_consistency((old, old_root): (u64, &Node), (new, new_root): (u64, &Node), path: &[Node]) -> bool {
    if old == new {
        return path.is_empty() && old_root == new_root;
    }
    if old == 0 {
        return path.is_empty();
    }
    if old > new {
        return false;
    }
    // A complete old tree is a node of the new tree, and so not part of the path.
    let mut path = path.iter();
    let first = if old.is_power_of_two() { Some(old_root) } else { path.next() };
    let Some(first) = first else { return false };
    let (mut position, mut last) = (old - 1, new - 1);
    while position % 2 == 1 {
        (position, last) = (position >> 1, last >> 1);
    }
    let (mut old_hash, mut new_hash) = (*first, *first);
    for step in path {
        if last == 0 {
            return false;
        }
        if position % 2 == 1 || position == last {
            (old_hash, new_hash) = (node(step, &old_hash), node(step, &new_hash));
            while position.is_multiple_of(2) && position != 0 {
                (position, last) = (position >> 1, last >> 1);
            }
        } else {
            new_hash = node(&new_hash, step);
        }
        (position, last) = (position >> 1, last >> 1);
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

/// The hash over the leaves `start..end`; `start` is a multiple of the largest power of two that
/// fits.
fn range<H: Hashes>(hashes: &H, start: u64, end: u64) -> Result<Node, H::Error> {
    let count = end - start;
    if count.is_power_of_two() && start.is_multiple_of(count) {
        return hashes.complete(count.trailing_zeros(), start / count);
    }
    let middle = start + split(count);
    Ok(node(&range(hashes, start, middle)?, &range(hashes, middle, end)?))
}

/// The largest power of two below `count`, which is more than 1.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

#[cfg(test)]
mod tests;
