//! The access journal: refused requests with their reasons, logins, and the data that people read.
//!
//! It is separate from the main journal, because it is kept for a limited time. Each week in which
//! events are recorded has a file (a *segment*). The first event of a segment names the last hash
//! of the segment before it, if there is one, so that all hashes form one chain. The main journal
//! stores an anchor of this chain from time to time. An expired segment is removed as a whole; the
//! rest can still be verified.
//!
//! **Invariant:** no request waits for the access journal. Records that exceed the queue, or the
//! hourly limit of a person or address, are counted instead of written, and the count is recorded.

#![warn(missing_docs)]

mod allowance;
mod layer;
mod read;
mod recorder;
mod segment;
mod served;
mod verify;
mod writer;

pub use allowance::{MAX_COUNTED, MAX_EVENTS_PER_HOUR};
pub use layer::{Layer, plain};
pub use read::{Access, read};
pub use recorder::{
    MAX_PATH_BYTES, MAX_REFUSED_BODY_BYTES, MAX_SERVED_OBJECTS, MAX_WAITING, Recorder, Refused, Served,
};
pub use segment::{Settings, id};
pub use served::MAX_REMEMBERED;
pub use verify::{Finding, Verified, gone, verify};

use std::{io, path::PathBuf};

use journal::{Failure, sqlite::OpenError};

/// Name of the access journal's folder, which is in the data folder.
pub const FOLDER: &str = "access";

/// Reasons why the access journal cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be read or written.
    #[error("the folder of the access journal, {}, cannot be read or written: {cause}", folder.display())]
    Folder {
        /// The folder of the access journal.
        folder: PathBuf,
        /// The error of the operating system.
        cause: io::Error,
    },
    /// A segment cannot be opened.
    #[error(
        "cannot open the access journal's file {}: {cause}. If the file is damaged, stop the server, and move the \
         file and the files that begin with its name to another folder: the other weeks can still be read, and the \
         server begins a new file for the current week only",
        file.display()
    )]
    Open {
        /// The file of the segment.
        file: PathBuf,
        /// The error of the storage engine.
        cause: OpenError,
    },
    /// A segment cannot be read or written.
    #[error("the access journal cannot be read or written: {0}")]
    Journal(#[from] Failure),
}

impl Error {
    /// Returns true if a full disk or an exhausted quota caused the error.
    fn is_without_room(&self) -> bool {
        match self {
            Self::Open { cause, .. } => cause.is_without_room(),
            Self::Journal(failure) => matches!(failure, Failure::Full(_)),
            Self::Folder { cause, .. } => {
                matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
        }
    }
}
