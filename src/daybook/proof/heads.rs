//! The signed heads in the data folder, and the cache of the hash tree over the journal.

use std::{
    fs, io,
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use anyhow::{Context as _, Result};
use audit::proof::{
    checkpoint::Checkpoint,
    key::SignerKey,
    note::Note,
    tiles::{Missing, Tiles},
    tree,
};
use journal::Journal;
use schemas::Timestamp;

use crate::permissions;

/// The file name of the cached tiles of the hash tree.
const TILES: &str = "tiles";
/// The extension of the files with signed heads.
const SUFFIX: &str = "head";

/// A signed head and its file.
#[derive(Debug)]
pub(super) struct Signed {
    pub note: Note,
    pub file: PathBuf,
}

/// Returns the folder of the signed heads.
pub(crate) fn folder(data: &Path) -> PathBuf {
    data.join("heads")
}

/// Returns the cached hash tree, which was last written when a head was signed. It is not verified;
/// empty if there is no cache.
pub(super) fn cached(folder: &Path) -> Tiles {
    Tiles::from_cache(&cache(folder))
}

/// Returns the bytes of the cache file; empty if it cannot be read.
fn cache(folder: &Path) -> Vec<u8> {
    fs::read(self::folder(folder).join(TILES)).unwrap_or_default()
}

/// Returns the hash tree up to the end of the journal. It starts from the cache, if that is of this
/// journal, and reads the newer events.
pub(super) async fn tiles(folder: &Path, journal: &dyn Journal) -> Result<Tiles> {
    Ok(opened(folder, journal).await?.0)
}

/// Returns what `tiles` returns, and the length of the cache file; 0 if the tree did not start from
/// it.
async fn opened(folder: &Path, journal: &dyn Journal) -> Result<(Tiles, usize)> {
    let cache = cache(folder);
    let mut tiles = Tiles::of_journal(&cache, journal).await?;
    let written = if tiles.size() == 0 { 0 } else { cache.len() };
    tiles.extend(journal, None).await?;
    Ok((tiles, written))
}

/// Repeats `question` until all tiles of the tree that it needs are loaded.
pub(super) async fn ask<T>(
    tiles: &mut Tiles,
    journal: &dyn Journal,
    question: impl Fn(&Tiles) -> Result<T, Missing>,
) -> Result<T> {
    loop {
        match question(tiles) {
            Ok(answer) => return Ok(answer),
            Err(missing) => tiles.load(journal, missing).await?,
        }
    }
}

/// Signs the head of the journal, and stores the signed head and the cache in the data folder.
pub(super) async fn sign(folder: &Path, journal: &dyn Journal, keys: &[&SignerKey]) -> Result<Signed> {
    let (mut tiles, written) = opened(folder, journal).await?;
    let size = tiles.size();
    let root = ask(&mut tiles, journal, |tiles| tree::root(tiles, size)).await?;
    let origin = keys.first().map(|key| key.verifier().name).unwrap_or_default();
    let note = Note::sign(Checkpoint { origin, size, root }.to_text(), keys);
    let heads = self::folder(folder);
    permissions::make_folder(&heads).with_context(|| heads.display().to_string())?;
    let file = heads.join(format!("{size:012}.{SUFFIX}"));
    fs::write(&file, note.to_text()).with_context(|| file.display().to_string())?;
    append(&heads.join(TILES), tiles.to_cache(written)).with_context(|| heads.display().to_string())?;
    Ok(Signed { note, file })
}

/// Writes bytes at an offset of a file, and cuts off what the file has after them.
fn append(file: &Path, (offset, bytes): (usize, Vec<u8>)) -> io::Result<()> {
    let file = fs::OpenOptions::new().write(true).create(true).truncate(offset == 0).open(file)?;
    file.write_all_at(&bytes, offset as u64)?;
    file.set_len((offset + bytes.len()) as u64)
}

/// Returns the files of the signed heads, the one with the fewest events first; empty if no head
/// was signed, `Err` if the folder cannot be read.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let heads = self::folder(folder);
    let entries = match fs::read_dir(&heads) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries.and_then(Iterator::collect::<io::Result<Vec<_>>>),
    };
    let entries = entries.with_context(|| heads.display().to_string())?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut files: Vec<_> = paths.filter(|path| path.extension().is_some_and(|suffix| suffix == SUFFIX)).collect();
    files.sort();
    Ok(files)
}

/// Returns the time at which the last head was signed: the modification time of its file. `None` if
/// there is no such file.
pub(crate) fn last_signed(folder: &Path) -> Result<Option<Timestamp>> {
    let Some(file) = files(folder)?.pop() else { return Ok(None) };
    let modified =
        fs::metadata(&file).and_then(|about| about.modified()).with_context(|| file.display().to_string())?;
    let since = modified.duration_since(UNIX_EPOCH).unwrap_or_default();
    Ok(Some(Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))))
}

/// Reads a signed head. The signature is not checked.
pub(super) fn read(file: &Path) -> Result<(Note, Checkpoint)> {
    let text = fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let note = Note::parse(&text).with_context(|| file.display().to_string())?;
    let checkpoint = Checkpoint::parse(&note.text).with_context(|| file.display().to_string())?;
    Ok((note, checkpoint))
}
