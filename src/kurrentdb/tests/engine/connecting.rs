//! Tests of connections that are refused, broken, silent, or made to a node that is not the leader.

use std::time::Duration;

use journal::{AppendError, Failure, Journal as _};
use kurrent_double::{Double, Setting};
use kurrentdb::{OpenError, Patience};
use schemas::{Expected, Position};

use crate::{
    PATIENCE, figure,
    given::{after, append, fill, words},
    open,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_refused_first_connection_is_made_good_when_the_server_comes() {
    let double = Double::start();
    double.kill(0);
    let url = double.url();
    let opening = tokio::spawn(async move { kurrentdb::open_with(&url, PATIENCE).await });
    // This pause is longer than the time for which the client library itself retries.
    tokio::time::sleep(Duration::from_secs(1)).await;
    double.revive(0);
    let journal = opening.await.unwrap().unwrap();
    assert!(figure(&journal, "client_rebuilds") > 0, "the first client never recovers");
    assert!(journal.append(append(1, Expected::NoStream, &["a"])).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_server_that_never_comes_is_given_up_with_a_word() {
    let double = Double::start();
    double.kill(0);
    let patience = Patience { operation: Duration::from_millis(500), ..PATIENCE };
    let refused = kurrentdb::open_with(&double.url(), patience).await.unwrap_err();
    assert!(matches!(refused, OpenError::Failure(Failure::Unreachable(_))), "{refused}");
    assert!(refused.to_string().starts_with("the journal cannot be reached"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_server_that_restarts_is_found_again() {
    let double = Double::start();
    let journal = open(&double).await;
    let mut subscription = journal.subscribe(Position::START);
    fill(&*journal, 1, &["a"]).await;
    double.kill(0);
    let appending = tokio::spawn({
        let journal = journal.clone();
        async move { journal.append(append(1, after(0), &["b"])).await }
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    double.revive(0);
    appending.await.unwrap().unwrap();
    let mut seen = vec![];
    while seen.len() < 2 {
        seen.extend(words(&subscription.next().await.unwrap().unwrap()));
    }
    assert_eq!(seen, ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_when_the_connected_node_dies_another_one_is_found() {
    let double = Double::with(3, Setting::default());
    let journal = open(&double).await;
    fill(&*journal, 1, &["a"]).await;
    double.kill(0);
    double.elect(1);
    journal.append(append(1, after(0), &["b"])).await.unwrap();
    assert!(figure(&*journal, "client_rebuilds") > 0, "the client never asks around again");
    assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a", "b"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_node_that_leads_no_more_sends_us_to_the_one_that_does() {
    let double = Double::with(3, Setting::default());
    let journal = open(&double).await;
    fill(&*journal, 1, &["a"]).await;
    for (leader, words) in [(1, "b"), (2, "c"), (0, "d")] {
        double.elect(leader);
        let answer = journal.append(append(u32::try_from(leader).unwrap() + 2, Expected::NoStream, &[words])).await;
        assert!(answer.is_ok(), "{leader}: {answer:?}");
    }
    assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a", "b", "c", "d"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_server_that_is_not_ready_is_asked_again() {
    let double = Double::start();
    let journal = open(&double).await;
    double.faults().unavailable.arm(5);
    journal.append(append(1, Expected::NoStream, &["a"])).await.unwrap();
    double.faults().unavailable.arm(5);
    assert_eq!(words(&journal.read_all(Position::START, 9).await.unwrap()), ["a"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_a_server_that_says_nothing_is_not_waited_for_without_end() {
    let double = Double::start();
    let patience = Patience { answer: Duration::from_secs(1), ..PATIENCE };
    let journal = kurrentdb::open_with(&double.url(), patience).await.unwrap();
    double.faults().silent.arm(1);
    journal.append(append(1, Expected::NoStream, &["a"])).await.unwrap();
    let impatient = Patience { operation: Duration::from_millis(900), ..patience };
    let journal = kurrentdb::open_with(&double.url(), impatient).await.unwrap();
    double.faults().silent.arm(100);
    let refused = journal.append(append(2, Expected::NoStream, &["b"])).await.unwrap_err();
    assert!(matches!(refused, AppendError::Unavailable(Failure::Unreachable(_))), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kurrent_credentials_and_tls_come_with_the_connection_string() {
    let login = Some("ann:s3cret".to_owned());
    let double = Double::with(1, Setting { tls: true, login, ..Setting::default() });
    let journal = open(&double).await;
    journal.append(append(1, Expected::NoStream, &["a"])).await.unwrap();

    let stranger = double.url().replace("s3cret", "guess");
    let refused = kurrentdb::open_with(&stranger, PATIENCE).await.unwrap_err();
    assert!(refused.to_string().contains("Access denied"), "{refused}");
    let untrusting = double.url().split("&tlsCaFile").next().unwrap().to_owned();
    let patience = Patience { operation: Duration::from_millis(500), ..PATIENCE };
    let refused = kurrentdb::open_with(&untrusting, patience).await.unwrap_err();
    assert!(matches!(refused, OpenError::Failure(Failure::Unreachable(_))), "an authority nobody knows: {refused}");
}
