//! File permissions. Only the owner may read the program's files, because the data folder contains
//! password hashes and all calendars.

use std::{
    fs::{self, DirBuilder},
    io,
    os::unix::fs::{DirBuilderExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use rustix::fs::Mode;

/// The permission bits of the group and of all other users.
const OTHERS: u32 = 0o077;

/// Sets the umask so that only the owner may use the files and folders that this process creates.
pub(crate) fn make_private() {
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
}

/// Creates a folder and its parents, where they are missing, so that only this user can access
/// them.
pub(crate) fn make_folder(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Logs a warning if other users may access the data folder. The warning names the entries in it
/// that they may access too. Earlier versions created them like this.
pub(crate) fn warn_of_wider(data: &Path) {
    let wider = wider(data);
    if wider.is_empty() {
        return;
    }
    let names: Vec<_> = wider.iter().map(|path| path.display().to_string()).collect();
    tracing::warn!(
        "password hashes and calendars are not protected: other users of this machine may read or change {}. Run \
         `chmod -R go= {}`",
        names.join(", "),
        data.display()
    );
}

/// Returns the data folder and those entries in it that others may access. If others have no
/// permission on the folder, the list is empty, because that protects everything in it.
fn wider(data: &Path) -> Vec<PathBuf> {
    if !is_wider(data) {
        return vec![];
    }
    let entries = fs::read_dir(data).into_iter().flatten().flatten().map(|entry| entry.path());
    std::iter::once(data.to_owned()).chain(entries.filter(|path| is_wider(path))).collect()
}

/// True if the group or other users have any permission on a file or folder.
pub(crate) fn is_wider(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & OTHERS != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_made_for_its_owner_alone_and_wider_ones_are_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("new").join("data");
        make_folder(&data).expect("made");
        let file = data.join("journal.sqlite");
        fs::write(&file, "").expect("written");
        let allow = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("allowed");
        allow(&file, 0o644);
        assert_eq!(wider(&data), <Vec<PathBuf>>::new(), "nobody else enters the folder");
        allow(&data, 0o755);
        assert_eq!(wider(&data), [data.clone(), file.clone()]);
        allow(&file, 0o600);
        assert_eq!(wider(&data), [data]);
    }
}
