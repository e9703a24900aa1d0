//! Checks that every recorded act, decided again from the journal, leads to the recorded events.

use journal::{Journal as _, memory::Memory};
use projections::ReadModels;
use service::{
    Settings,
    history::{Difference, Range},
};

/// Only one of this number of histories is checked, because each check builds new read models.
const EVERY: u64 = 5;

pub(super) fn check(memory: &Memory, models: &ReadModels, seed: u64) -> Result<(), String> {
    if !seed.is_multiple_of(EVERY) {
        return Ok(());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|error| error.to_string())?;
    let replayed = runtime.block_on(async {
        let until = memory.head().await.map_err(|failure| failure.to_string())?;
        let range = Range { until, ..Range::default() };
        let replayed = service::history::replay(memory, models, &Settings::default(), &range).await;
        replayed.map_err(|error| error.to_string())
    })?;
    match replayed.differences.first() {
        None => Ok(()),
        Some(Difference { position, recorded, decided, .. }) => {
            Err(format!("the act at {position} was recorded as\n{recorded}\nand is decided again as\n{decided}"))
        }
    }
}
