//! Room on the disk that is kept for the start of the server. SQLite needs some to open a file,
//! even to read it, so on a disk that is completely full the server could not show anything.
//!
//! **Invariant:** the reserve holds no data. It is given up only where the start fails without it,
//! and taken again as soon as the files are open, so that writes do not use it.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Size of the reserve in bytes: several times what the indexes of all write-ahead logs need.
const RESERVE_BYTES: u64 = 1024 * 1024;
/// The bytes that are written at a time.
const PORTION: [u8; 16 * 1024] = [0; 16 * 1024];
/// The name of the reserve in the data folder.
const NAME: &str = "reserve";

fn file(data: &Path) -> PathBuf {
    data.join(NAME)
}

/// Takes as much of the reserve as the disk has room for.
pub(crate) fn keep(data: &Path) {
    if let Err(cause) = fill(&file(data))
        && !is_without_room(&cause)
    {
        tracing::warn!(%cause, "the server could not reserve room for a later start on a full disk; it runs on \
            without");
    }
}

/// Gives the reserve up. Returns true if there was one.
pub(crate) fn release(data: &Path) -> bool {
    let held = fs::metadata(file(data)).is_ok_and(|about| about.len() > 0);
    held && fs::remove_file(file(data)).is_ok()
}

/// Returns true if the disk of the folder has less room than the reserve.
pub(crate) fn is_needed(data: &Path) -> bool {
    let probe = data.join("reserve-probe");
    let filled = fill(&probe);
    drop(fs::remove_file(&probe));
    filled.is_err_and(|cause| is_without_room(&cause))
}

fn fill(path: &Path) -> io::Result<()> {
    let mut file = File::options().create(true).append(true).open(path)?;
    let mut held = file.metadata()?.len();
    while let Some(missing) = RESERVE_BYTES.checked_sub(held).filter(|missing| *missing > 0) {
        let portion = usize::try_from(missing).unwrap_or(usize::MAX).min(PORTION.len());
        held += file.write(&PORTION[..portion])? as u64;
    }
    // Some file systems report that the disk is full only when the bytes go to the disk.
    file.sync_all()
}

fn is_without_room(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reserve_is_given_up_once_and_taken_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = || fs::metadata(file(folder.path())).map_or(0, |about| about.len());
        assert!(!release(folder.path()), "there is none yet");
        keep(folder.path());
        keep(folder.path());
        assert_eq!(held(), RESERVE_BYTES);
        assert!(release(folder.path()) && !release(folder.path()));
        fs::write(file(folder.path()), "a part").expect("written");
        keep(folder.path());
        assert!(held() == RESERVE_BYTES && !is_needed(folder.path()));
    }
}
