//! `daybook verify --against`: compares the journal with heads that were signed earlier.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use audit::proof::{checkpoint::Checkpoint, tiles::Tiles, tree};
use journal::Journal;

use super::{heads, keys};
use crate::out;

/// Returns true if the journal agrees with every signed head in `given`, files and folders. `key`:
/// the public key of the heads, or a file of keys. All events that the heads cover are read from
/// the journal, because the cache of the tree may be wrong.
pub(crate) async fn against(
    folder: &Path,
    journal: &dyn Journal,
    given: &[PathBuf],
    key: Option<&str>,
) -> Result<bool> {
    let known = match key {
        Some(key) => keys::given(key)?,
        None => keys::verifiers(folder)?,
    };
    let mut checkpoints: Vec<(PathBuf, Checkpoint)> = vec![];
    for file in files(given)? {
        let (note, checkpoint) = heads::read(&file)?;
        note.verify(&known).with_context(|| file.display().to_string())?;
        checkpoints.push((file, checkpoint));
    }
    ensure!(
        !checkpoints.is_empty(),
        "--against names no signed head: give it files, or folders of files that end with .head"
    );
    checkpoints.sort_by_key(|(_, checkpoint)| checkpoint.size);
    let mut tiles = Tiles::default();
    let mut fitting = 0;
    for (file, checkpoint) in &checkpoints {
        tiles.extend(journal, Some(checkpoint.size)).await?;
        let found = tiles.size();
        let (name, size) = (file.display(), checkpoint.size);
        if found < size {
            out::print(&format!(
                "CUT: the signed head {name} covers {size} events, but the journal has only {found}\n"
            ))?;
            return Ok(false);
        }
        let root = heads::ask(&mut tiles, journal, |tiles| tree::root(tiles, size)).await?;
        if root != checkpoint.root {
            out::print(&format!(
                "REWRITTEN: the journal does not match the signed head {name}: {}\n",
                range(folder, &tiles, fitting, size)
            ))?;
            return Ok(false);
        }
        fitting = size;
        out::print(&format!("ok: the first {size} events of the journal match the signed head {name}\n"))?;
    }
    Ok(true)
}

/// Describes the range of events in which the journal differs from a signed head of `size` events.
/// Its first `fitting` events match an earlier head. The cached hash tree may narrow the range.
fn range(folder: &Path, tiles: &Tiles, fitting: u64, size: u64) -> String {
    let known = format!("at least one of the events number {} to {size} is not the event that was signed", fitting + 1);
    match tiles.first_difference(&heads::cached(folder)) {
        Some((from, to)) if from >= fitting => {
            let last = to.min(size);
            format!(
                "{known}; by the cached hash tree, the first that differs is one of the events number {} to {last}",
                from + 1
            )
        }
        Some(_) | None => known,
    }
}

/// Returns the given files, and the files of signed heads in given folders.
fn files(given: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = vec![];
    for path in given {
        if path.is_dir() {
            let entries = fs::read_dir(path).with_context(|| path.display().to_string())?;
            let found = entries.flatten().map(|entry| entry.path());
            files.extend(found.filter(|path| path.extension().is_some_and(|suffix| suffix == "head")));
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}
