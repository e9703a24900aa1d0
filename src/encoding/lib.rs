//! The stored form of events: large payloads are compressed, and personal data is encrypted, if the
//! operator has switched these on. This is a layer above any engine of the journal.
//!
//! Events that are appended through an [`Encoded`] journal are encoded, and events that are read
//! through it are decoded. The hash chain covers the stored bytes, so it can be verified even
//! without the keys. An event the key of whose payload was destroyed is read as
//! [`schemas::Event::Erased`].
//!
//! **Invariant:** with encryption, the payload of an event is encrypted under the key of the
//! principal to whom its stream belongs, or in an access journal, of the caller. The personal part
//! of its envelope is encrypted under the key of the principal who acted. Where no principal is
//! known, it is the key of the server. Identities, times and types are not encrypted, nor are the
//! payloads of the two types of events that hold nothing personal.

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
