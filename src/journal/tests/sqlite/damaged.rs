//! Tests with files that a crash or a faulty disk has damaged.

use std::{fs, path::Path};

use journal::{
    Failure, Journal, Verdict,
    sqlite::{self, OpenError, Sqlite},
    verify,
};
use schemas::Position;

use crate::{Place, append, bare};

const PAGE_BYTES: usize = 16 * 1024;
/// Enough events for several pages of the file.
const EVENTS: u64 = 300;

async fn many(journal: &Sqlite) {
    for revision in 0..EVENTS {
        journal.append(append(1, revision)).await.unwrap();
    }
}

/// Copies the files of an open journal. The write-ahead log is cut to `log_bytes` and then changed
/// by `change`.
fn copy(from: &Path, to: &Path, log_bytes: usize, change: impl Fn(&mut Vec<u8>)) {
    let with_suffix = |path: &Path| path.with_extension("sqlite-wal");
    fs::copy(from, to).unwrap();
    let mut log = fs::read(with_suffix(from)).unwrap();
    log.truncate(log_bytes);
    change(&mut log);
    fs::write(with_suffix(to), log).unwrap();
}

#[tokio::test]
async fn a_torn_log_gives_back_whole_appends_up_to_the_tear() {
    let place = Place::new();
    let journal = place.open();
    for revision in 0..20 {
        journal.append(append(1, revision)).await.unwrap();
    }
    let whole = usize::try_from(fs::metadata(place.path.with_extension("sqlite-wal")).unwrap().len()).unwrap();
    let mut before = 0;
    for part in 1..=40 {
        let torn = Place::new();
        copy(&place.path, &torn.path, whole * part / 40, |_| {});
        let journal = torn.open();
        let head = journal.head().await.unwrap().0;
        assert!(head >= before, "a longer log never gives less");
        before = head;
        assert!(
            matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head: found, .. } if found.events == head)
        );
        journal.append(append(2, 0)).await.unwrap();
    }
    assert_eq!(before, 20);
}

#[tokio::test]
async fn a_log_with_a_flipped_bit_ends_before_it() {
    let place = Place::new();
    let journal = place.open();
    for revision in 0..20 {
        journal.append(append(1, revision)).await.unwrap();
    }
    let flipped = Place::new();
    copy(&place.path, &flipped.path, usize::MAX, |log| {
        let middle = log.len() / 2;
        log[middle] ^= 1;
    });
    let journal = flipped.open();
    let head = journal.head().await.unwrap();
    assert!((1..20).contains(&head.0), "{head}");
    assert!(
        matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head: found, .. } if found.position == head)
    );
}

/// Overwrites the page that contains `text`.
fn spoil(path: &Path, text: &str) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap();
    let page = at / PAGE_BYTES * PAGE_BYTES;
    bytes[page..page + PAGE_BYTES].fill(0x5a);
    fs::write(path, bytes).unwrap();
}

#[tokio::test]
async fn a_corrupt_page_is_named_and_what_lies_before_it_can_be_read() {
    let place = Place::new();
    many(&place.open()).await;
    spoil(&place.path, r#""stream 1 revision 100""#);
    let journal = sqlite::open_read_only(&place.path).unwrap();
    let (mut last, failure) = (Position::START, loop_until_it_fails(&journal).await);
    if let Failure::Unreadable { after, .. } = &failure {
        last = *after;
    }
    assert!((2..101).contains(&last.0), "{failure}");
    let words = format!("the journal cannot be read after position {last}: database disk image is malformed");
    assert!(failure.to_string().starts_with(&words), "{failure}");
    assert_eq!(verify(&journal, |_| {}).await.unwrap_err().to_string(), failure.to_string());
}

async fn loop_until_it_fails(journal: &dyn Journal) -> Failure {
    let mut after = Position::START;
    loop {
        match journal.read_all(after, 1_000).await {
            Ok(page) => after = page.last().expect("it fails before the end").position,
            Err(failure) => return failure,
        }
    }
}

#[tokio::test]
async fn a_corrupt_page_at_the_end_is_noticed_on_opening() {
    let place = Place::new();
    many(&place.open()).await;
    spoil(&place.path, r#""stream 1 revision 299""#);
    let refused = sqlite::open(&place.path).unwrap_err();
    assert!(matches!(refused, OpenError::Damaged(_)), "{refused}");
    assert!(refused.to_string().contains("Restore a copy"), "{refused}");
}

#[tokio::test]
async fn an_alteration_near_the_end_is_noticed_on_opening() {
    let place = Place::new();
    many(&place.open()).await;
    let file = bare(&place.path);
    file.execute_batch("DROP TRIGGER events_are_never_changed").unwrap();
    file.execute_batch("UPDATE events SET kind = 'calendar-object-put.v2' WHERE position = 250").unwrap();
    let refused = sqlite::open(&place.path).unwrap_err();
    assert!(matches!(refused, OpenError::Altered), "{refused}");
}
