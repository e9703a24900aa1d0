//! Tests that run their own program again, inside something: a small disk, or a limit of the shell.

use std::{
    env,
    ffi::OsStr,
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// Tells the program that it runs inside, and where.
const PLACE: &str = "DAYBOOK_TEST_INSIDE";

/// Returns the place of the test that runs inside; `None` if the program was not started for that,
/// so that the test does nothing.
pub fn place() -> Option<PathBuf> {
    env::var_os(PLACE).map(PathBuf::from)
}

/// Runs one test of this program behind the words of `command`, which end with the program to run.
/// `test` is the test's name as the program lists it.
pub fn run(mut command: Command, place: impl AsRef<OsStr>, test: &str) -> io::Result<Output> {
    command.arg(env::current_exe()?).args(["--exact", test, "--nocapture"]).env(PLACE, place).output()
}

/// Runs one test of this program with a file system of `size` (`3m`) at `folder`. Says so if that
/// is not possible here.
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
