//! Tests of copies that are made while the journal is written to, and of the journal's figures.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use journal::{
    Journal, Verdict,
    sqlite::{self, BackupError},
    verify,
};
use schemas::Position;

use crate::{Place, append, bare, fill};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_made_while_it_is_written_to_is_the_journal_as_it_was_at_one_moment() {
    let place = Place::new();
    let journal = Arc::new(place.open());
    fill(&journal).await;
    let is_over = Arc::new(AtomicBool::new(false));
    let writing = tokio::spawn({
        let (journal, is_over) = (Arc::clone(&journal), Arc::clone(&is_over));
        async move {
            let mut revision = 0;
            while !is_over.load(Ordering::Relaxed) {
                journal.append(append(9, revision)).await.unwrap();
                revision += 1;
            }
        }
    });
    for round in 0..5 {
        let to = place.path.with_file_name(format!("copy-{round}.sqlite"));
        let (from, target) = (place.path.clone(), to.clone());
        let made = tokio::task::spawn_blocking(move || sqlite::backup(&from, &target, |_, _| {})).await.unwrap();
        let head = made.unwrap();
        assert!(!to.with_extension("sqlite-wal").exists(), "one file is the whole copy");
        let copy = sqlite::open(&to).unwrap();
        assert!(matches!(verify(&copy, |_| {}).await.unwrap(), Verdict::Ok { head: found, .. } if found == head));
        copy.append(append(3, 0)).await.unwrap();
    }
    is_over.store(true, Ordering::Relaxed);
    writing.await.unwrap();
    assert!(matches!(verify(&*journal, |_| {}).await.unwrap(), Verdict::Ok { .. }));
}

#[tokio::test]
async fn a_copy_overwrites_nothing_and_leaves_nothing_half() {
    let place = Place::new();
    fill(&place.open()).await;
    let to = place.path.with_file_name("copy.sqlite");
    std::fs::write(&to, "precious").unwrap();
    let refused = sqlite::backup(&place.path, &to, |_, _| {}).unwrap_err();
    assert!(matches!(refused, BackupError::Exists(_)), "{refused}");
    assert_eq!(std::fs::read(&to).unwrap(), b"precious");

    let nowhere = place.path.with_file_name("no-such-folder").join("copy.sqlite");
    let refused = sqlite::backup(&place.path, &nowhere, |_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("no-such-folder"), "{refused}");

    bare(&place.path).execute_batch("UPDATE chain SET hash = zeroblob(32)").unwrap();
    let to = place.path.with_file_name("other.sqlite");
    let refused = sqlite::backup(&place.path, &to, |_, _| {}).unwrap_err();
    assert!(refused.to_string().contains("the journal was altered"), "{refused}");
    let left = std::fs::read_dir(place.path.parent().unwrap()).unwrap();
    let left = left.filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains("other")).count();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn figures_are_told_beside_a_writer() {
    let place = Place::new();
    let journal = place.open();
    assert_eq!(sqlite::stats(&place.path).unwrap().longest, None);
    fill(&journal).await;
    let stats = sqlite::stats(&place.path).unwrap();
    assert_eq!((stats.head.events, stats.head.position, stats.streams), (5, Position(5), 2));
    let (longest, events) = stats.longest.unwrap();
    assert_eq!((longest, events), (append(1, 0).stream.to_string(), 3));
    let [kind] = &stats.kinds[..] else { panic!("{:?}", stats.kinds) };
    assert_eq!((kind.kind.as_str(), kind.events), ("calendar-object-put.v1", 5));
    assert!(kind.largest * 5 >= kind.bytes && kind.bytes > kind.largest);
    assert_eq!(stats.first, Some(append(1, 0).metadata.at));
    assert!(stats.file_bytes > 0 && stats.log_bytes > 0);
}

#[tokio::test]
async fn a_clock_that_goes_back_changes_no_order() {
    let place = Place::new();
    let journal = place.open();
    for (revision, seconds) in (0..).zip([3_000, 2_000, 1_000, -5_000]) {
        let mut append = append(1, revision);
        append.metadata.at = schemas::Timestamp::from_seconds(seconds);
        journal.append(append).await.unwrap();
    }
    let all = journal.read_all(Position::START, 9).await.unwrap();
    let seconds: Vec<_> = all.iter().map(|stored| stored.metadata.at.seconds()).collect();
    assert_eq!(seconds, [3_000, 2_000, 1_000, -5_000]);
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == 4));
}
