//! Copies the vault, also while a server uses it.
//!
//! **Invariant:** the copy gets its name only when it is complete and durable. A file with that
//! name is never overwritten.

use std::{
    fs::{self, File},
    path::Path,
};

use rusqlite::{Connection, OpenFlags, backup::Backup};

use super::{PATIENCE, files, format::check, make, with_suffix};
use crate::Failure;

/// Copies the vault at `from` to a new file that only its owner can read. Fails if there is no file
/// at `from`, or if there is one at `to`.
pub fn backup(from: &Path, to: &Path) -> Result<(), Failure> {
    if !from.try_exists().map_err(|error| files(from, error))? {
        return Err(Failure::Missing(from.to_owned()));
    }
    if to.try_exists().map_err(|error| files(to, error))? {
        return Err(Failure::Exists(to.to_owned()));
    }
    let partial = with_suffix(to, ".partial");
    // An earlier copy that was interrupted may have left the partial file.
    drop(fs::remove_file(&partial));
    let copied = copy(from, &partial).and_then(|()| {
        // A hard link fails if another file got the name of the copy meanwhile; renaming would
        // replace that file.
        let linked = fs::hard_link(&partial, to).and_then(|()| sync(to.parent().unwrap_or(Path::new("."))));
        linked.map_err(|error| files(to, error))
    });
    drop(fs::remove_file(&partial));
    copied
}

fn copy(from: &Path, partial: &Path) -> Result<(), Failure> {
    make(partial)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let source = Connection::open_with_flags(from, flags)?;
    source.busy_timeout(PATIENCE)?;
    check(&source, from)?;
    let mut target = Connection::open(partial)?;
    Backup::new(&source, &mut target)?.step(-1)?;
    check(&target, partial)?;
    drop(target);
    sync(partial).map_err(|error| files(partial, error))
}

fn sync(path: &Path) -> std::io::Result<()> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    File::open(path)?.sync_all()
}
