//! The vault of the data folder, and encryption under its keys.

use std::{
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use access_journal::Layer;
use anyhow::{Context as _, Result, ensure};
use encoding::{Encoded, Keys};
use journal::Journal;
use schemas::ids::NAMESPACE;
use uuid::Uuid;
use vault::Vault;

use crate::{config::Config, permissions};

/// Names the file that notes up to which erasure the derived files are fresh.
const ERASURES: &str = "erasures";
/// The types of file systems in memory: tmpfs and ramfs.
const IN_MEMORY: [u64; 2] = [0x0102_1994, 0x8584_58f6];

/// File that keeps what must be destroyable: hashes of passwords, and keys.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join("vault.sqlite")
}

/// Returns true if there is a vault, and it is not empty: whoever only reads makes no new one.
pub(crate) fn is_there(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|about| about.len() > 0)
}

/// The keys by which a process that writes seals and opens; `None`: nothing is encrypted, and
/// nothing was.
pub(crate) fn to_write(vault: &Arc<dyn Vault>, config: &Config) -> Result<Option<Arc<Keys>>> {
    let (kept, _) = vault.count_keys()?;
    let seals = config.server.encryption;
    Ok((seals || kept > 0).then(|| Arc::new(Keys::new(Arc::clone(vault), seals))))
}

/// The keys by which a process that only reads opens; `None`: nothing was encrypted.
pub(crate) fn to_read(data: &Path) -> Result<Option<Arc<Keys>>> {
    let file = file(data);
    if !is_there(&file) {
        return Ok(None);
    }
    let opened = || file.display().to_string();
    let vault = vault::sqlite::open(&file).with_context(opened)?;
    let (kept, _) = vault.count_keys().with_context(opened)?;
    Ok((kept > 0).then(|| Arc::new(Keys::new(Arc::new(vault), false))))
}

/// The journal as a process that writes uses it: encoded as the settings say.
pub(crate) fn encoded(journal: Arc<dyn Journal>, keys: Option<Arc<Keys>>, config: &Config) -> Arc<dyn Journal> {
    Arc::new(Encoded::new(journal, keys, config.server.journal_compression))
}

/// The journal as a process that only reads uses it: decoded.
pub(crate) fn decoded(journal: Arc<dyn Journal>, keys: Option<Arc<Keys>>) -> Arc<dyn Journal> {
    Arc::new(Encoded::new(journal, keys, false))
}

/// The same for the access journal. Its events are small.
pub(crate) fn layer(keys: Option<Arc<Keys>>) -> Layer {
    Arc::new(move |journal| decoded(journal, keys.clone()))
}

/// The folder of what is derived from the journal and readable: the data folder, or one in memory
/// where the journal is encrypted.
pub(crate) fn derived(data: &Path, config: &Config) -> PathBuf {
    if !config.server.encryption {
        return data.to_owned();
    }
    let absolute = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let name = Uuid::new_v5(&NAMESPACE, &[b"derived/", absolute.as_os_str().as_bytes()].concat());
    Path::new(&config.read_models.memory_folder).join(format!("daybook-{name}"))
}

/// Makes the folder of derived files where the journal is encrypted: in memory, accessible to this
/// user only, and without files that were derived before keys were destroyed. Readable files of a
/// time without encryption are removed.
pub(crate) fn prepare_derived(data: &Path, config: &Config, vault: &dyn Vault) -> Result<()> {
    let (_, destroyed) = vault.count_keys()?;
    let folder = derived(data, config);
    if config.server.encryption {
        permissions::make_folder(&folder).with_context(|| folder.display().to_string())?;
        check_memory(&folder)?;
        forget(data)?;
    }
    if known_erasures(&folder) != destroyed {
        forget(&folder)?;
        let mark = folder.join(ERASURES);
        std::fs::write(&mark, format!("{destroyed}\n")).with_context(|| mark.display().to_string())?;
    }
    Ok(())
}

/// Returns up to which erasure the derived files of a folder are fresh.
fn known_erasures(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join(ERASURES)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// Returns true if [`prepare_derived`] has nothing to do. Never where the journal is encrypted.
pub(crate) fn is_fresh(data: &Path, config: &Config) -> Result<bool> {
    let file = file(data);
    if config.server.encryption || !file.exists() {
        return Ok(!config.server.encryption);
    }
    let (_, destroyed) = vault::sqlite::open(&file)?.count_keys()?;
    Ok(known_erasures(data) == destroyed)
}

/// Removes what is derived from the journal.
pub(crate) fn forget(folder: &Path) -> Result<()> {
    for removed in [
        std::fs::remove_dir_all(folder.join(crate::data::READ_MODELS)),
        std::fs::remove_file(folder.join(crate::data::OUTBOX)),
    ] {
        match removed {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                return Err(cause).with_context(|| folder.display().to_string());
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_memory(folder: &Path) -> Result<()> {
    let kind = rustix::fs::statfs(folder).with_context(|| folder.display().to_string())?.f_type;
    ensure!(
        u64::try_from(kind).is_ok_and(|kind| IN_MEMORY.contains(&kind)),
        "encryption needs a folder in memory for the read models, and {} is on a disk: name a folder of a tmpfs as \
         read_models.memory_folder",
        folder.display()
    );
    let about = std::fs::metadata(folder).with_context(|| folder.display().to_string())?;
    let is_ours = about.uid() == rustix::process::geteuid().as_raw() && !permissions::is_wider(folder);
    ensure!(
        is_ours,
        "{} belongs to somebody else, or others may enter it: remove it, or name another read_models.memory_folder",
        folder.display()
    );
    Ok(())
}
