//! Tests that an append happens once or not at all in spite of faults, and that the result states
//! which.

use std::{sync::atomic::Ordering, time::Duration};

use journal::{AppendError, Failure, Journal as _};
use kurrent_double::{Double, log};
use schemas::{Expected, NewEvent, Position, Revision};
use tokio::time::Instant;

use crate::{
    figure,
    given::{after, append, event, fill, stream, words},
    open,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_an_append_whose_acknowledgement_is_lost_happens_once_and_is_acknowledged() {
    let double = Double::start();
    let journal = open(&double).await;
    double.faults().lose_acknowledgement.arm(2);
    let one = journal.append(append(1, Expected::NoStream, &["a", "b"])).await.unwrap();
    double.faults().lose_acknowledgement.arm(1);
    let other = journal.append(append(1, after(1), &["c"])).await.unwrap();
    assert_eq!((one.revision, other.revision), (Revision(1), Revision(2)));
    let stored = journal.read_all(Position::START, 9).await.unwrap();
    assert_eq!(words(&stored), ["a", "b", "c"]);
    let ids: Vec<_> = stored.iter().map(|stored| stored.id).collect();
    assert_eq!(ids, ["a", "b", "c"].map(|words| event(words).id), "the ids are ours, on every attempt");
    assert_eq!(double.calls().appends.load(Ordering::Relaxed), 5);
    assert_eq!(figure(&*journal, "retries"), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_repeated_append_of_which_the_server_names_no_place_is_found() {
    let double = Double::start();
    let journal = open(&double).await;
    let first = append(1, Expected::NoStream, &["a", "b"]);
    let one = journal.append(first.clone()).await.unwrap();
    double.faults().no_position.arm(1);
    assert_eq!(journal.append(first).await.unwrap(), one);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_conflict_in_a_group_ends_no_other_append() {
    let double = Double::start();
    let journal = open(&double).await;
    fill(&*journal, 7, &["there"]).await;
    let group = (0..20).map(|number| append(number, Expected::NoStream, &["new"])).collect();
    for (number, answer) in journal.append_many(group).await.into_iter().enumerate() {
        match answer {
            Ok(appended) => assert_eq!(appended.revision, Revision(0)),
            Err(AppendError::WrongExpectedRevision { actual }) => assert_eq!((number, actual), (7, Some(Revision(0)))),
            Err(error) => panic!("{number}: {error}"),
        }
    }
    assert_eq!(double.calls().batch_appends.load(Ordering::Relaxed), 0, "the client's batches are never used");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_many_appends_are_under_way_together() {
    const APPENDS: u32 = 64;
    const EACH: Duration = Duration::from_millis(200);
    let double = Double::start();
    let journal = open(&double).await;
    double.faults().append_milliseconds.store(200, Ordering::Relaxed);
    let group = (0..APPENDS).map(|number| append(number, Expected::NoStream, &["new"])).collect();
    let begun = Instant::now();
    assert!(journal.append_many(group).await.iter().all(Result::is_ok));
    assert!(begun.elapsed() < EACH * APPENDS / 4, "{:?}", begun.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_an_append_too_large_for_the_server_is_refused_by_the_name_of_its_limit() {
    let double = Double::start();
    let journal = open(&double).await;
    double.faults().max_append_bytes.store(1_000, Ordering::Relaxed);
    let mut large = append(1, Expected::NoStream, &[]);
    large.events = vec![NewEvent { data: vec![b' '; 2_000].into(), ..event("large") }];
    let refused = journal.append(large).await.unwrap_err();
    let AppendError::TooLarge { limit, allowed, found } = refused else { panic!("{refused}") };
    assert_eq!((limit, allowed), ("KURRENTDB_MAX_APPEND_SIZE", 1_000));
    assert!(found > 2_000);
    assert_eq!(double.calls().appends.load(Ordering::Relaxed), 1, "no other attempt would end otherwise");
    assert!(journal.append(append(1, Expected::NoStream, &["small"])).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_stream_that_somebody_deleted_for_good_is_a_failure_and_neither_empty_nor_new() {
    let double = Double::start();
    let journal = open(&double).await;
    fill(&*journal, 1, &["a"]).await;
    double.log().delete(&stream(1).to_string(), log::Expected::Any, true).unwrap();
    let refused = journal.append(append(1, Expected::NoStream, &["b"])).await.unwrap_err();
    assert!(matches!(refused, AppendError::Unavailable(Failure::Storage(_))), "{refused}");
    assert!(refused.to_string().contains("deleted"), "{refused}");
    // The port cannot delete streams. If another program deletes a stream, the object must not look
    // as if it were new.
    for read in
        [journal.read_stream(stream(1), Revision(0), 9).await, journal.read_last(stream(1)).await.map(Vec::from_iter)]
    {
        let failure = read.unwrap_err();
        assert!(matches!(failure, Failure::Storage(_)), "{failure}");
        assert!(failure.to_string().contains("deleted"), "{failure}");
    }
    fill(&*journal, 2, &["c"]).await;
    assert_eq!(journal.read_stream(stream(2), Revision(0), 9).await.unwrap().len(), 1, "others are as they were");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_repetition_with_other_metadata_does_not_break_the_chain() {
    let double = Double::start();
    let journal = open(&double).await;
    let first = append(1, Expected::NoStream, &["a"]);
    journal.append(first.clone()).await.unwrap();
    let mut later = first;
    later.metadata.at.0 += 1;
    journal.append(later).await.unwrap();
    journal.append(append(1, after(0), &["b"])).await.unwrap();
    let verdict = journal::verify(&*journal, |_| {}).await.unwrap();
    assert!(matches!(verdict, journal::Verdict::Ok { head, .. } if head.events == 2), "{verdict}");
}
