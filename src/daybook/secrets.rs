//! The vault of the data folder, and the encryption with its keys.

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

/// The name of a file in the folder of derived files. It contains the number of destroyed keys at
/// the time when the files were derived.
const ERASURES: &str = "erasures";
/// The type numbers of file systems that are in memory: tmpfs and ramfs.
const IN_MEMORY: [u64; 2] = [0x0102_1994, 0x8584_58f6];

/// Returns the file of the vault, which contains the secrets that must be destroyable: password
/// hashes and keys.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join("vault.sqlite")
}

/// True if the vault exists and is not empty. A process that only reads checks this, because
/// opening the vault would create it.
pub(crate) fn is_there(file: &Path) -> bool {
    std::fs::metadata(file).is_ok_and(|about| about.len() > 0)
}

/// Returns the keys with which a writing process encrypts and decrypts; `None` if the settings do
/// not ask for encryption and the vault never had a key.
pub(crate) fn to_write(vault: &Arc<dyn Vault>, config: &Config) -> Result<Option<Arc<Keys>>> {
    let (kept, _) = vault.count_keys()?;
    let seals = config.server.encryption;
    Ok((seals || kept > 0).then(|| Arc::new(Keys::new(Arc::clone(vault), seals))))
}

/// Returns the keys with which a reading process decrypts; `None` if the vault does not exist or
/// never had a key.
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

/// Returns the journal for a writing process. It encrypts and compresses events as the settings
/// say.
pub(crate) fn encoded(journal: Arc<dyn Journal>, keys: Option<Arc<Keys>>, config: &Config) -> Arc<dyn Journal> {
    Arc::new(Encoded::new(journal, keys, config.server.journal_compression))
}

/// Returns a journal that decrypts and decompresses events, and encrypts appended ones if `keys`
/// seal.
pub(crate) fn decoded(journal: Arc<dyn Journal>, keys: Option<Arc<Keys>>) -> Arc<dyn Journal> {
    Arc::new(Encoded::new(journal, keys, false))
}

/// Returns the layer over the access journal that decrypts events, and encrypts appended ones if
/// `keys` seal. It does not compress them, because they are small.
pub(crate) fn layer(keys: Option<Arc<Keys>>) -> Layer {
    Arc::new(move |journal| decoded(journal, keys.clone()))
}

/// Returns the folder of the files that are derived from the journal and not encrypted. It is the
/// data folder, or a folder in memory if the settings ask for encryption.
pub(crate) fn derived(data: &Path, config: &Config) -> PathBuf {
    if !config.server.encryption {
        return data.to_owned();
    }
    let absolute = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let name = Uuid::new_v5(&NAMESPACE, &[b"derived/", absolute.as_os_str().as_bytes()].concat());
    Path::new(&config.read_models.memory_folder).join(format!("daybook-{name}"))
}

/// Prepares the folder of derived files. With encryption it is created in memory, only this user
/// can access it, and unencrypted derived files in the data folder are removed. In any case, files
/// that were derived before keys were destroyed are removed.
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

/// Returns the number of destroyed keys at the time when the files in a folder were derived; 0 if
/// unknown.
fn known_erasures(folder: &Path) -> usize {
    std::fs::read_to_string(folder.join(ERASURES)).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

/// True if [`prepare_derived`] has nothing to do. It is never true with encryption.
pub(crate) fn is_fresh(data: &Path, config: &Config) -> Result<bool> {
    let file = file(data);
    if config.server.encryption || !file.exists() {
        return Ok(!config.server.encryption);
    }
    let (_, destroyed) = vault::sqlite::open(&file)?.count_keys()?;
    Ok(known_erasures(data) == destroyed)
}

/// Removes the read models and the outbox from a folder.
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
        "the folder {} belongs to another user, or other users may open it: remove it, or name another folder as \
         read_models.memory_folder",
        folder.display()
    );
    Ok(())
}
