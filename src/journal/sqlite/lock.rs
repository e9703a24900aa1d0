//! The lock that lets only one process write a journal.
//!
//! **Invariant:** the lock is on the database file itself and belongs to the open file. It
//! therefore ends with the process, even if the process is killed. There is no separate lock file
//! that somebody could delete.
//!
//! SQLite locks byte ranges of the file with `fcntl`; this module locks the whole file with
//! `flock`. Linux keeps the two kinds apart. Closing a file releases every `fcntl` lock that the
//! process has on it. A file that this process has already locked is therefore refused *before* it
//! is opened a second time ([`HELD`]).

use std::{
    collections::BTreeSet,
    fs::{self, File, Metadata, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::OpenError;

/// File mode of a journal: only the owner reads and writes it, because it holds all calendars, and
/// password hashes in events of the first version.
pub(super) const MODE: u32 = 0o600;

/// Maximum number of times that the system's list of locks (`/proc/locks`) is read to find the
/// process that holds the lock.
const READINGS: usize = 5;

/// Device and inode numbers of every journal that this process has locked.
static HELD: Mutex<BTreeSet<Identity>> = Mutex::new(BTreeSet::new());

type Identity = (u64, u64);

/// The lock on a journal's file, held while the journal may be written.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    identity: Identity,
}

impl Lock {
    /// Locks the journal's file, and creates it empty if it is missing. Returns
    /// [`OpenError::InUse`] if it is locked already.
    pub(super) fn take(journal: &Path) -> Result<Self, OpenError> {
        let mut held = held();
        match fs::metadata(journal) {
            Ok(metadata) if held.contains(&identity(&metadata)) => {
                return Err(in_use(journal, Some(std::process::id())));
            }
            Ok(_) => {}
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(cause.into()),
        }
        let file = File::options().read(true).write(true).create(true).truncate(false).mode(MODE).open(journal)?;
        let identity = identity(&file.metadata()?);
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(journal, holder(identity))),
            Err(TryLockError::Error(cause)) => return Err(cause.into()),
        }
        held.insert(identity);
        Ok(Self { file, path: journal.to_owned(), identity })
    }

    /// Returns the path of the journal's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns true if the path still leads to the locked file. The file may have been removed or
    /// replaced meanwhile.
    pub(super) fn is_in_place(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|metadata| identity(&metadata) == self.identity)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // `HELD`, the list of locked journals, stays locked until the file is unlocked. A file that
        // is missing from the list is therefore never still locked.
        let mut held = held();
        held.remove(&self.identity);
        drop(self.file.unlock());
    }
}

fn held() -> MutexGuard<'static, BTreeSet<Identity>> {
    HELD.lock().unwrap_or_else(PoisonError::into_inner)
}

fn identity(metadata: &Metadata) -> Identity {
    (metadata.dev(), metadata.ino())
}

fn in_use(journal: &Path, holder: Option<u32>) -> OpenError {
    let holder = holder.map_or_else(|| "another process".to_owned(), |process| format!("process {process}"));
    OpenError::InUse { path: journal.to_owned(), holder }
}

/// Returns the id of the process that has locked the file, for the error message; `None` if the
/// system does not name it.
fn holder(identity: Identity) -> Option<u32> {
    // Linux returns its list of locks in pieces. A lock can be missing from the list if other locks
    // are released meanwhile.
    (0..READINGS).find_map(|_| holder_in(&fs::read_to_string("/proc/locks").ok()?, identity))
}

fn holder_in(locks: &str, (_, inode): Identity) -> Option<u32> {
    // Example of a line: `1: FLOCK ADVISORY WRITE 4711 08:01:262147 0 EOF`. Only the inode is
    // compared: inside a container the device numbers can differ from those of `stat`.
    let process = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let is_it = fields.get(1) == Some(&"FLOCK") && fields.get(5)?.rsplit(':').next() == Some(&inode.to_string());
        is_it.then(|| fields.get(4)?.parse().ok()).flatten()
    };
    locks.lines().find_map(process)
}

/// Returns the journal's path with `ending` after the file name, as SQLite names its own files.
pub(super) fn with_suffix(journal: &Path, ending: &str) -> PathBuf {
    let mut path = journal.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
