//! A client for the directory of an organisation (LDAP, RFC 4511): `OpenLDAP`, Active Directory and
//! others.
//!
//! **Invariant:** the data from a directory is limited and checked before it is decoded (`guard`).
//! A password is only sent over TLS or within the machine: the caller refuses other settings
//! (`Server::is_this_machine`). An empty password is never sent (RFC 4513 §5.1.2).
//!
//! - `settings` and `server` hold the addresses of the directory, and the entries and attributes to
//!   read;
//! - `connection` opens a connection, binds and searches, with `guard` in front of the decoder;
//! - `login` checks a password by binding as the person;
//! - `snapshot` turns all entries into the people, rooms and groups that this server imports.

mod connection;
mod directory;
mod entry;
mod failure;
mod filter;
mod guard;
mod login;
mod server;
mod settings;
mod snapshot;

pub use directory::Directory;
pub use failure::Failure;
pub use filter::is_filter;
pub use peer::Secret;
pub use server::Server;
pub use settings::{Account, Attributes, Kind, PrimaryGroup, Search, Settings};
pub use snapshot::{Group, Listed, Snapshot};
