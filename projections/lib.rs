//! Read models: folds over the journal, each in its own SQLite file.
//!
//! **Invariant:** only the projector writes read models, in the journal's order. Rows and
//! checkpoint are committed together. Read models append no events and send no requests. While no
//! server runs, their files may be deleted, because they can be rebuilt from the journal.

mod behind;
pub mod collections;
mod comparison;
mod failure;
mod file;
mod names;
mod paths;
mod position;
pub mod principals;
mod projection;
mod projector;
mod read_models;
mod readers;
mod recent;
mod registry;
mod room_utilisation;
mod scope;
pub mod search;
mod shares;
mod status;
mod table;
mod varint;
pub mod versions;
mod wal;
mod week;
mod writer;

pub use behind::Behind;
pub use collections::{
    Accepted, Changes, Collection, HomeCounts, Inherited, InvitationAnswer, Member, OfferedCalendar, SEPARATOR, Seen,
    SharedAs, Snapshot, Viewed,
};
pub use comparison::{Compared, Comparison, Difference, LeftOut};
pub use failure::Failure;
pub use file::{Checkpoint, Shown};
pub use principals::{Conflict, Directory, Entry, Hosts, folded};
pub use projection::{BatchError, Projection};
pub use projector::{Follower, Projector};
pub use read_models::ReadModels;
pub use status::{Building, Condition, Trouble};
pub use table::Table;
