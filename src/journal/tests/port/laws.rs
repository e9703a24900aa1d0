//! Properties that hold for any history of appends.

use journal::{Append, Clock, Journal, Verdict, sqlite, verify};
use proptest::prelude::*;
use schemas::Position;

use crate::{given, history::any_history};

/// Returns every answer, then everything that can be read from the journal.
async fn outcomes(journal: Box<dyn Journal>, history: Vec<Vec<Append>>) -> Vec<String> {
    let mut outcomes = Vec::new();
    for group in history {
        outcomes.push(format!("{:?}", journal.append_many(group).await));
    }
    for number in 0..3 {
        outcomes.push(format!("{:?}", journal.read_last(given::stream(number)).await.unwrap()));
    }
    let all = journal.read_all(Position::START, 1_000).await.unwrap();
    let entries = journal.entries(Position::START, 1_000).await.unwrap();
    assert_eq!(all.len(), entries.len());
    outcomes.push(format!("{all:?} {entries:?}"));
    let verdict = verify(&*journal, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Ok { .. }), "{verdict}");
    outcomes.push(verdict.to_string());
    outcomes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_engine_tells_any_history_alike(history in any_history()) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = runtime.block_on(async {
            let sqlite = sqlite::open_with(&folder.path().join("journal.sqlite"), Clock::Acts).unwrap();
            (outcomes(crate::memory(), history.clone()).await, outcomes(Box::new(sqlite), history).await)
        });
        prop_assert_eq!(one, other);
    }
}
