//! Cases for subscriptions: first the stored events, then new ones.

use std::{sync::Arc, time::Duration};

use journal::{Append, Journal, Subscription};
use schemas::{Expected, NewEvent, Position, Stored, StreamKind};

use crate::given::{append, event, fill, stream_of, words};

/// A time limit that is long enough even on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn a_subscription_catches_up_and_goes_on_live_without_gap_or_repetition(journal: Box<dyn Journal>) {
    const STREAMS: u32 = 20;
    let journal: Arc<dyn Journal> = journal.into();
    fill(&*journal, 1000, &["old", "older", "oldest"]).await;
    let early = tokio::spawn(collect(journal.subscribe(Position::START), 3 + 5 * STREAMS as usize));
    let producer = Arc::clone(&journal);
    let producing = tokio::spawn(async move {
        for number in 0..STREAMS {
            let words: Vec<_> = (0..5).map(|event| format!("{number} {event}")).collect();
            fill(&*producer, number, &words.iter().map(String::as_str).collect::<Vec<_>>()).await;
        }
    });
    let midway = tokio::spawn(collect(journal.subscribe(Position::START), 3 + 5 * STREAMS as usize));
    producing.await.unwrap();
    let all = journal.read_all(Position::START, usize::MAX).await.unwrap();
    assert_eq!(early.await.unwrap(), all);
    assert_eq!(midway.await.unwrap(), all);
}

pub(crate) async fn a_subscription_starts_after_its_position(journal: Box<dyn Journal>) {
    let appended = fill(&*journal, 1, &["a", "b", "c"]).await;
    let mut subscription = journal.subscribe(appended[1].position);
    assert_eq!(words(&subscription.next().await.unwrap().unwrap()), ["c"]);
    let mut ahead = journal.subscribe(appended[2].position);
    journal.append(append(2, Expected::NoStream, &["d"])).await.unwrap();
    assert_eq!(words(&ahead.next().await.unwrap().unwrap()), ["d"]);
}

pub(crate) async fn events_of_every_kind_of_stream_arrive_live(journal: Box<dyn Journal>) {
    let mut subscription = journal.subscribe(Position::START);
    fill(&*journal, 1, &["first"]).await;
    assert_eq!(words(&subscription.next().await.unwrap().unwrap()), ["first"]);
    for (number, kind) in (2..).zip(StreamKind::ALL) {
        let stream = stream_of(*kind, number);
        let append = Append { stream, ..append(number, Expected::NoStream, &[kind.prefix()]) };
        journal.append(append).await.unwrap();
        let batch = tokio::time::timeout(PATIENCE, subscription.next()).await.expect("the event arrives");
        let arrived: Vec<_> = batch.unwrap().unwrap().iter().map(|stored| stored.stream).collect();
        assert_eq!(arrived, [stream]);
    }
}

pub(crate) async fn a_subscriber_that_was_slow_misses_nothing(journal: Box<dyn Journal>) {
    let mut subscription = journal.subscribe(Position::START);
    fill(&*journal, 1, &["first"]).await;
    assert_eq!(words(&subscription.next().await.unwrap().unwrap()), ["first"]);
    // The events are larger than any engine's cache for subscribers that are nearly up to date.
    for number in 2..26 {
        let event = NewEvent { data: vec![b' '; 1024 * 1024].into(), ..event(&number.to_string()) };
        let append = Append { events: vec![event], ..append(number, Expected::NoStream, &[]) };
        journal.append(append).await.unwrap();
    }
    let missed = collect(subscription, 24).await;
    assert_eq!(missed, journal_after_first(&*journal).await);
}

pub(crate) async fn a_subscription_ends_with_the_journal_after_its_last_event(journal: Box<dyn Journal>) {
    let mut subscription = journal.subscribe(Position::START);
    fill(&*journal, 1, &["a", "b"]).await;
    drop(journal);
    // An engine may deliver the events in one batch or in two.
    let mut seen = vec![];
    while let Some(batch) = subscription.next().await.unwrap() {
        seen.extend(words(&batch));
    }
    assert_eq!(seen, ["a", "b"]);
}

pub(crate) async fn a_cancelled_wait_loses_nothing(journal: Box<dyn Journal>) {
    let mut subscription = journal.subscribe(Position::START);
    tokio::select! {
        biased;
        early = subscription.next() => panic!("nothing is there yet: {early:?}"),
        () = std::future::ready(()) => {}
    }
    fill(&*journal, 1, &["a"]).await;
    assert_eq!(words(&subscription.next().await.unwrap().unwrap()), ["a"]);
}

async fn collect(mut subscription: Subscription, count: usize) -> Vec<Stored> {
    let mut seen = Vec::new();
    while seen.len() < count {
        let batch = subscription.next().await.unwrap().expect("the journal is open");
        assert!(!batch.is_empty());
        seen.extend(batch);
    }
    seen
}

async fn journal_after_first(journal: &dyn Journal) -> Vec<Stored> {
    let (mut all, mut after) = (Vec::new(), first(journal).await);
    loop {
        let page = journal.read_all(after, 9).await.unwrap();
        let Some(last) = page.last() else { return all };
        after = last.position;
        all.extend(page);
    }
}

async fn first(journal: &dyn Journal) -> Position {
    journal.read_all(Position::START, 1).await.unwrap()[0].position
}
