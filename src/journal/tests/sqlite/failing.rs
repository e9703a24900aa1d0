//! Tests in which the storage returns an error.

use journal::{AppendError, Failure, Journal, Verdict, sqlite, verify};
use schemas::Position;

use crate::{Place, append, bare, fill};

#[tokio::test]
async fn a_group_that_cannot_be_stored_is_unavailable_as_a_whole_and_can_be_repeated() {
    let place = Place::new();
    let journal = place.open();
    fill(&journal).await;
    let subscription = journal.subscribe(Position(5));
    let full = "CREATE TRIGGER full BEFORE INSERT ON events WHEN new.position = 7
        BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    bare(&place.path).execute_batch(full).unwrap();
    let appends = vec![append(3, 0), append(4, 0)];
    for answer in journal.append_many(appends.clone()).await {
        let refused = answer.unwrap_err();
        assert!(matches!(refused, AppendError::Unavailable(Failure::Storage(_))), "{refused}");
        assert!(refused.to_string().contains("the disk is full"), "{refused}");
    }
    assert_eq!(journal.head().await.unwrap(), Position(5));
    bare(&place.path).execute_batch("DROP TRIGGER full").unwrap();
    let positions: Vec<_> =
        journal.append_many(appends).await.into_iter().map(|answer| answer.unwrap().position.0).collect();
    assert_eq!(positions, [6, 7]);
    assert!(matches!(verify(&journal, |_| {}).await.unwrap(), Verdict::Ok { head, .. } if head.events == 7));
    drop(journal);
    assert_eq!(drain(subscription).await, [6, 7]);
}

#[tokio::test]
async fn reading_stops_at_a_damaged_event_and_names_it() {
    for (title, damage, why) in [
        ("no such stream", "DELETE FROM streams WHERE stream = 1", "`` is not the name of a stream"),
        (
            "metadata",
            "UPDATE events SET metadata = x'7b' WHERE position = 2",
            "the metadata of the event cannot be read: EOF while parsing",
        ),
        ("an id", "UPDATE events SET id = x'00' WHERE position = 2", "the id of the event is malformed: invalid"),
        ("a hash", "UPDATE events SET hash = x'00' WHERE position = 2", "the hash of the event does not have 32 bytes"),
    ] {
        let place = Place::new();
        fill(&place.open()).await;
        let file = bare(&place.path);
        file.execute_batch("PRAGMA foreign_keys = OFF; DROP TRIGGER events_are_never_changed").unwrap();
        file.execute_batch(damage).unwrap();
        let journal = sqlite::open_read_only(&place.path).unwrap();
        let failure = journal.read_all(Position::START, 9).await.unwrap_err();
        let Failure::Damaged { why: found, .. } = failure else { panic!("{title}: {failure}") };
        assert!(found.contains(why), "{title}: {found}");
    }
}

async fn drain(mut subscription: journal::Subscription) -> Vec<u64> {
    let mut seen = Vec::new();
    while let Some(batch) = subscription.next().await.unwrap() {
        seen.extend(batch.iter().map(|stored| stored.position.0));
    }
    seen
}
