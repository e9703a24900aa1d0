//! What could not be carried is carried again, while the service runs: nobody waits for its next start.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use super::{Courier, resume, waiting};

/// Looks after messages every `pause`, until the courier is gone.
pub(crate) fn look_after(courier: &Arc<Courier>, pause: Duration) {
    let courier = Arc::downgrade(courier);
    tokio::spawn(async move {
        let mut waited = BTreeSet::new();
        loop {
            tokio::time::sleep(pause).await;
            let Some(courier) = courier.upgrade() else { return };
            carry_again(&courier, &mut waited).await;
        }
    });
}

/// Carries what has waited since the last look. Whoever still carries it is not disturbed: all of it is harmless twice.
async fn carry_again(courier: &Courier, waited: &mut BTreeSet<uuid::Uuid>) {
    let waits = courier.tracker.messages();
    let stuck: BTreeSet<_> = waits.intersection(waited).copied().collect();
    *waited = waits;
    if stuck.is_empty() {
        return;
    }
    let shown = match courier.store.journal.head().await {
        Ok(head) => courier.models.wait_for(head, resume::LOOK_AGAIN).await.is_ok(),
        Err(_) => false,
    };
    if !shown {
        return;
    }
    tracing::warn!(messages = stuck.len(), "scheduling messages were not delivered in time and are carried again");
    match waiting(&*courier.store.journal, &courier.tracker).await {
        Ok(mut waiting) => {
            waiting.retain(|waiting| stuck.contains(&waiting.letter.issued.message));
            for (_turn, waiting) in resume::in_turn(courier, waiting).await {
                courier.resume(waiting).await;
            }
        }
        Err(error) => tracing::error!(%error, "the journal cannot be read; scheduling messages wait"),
    }
}
