//! Signed heads of the journal, and proofs that events belong to the journal of a head.
//!
//! A head is a checkpoint of a transparency log (C2SP `tlog-checkpoint`): the origin, the number of
//! events, and the root of the Merkle tree (RFC 6962) whose leaves are the hashes of the events. It
//! is signed with Ed25519. With a head that is kept outside the server, one can detect later
//! whether an event that it covers was changed, removed or added.

pub mod bundle;
pub mod checkpoint;
pub mod key;
pub mod note;
pub mod served;
pub mod tiles;
pub mod tree;
