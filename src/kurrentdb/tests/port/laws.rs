//! Tests that this engine and the memory engine give the same answers for any history.

use journal::{Append, Journal, Verdict, memory::Memory, verify};
use kurrent_double::Double;
use proptest::prelude::*;
use schemas::{Metadata, Revision};

use crate::{given, history::any_history};

/// Runs a history on a journal. Returns every answer without its position, and then every event of
/// every stream.
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
            // The time of storage differs, because each engine has its own clock.
            let metadata = Metadata { stored_at: None, ..stored.metadata };
            told.push(format!("{} {} {:?} {metadata:?}", stored.revision.0, stored.id, stored.data));
        }
    }
    let verdict = verify(&*journal, |_| {}).await.unwrap();
    assert!(matches!(verdict, Verdict::Ok { .. }), "{verdict}");
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
            (promised(Box::new(Memory::new()), history.clone()).await, promised(kurrent, history).await)
        });
        prop_assert_eq!(one, other);
    }
}
