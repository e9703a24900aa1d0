//! Tests of the time of storage with a clock that is set back.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use journal::{Clock, Journal, Verdict, memory::Memory, sqlite, verify};
use schemas::{Expected, Position, Timestamp};

use crate::given::{after, append};

const HOUR: i64 = 3_600_000_000;
const WRITERS: u32 = 16;
const APPENDS: u64 = 25;

/// Returns a clock that is set back by one hour each fiftieth time it is read.
fn unsteady() -> Clock {
    let (looks, now) = (AtomicI64::new(0), AtomicI64::new(1_767_614_400_000_000));
    Clock::Given(Arc::new(move || {
        let step = if looks.fetch_add(1, Ordering::Relaxed) % 50 == 49 { -HOUR } else { 1_000 };
        Timestamp(now.fetch_add(step, Ordering::Relaxed))
    }))
}

async fn writers(journal: Arc<dyn Journal>) {
    let write = |number| {
        let journal = Arc::clone(&journal);
        tokio::spawn(async move {
            for revision in 0..APPENDS {
                let expected = revision.checked_sub(1).map_or(Expected::NoStream, after);
                // Each writer decides by its own clock, which differs from those of the others.
                let mut append = append(number, expected, &[&format!("{number} {revision}"), "second"]);
                append.events.truncate(1);
                append.metadata.at.0 += i64::from(number) * HOUR;
                journal.append(append).await.unwrap();
            }
        })
    };
    for writer in (0..WRITERS).map(write).collect::<Vec<_>>() {
        writer.await.unwrap();
    }
    let stored = journal.read_all(Position::START, 1_000).await.unwrap();
    assert_eq!(stored.len() as u64, u64::from(WRITERS) * APPENDS);
    let times: Vec<_> = stored.iter().map(|stored| stored.metadata.stored_at.unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
    assert!(times.first() < times.last());
    assert!(!stored.iter().map(|stored| stored.metadata.at).is_sorted(), "the times of the decisions are no order");
    assert!(matches!(verify(&*journal, |_| {}).await.unwrap(), Verdict::Ok { seam: None, .. }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_of_storage_never_decreases_in_memory() {
    writers(Arc::new(Memory::with(unsteady()))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_time_of_storage_never_decreases_in_sqlite() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    writers(Arc::new(sqlite::open_with(&path, unsteady()).unwrap())).await;
}

#[tokio::test]
async fn a_journal_that_is_opened_with_a_clock_set_back_goes_on_after_its_last_event() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal.sqlite");
    let at = |seconds| Clock::Given(Arc::new(move || Timestamp::from_seconds(seconds)));
    let later = sqlite::open_with(&path, at(2_000)).unwrap();
    later.append(append(1, Expected::NoStream, &["a"])).await.unwrap();
    drop(later);
    let earlier = sqlite::open_with(&path, at(1_000)).unwrap();
    earlier.append(append(1, after(0), &["b"])).await.unwrap();
    let stored = earlier.read_all(Position::START, 9).await.unwrap();
    let times = stored.iter().map(|stored| stored.metadata.stored_at);
    assert_eq!(times.collect::<Vec<_>>(), [Some(Timestamp::from_seconds(2_000)); 2]);
}
