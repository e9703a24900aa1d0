//! Tests of opening a journal again, of opening it twice, and of opening a file that is not a
//! journal.

use journal::{
    AppendError, Failure, Journal, Verdict,
    sqlite::{self, OpenError},
    verify,
};
use schemas::{Position, Revision};

use crate::{Place, append, bare, fill};

#[tokio::test]
async fn a_journal_is_the_same_when_opened_again() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    let before = journal.read_all(Position::START, 9).await.unwrap();
    drop(journal);
    let journal = place.open();
    assert_eq!(journal.read_all(Position::START, 9).await.unwrap(), before);
    assert_eq!(journal.head().await.unwrap(), Position(5));
    let repeated = journal.append(append(1, 2)).await.unwrap();
    assert_eq!((repeated.revision, repeated.position), (Revision(2), Position(3)));
    journal.append(append(1, 3)).await.unwrap();
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == 6));
}

#[tokio::test]
async fn a_subscription_catches_up_from_before_the_journal_was_opened() {
    let place = Place::new();
    fill(&place.open()).await;
    let journal = place.open();
    let mut subscription = journal.subscribe(Position(2));
    assert_eq!(subscription.next().await.unwrap().unwrap().len(), 3);
    journal.append(append(3, 0)).await.unwrap();
    let live = subscription.next().await.unwrap().unwrap();
    assert_eq!(live[0].position, Position(6));
}

#[tokio::test]
async fn a_journal_in_use_is_refused_with_the_process_that_has_it() {
    let place = Place::new();
    let _first = place.open();
    let refused = sqlite::open(&place.path).unwrap_err();
    let expected = format!(
        "the journal {} is in use by process {}: stop that process first, because only one process at a time may \
         write the \
         journal",
        place.path.display(),
        std::process::id()
    );
    assert_eq!(refused.to_string(), expected);
}

#[tokio::test]
async fn a_reader_sees_what_a_writer_adds_but_appends_nothing() {
    let place = Place::new();
    let writer = place.open();
    fill(&writer).await;
    let reader = sqlite::open_read_only(&place.path).unwrap();
    assert_eq!(reader.head().await.unwrap(), Position(5));
    writer.append(append(3, 0)).await.unwrap();
    assert_eq!(reader.head().await.unwrap(), Position(6));
    assert_eq!(reader.read_all(Position(4), 9).await.unwrap().len(), 2);
    assert!(matches!(verify(&reader, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == 6));
    let refused = reader.append(append(4, 0)).await.unwrap_err();
    assert!(matches!(refused, AppendError::Unavailable(Failure::ReadOnly)), "{refused}");
}

#[tokio::test]
async fn a_journal_nobody_writes_can_be_read() {
    let place = Place::new();
    fill(&place.open()).await;
    let reader = sqlite::open_read_only(&place.path).unwrap();
    let mut subscription = reader.subscribe(Position::START);
    assert_eq!(subscription.next().await.unwrap().unwrap().len(), 5);
    assert_eq!(subscription.next().await.unwrap(), None);
}

#[test]
fn what_is_not_our_journal_is_refused() {
    let place = Place::new();
    let missing = sqlite::open_read_only(&place.path).unwrap_err();
    assert!(matches!(missing, OpenError::Missing(_)), "{missing}");
    assert!(!place.path.exists(), "reading makes nothing");

    std::fs::write(&place.path, "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n".repeat(100)).unwrap();
    for refused in [sqlite::open(&place.path).unwrap_err(), sqlite::open_read_only(&place.path).unwrap_err()] {
        assert!(matches!(refused, OpenError::NotAJournal), "{refused}");
    }

    std::fs::remove_file(&place.path).unwrap();
    bare(&place.path).execute_batch("CREATE TABLE other (a)").unwrap();
    let other = sqlite::open(&place.path).unwrap_err();
    assert!(matches!(other, OpenError::NotAJournal), "{other}");
}

#[test]
fn a_journal_of_a_later_form_is_refused() {
    let place = Place::new();
    drop(place.open());
    bare(&place.path).pragma_update(None, "user_version", 3).unwrap();
    let refused = sqlite::open(&place.path).unwrap_err();
    assert!(matches!(refused, OpenError::OtherVersion { version: 3 }), "{refused}");
}

#[tokio::test]
async fn a_copy_made_with_the_shell_is_a_journal() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    let copy = Place::new();
    bare(&place.path).execute("VACUUM INTO ?1", [copy.path.to_str()]).unwrap();
    let journal = copy.open();
    journal.append(append(3, 0)).await.unwrap();
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == 6));
}

#[tokio::test]
async fn the_file_keeps_the_settings_that_durability_depends_on() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    let file = bare(&place.path);
    let text = |pragma| file.pragma_query_value(None, pragma, |row| row.get::<_, String>(0)).unwrap();
    let number = |pragma| file.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((text("journal_mode").as_str(), number("page_size")), ("wal", 16 * 1024));
}
