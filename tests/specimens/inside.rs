//! Runs a test in a second process of the same program with a restriction: a small disk, or a shell
//! limit.

use std::{
    env,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The environment variable that tells the second process the folder or other place of the test.
const PLACE: &str = "DAYBOOK_TEST_INSIDE";

/// Returns the place of a test that runs in the second process. `None` in the first process, where
/// the test must do nothing.
pub fn place() -> Option<PathBuf> {
    env::var_os(PLACE).map(PathBuf::from)
}

/// Runs one test of this program by `command`, to which the path of the program and its arguments
/// are appended. `test` is the test's name as the program lists it.
pub fn run(mut command: Command, place: impl AsRef<OsStr>, test: &str) -> io::Result<Output> {
    command.arg(env::current_exe()?).args(["--exact", test, "--nocapture"]).env(PLACE, place).output()
}

/// Runs one test of this program with a file system of `size` (such as `3m`) at `folder`. Prints a
/// line and returns if the machine does not allow this.
///
/// # Panics
/// If the test fails.
pub fn run_on_small_disk(folder: &Path, size: &str, test: &str) {
    let mount = format!(r#"mount -t tmpfs -o size={size} none "$0" && exec "$@""#);
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &mount]).arg(folder);
    let Ok(output) = run(command, folder, test) else {
        return println!("not tried: there is no `unshare` here");
    };
    let said = String::from_utf8_lossy(&output.stderr);
    if said.contains("unshare:") || said.contains("mount:") {
        return println!("not tried: no file systems of one's own here: {said}");
    }
    assert!(output.status.success(), "{output:?}");
}
