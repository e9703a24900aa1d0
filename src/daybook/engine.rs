//! The engine of the journal, and the lock on the read models.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Error, Result, bail};
use journal::{
    Journal,
    sqlite::{self, OpenError},
};

use crate::{config::Config, secrets};

/// The right to write the read models of a folder. At most one process at a time has it: as long as
/// it keeps this value and the journal that was opened with it.
#[derive(Debug)]
pub(crate) enum Lock {
    /// The journal is an SQLite file, and the open file is the lock.
    Journal,
    /// The journal is in KurrentDB, so the data folder is locked.
    Folder { _locked: File },
}

/// Returns the file of an SQLite journal; `None` if the journal is in KurrentDB.
pub(crate) fn sqlite_file(folder: &Path, config: &Config) -> Option<PathBuf> {
    config.server.journal.is_empty().then(|| file(folder))
}

fn file(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite")
}

/// Returns the name of the configured engine, as the journal records it.
pub(crate) fn name(config: &Config) -> &'static str {
    if config.server.journal.is_empty() { "sqlite" } else { "kurrentdb" }
}

/// Opens the journal for appending, and creates it if it is missing. The journal returns events as
/// they are stored: compressed or encrypted.
pub(crate) async fn to_write(folder: &Path, config: &Config) -> Result<(Arc<dyn Journal>, Lock)> {
    if config.server.journal.is_empty() {
        let file = file(folder);
        return Ok((Arc::new(sqlite::open(&file).map_err(|error| about(&file, error))?), Lock::Journal));
    }
    let Some(lock) = lock(folder)? else {
        bail!("another daybook process uses the read models in {}; stop it first", folder.display());
    };
    Ok((kurrent(config).await?, lock))
}

/// Opens the journal for reading, with decoded events. Takes the lock if it is free; `None` if
/// another process has it.
pub(crate) async fn to_look(folder: &Path, config: &Config) -> Result<(Arc<dyn Journal>, Option<Lock>)> {
    let (journal, lock) = stored(folder, config).await?;
    Ok((secrets::decoded(journal, secrets::to_read(folder)?), lock))
}

async fn stored(folder: &Path, config: &Config) -> Result<(Arc<dyn Journal>, Option<Lock>)> {
    if !config.server.journal.is_empty() {
        return Ok((kurrent(config).await?, lock(folder)?));
    }
    let file = file(folder);
    if !file.exists() {
        return Err(OpenError::Missing(file).into());
    }
    let about = |error| about(&file, error);
    match sqlite::open(&file) {
        Err(OpenError::InUse { .. }) => Ok((Arc::new(sqlite::open_read_only(&file).map_err(about)?), None)),
        opened => Ok((Arc::new(opened.map_err(about)?), Some(Lock::Journal))),
    }
}

/// Returns the error of opening a journal, with the path of the file in its message.
pub(crate) fn about(file: &Path, error: OpenError) -> Error {
    let names_file = error.names_file();
    let error = Error::from(error);
    if names_file { error } else { error.context(format!("cannot open the journal {}", file.display())) }
}

/// Opens the journal for reading, with decoded events. Does not take the lock, for a caller that
/// does not write the read models.
pub(crate) async fn to_read(folder: &Path, config: &Config) -> Result<Arc<dyn Journal>> {
    let stored: Arc<dyn Journal> = if config.server.journal.is_empty() {
        let file = file(folder);
        Arc::new(sqlite::open_read_only(&file).map_err(|error| about(&file, error))?)
    } else {
        kurrent(config).await?
    };
    Ok(secrets::decoded(stored, secrets::to_read(folder)?))
}

/// Returns the file of the journal; an error if the journal is in KurrentDB.
pub(crate) fn only_file(folder: &Path, config: &Config) -> Result<PathBuf> {
    if !config.server.journal.is_empty() {
        bail!("the journal is in KurrentDB: use the tools of KurrentDB for copies and figures");
    }
    Ok(file(folder))
}

/// Describes the location of the data, without a password.
pub(crate) fn shown(folder: &Path, config: &Config) -> String {
    if config.server.journal.is_empty() {
        folder.display().to_string()
    } else {
        format!("the journal {} with read models in {}", journal::redacted(&config.server.journal), folder.display())
    }
}

#[cfg(feature = "kurrentdb")]
async fn kurrent(config: &Config) -> Result<Arc<dyn Journal>> {
    let url = &config.server.journal;
    Ok(Arc::new(kurrentdb::open(url).await.with_context(|| journal::redacted(url))?))
}

#[cfg(not(feature = "kurrentdb"))]
#[expect(clippy::unused_async, reason = "as where the engine is there")]
async fn kurrent(config: &Config) -> Result<Arc<dyn Journal>> {
    bail!(
        "this program was built without the engine for KurrentDB, so it cannot open {}; build it with `--features \
         kurrentdb`, or leave `journal` empty",
        journal::redacted(&config.server.journal)
    )
}

fn lock(folder: &Path) -> Result<Option<Lock>> {
    crate::data::make_folder(folder)?;
    // Locks the folder itself, because a lock file could be removed and created again by another
    // process.
    let file = File::open(folder).with_context(|| folder.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Lock::Folder { _locked: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(cause).with_context(|| folder.display().to_string()),
    }
}
