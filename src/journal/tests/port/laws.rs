//! Laws that hold for any history.

use journal::{Append, Journal, Verdict, verify};
use kurrent_double::Double;
use proptest::prelude::*;
use schemas::{Expected, Position, Revision};

use crate::given;

/// Few streams, places and events, so that appends meet, race and repeat each other.
fn any_append() -> impl Strategy<Value = Append> {
    let expected = prop_oneof![Just(Expected::NoStream), (0..4_u64).prop_map(given::after)];
    let words = proptest::collection::vec(prop_oneof![Just("a"), Just("b"), Just("c")], 1..4);
    (0..3_u32, expected, words).prop_map(|(number, expected, words)| given::append(number, expected, &words))
}

fn any_history() -> impl Strategy<Value = Vec<Vec<Append>>> {
    proptest::collection::vec(proptest::collection::vec(any_append(), 0..8), 0..6)
}

/// Every answer, then everything there is to see.
async fn told(journal: Box<dyn Journal>, history: Vec<Vec<Append>>) -> Vec<String> {
    let mut told = Vec::new();
    for group in history {
        told.push(format!("{:?}", journal.append_many(group).await));
    }
    for number in 0..3 {
        told.push(format!("{:?}", journal.read_last(given::stream(number)).await.unwrap()));
    }
    let all = journal.read_all(Position::START, 1_000).await.unwrap();
    let entries = journal.entries(Position::START, 1_000).await.unwrap();
    assert_eq!(all.len(), entries.len());
    told.push(format!("{all:?} {entries:?}"));
    let verdict = verify(&*journal, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Ok(_)), "{verdict}");
    told.push(verdict.to_string());
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_engine_tells_any_history_alike(history in any_history()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = runtime.block_on(async {
            (told(crate::memory(), history.clone()).await, told(crate::sqlite(folder.path()), history).await)
        });
        prop_assert_eq!(one, other);
    }
}

/// What the port promises of any history: every answer, but for positions, then every stream.
async fn promised(journal: Box<dyn Journal>, history: Vec<Vec<Append>>) -> Vec<String> {
    let mut told = Vec::new();
    for group in history {
        for (append, answer) in group.clone().into_iter().zip(journal.append_many(group).await) {
            let answer = match answer {
                Ok(appended) => {
                    let stored = journal.read_stream(append.stream, appended.revision, 1).await.unwrap();
                    assert_eq!(stored[0].position, appended.position);
                    Ok(appended.revision)
                }
                Err(error) => Err(error.to_string()),
            };
            told.push(format!("{answer:?}"));
        }
    }
    for number in 0..3 {
        for stored in journal.read_stream(given::stream(number), Revision(0), 1_000).await.unwrap() {
            told.push(format!("{} {} {:?} {:?}", stored.revision.0, stored.id, stored.data, stored.metadata));
        }
    }
    let verdict = verify(&*journal, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Ok(_)), "{verdict}");
    told
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kurrent_promises_what_memory_does_of_any_history(history in any_history()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let double = Double::start();
        let (one, other) = runtime.block_on(async {
            let kurrent = crate::kurrent(&double).await;
            (promised(crate::memory(), history.clone()).await, promised(kurrent, history).await)
        });
        prop_assert_eq!(one, other);
    }
}
