//! Replaces a journal by a copy of a journal.
//!
//! **Invariant:** a half-replaced journal is neither opened, for appending or for reading, nor
//! copied or measured. A marker file is created before the first file is moved, and removed when
//! the copy is in place. While the marker exists, all of this fails, but another restore is
//! possible. The files of the old journal are not deleted, but moved to a separate folder. The copy
//! records that it was restored, because its next positions may have been used for events that are
//! now lost, and clients may hold tokens with such positions.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags};
use schemas::Timestamp;

use super::{
    OpenError, backup,
    lock::{Lock, with_suffix},
    reading, rows, schema, witness,
};
use crate::{Restored, chain::Head};

/// Ending of the name of the marker, a file that exists while a restore replaces the journal's
/// files.
const MARKER: &str = "-restoring";
/// Ending of the name that the copy has until it replaces the journal.
const PARTIAL: &str = "-restored";

/// The reason for which a journal was not replaced by a copy.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The copy cannot be read, or is not an intact journal, or cannot be copied beside the
    /// journal, which is unchanged.
    #[error("the copy {} cannot be used: {cause}", path.display())]
    Copy {
        /// The path of the copy.
        path: PathBuf,
        /// The reason why the copy cannot be used.
        cause: OpenError,
    },
    /// The copy and the journal are the same file.
    #[error("{} is the journal itself; name a copy of it", .0.display())]
    Itself(PathBuf),
    /// The journal is in use, or its files cannot be replaced.
    #[error(transparent)]
    Journal(#[from] OpenError),
}

/// Replaces the journal at `to` by a copy of the one at `from`. The old files are moved to the
/// folder `aside`. Returns the head of the new journal.
///
/// `at` is the current time, which identifies this restore. `progress` is called with the number of
/// copied pages and the number of all pages. `forget` is called while the journal is locked and
/// must remove the data derived from the old journal. Only the end of the copy's hash chain is
/// checked here; use [`verify`](crate::verify()) to check the whole chain.
pub fn restore(
    from: &Path,
    to: &Path,
    aside: &Path,
    at: Timestamp,
    progress: impl FnMut(u64, u64),
    forget: impl FnOnce() -> io::Result<()>,
) -> Result<Head, RestoreError> {
    let unusable = |cause| RestoreError::Copy { path: from.to_owned(), cause };
    // First, because an interrupted restore can have moved the file away.
    is_finished(from).map_err(unusable)?;
    reading::exists(from).map_err(unusable)?;
    if to.exists() && same_file(from, to)? {
        return Err(RestoreError::Itself(from.to_owned()));
    }
    let lock = Lock::take(to)?;
    let partial = with_suffix(to, PARTIAL);
    let source = reading::connect(from).map_err(|cause| unusable(cause.into()))?;
    schema::check(&source).map_err(unusable)?;
    let head = backup::copy(&source, &partial, progress).map_err(unusable)?;
    record(&partial, Restored { position: head.position, at })?;
    replace(to, &partial, aside, forget).map_err(OpenError::from)?;
    drop(lock);
    Ok(head)
}

/// Records the restore in the copied journal.
fn record(partial: &Path, restored: Restored) -> Result<(), OpenError> {
    let connection = Connection::open_with_flags(partial, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    rows::add_restore(&connection, restored)?;
    drop(connection);
    Ok(File::open(partial)?.sync_all()?)
}

fn replace(to: &Path, partial: &Path, aside: &Path, forget: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    let marker = with_suffix(to, MARKER);
    File::create(&marker)?.sync_all()?;
    backup::sync_folder(to)?;
    fs::create_dir_all(aside)?;
    for file in [to.to_owned(), with_suffix(to, "-wal"), with_suffix(to, "-shm"), witness::path(to)] {
        let name = file.file_name().expect("the path of a journal has a file name");
        match fs::rename(&file, aside.join(name)) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            moved => moved?,
        }
    }
    forget()?;
    fs::rename(partial, to)?;
    backup::sync_folder(to)?;
    fs::remove_file(marker)?;
    backup::sync_folder(to)
}

/// Checks that no restore was interrupted; returns [`OpenError::HalfRestored`] otherwise.
pub(super) fn is_finished(journal: &Path) -> Result<(), OpenError> {
    if with_suffix(journal, MARKER).try_exists()? { Err(OpenError::HalfRestored(journal.to_owned())) } else { Ok(()) }
}

fn same_file(one: &Path, other: &Path) -> Result<bool, OpenError> {
    Ok(fs::canonicalize(one)? == fs::canonicalize(other)?)
}
