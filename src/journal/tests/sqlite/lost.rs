//! Tests with lost ends and flipped bits. Each must be noticed when the journal is opened or
//! verified.

use std::{
    fs,
    path::{Path, PathBuf},
};

use journal::{
    Journal, Verdict,
    sqlite::{self, OpenError, Sqlite},
    verify,
};
use schemas::{Position, Revision, Stored};

use crate::{Place, append, bare};

const EVENTS: u64 = 60;

fn with_suffix(journal: &Path, ending: &str) -> PathBuf {
    let mut path = journal.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

/// Appends to two streams in turn, so that reading by stream and in the journal's order give
/// different orders.
async fn fill(journal: &Sqlite) {
    for number in 0..EVENTS {
        let stream = u32::try_from(number % 2).unwrap();
        journal.append(append(stream, number / 2)).await.unwrap();
    }
}

/// Returns the files as `kill -9` leaves them: a copy made while the journal is open. `change`
/// alters the write-ahead log.
fn after_a_crash(journal: &Path, change: impl FnOnce(&mut Vec<u8>)) -> Place {
    let place = Place::new();
    fs::copy(journal, &place.path).unwrap();
    fs::copy(with_suffix(journal, "-end"), with_suffix(&place.path, "-end")).unwrap();
    let mut log = fs::read(with_suffix(journal, "-wal")).unwrap();
    change(&mut log);
    fs::write(with_suffix(&place.path, "-wal"), log).unwrap();
    place
}

async fn is_noticed_as_cut(place: &Place, title: &str) {
    let refused = sqlite::open(&place.path).unwrap_err();
    let OpenError::EndMissing { found, known, .. } = &refused else { panic!("{title}: {refused}") };
    assert!(found < known && *known == Position(EVENTS), "{title}: {refused}");
    assert!(refused.to_string().contains("journal.sqlite-end"), "{refused}");
    let reader = sqlite::open_read_only(&place.path).unwrap();
    let verdict = verify(&reader, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Ended { recorded, .. } if recorded.position == *known), "{title}: {verdict}");
}

#[tokio::test]
async fn a_log_that_was_cut_is_noticed_wherever_it_was_cut() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    let whole = fs::read(with_suffix(&place.path, "-wal")).unwrap().len();
    // The first appends created the tables. A log that is cut within them leaves a file without
    // tables, so cuts begin later.
    for part in 4..40 {
        let cut = after_a_crash(&place.path, |log| log.truncate(whole * part / 40));
        is_noticed_as_cut(&cut, &format!("{part} of 40")).await;
    }
    let untouched = after_a_crash(&place.path, |_| {});
    assert_eq!(untouched.open().head().await.unwrap(), Position(EVENTS));
}

#[tokio::test]
async fn a_log_with_a_flipped_bit_is_noticed_wherever_it_flipped() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    let whole = fs::read(with_suffix(&place.path, "-wal")).unwrap().len();
    for part in 4..40 {
        let at = whole * part / 40;
        let flipped = after_a_crash(&place.path, |log| log[at] ^= 1 << (part % 8));
        is_noticed_as_cut(&flipped, &format!("byte {at}")).await;
    }
}

#[tokio::test]
async fn a_journal_that_was_removed_is_noticed() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    drop(journal);
    fs::remove_file(&place.path).unwrap();
    let refused = sqlite::open(&place.path).unwrap_err();
    assert!(matches!(refused, OpenError::EndMissing { found: Position::START, .. }), "{refused}");
    fs::remove_file(with_suffix(&place.path, "-end")).unwrap();
    assert_eq!(place.open().head().await.unwrap(), Position::START, "it is given up on purpose");
}

#[tokio::test]
async fn a_damaged_witness_is_no_lost_end() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    drop(journal);
    let witness = with_suffix(&place.path, "-end");
    let whole = fs::read_to_string(&witness).unwrap();
    fs::write(&witness, whole.replacen(" 0", " 1", 2)).unwrap();
    let reader = sqlite::open_read_only(&place.path).unwrap();
    assert!(matches!(verify(&reader, |_| {}).await.unwrap(), Verdict::Ok { .. }));
    drop(reader);
    assert_eq!(place.open().head().await.unwrap(), Position(EVENTS));
    assert_eq!(fs::read_to_string(&witness).unwrap(), whole, "it is made anew");
}

#[tokio::test]
async fn another_history_up_to_the_same_position_is_noticed() {
    let (place, other) = (Place::new(), Place::new());
    let journal = place.open();
    fill(&journal).await;
    drop(journal);
    let journal = other.open();
    for revision in 0..=EVENTS {
        journal.append(append(7, revision)).await.unwrap();
    }
    drop(journal);
    fs::copy(&other.path, &place.path).unwrap();
    let refused = sqlite::open(&place.path).unwrap_err();
    assert!(matches!(refused, OpenError::AnotherHistory { position: Position(EVENTS), .. }), "{refused}");
    let reader = sqlite::open_read_only(&place.path).unwrap();
    let verdict = verify(&reader, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Altered { position: Position(EVENTS), .. }), "{verdict}");
}

/// Reads everything through the port; `None` if a read fails.
async fn read(journal: &dyn Journal) -> Option<Vec<Vec<Stored>>> {
    let mut read = vec![journal.read_all(Position::START, usize::MAX).await.ok()?];
    for number in 0..2 {
        read.push(journal.read_stream(append(number, 0).stream, Revision(0), usize::MAX).await.ok()?);
        read.push(journal.read_last(append(number, 0).stream).await.ok()?.into_iter().collect());
    }
    Some(read)
}

#[tokio::test]
async fn a_flipped_bit_in_the_file_is_noticed_or_changes_nothing_that_is_read() {
    const FLIPS: usize = 400;
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    let stored = read(&journal).await;
    drop(journal);
    let whole = fs::read(&place.path).unwrap();
    let (mut at_start, mut by_verify) = (0, 0);
    for flip in 0..FLIPS {
        // The bits are spread over the file without a pattern that could coincide with its pages.
        let bit = flip.wrapping_mul(2_654_435_761) % (whole.len() * 8);
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let flipped = Place::new();
        fs::write(&flipped.path, bytes).unwrap();
        match sqlite::open(&flipped.path) {
            Err(_) => at_start += 1,
            Ok(journal) => match verify(&journal, |_| {}).await {
                Ok(Verdict::Ok { .. }) => assert_eq!(read(&journal).await, stored, "bit {bit}"),
                Ok(_) | Err(_) => by_verify += 1,
            },
        }
    }
    assert!(at_start > 0 && by_verify > 0, "{at_start} at the start, {by_verify} by verify");
}

#[tokio::test]
async fn verify_finds_an_index_that_leads_elsewhere() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    drop(journal);
    let file = bare(&place.path);
    // Only the schema is changed, so that the index keeps its old content, as on a faulty disk.
    file.execute_batch(
        "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, '(stream, revision)', '(revision, stream)') WHERE type = 'index' AND sql IS NOT NULL;",
    )
    .unwrap();
    drop(file);
    let reader = sqlite::open_read_only(&place.path).unwrap();
    let verdict = verify(&reader, |_| {}).await.unwrap();
    let Verdict::Damaged { head, faults } = &verdict else { panic!("{verdict}") };
    assert_eq!(head.events, EVENTS);
    assert!(!faults.is_empty() && verdict.to_string().contains("Restore a copy"), "{verdict}");
}
