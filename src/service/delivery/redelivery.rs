//! Delivers messages later: retries of deliveries that failed or were interrupted, and messages
//! that are delayed on purpose.

use std::{sync::Arc, time::Duration};

use ::delivery::Due;
use futures::StreamExt;
use schemas::Position;

use super::Runner;
use crate::clock;

/// Maximum number of meetings whose messages are delivered at the same time: more than one, so that
/// a slow meeting does not hold up the others.
const MEETINGS_AT_ONCE: usize = 8;
/// Interval at which [`resume`] checks that the service still runs; also the shortest interval
/// between two deliveries of delayed messages.
const POLL: Duration = Duration::from_millis(50);

/// Starts a task that redelivers due messages every `pause` until the service ends.
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
                    "delivering scheduling messages again that could not be delivered earlier"
                );
                deliver(&runner, meetings).await;
                runner.outbox.save();
            }
        }
    });
}

/// Starts a task that delivers delayed messages when they are due, until the service ends.
/// `windows`: the delay of each kind of message; zero means no delay.
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

/// Starts a task that waits until the read models have reached `head`, and then delivers the
/// messages that are due, such as those that earlier processes left.
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
