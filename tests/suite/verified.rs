//! Reads a whole journal after verifying its hash chain.

use journal::{Journal, Verdict, verify};
use schemas::{Position, Recorded};

const PAGE: usize = 1_000;

/// Returns all events of the journal. Panics if the hash chain is wrong.
pub async fn verified(journal: &dyn Journal) -> Vec<Recorded> {
    let verdict = verify(journal, |_| {}).await.expect("a verdict");
    assert!(matches!(verdict, Verdict::Ok { .. }), "{verdict}");
    let mut all: Vec<Recorded> = vec![];
    loop {
        let after = all.last().map_or(Position::START, |recorded| recorded.position);
        let page = journal.read_all(after, PAGE).await.expect("events");
        if page.is_empty() {
            return all;
        }
        all.extend(page.into_iter().map(|stored| stored.read().expect("readable")));
    }
}
