//! Repeats deliveries that failed or were interrupted, while the service runs and after its start.

use std::{sync::Arc, time::Duration};

use ::delivery::Due;
use futures::StreamExt;
use schemas::Position;

use super::Runner;
use crate::clock;

/// Meetings whose messages are redelivered at the same time: one that waits does not hold up the
/// others.
const MEETINGS_AT_ONCE: usize = 8;
/// How often the start of deliveries looks whether the service still runs, and at most how often
/// waiting messages are delivered.
const POLL: Duration = Duration::from_millis(50);

/// Redelivers due messages every `pause`, until the service ends.
pub(crate) fn redeliver(runner: &Arc<Runner>, pause: Duration) {
    let runner = Arc::downgrade(runner);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(pause).await;
            let Some(runner) = runner.upgrade() else { return };
            let meetings = runner.outbox.due(pause);
            if !meetings.is_empty() {
                tracing::warn!(
                    meetings = meetings.len(),
                    "scheduling messages that were not delivered are redelivered"
                );
                deliver(&runner, meetings).await;
                runner.outbox.save();
            }
        }
    });
}

/// Delivers messages that have waited long enough, until the service ends. `windows`: how long the
/// kinds of them wait; zero: they do not.
pub(crate) fn deliver_waiting(runner: &Arc<Runner>, windows: &[Duration]) {
    let shortest = windows.iter().copied().filter(|window| !window.is_zero()).min();
    let pause = shortest.unwrap_or_default().max(POLL);
    let mut issued = runner.outbox.waiting();
    let runner = Arc::downgrade(runner);
    tokio::spawn(async move {
        loop {
            let gathered = {
                let Some(runner) = runner.upgrade() else { return };
                let gathered = runner.outbox.gathered();
                deliver(&runner, gathered.clone().unwrap_or_default()).await;
                gathered
            };
            if gathered.is_none() && issued.changed().await.is_err() {
                return;
            }
            tokio::time::sleep(pause).await;
        }
    });
}

/// Delivers everything that earlier processes left, once the read models show the journal up to
/// `head`.
pub(crate) fn resume(runner: &Arc<Runner>, head: Position) {
    let runner = Arc::downgrade(runner);
    tokio::spawn(async move {
        loop {
            let Some(runner) = runner.upgrade() else { return };
            if runner.models.wait_for(head, POLL).await.is_ok() {
                return deliver(&runner, runner.outbox.due(Duration::ZERO)).await;
            }
        }
    });
}

async fn deliver(runner: &Runner, meetings: Vec<String>) {
    let deliver = |uid: String| async move {
        let _meeting = runner.lock(&uid).await;
        runner.run(&uid, Due::At(clock::now())).await;
    };
    futures::stream::iter(meetings).for_each_concurrent(MEETINGS_AT_ONCE, deliver).await;
}
