//! The vault: secrets that people may want destroyed one day, apart from the journal that stays as
//! it is.
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
//! **Invariant:** what a call has stored is durable when it returns; what it removed can be read in
//! no file of the vault any more. No copy of the journal holds any of it.

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
