//! Checks the witness files, which store the last acknowledged end of the journal and of each
//! segment of the access journal.

use std::{
    fmt::Write as _,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use journal::sqlite;

use crate::{config::Config, engine};

/// A part of the file names of damaged segments that were moved aside.
const SET_ASIDE: &str = ".damaged-";

/// Returns a line for each damaged witness file, which records the end of a journal, and advice;
/// empty if no file is damaged.
pub(super) fn check(folder: &Path, config: &Config) -> Result<String> {
    let mut journals = segments(&folder.join(access_journal::FOLDER))?;
    journals.extend(engine::sqlite_file(folder, config));
    journals.sort();
    let mut text = String::new();
    for journal in journals.iter().filter(|journal| sqlite::has_damaged_witness(journal)) {
        writeln!(
            text,
            "DAMAGED: {}-end, which records the end of the journal: the loss of the last events would not be noticed",
            journal.display()
        )?;
    }
    if !text.is_empty() {
        text.push_str(
            "The events themselves are checked above. The server makes the file again when it starts; check the disk.\n",
        );
    }
    Ok(text)
}

/// Returns the files of the access journal's segments; empty if there is no access journal.
fn segments(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(vec![]),
        listed => listed.with_context(|| folder.display().to_string())?,
    };
    let paths: Vec<PathBuf> = listed.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    let is_segment = |path: &PathBuf| {
        path.extension().is_some_and(|extension| extension == "sqlite")
            && !path.display().to_string().contains(SET_ASIDE)
    };
    Ok(paths.into_iter().filter(is_segment).collect())
}
