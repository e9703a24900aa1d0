//! One process per journal.
//!
//! **Invariant:** the lock is on the database file itself and belongs to the open file, so it ends
//! with the process, however that ends, and no file can be deleted to get around it.
//!
//! SQLite locks byte ranges of the same file by `fcntl`, this module the whole file by `flock`:
//! Linux keeps the two apart. Closing a file gives up every `fcntl` lock that its process has on
//! it, so a file that this process has locked already is refused *before* it is opened a second
//! time ([`HELD`]).

use std::{
    collections::BTreeSet,
    fs::{self, File, Metadata, TryLockError},
    io,
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::OpenError;

/// Only the owner reads and writes a journal: it holds password hashes and everybody's calendars.
pub(super) const MODE: u32 = 0o600;

/// How often the list of locks is read to name the process that holds one.
const READINGS: usize = 5;

/// Device and inode of every journal that this process has locked.
static HELD: Mutex<BTreeSet<Identity>> = Mutex::new(BTreeSet::new());

type Identity = (u64, u64);

/// Held as long as the journal may be written.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
    path: PathBuf,
    identity: Identity,
}

impl Lock {
    /// Locks the journal's file, which is created empty where it is missing.
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

    /// The journal's file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Checks that the path still leads to the locked file: it may have been removed or replaced
    /// meanwhile.
    pub(super) fn is_in_place(&self) -> bool {
        fs::metadata(&self.path).is_ok_and(|metadata| identity(&metadata) == self.identity)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Unlocked before the list is: a file that is not on the list is always unlocked.
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

/// Returns the process that has locked the file, for the message; `None` if the system does not
/// name it.
fn holder(identity: Identity) -> Option<u32> {
    // Linux hands the list out in pieces, and may leave out a lock while others are given up.
    (0..READINGS).find_map(|_| holder_in(&fs::read_to_string("/proc/locks").ok()?, identity))
}

fn holder_in(locks: &str, (_, inode): Identity) -> Option<u32> {
    // `1: FLOCK ADVISORY WRITE 4711 08:01:262147 0 EOF`. Containers may show other device numbers
    // than `stat`.
    let process = |line: &str| {
        let fields: Vec<_> = line.split_whitespace().collect();
        let is_it = fields.get(1) == Some(&"FLOCK") && fields.get(5)?.rsplit(':').next() == Some(&inode.to_string());
        is_it.then(|| fields.get(4)?.parse().ok()).flatten()
    };
    locks.lines().find_map(process)
}

/// The journal's path with an ending after its name, as SQLite names its own files.
pub(super) fn with_suffix(journal: &Path, ending: &str) -> PathBuf {
    let mut path = journal.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
