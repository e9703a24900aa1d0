//! Runs the cases of the RFCs. Each sentence and each example is a request with the response that
//! the RFC requires, in the text files of this folder (docs/testing.md, "A case of an RFC").
//!
//! The texts are read when the tests run, so that a new case needs no compilation.
//! `DAYBOOK_CASE=7.8` runs only the files whose names begin with `7.8`.

mod chapter;
mod coverage;
mod expectation;
mod multistatus;
mod pattern;
mod play;
mod tree;

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use chapter::Chapter;

/// The environment variable that selects files by the beginning of their names.
const ONLY: &str = "DAYBOOK_CASE";

macro_rules! rfcs {
    ($($name:ident = $folder:literal,)*) => {
        /// The folders that contain cases.
        pub(super) const FOLDERS: &[&str] = &[$($folder,)*];
        $(
            #[actix_web::test]
            async fn $name() {
                all_of($folder).await;
            }
        )*
    };
}

rfcs! {
    rfc3253_reports = "3253",
    rfc3744_access_control = "3744",
    rfc4331_quota = "4331",
    rfc4791_caldav = "4791",
    rfc4918_webdav = "4918",
    rfc5397_current_user_principal = "5397",
    rfc5689_extended_mkcol = "5689",
    rfc5842_resource_id = "5842",
    rfc5995_add_member = "5995",
    rfc6578_synchronization = "6578",
    rfc6638_scheduling = "6638",
    rfc6764_discovery = "6764",
    rfc7529_recurrence_scales = "7529",
    rfc7809_time_zones_by_reference = "7809",
    rfc7953_availability = "7953",
    rfc7986_property_extensions = "7986",
    rfc8144_prefer = "8144",
    calendarserver_ctag = "caldav-ctag",
    calendarserver_proxy = "caldav-proxy",
    calendarserver_sharing = "caldav-sharing",
    calendarserver_masked_uids = "icalendar-maskuids",
}

/// Runs all chapters in a folder, and panics with all differences.
async fn all_of(folder: &str) {
    let mut report = String::new();
    let (mut played, mut failed) = (0, 0);
    for chapter in chapters(folder).iter().filter(|chapter| is_selected(&chapter.name)) {
        for outcome in play::chapter(chapter).await {
            played += 1;
            if let Err(failure) = outcome {
                failed += 1;
                let _ = writeln!(report, "{failure}\n");
            }
        }
    }
    assert!(failed == 0, "{failed} of {played} cases of RFC {folder} differ:\n\n{report}");
}

/// Reads the chapters of an RFC, in the order of their names.
fn chapters(folder: &str) -> Vec<Chapter> {
    texts(&root().join(folder)).iter().map(|file| Chapter::read(file)).collect()
}

/// Returns the folder of this module.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rfc")
}

/// Returns the text files of a folder, sorted.
fn texts(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    files
}

#[expect(clippy::disallowed_methods, reason = "the person who runs the tests decides, not a configuration")]
fn is_selected(name: &str) -> bool {
    std::env::var(ONLY).map_or(true, |only| name.starts_with(&only))
}
