//! Proof that the journal is what it was: signed heads, and proofs that lead to them.
//!
//! A head is a checkpoint of a transparency log (C2SP `tlog-checkpoint`): origin, number of events, root of the Merkle tree
//! over the links of the hash chain (RFC 6962), signed with Ed25519. Whoever keeps one outside of the server can tell later
//! whether an event that it covers was changed, removed or added.

pub mod bundle;
pub mod checkpoint;
pub mod key;
pub mod note;
pub mod tiles;
pub mod tree;
