//! Finds the .ics files at a path, which is a file, a folder or a ZIP archive, and opens them one
//! after the other.

use std::{
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, bail, ensure};
use zip::ZipArchive;

/// The maximum number of .ics files in one folder, with those below it, or in one archive.
const MAX_IMPORT_FILES: usize = 1_000_000;
/// The maximum size of an unpacked file of an archive.
const MAX_UNPACKED_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// The maximum depth of nested folders.
const MAX_FOLDER_DEPTH: usize = 16;

/// An opened .ics file.
#[derive(Debug)]
pub(super) struct Found {
    /// The name of the file in reports: the last part of the given path, and the path below it.
    pub name: String,
    /// The file name without folders and without `.ics`.
    pub stem: String,
    pub file: File,
}

/// A file that cannot be read.
#[derive(Debug)]
pub(super) struct Unread {
    /// The name of the file in reports, as in [`Found`].
    pub name: String,
    pub why: anyhow::Error,
}

/// An iterator over the files at a path.
type Files = Box<dyn Iterator<Item = Result<Found, Unread>>>;

/// Returns the file at a path, whatever its name, or the .ics files in a folder or ZIP archive,
/// ordered by name. Each of the latter is opened when the iterator reaches it.
pub(super) fn at(path: &Path) -> Result<Files> {
    let shown = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    if path.is_dir() {
        let mut files = vec![];
        collect(path, &mut files, 0).with_context(|| path.display().to_string())?;
        ensure!(!files.is_empty(), "{} contains no .ics file", path.display());
        files.sort();
        let root = path.to_owned();
        return Ok(Box::new(files.into_iter().map(move |file| {
            let below = file.strip_prefix(&root).unwrap_or(&file).to_string_lossy().into_owned();
            let name = format!("{shown}/{below}");
            open_below(&file, name.clone()).map_err(|why| Unread { name, why })
        })));
    }
    let mut found = open(path, shown.clone())?;
    let mut magic = [0; 4];
    let is_zip = found.file.read_exact(&mut magic).is_ok() && magic == *b"PK\x03\x04";
    found.file.seek(SeekFrom::Start(0))?;
    if is_zip { archive(found.file, path, shown) } else { Ok(Box::new(std::iter::once(Ok(found)))) }
}

fn open(path: &Path, name: String) -> Result<Found> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    Ok(Found { name, stem: stem(&path.to_string_lossy()), file })
}

/// Opens a file in a folder. An error comes back unless it is a regular file, because a symbolic
/// link could lead out of the folder, and a pipe never ends.
fn open_below(path: &Path, name: String) -> Result<Found> {
    ensure!(
        fs::symlink_metadata(path)?.is_file(),
        "this is not a regular file, so it was not read; symbolic links are not followed"
    );
    open(path, name)
}

/// Returns the file name of a path without `.ics`. Archives from Windows may have backslashes in
/// paths.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let is_ics = name.len() > 4 && name.is_char_boundary(name.len() - 4) && is_ics(name);
    if is_ics { &name[..name.len() - 4] } else { name }.to_owned()
}

fn is_ics(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".ics")
}

/// Collects the .ics files in a folder and the folders in it. `depth`: how deep the folder is below
/// the imported one. Names that begin with a point are skipped, because they are internal files of
/// servers, or temporary files.
fn collect(folder: &Path, files: &mut Vec<PathBuf>, depth: usize) -> Result<()> {
    ensure!(
        depth <= MAX_FOLDER_DEPTH,
        "folders are nested more than {MAX_FOLDER_DEPTH} levels deep; import them in parts"
    );
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            collect(&path, files, depth + 1)?;
        } else if is_ics(&name) {
            ensure!(
                files.len() < MAX_IMPORT_FILES,
                "the folder has more than {MAX_IMPORT_FILES} .ics files; import them in parts"
            );
            files.push(path);
        }
    }
    Ok(())
}

fn archive(file: File, path: &Path, shown: String) -> Result<Files> {
    let mut end = file.try_clone()?;
    let mut archive = ZipArchive::new(file).with_context(|| path.display().to_string())?;
    let listed = members(&mut end, archive.comment().len())?;
    ensure!(
        listed.is_none_or(|listed| listed == archive.len()),
        "{} contains several files with the same name, of which only one can be read; unpack the archive and rename \
         them",
        path.display()
    );
    let mut names: Vec<(String, usize)> =
        (0..archive.len()).filter_map(|index| Some((archive.name_for_index(index)?.to_owned(), index))).collect();
    let is_meant = |name: &str| is_ics(name) && !name.rsplit('/').next().unwrap_or(name).starts_with('.');
    names.retain(|(name, _)| is_meant(name));
    if names.is_empty() {
        bail!("{} contains no .ics file", path.display());
    }
    ensure!(
        names.len() <= MAX_IMPORT_FILES,
        "{} has more than {MAX_IMPORT_FILES} .ics files; import them in parts",
        path.display()
    );
    names.sort();
    Ok(Box::new(names.into_iter().map(move |(name, index)| {
        let shown = format!("{shown}/{name}");
        match unpacked(&mut archive, index) {
            Ok(file) => Ok(Found { stem: stem(&name), name: shown, file }),
            Err(why) => Err(Unread { name: shown, why }),
        }
    })))
}

/// Returns the number of members that the end record of an archive states (APPNOTE.TXT of ZIP,
/// §4.3.16). `comment_bytes`: the length of the comment after the end record. `None` if the number
/// is in a ZIP64 record instead, or the end record is not found.
fn members(file: &mut File, comment_bytes: usize) -> Result<Option<usize>> {
    let mut end = [0; 22];
    let back = i64::try_from(end.len() + comment_bytes)?;
    file.seek(SeekFrom::End(-back))?;
    file.read_exact(&mut end)?;
    let count = u16::from_le_bytes([end[10], end[11]]);
    Ok((end.starts_with(b"PK\x05\x06") && count != u16::MAX).then_some(count.into()))
}

/// Unpacks a member of the archive into a temporary file, which the system deletes when it is
/// closed.
fn unpacked(archive: &mut ZipArchive<File>, index: usize) -> Result<File> {
    let entry = archive.by_index(index)?;
    let mut file = tempfile::tempfile()?;
    let written = io::copy(&mut entry.take(MAX_UNPACKED_BYTES + 1), &mut file)?;
    ensure!(
        written <= MAX_UNPACKED_BYTES,
        "the file has more than {MAX_UNPACKED_BYTES} bytes when it is unpacked; split it"
    );
    file.seek(SeekFrom::Start(0))?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_called_by_its_own_name() {
        for (path, expected) in
            [("Takeout/Calendar/Work.ics", "Work"), ("a.ICS", "a"), ("b", "b"), (".ics", ".ics"), ("a\\b.ics", "b")]
        {
            assert_eq!(stem(path), expected, "{path}");
        }
    }

    #[test]
    fn a_folder_is_read_in_order_and_without_what_is_hidden() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["b.ics", "a.ics", ".Radicale.props", ".cache.ics", "card.vcf"] {
            fs::write(folder.path().join(name), name).unwrap();
        }
        let names: Vec<_> = at(folder.path()).unwrap().map(|found| found.unwrap().stem).collect();
        assert_eq!(names, ["a", "b"]);
    }

    /// Returns the path of an archive with two members. Both names must have five bytes.
    fn archive_of(folder: &Path, names: [&str; 2]) -> PathBuf {
        let mut writer = zip::ZipWriter::new(io::Cursor::new(vec![]));
        for placeholder in ["1.ics", "2.ics"] {
            writer.start_file(placeholder, zip::write::SimpleFileOptions::default()).unwrap();
            io::Write::write_all(&mut writer, b"text").unwrap();
        }
        let mut octets = writer.finish().unwrap().into_inner();
        for (placeholder, name) in [b"1.ics", b"2.ics"].into_iter().zip(names) {
            for at in 0..octets.len() - name.len() {
                if octets[at..].starts_with(placeholder) {
                    octets[at..at + name.len()].copy_from_slice(name.as_bytes());
                }
            }
        }
        let path = folder.join("all.zip");
        fs::write(&path, octets).unwrap();
        path
    }

    #[test]
    fn an_archive_with_two_files_of_one_name_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let stems: Vec<_> =
            at(&archive_of(folder.path(), ["a.ics", "b.ics"])).unwrap().map(|found| found.unwrap().stem).collect();
        assert_eq!(stems, ["a", "b"]);
        let Err(why) = at(&archive_of(folder.path(), ["a.ics", "a.ics"])) else { panic!("one of them is not read") };
        assert!(why.to_string().contains("several files with the same name"), "{why}");
    }

    #[test]
    fn what_is_no_file_is_told_and_the_next_one_is_read() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("b.ics"), "b").unwrap();
        std::os::unix::fs::symlink("/etc/hostname", folder.path().join("a.ics")).unwrap();
        let found: Vec<_> = at(folder.path()).unwrap().collect();
        let Err(Unread { name, why }) = &found[0] else { panic!("{found:?}") };
        assert!(name.ends_with("/a.ics") && why.to_string().contains("not a regular file"), "{name}: {why}");
        assert_eq!(found[1].as_ref().unwrap().stem, "b");
    }
}
