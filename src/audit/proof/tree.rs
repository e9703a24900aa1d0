//! The Merkle tree over the events (RFC 6962 §2.1), and its proofs.
//!
//! The data of each leaf is the hash of an event (32 bytes), in the journal's order.
//!
//! **Invariant:** these functions are pure. Hashes of complete subtrees come from [`Hashes`]; the
//! hashes at the right edge are computed here.

use sha2::{Digest, Sha256};

/// The hash of a node of the tree.
pub type Node = [u8; 32];

/// A source of the hashes of complete subtrees.
pub trait Hashes {
    /// The error if a hash cannot be computed.
    type Error;

    /// Returns the hash over `1 << level` leaves that begin with leaf `index << level`. All of
    /// these leaves exist.
    fn complete(&self, level: u32, index: u64) -> Result<Node, Self::Error>;
}

/// Returns the hash of a leaf (RFC 6962 §2.1).
pub fn leaf(data: &[u8]) -> Node {
    Sha256::new().chain_update([0]).chain_update(data).finalize().into()
}

/// Returns the hash of a node with the given two children.
pub fn node(left: &Node, right: &Node) -> Node {
    Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
}

/// Returns the root of an empty tree.
pub fn empty() -> Node {
    Sha256::digest([]).into()
}

/// Returns the root of the tree over the first `size` leaves.
pub fn root<H: Hashes>(hashes: &H, size: u64) -> Result<Node, H::Error> {
    if size == 0 { Ok(empty()) } else { range(hashes, 0, size) }
}

/// Returns the path that proves that leaf `index` is in the tree of `size` leaves (RFC 6962
/// §2.1.1).
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

/// Returns the nodes that prove that the tree of `old` leaves is a prefix of the tree of `new`
/// leaves (RFC 9162 §2.1.4.1).
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

/// Returns true if the path leads from the leaf to the root (RFC 9162 §2.1.3.2).
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
    // The root of an old tree whose size is a power of two is a node of the new tree, and so it is
    // not part of the path.
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

/// Returns the hash over the leaves `start..end`. `start` must be a multiple of the largest power
/// of two that is not greater than their number.
fn range<H: Hashes>(hashes: &H, start: u64, end: u64) -> Result<Node, H::Error> {
    let count = end - start;
    if count.is_power_of_two() && start.is_multiple_of(count) {
        return hashes.complete(count.trailing_zeros(), start / count);
    }
    let middle = start + split(count);
    Ok(node(&range(hashes, start, middle)?, &range(hashes, middle, end)?))
}

/// Returns the largest power of two that is less than `count`, which must be greater than 1.
fn split(count: u64) -> u64 {
    1 << (u64::BITS - 1 - (count - 1).leading_zeros())
}

#[cfg(test)]
mod tests;
