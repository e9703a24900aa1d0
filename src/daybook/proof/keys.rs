//! `daybook key`: manages the keys that sign heads.

use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use audit::proof::key::{SignerKey, VerifierKey};
use ring::rand::{SecureRandom as _, SystemRandom};

use super::heads;
use crate::{cli::proof::Key, config::Config, engine, out, permissions};

/// The file name of the private key. Only this user can read the file.
const SIGNING: &str = "signing.key";
/// The name of the file with the public parts of all keys that this server ever had, one on each
/// line.
const VERIFIERS: &str = "verifiers";

pub(crate) async fn run(folder: &Path, config: &Config, asked: &Key) -> Result<()> {
    match asked {
        Key::Create { name } => create(folder, name),
        Key::Rotate => rotate(folder, config).await,
        Key::List => list(folder),
    }
}

fn keys_folder(folder: &Path) -> PathBuf {
    folder.join("keys")
}

fn create(folder: &Path, name: &str) -> Result<()> {
    ensure!(
        !keys_folder(folder).join(SIGNING).exists(),
        "there is a key for heads already; `daybook key rotate` replaces it"
    );
    let key = fresh(name)?;
    store(folder, &key)?;
    out::print(&format!(
        "{}\nKeep this line with the signed heads, outside of this server: it verifies them.\n",
        key.verifier()
    ))
}

fn fresh(name: &str) -> Result<SignerKey> {
    let mut seed = [0; 32];
    SystemRandom::new()
        .fill(&mut seed)
        .ok()
        .context("the operating system provides no random numbers, which a key needs")?;
    SignerKey::of(name, seed).with_context(|| {
        format!("`{name}` cannot be the name of a key: a name is not empty and has no blank and no plus sign")
    })
}

/// Replaces the key. Both the old and the new key sign the current head, so that people who trust
/// the old key can trust the new one.
async fn rotate(folder: &Path, config: &Config) -> Result<()> {
    let old = signing(folder)?;
    let new = fresh(&old.verifier().name)?;
    let journal = engine::to_read(folder, config).await?;
    let signed = heads::sign(folder, &*journal, &[&old, &new]).await?;
    store(folder, &new)?;
    out::print(&format!(
        "{}\nThe old key was destroyed. {} is signed by both keys: keep it with this line, outside of this server.\n",
        new.verifier(),
        signed.file.display()
    ))
}

fn list(folder: &Path) -> Result<()> {
    let signing = signing(folder).ok().map(|key| key.verifier());
    let mut text = String::new();
    for key in verifiers(folder)? {
        let mark = if Some(&key) == signing.as_ref() { "signs  " } else { "retired" };
        writeln!(text, "{mark} {key}")?;
    }
    if text.is_empty() {
        text.push_str("There is no key for heads; `daybook key create NAME` makes one.\n");
    }
    out::print(&text)
}

fn store(folder: &Path, key: &SignerKey) -> Result<()> {
    let keys = keys_folder(folder);
    permissions::make_folder(&keys).with_context(|| keys.display().to_string())?;
    let (file, temporary) = (keys.join(SIGNING), keys.join("signing.key.new"));
    fs::write(&temporary, key.to_text()).with_context(|| temporary.display().to_string())?;
    let mut known = verifiers(folder)?;
    if !known.contains(&key.verifier()) {
        known.push(key.verifier());
    }
    let mut list = fs::File::create(keys.join(VERIFIERS)).with_context(|| keys.display().to_string())?;
    known.iter().try_for_each(|key| writeln!(list, "{key}"))?;
    list.sync_all()?;
    fs::rename(&temporary, &file).with_context(|| file.display().to_string())
}

/// Returns the private key; an error if there is none.
pub(super) fn signing(folder: &Path) -> Result<SignerKey> {
    let file = keys_folder(folder).join(SIGNING);
    if !file.exists() {
        bail!("there is no key to sign with; make one with `daybook key create NAME`");
    }
    let text = fs::read_to_string(&file).with_context(|| file.display().to_string())?;
    SignerKey::parse(&text).with_context(|| file.display().to_string())
}

/// Returns the public keys of this server; empty if it never had a key.
pub(super) fn verifiers(folder: &Path) -> Result<Vec<VerifierKey>> {
    let file = keys_folder(folder).join(VERIFIERS);
    if file.exists() { read(&file) } else { Ok(vec![]) }
}

/// Reads a file of public keys, one on each line.
pub(super) fn read(file: &Path) -> Result<Vec<VerifierKey>> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| VerifierKey::parse(line).with_context(|| file.display().to_string())).collect()
}

/// Reads public keys from an argument, which is a key or the name of a file with keys.
pub(super) fn given(argument: &str) -> Result<Vec<VerifierKey>> {
    match VerifierKey::parse(argument) {
        Ok(key) => Ok(vec![key]),
        Err(_) => read(Path::new(argument)),
    }
}
