//! Tests with a disk, a folder or a file for which the process has no write permission.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use journal::{Journal, Verdict, sqlite, verify};
use schemas::Position;

use crate::{Place, fill};

/// The environment variable that tells the program that it runs without write permission, and which
/// journal it opens.
const INSIDE: &str = "DAYBOOK_JOURNAL_WITHOUT_RIGHTS";

#[tokio::test]
async fn what_may_not_be_written_is_read_and_refused_to_writers() {
    let place = Place::new();
    fill(&place.open()).await;
    let folder = place.path.parent().unwrap();
    allow(&place.path, 0o444);
    allow(folder, 0o555);
    // Root may write every file. The test then runs the program as the user nobody.
    let mut command = Command::new("setpriv");
    command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
    let is_root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if !is_root {
        command = Command::new("env");
    }
    let program = folder.join("program");
    allow(folder, 0o755);
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    allow(folder, 0o555);
    command.arg(&program).args(["--exact", "readonly::without_rights", "--nocapture"]);
    let output = command.env(INSIDE, &place.path).output();
    allow(folder, 0o755);
    match output {
        Err(missing) => println!("not tried: {missing}"),
        Ok(output) => assert!(output.status.success(), "{output:?}"),
    }
}

fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Runs in the second process. Does nothing unless [`INSIDE`] is set.
#[tokio::test]
async fn without_rights() {
    let Some(path) = std::env::var_os(INSIDE) else { return };
    let path = Path::new(&path);
    let refused = sqlite::open(path).unwrap_err();
    let words = format!(
        "the journal {} cannot be written: this user may not write its file or its folder, or the disk is read-only; \
             change that",
        path.display()
    );
    assert_eq!(refused.to_string(), words);
    let journal = sqlite::open_read_only(path).unwrap();
    assert_eq!(journal.head().await.unwrap(), Position(5));
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == 5));
}
