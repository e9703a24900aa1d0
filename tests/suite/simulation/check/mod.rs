//! What must be true of every history, once everything has come to rest.

mod acknowledged;
mod agreement;
mod allowed;
mod delivery;
mod replay;
mod story;

pub use self::story::story;

use std::sync::Arc;

use journal::{Journal, Verdict, memory::Memory, verify};
use projections::ReadModels;
use schemas::{ObjectId, Position, Recorded};

use super::history::History;

/// A write that was answered with success.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    pub object: ObjectId,
    pub etag: String,
}

pub fn all(
    journal: &[Recorded],
    models: &ReadModels,
    acknowledged: &[Acknowledged],
    history: &History,
) -> Result<(), String> {
    acknowledged::check(journal, acknowledged)?;
    delivery::check(journal, models)?;
    allowed::check(journal)?;
    replay::check(journal, models)?;
    agreement::check(models, history)
}

/// The whole journal, verified.
pub fn everything(memory: &Arc<Memory>) -> Vec<Recorded> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(async {
        let verdict = verify(&**memory, |_| {}).await.expect("a verdict");
        assert!(matches!(verdict, Verdict::Ok(_)), "{verdict}");
        let mut all: Vec<Recorded> = vec![];
        loop {
            let after = all.last().map_or(Position::START, |recorded| recorded.position);
            let page = memory.read_all(after, 1_000).await.expect("events");
            if page.is_empty() {
                return all;
            }
            all.extend(page.into_iter().map(|stored| stored.read().expect("readable")));
        }
    })
}
