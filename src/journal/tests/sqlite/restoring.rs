//! Tests of replacing a journal by a copy.

use std::{cell::Cell, fs, io, path::PathBuf};

use journal::{
    Journal, Restored, Verdict,
    sqlite::{self, BackupError, OpenError, RestoreError},
    verify,
};
use schemas::{Position, Timestamp};

use crate::{Place, append, fill};

/// A journal with six events, and a copy of it that has only the first five.
struct Backed {
    place: Place,
    copy: PathBuf,
    aside: PathBuf,
}

impl Backed {
    async fn up() -> Self {
        let place = Place::new();
        let (copy, aside) = (place.path.with_file_name("copy"), place.path.with_file_name("aside"));
        let journal = place.open();
        fill(&journal).await;
        sqlite::backup(&place.path, &copy, |_, _| {}).unwrap();
        journal.append(append(3, 0)).await.unwrap();
        Self { place, copy, aside }
    }

    fn restore(&self, forget: impl FnOnce() -> io::Result<()>) -> Result<u64, RestoreError> {
        sqlite::restore(&self.copy, &self.place.path, &self.aside, Timestamp(1), |_, _| {}, forget)
            .map(|head| head.position.0)
    }
}

#[tokio::test]
async fn a_restored_journal_is_the_copy_and_the_files_from_before_are_kept() {
    let backed = Backed::up().await;
    let forgotten = Cell::new(false);
    let restored = backed.restore(|| {
        forgotten.set(true);
        Ok(())
    });
    assert_eq!(restored.unwrap(), 5);
    assert!(forgotten.get());
    let journal = backed.place.open();
    assert_eq!(journal.head().await.unwrap(), Position(5));
    journal.append(append(4, 0)).await.unwrap();
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == 6));
    let before = sqlite::open(&backed.aside.join("journal.sqlite")).unwrap();
    assert_eq!(before.read_last(append(3, 0).stream).await.unwrap().unwrap().position, Position(6));
}

#[tokio::test]
async fn a_copy_is_restored_where_there_is_no_journal_any_more() {
    let backed = Backed::up().await;
    fs::remove_file(&backed.place.path).unwrap();
    assert_eq!(backed.restore(|| Ok(())).unwrap(), 5);
    assert_eq!(backed.place.open().head().await.unwrap(), Position(5));
}

#[tokio::test]
async fn a_journal_in_use_is_not_replaced() {
    let backed = Backed::up().await;
    let journal = backed.place.open();
    let refused = backed.restore(|| panic!("nothing is forgotten")).unwrap_err();
    assert!(matches!(refused, RestoreError::Journal(OpenError::InUse { .. })), "{refused}");
    journal.append(append(3, 1)).await.unwrap();
    assert!(!backed.aside.exists());
}

#[tokio::test]
async fn what_is_no_copy_replaces_nothing() {
    let backed = Backed::up().await;
    let refused = |from: &std::path::Path| {
        let restored = sqlite::restore(
            from,
            &backed.place.path,
            &backed.aside,
            Timestamp(2),
            |_, _| {},
            || panic!("nothing goes"),
        );
        restored.unwrap_err()
    };
    let itself = refused(&backed.place.path);
    assert!(matches!(itself, RestoreError::Itself(_)), "{itself}");
    let missing = refused(&backed.place.path.with_file_name("nothing"));
    assert!(matches!(missing, RestoreError::Copy { cause: OpenError::Missing(_), .. }), "{missing}");
    let text = backed.place.path.with_file_name("text");
    fs::write(&text, "no journal at all".repeat(1_000)).unwrap();
    let text = refused(&text);
    assert!(matches!(text, RestoreError::Copy { cause: OpenError::NotAJournal, .. }), "{text}");
    assert_eq!(backed.place.open().head().await.unwrap(), Position(6), "the journal is as it was");
}

#[tokio::test]
async fn a_restore_that_was_interrupted_opens_nothing_and_can_be_run_again() {
    let backed = Backed::up().await;
    let refused = backed.restore(|| Err(io::Error::other("power failure"))).unwrap_err();
    assert!(refused.to_string().contains("power failure"), "{refused}");
    for opened in [sqlite::open(&backed.place.path), sqlite::open_read_only(&backed.place.path)] {
        let refused = opened.unwrap_err();
        assert!(matches!(refused, OpenError::HalfRestored(_)), "{refused}");
    }
    let again = backed.place.path.with_file_name("again");
    let restored = sqlite::restore(&backed.copy, &backed.place.path, &again, Timestamp(2), |_, _| {}, || Ok(()));
    assert_eq!(restored.unwrap().position, Position(5));
    assert_eq!(backed.place.open().head().await.unwrap(), Position(5));
}

#[tokio::test]
async fn a_journal_whose_restore_was_interrupted_is_neither_copied_nor_measured() {
    let backed = Backed::up().await;
    let path = &backed.place.path;
    backed.restore(|| Err(io::Error::other("power failure"))).unwrap_err();
    // The old file, or a part of the new one, can be at the path.
    for is_there in [false, true] {
        if is_there {
            fs::copy(&backed.copy, path).unwrap();
        }
        let (copied, measured) = (sqlite::backup(path, &path.with_file_name("third"), |_, _| {}), sqlite::stats(path));
        let copied = copied.unwrap_err();
        assert!(matches!(copied, BackupError::Journal(OpenError::HalfRestored(_))), "{copied}");
        assert!(matches!(measured, Err(OpenError::HalfRestored(_))), "{measured:?}");
        let elsewhere = path.with_file_name("elsewhere");
        let used = sqlite::restore(path, &elsewhere, &backed.aside, Timestamp(3), |_, _| {}, || Ok(()));
        let used = used.unwrap_err();
        let is_half = matches!(used, RestoreError::Copy { cause: OpenError::HalfRestored(_), .. });
        assert!(is_half, "{used}");
        assert!(!elsewhere.exists(), "{used}");
    }
}

/// After a restore, positions can be given to other events than before. A client that knows such a
/// position must be able to notice it.
#[tokio::test]
async fn a_restored_journal_and_its_copies_know_each_restore() {
    let backed = Backed::up().await;
    assert_eq!(backed.place.open().restores().await.unwrap(), []);
    assert_eq!(backed.restore(|| Ok(())).unwrap(), 5);
    let first = Restored { position: Position(5), at: Timestamp(1) };
    assert_eq!(backed.place.open().restores().await.unwrap(), [first]);

    backed.place.open().append(append(4, 0)).await.unwrap();
    let (copy, aside) = (backed.place.path.with_file_name("second"), backed.place.path.with_file_name("twice"));
    sqlite::backup(&backed.place.path, &copy, |_, _| {}).unwrap();
    sqlite::restore(&copy, &backed.place.path, &aside, Timestamp(2), |_, _| {}, || Ok(())).unwrap();
    let journal = backed.place.open();
    let second = Restored { position: Position(6), at: Timestamp(2) };
    assert_eq!(journal.restores().await.unwrap(), [first, second]);
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { .. }));
}
