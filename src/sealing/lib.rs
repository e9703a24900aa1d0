//! Encryption of events, as a layer above any engine of the journal.
//!
//! What is appended through a [`Sealed`] journal is stored encrypted, and what is read through it is decrypted. The chain
//! covers the bytes as they are stored, so it holds whatever becomes of the keys. An event whose key was destroyed is
//! read as [`schemas::Event::Erased`].
//!
//! **Invariant:** the payload of an event is encrypted under the key of the one person whose stream it is in, and the
//! personal part of its envelope under the key of the person who acted. Identities, times and types stay clear.

#![warn(missing_docs)]

mod cipher;
mod keys;
mod owner;
mod personal;
mod sealed;

pub use cipher::ENCODING;
pub use keys::{Keys, SERVER};
pub use sealed::Sealed;
