//! How far the read models have come, and waiting until they are there.

use std::time::Duration;

use schemas::Position;
use tokio::sync::watch;

/// The read models did not reach a position in time.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the read models have reached {reached}, not {wanted}")]
pub struct Behind {
    pub reached: Position,
    pub wanted: Position,
}

#[derive(Debug, Clone)]
pub(crate) struct Progress(watch::Sender<Position>);

impl Progress {
    pub(crate) fn at(position: Position) -> Self {
        Self(watch::Sender::new(position))
    }

    pub(crate) fn position(&self) -> Position {
        *self.0.borrow()
    }

    pub(crate) fn reached(&self, position: Position) {
        self.0.send_replace(position);
    }

    pub(crate) async fn wait_for(&self, wanted: Position, limit: Duration) -> Result<(), Behind> {
        if self.position() >= wanted {
            return Ok(());
        }
        let mut watcher = self.0.subscribe();
        let reached = tokio::time::timeout(limit, watcher.wait_for(|position| *position >= wanted)).await;
        match reached {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Behind { reached: self.position(), wanted }),
        }
    }
}
