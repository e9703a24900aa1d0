//! Copies a journal while a server writes to it.
//!
//! **Invariant:** the copy is the journal as it was at one moment. The copy gets its final name
//! only after it is complete, synced to the disk, and the end of its chain is checked. An existing
//! file of that name is never overwritten.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    time::Duration,
};

use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};

use super::{
    OpenError, PATIENCE,
    lock::{MODE, with_suffix},
    reading, recent, restore, rows, schema,
};
use crate::chain::Head;

/// Number of pages copied between two reports of progress: 16 MiB.
const PAGES_AT_ONCE: i32 = 1_024;
/// Pause before the next attempt while another connection holds the file, such as an operator's
/// shell.
const PAUSE: Duration = Duration::from_millis(50);

/// The reason for which a backup failed.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A file with the name of the copy exists already.
    #[error("{} exists already; choose a new file for the copy", .0.display())]
    Exists(PathBuf),
    /// The copy cannot be made: its file cannot be written, or the journal's pages cannot be read,
    /// or the end of the copied chain is not intact.
    #[error("cannot make the copy {}: {cause}", path.display())]
    Copy {
        /// The path of the copy.
        path: PathBuf,
        /// The reason why the copy cannot be made.
        cause: OpenError,
    },
    /// The journal cannot be opened.
    #[error(transparent)]
    Journal(#[from] OpenError),
}

/// Copies the journal at `from` to the new file `to`, and returns the head of the copy. `progress`
/// is called with the number of copied pages and the number of all pages.
pub fn backup(from: &Path, to: &Path, progress: impl FnMut(u64, u64)) -> Result<Head, BackupError> {
    let of_copy = |cause: OpenError| BackupError::Copy { path: to.to_owned(), cause };
    if to.try_exists().map_err(|cause| of_copy(cause.into()))? {
        return Err(BackupError::Exists(to.to_owned()));
    }
    restore::is_finished(from)?;
    reading::exists(from)?;
    let source = reading::connect(from).map_err(OpenError::from)?;
    schema::check(&source)?;
    let partial = with_suffix(to, ".partial");
    let copied = copy(&source, &partial, progress).and_then(|head| {
        // A hard link fails if the target appeared meanwhile; a rename would replace the target.
        fs::hard_link(&partial, to)?;
        sync_folder(to)?;
        Ok(head)
    });
    drop(fs::remove_file(&partial));
    copied.map_err(|cause| match cause {
        OpenError::Files(error) if error.kind() == io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        cause => of_copy(cause),
    })
}

pub(super) fn copy(source: &Connection, partial: &Path, mut progress: impl FnMut(u64, u64)) -> Result<Head, OpenError> {
    // An earlier copy that was interrupted may have left the partial file.
    drop(fs::remove_file(partial));
    // The file gets its mode when it is created, so that other users can never read it.
    File::options().write(true).create_new(true).mode(MODE).open(partial)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut target = Connection::open_with_flags(partial, flags)?;
    // All pages are copied within one read transaction: otherwise each append would make SQLite
    // start the copy again.
    source.execute_batch("BEGIN")?;
    rows::chain_head(source)?;
    {
        let copying = Backup::new(source, &mut target)?;
        loop {
            let step = copying.step(PAGES_AT_ONCE)?;
            let pages = copying.progress();
            progress(count(pages.pagecount - pages.remaining), count(pages.pagecount));
            match step {
                StepResult::Done => break,
                StepResult::Busy | StepResult::Locked => std::thread::sleep(PAUSE),
                _ => {}
            }
        }
    }
    source.execute_batch("COMMIT")?;
    target.busy_timeout(PATIENCE)?;
    // The copy is a single file, without a write-ahead log. Opening it for writing creates a log.
    target.pragma_update(None, "journal_mode", "DELETE")?;
    schema::check(&target)?;
    let head = recent::unaltered(&target)?;
    drop(target);
    File::open(partial)?.sync_all()?;
    Ok(head)
}

pub(super) fn sync_folder(of: &Path) -> io::Result<()> {
    let folder = of.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}

fn count(pages: i32) -> u64 {
    u64::try_from(pages).unwrap_or_default()
}
