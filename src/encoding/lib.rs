//! How events are stored: compressed, and encrypted where it is switched on. A layer above any
//! engine of the journal.
//!
//! What is appended through an [`Encoded`] journal is encoded, and what is read through it is
//! decoded. The chain covers the bytes as they are stored, so it holds whatever becomes of the
//! keys. An event whose key was destroyed is read as [`schemas::Event::Erased`].
//!
//! **Invariant:** the payload of an event is encrypted under the key of the one person whose stream
//! it is in, and the personal part of its envelope under the key of the person who acted.
//! Identities, times and types stay clear.

#![warn(missing_docs)]

mod cipher;
mod compression;
mod encoded;
mod keys;
mod owner;
mod personal;
mod sealing;

pub use cipher::{SEALED, SEALED_COMPRESSED};
pub use compression::MIN_COMPRESSED_BYTES;
pub use encoded::Encoded;
pub use keys::{Keys, SERVER};
pub use sealing::key_of;
