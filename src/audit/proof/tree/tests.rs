use std::convert::Infallible;

use super::*;

/// The leaves of a tree, whose hashes are computed exactly as RFC 6962 §2.1 defines them.
struct Leaves(Vec<Vec<u8>>);

impl Leaves {
    fn of(count: u64) -> Self {
        Self((0..count).map(|number| number.to_be_bytes().to_vec()).collect())
    }

    fn hash(leaves: &[Vec<u8>]) -> Node {
        match leaves {
            [] => empty(),
            [one] => leaf(one),
            many => {
                let middle = usize::try_from(split(many.len() as u64)).unwrap();
                node(&Self::hash(&many[..middle]), &Self::hash(&many[middle..]))
            }
        }
    }
}

impl Hashes for Leaves {
    type Error = Infallible;

    fn complete(&self, level: u32, index: u64) -> Result<Node, Infallible> {
        let (start, count) = (usize::try_from(index << level).unwrap(), 1 << level);
        Ok(Self::hash(&self.0[start..start + count]))
    }
}

fn ok<T>(result: Result<T, Infallible>) -> T {
    result.unwrap_or_else(|never| match never {})
}

/// The test vectors of the reference implementation of RFC 6962.
#[test]
fn the_roots_are_those_of_the_reference_implementation() {
    let data = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let bytes =
        |hex: &str| (0..hex.len() / 2).map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap()).collect();
    let leaves = Leaves(data.iter().map(|hex| bytes(hex)).collect());
    let hex = |node: Node| schemas::Hash(node).to_string();
    assert_eq!(hex(ok(root(&leaves, 0))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_eq!(hex(ok(root(&leaves, 1))), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
    assert_eq!(hex(ok(root(&leaves, 2))), "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125");
    assert_eq!(hex(ok(root(&leaves, 3))), "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77");
    assert_eq!(hex(ok(root(&leaves, 8))), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

#[test]
fn every_leaf_of_every_tree_is_proved_and_no_other_leaf_is() {
    for size in 1..40 {
        let leaves = Leaves::of(size);
        let top = ok(root(&leaves, size));
        for index in 0..size {
            let path = ok(inclusion(&leaves, index, size));
            let own = leaf(&index.to_be_bytes());
            assert!(proves_inclusion(own, index, size, &path, &top), "{index} of {size}");
            assert!(!proves_inclusion(leaf(b"other"), index, size, &path, &top));
            assert!(!proves_inclusion(own, (index + 1) % size, size, &path, &top) || size == 1);
            assert!(!proves_inclusion(own, index, size, &path, &leaf(b"other")));
            let longer: Vec<_> = path.iter().copied().chain([top]).collect();
            assert!(!proves_inclusion(own, index, size, &longer, &top));
        }
    }
}

#[test]
fn every_tree_is_proved_to_begin_every_longer_one_and_no_other_tree_is() {
    let leaves = Leaves::of(40);
    for new in 1..40 {
        let new_root = ok(root(&leaves, new));
        for old in 1..=new {
            let old_root = ok(root(&leaves, old));
            let path = ok(consistency(&leaves, old, new));
            assert!(proves_consistency((old, &old_root), (new, &new_root), &path), "{old} of {new}");
            assert!(!proves_consistency((old, &leaf(b"other")), (new, &new_root), &path), "{old} of {new}");
            assert!(!proves_consistency((old, &old_root), (new, &leaf(b"other")), &path), "{old} of {new}");
        }
    }
}
