//! Recognises read models that were built from another history than the journal's: a backup was
//! restored, or the folder comes from another machine.

use journal::{Failure, Journal};
use projections::{Checkpoint, Projector, ReadModels};
use schemas::Position;

use crate::error::Error;

/// Rebuilds each read model whose checkpoint is not an event of this journal, and names it in the
/// log. `head`: the position of the journal's last event.
pub async fn check(journal: &dyn Journal, projector: &mut Projector, head: Position) -> Result<(), Error> {
    for (model, checkpoint) in projector.checkpoints() {
        if let Some(why) = contradiction(journal, checkpoint, head).await? {
            let position = checkpoint.position;
            tracing::error!(
                model, %position, why,
                "this read model does not belong to this journal, perhaps because a copy of the journal was \
                 restored; the read model is rebuilt from the journal"
            );
            projector.rebuild(model, head)?;
        }
    }
    Ok(())
}

/// Returns true if the read models of the history show the journal up to its end, so that they can
/// be queried without being written first.
pub async fn is_shown(journal: &dyn Journal, models: &ReadModels) -> Result<bool, Error> {
    let head = journal.head().await?;
    let Ok(checkpoints) = models.checkpoints_of_past() else { return Ok(false) };
    for (_, checkpoint) in checkpoints {
        let is_there = checkpoint.position == head && checkpoint.event.is_some();
        if !is_there || contradiction(journal, checkpoint, head).await?.is_some() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns the reason why the checkpoint cannot belong to this journal. `None` if it can, or if an
/// earlier version of the program stored nothing to compare.
async fn contradiction(
    journal: &dyn Journal,
    checkpoint: Checkpoint,
    head: Position,
) -> Result<Option<&'static str>, Failure> {
    if checkpoint.position > head {
        return Ok(Some("the journal ends before the last event of the read model"));
    }
    let Some(shown) = checkpoint.event else { return Ok(None) };
    let stored = journal.read_stream(shown.stream, shown.revision, 1).await?.pop();
    Ok(match stored {
        None => Some("the journal does not have the last event of the read model"),
        Some(stored) if stored.position != checkpoint.position => {
            Some("the last event of the read model is at another position in the journal")
        }
        Some(stored) if stored.hash != shown.hash => {
            Some("the last event of the read model has another hash in the journal")
        }
        Some(_) => None,
    })
}
