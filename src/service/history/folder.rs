//! Temporary folders for read models of the past, in the folder of today's read models.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::Path,
};

use projections::ReadModels;
use tempfile::TempDir;

use crate::error::Error;

/// Prefix of the folders' names.
const PREFIX: &str = "as-of-";

/// A folder that is removed when it is dropped. If the process is killed, the next start of a
/// server removes it.
///
/// The folder is locked with `flock` while it is in use. The lock ends with the process.
#[derive(Debug)]
pub(super) struct Folder {
    folder: TempDir,
    _lock: File,
}

impl Folder {
    /// Creates a folder beside the read models.
    pub(super) fn create(models: &ReadModels) -> Result<Self, Error> {
        loop {
            let folder = tempfile::Builder::new().prefix(PREFIX).tempdir_in(models.folder()).map_err(Error::failed)?;
            match lock(folder.path()) {
                // A server that just started may remove the folder before it is locked.
                Ok(_) if !folder.path().exists() => {}
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                locked => return Ok(Self { folder, _lock: locked.map_err(Error::failed)? }),
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }
}

fn lock(folder: &Path) -> io::Result<File> {
    let file = File::open(folder)?;
    file.lock()?;
    Ok(file)
}

/// Removes the folders that an earlier process left behind. Those that another process uses stay.
pub(crate) fn tidy(models: &ReadModels) {
    let Ok(entries) = fs::read_dir(models.folder()) else { return };
    for entry in entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with(PREFIX)) {
        if let Err(error) = remove_unused(&entry.path()) {
            tracing::warn!(folder = %entry.path().display(), %error, "a temporary folder of an earlier run could not \
                be removed; the next start tries again");
        }
    }
}

fn remove_unused(folder: &Path) -> io::Result<()> {
    let file = File::open(folder)?;
    match file.try_lock() {
        Ok(()) => fs::remove_dir_all(folder),
        Err(TryLockError::WouldBlock) => Ok(()),
        Err(TryLockError::Error(cause)) => Err(cause),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_removes_folders_that_were_left_and_none_that_is_in_use() {
        let data = tempfile::tempdir().expect("a folder");
        let (models, _projector) = ReadModels::open(data.path()).expect("read models");
        let used = Folder::create(&models).expect("a folder");
        let left = models.folder().join(format!("{PREFIX}replay-left"));
        fs::create_dir(&left).expect("created");
        tidy(&models);
        assert_eq!((used.path().exists(), left.exists()), (true, false));
        let path = used.path().to_owned();
        drop(used);
        assert!(!path.exists());
    }
}
