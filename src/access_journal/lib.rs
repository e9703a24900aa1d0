//! The access journal: which requests were refused and why, who logged in, which versions went to whose program.
//!
//! It is a journal of its own, because it is kept for a limited time only. Each week has a file (a *segment*), which
//! begins with the end of the file before it, so that the hashes form one chain; the main journal gets an anchor of it
//! from time to time. A segment that is too old is removed as a whole, and what is left can still be verified.
//!
//! **Invariant:** no request waits for it. What cannot be written in time, and what is more than one person may cause in
//! an hour, is counted, and the count is recorded.

#![warn(missing_docs)]

mod allowance;
mod read;
mod recorder;
mod segment;
mod served;
mod verify;
mod writer;

pub use allowance::{MAX_COUNTED, MAX_EVENTS_PER_HOUR};
pub use read::{Access, read};
pub use recorder::{
    MAX_PATH_BYTES, MAX_REFUSED_BODY_BYTES, MAX_SERVED_OBJECTS, MAX_WAITING, Recorder, Refused, Served,
};
pub use segment::{Settings, id};
pub use served::MAX_REMEMBERED;
pub use verify::{Finding, Verified, verify};

use std::{io, path::PathBuf};

use journal::{Failure, sqlite::OpenError};

/// Name of the folder beside the main journal.
pub const FOLDER: &str = "access";

/// Why the access journal cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The folder cannot be read or written.
    #[error("the access journal in {}: {cause}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// A segment cannot be opened.
    #[error("the access journal's file {}: {cause}", file.display())]
    Open {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        cause: OpenError,
    },
    /// A segment cannot be read or written.
    #[error("the access journal: {0}")]
    Journal(#[from] Failure),
}
