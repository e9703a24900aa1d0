//! A client for the directory of an organisation (LDAP, RFC 4511): `OpenLDAP`, Active Directory and
//! others.
//!
//! **Invariant:** what a directory sends is bounded and checked before it is decoded (`guard`), a
//! password is sent over TLS or within the machine only (`server`), and an empty password is never
//! sent (RFC 4513 §5.1.2).
//!
//! - `settings` and `server` say where the directory is and what is looked up;
//! - `connection` opens a connection, binds and searches, through `guard` and `tls`;
//! - `login` checks a password by binding as the person;
//! - `snapshot` makes of all entries what this server wants to know of people, rooms and groups.

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
