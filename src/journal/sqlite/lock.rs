//! One process per journal.
//!
//! **Invariant:** the lock belongs to the open file, so it ends with the process, however that ends. The file stays:
//! removing it would let two processes lock two files of one name.

use std::{
    fs::{File, TryLockError},
    io::{Read, Write},
    path::{Path, PathBuf},
};

use super::OpenError;

/// Held as long as the journal may be written.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Locks the file beside the journal and writes into it who did.
    pub(super) fn take(journal: &Path) -> Result<Self, OpenError> {
        let path = beside(journal, "-lock");
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(journal, &mut file)),
            Err(TryLockError::Error(cause)) => return Err(cause.into()),
        }
        file.set_len(0)?;
        write!(file, "{}", std::process::id())?;
        Ok(Self { _file: file })
    }
}

fn in_use(journal: &Path, file: &mut File) -> OpenError {
    let mut holder = String::new();
    // Only for the message: the holder may be just writing it.
    let known = file.read_to_string(&mut holder).is_ok() && !holder.is_empty();
    let holder = if known { format!("process {holder}") } else { "another process".to_owned() };
    OpenError::InUse { path: journal.to_owned(), holder }
}

/// The journal's path with an ending after its name, as SQLite names its own files.
pub(super) fn beside(journal: &Path, ending: &str) -> PathBuf {
    let mut path = journal.as_os_str().to_owned();
    path.push(ending);
    path.into()
}
