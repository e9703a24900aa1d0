//! Signed heads of the journal, and proofs that events belong to them.
//!
//! A head is a checkpoint of a transparency log (C2SP `tlog-checkpoint`): origin, number of events,
//! root of the Merkle tree over the links of the hash chain (RFC 6962), signed with Ed25519. With a
//! head that was kept outside of the server, one can detect later whether an event that it covers
//! was changed, removed or added.

pub mod bundle;
pub mod checkpoint;
pub mod key;
pub mod note;
pub mod served;
pub mod tiles;
pub mod tree;
