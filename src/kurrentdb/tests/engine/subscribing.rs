//! Tests of the live subscription: closed, failed, silent, and with many events of other programs.

use std::{sync::atomic::Ordering, time::Duration};

use journal::{Journal as _, Subscription};
use kurrent_double::Double;
use schemas::{Expected, Position};

use crate::{
    PATIENCE, figure,
    given::{append, fill, words},
    open, until,
};

#[tokio::test(flavor = "current_thread")]
async fn kurrent_a_subscription_that_the_server_closes_begins_anew_and_wedges_nothing() {
    const ROUNDS: u32 = 5;
    let double = Double::start();
    let (here, there) = (open(&double).await, open(&double).await);
    let mut subscription = here.subscribe(Position::START);
    for round in 1..=ROUNDS {
        fill(&*there, round, &["before"]).await;
        assert_eq!(next(&mut subscription, 1).await, ["before"]);
        double.faults().close_subscriptions();
        fill(&*there, 100 + round, &["after"]).await;
        assert_eq!(next(&mut subscription, 1).await, ["after"]);
        until("it begins anew", || figure(&*here, "resubscriptions") >= u64::from(round)).await;
    }
    // There is one subscription before the first closing and one after each. Those of the other
    // journal, which may miss a closing, are additional.
    let asked_for = || double.calls().subscriptions.load(Ordering::Relaxed);
    until("it is asked for anew", || asked_for() > u64::from(1 + ROUNDS)).await;
    assert_eq!(threads_at_work(), 0, "no thread goes round in circles");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_subscription_that_fails_begins_anew_where_it_was() {
    let double = Double::start();
    let (here, there) = (open(&double).await, open(&double).await);
    let mut subscription = here.subscribe(Position::START);
    fill(&*there, 1, &["a", "b"]).await;
    assert_eq!(next(&mut subscription, 2).await, ["a", "b"]);
    double.faults().fail_subscriptions();
    fill(&*there, 2, &["c", "d"]).await;
    assert_eq!(next(&mut subscription, 2).await, ["c", "d"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_subscription_that_falls_silent_is_abandoned() {
    let double = Double::start();
    double.faults().mute.arm(1);
    let here = open(&double).await;
    until("it is mute", || double.faults().mute.left() == 0).await;
    let there = open(&double).await;
    let mut subscription = here.subscribe(Position::START);
    fill(&*there, 1, &["unheard"]).await;
    assert_eq!(next(&mut subscription, 1).await, ["unheard"]);
    assert!(figure(&*here, "resubscriptions") > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_what_one_server_appends_another_sees_at_once() {
    let double = Double::start();
    let (here, there) = (open(&double).await, open(&double).await);
    let mut subscription = here.subscribe(here.head().await.unwrap());
    there.append(append(1, Expected::NoStream, &["news"])).await.unwrap();
    assert_eq!(next(&mut subscription, 1).await, ["news"]);
    assert_eq!(here.head().await.unwrap(), there.head().await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_other_peoples_events_are_passed_over() {
    let double = Double::start();
    let foreign = |count| (0..count).for_each(|_| double.log().write_foreign("calendar-of-somebody-else"));
    foreign(150);
    let journal = open(&double).await;
    assert_eq!(journal.head().await.unwrap(), Position::START);
    let mut subscription = journal.subscribe(Position::START);
    fill(&*journal, 1, &["a"]).await;
    foreign(2_500);
    let last = fill(&*journal, 2, &["b"]).await[0];
    foreign(150);
    assert_eq!(next(&mut subscription, 2).await, ["a", "b"]);
    assert_eq!(journal.head().await.unwrap(), last.position);
    let page = journal.read_all(Position::START, 1).await.unwrap();
    assert_eq!(words(&page), ["a"]);
    assert_eq!(words(&journal.read_all(page[0].position, 1).await.unwrap()), ["b"]);
    assert!(journal.read_all(last.position, 1).await.unwrap().is_empty());
}

async fn next(subscription: &mut Subscription, count: usize) -> Vec<String> {
    let mut seen = vec![];
    while seen.len() < count {
        let batch = tokio::time::timeout(PATIENCE.operation, subscription.next()).await.expect("news come");
        seen.extend(words(&batch.unwrap().unwrap()));
    }
    seen
}

/// Returns the number of this process's threads `journal-feed` that used more than a tenth of a
/// processor for one second.
fn threads_at_work() -> usize {
    let times = || -> std::collections::BTreeMap<String, u64> {
        let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
        let stats = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("stat")).ok());
        stats
            .filter(|stat| stat.contains("(journal-feed)"))
            .map(|stat| {
                let fields: Vec<_> = stat.rsplit(") ").next().unwrap().split(' ').collect();
                (stat.split(' ').next().unwrap().to_owned(), fields[11].parse().unwrap())
            })
            .collect()
    };
    let before = times();
    std::thread::sleep(Duration::from_secs(1));
    // The times are in hundredths of a second.
    times().into_iter().filter(|(thread, time)| before.get(thread).is_some_and(|before| time - before > 10)).count()
}
