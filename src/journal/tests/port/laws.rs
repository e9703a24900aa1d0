//! Laws that hold for any history.

use journal::{Append, Clock, Journal, Verdict, sqlite, verify};
use proptest::prelude::*;
use schemas::Position;

use crate::{given, history::any_history};

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
    assert!(matches!(verdict, Verdict::Ok { .. }), "{verdict}");
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
            let sqlite = sqlite::open_with(&folder.path().join("journal.sqlite"), Clock::Acts).unwrap();
            (told(crate::memory(), history.clone()).await, told(Box::new(sqlite), history).await)
        });
        prop_assert_eq!(one, other);
    }
}
