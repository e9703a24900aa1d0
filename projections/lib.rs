//! Read models: folds over the journal, each in an SQLite file of its own.
//!
//! **Invariant:** only the pump feeds them, in order; a checkpoint and the rows it stands for commit together. They
//! append nothing, ask nobody, and may be deleted at any time: the journal brings them back.

mod carrier;
pub mod collections;
mod failure;
mod feed;
mod file;
pub mod principals;
mod progress;
mod projection;
mod read_models;
mod readers;
mod recent;
mod scope;
pub mod timeline;
mod writer;

pub use collections::{Changes, Collection, Inherited, Member, SEPARATOR, Snapshot};
pub use failure::Failure;
pub use feed::Feed;
pub use principals::{Conflict, Directory, Entry};
pub use progress::Behind;
pub use read_models::ReadModels;
