//! Which engine keeps the journal, and whose turn it is to feed the read models beside it.

use std::{
    fs::{File, TryLockError},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, Result, bail};
use journal::{
    Journal, kurrentdb,
    sqlite::{self, OpenError},
};

use crate::config::Config;

/// The right to feed the read models in a folder: one process has it, as long as it keeps this.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Whoever has the journal's file open to write has the turn.
    Journal,
    /// The journal lies elsewhere: a file in the folder is locked.
    File { _locked: File },
}

fn file(folder: &Path) -> PathBuf {
    folder.join("journal.sqlite")
}

/// Opens the journal to append, made where it is missing.
pub(crate) async fn to_write(folder: &Path, config: &Config) -> Result<(Arc<dyn Journal>, Turn)> {
    if config.server.journal.is_empty() {
        return Ok((Arc::new(sqlite::open(&file(folder))?), Turn::Journal));
    }
    let Some(turn) = turn(folder)? else {
        bail!("another process serves from the read models in {}", folder.display());
    };
    Ok((kurrent(config).await?, turn))
}

/// Opens the journal to look at it, and takes the turn if nobody has it.
pub(crate) async fn to_look(folder: &Path, config: &Config) -> Result<(Arc<dyn Journal>, Option<Turn>)> {
    if !config.server.journal.is_empty() {
        return Ok((kurrent(config).await?, turn(folder)?));
    }
    let file = file(folder);
    if !file.exists() {
        return Err(OpenError::Missing(file).into());
    }
    match sqlite::open(&file) {
        Err(OpenError::InUse { .. }) => Ok((Arc::new(sqlite::open_read_only(&file)?), None)),
        opened => Ok((Arc::new(opened?), Some(Turn::Journal))),
    }
}

/// Opens the journal to read, without a thought of the read models.
pub(crate) async fn to_read(folder: &Path, config: &Config) -> Result<Arc<dyn Journal>> {
    if config.server.journal.is_empty() {
        return Ok(Arc::new(sqlite::open_read_only(&file(folder))?));
    }
    kurrent(config).await
}

/// The journal's file, for what only a file has.
pub(crate) fn only_file(folder: &Path, config: &Config) -> Result<PathBuf> {
    if !config.server.journal.is_empty() {
        bail!("the journal is in KurrentDB, which copies and counts by its own means");
    }
    Ok(file(folder))
}

/// The folder, and where the journal is if not in there; to be shown.
pub(crate) fn shown(folder: &Path, config: &Config) -> String {
    if config.server.journal.is_empty() {
        folder.display().to_string()
    } else {
        format!("{} (read models in {})", kurrentdb::redacted(&config.server.journal), folder.display())
    }
}

async fn kurrent(config: &Config) -> Result<Arc<dyn Journal>> {
    let url = &config.server.journal;
    Ok(Arc::new(kurrentdb::open(url).await.with_context(|| kurrentdb::redacted(url))?))
}

fn turn(folder: &Path) -> Result<Option<Turn>> {
    std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let path = folder.join("read-models.lock");
    let file = File::options().write(true).create(true).truncate(false).open(&path);
    let file = file.with_context(|| path.display().to_string())?;
    match file.try_lock() {
        Ok(()) => Ok(Some(Turn::File { _locked: file })),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(cause)) => Err(cause).with_context(|| path.display().to_string()),
    }
}
