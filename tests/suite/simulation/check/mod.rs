//! The laws that must hold after every history, when the system is at rest.

mod acknowledged;
mod agreement;
mod allowed;
mod decided;
mod delivery;
mod order;
mod replay;
mod rooms;
mod story;

pub use self::story::story;

use std::sync::Arc;

use journal::memory::Memory;
use projections::ReadModels;
use schemas::{Recorded, Stream};

use super::history::History;
use crate::verified::verified;

/// A write that the server acknowledged.
#[derive(Debug, Clone)]
pub struct Acknowledged {
    /// The stream of the object or the file.
    pub stream: Stream,
    pub etag: String,
}

pub fn all(
    (memory, journal): (&Memory, &[Recorded]),
    models: &ReadModels,
    acknowledged: &[Acknowledged],
    history: &History,
) -> Result<(), String> {
    acknowledged::check(journal, acknowledged)?;
    delivery::check(journal, models)?;
    order::check(journal)?;
    allowed::check(journal)?;
    // With several servers, a room can be booked twice for the same time (ADR 21).
    if history.nodes == 1 {
        rooms::check(models)?;
    }
    replay::check(journal, models)?;
    decided::check(memory, models, history.seed)?;
    agreement::check(models, history)
}

/// Returns all events of the journal, after verifying the hash chain.
pub fn everything(memory: &Arc<Memory>) -> Vec<Recorded> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    runtime.block_on(verified(&**memory))
}
