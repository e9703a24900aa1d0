//! The vault stores secrets that may have to be destroyed one day. It is separate from the journal,
//! whose events never change.
//!
//! ```
//! use schemas::{PasswordId, PrincipalId, Timestamp};
//! use uuid::Uuid;
//! use vault::{Memory, Password, Vault as _};
//!
//! let vault = Memory::new();
//! let (id, principal) = (PasswordId(Uuid::from_u128(1)), PrincipalId(Uuid::from_u128(2)));
//! vault.keep(&[Password::new(id, principal, None, "$argon2id$…", Timestamp::from_seconds(0))])?;
//! assert_eq!(vault.password(id)?.map(|password| password.principal), Some(principal));
//! # Ok::<(), vault::Failure>(())
//! ```
//!
//! **Invariant:** data that a call stores in [`Sqlite`] is durable when the call returns. Data that
//! it removes is in no file of the vault any more, but copies of the vault may contain it. No event
//! of the journal contains a secret of the vault, except the password hashes in events of the first
//! version.

#![warn(missing_docs)]

mod altered;
mod key;
mod memory;
mod password;
mod port;
pub mod sqlite;

pub use altered::{Altered, Secret};
pub use key::Key;
pub use memory::Memory;
pub use password::Password;
pub use port::{Failure, Vault};
pub use sqlite::Sqlite;
