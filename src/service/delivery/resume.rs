//! What waited when the last run ended, found again from the checkpoint.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use journal::Journal;
use schemas::{
    Event, ObjectEvent, Position, PrincipalId, Recorded,
    object::{MessageIssued, Visibility},
};
use uuid::Uuid;

use super::{Courier, Tracker, Turn, letter::Letter};
use crate::{
    clock::{Sending, Stamp},
    error::Error,
};

/// Events looked at together.
const PAGE_EVENTS: usize = 1_000;
/// How often somebody who waits for the read models looks whether the service is still there.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// An issued message of which nobody knows whether it was delivered.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(super) origin: Stamp,
    pub(super) letter: Letter,
    missing: Missing,
}

/// What the journal does not show of a delivery.
#[derive(Debug)]
struct Missing {
    receptions: BTreeSet<PrincipalId>,
    report: bool,
}

/// Everything issued after the checkpoint of which the journal does not show that it arrived, in the order in which it
/// was issued. Only that is held in memory, however long ago the checkpoint was. Delivering it again is harmless.
pub(crate) async fn waiting(journal: &dyn Journal, tracker: &Tracker) -> Result<Vec<Waiting>, Error> {
    let mut open = Open::default();
    let mut after = tracker.checkpoint();
    loop {
        let page = journal.read_all(after, PAGE_EVENTS).await?;
        let Some(last) = page.last() else { return Ok(open.waiting()) };
        after = last.position;
        let page: Vec<Recorded> =
            page.into_iter().map(|stored| stored.read().map_err(Error::failed)).collect::<Result<_, _>>()?;
        tracker.saw(&page);
        page.into_iter().filter_map(|recorded| open.saw(recorded)).for_each(|message| tracker.arrived(message));
    }
}

/// Takes the turns of all meetings that something waits of, and with each of them what that is.
pub(crate) async fn in_turn(courier: &Courier, waiting: Vec<Waiting>) -> Vec<(Turn, Vec<Waiting>)> {
    let mut meetings: BTreeMap<String, Vec<Waiting>> = BTreeMap::new();
    for waiting in waiting {
        meetings.entry(waiting.letter.issued.uid.clone()).or_default().push(waiting);
    }
    let mut turns = Vec::with_capacity(meetings.len());
    for (uid, waiting) in meetings {
        turns.push((courier.conversations.turn(&uid).await, waiting));
    }
    turns
}

/// Carries what waits in the background, a meeting at a time, once the read models have come to `head`: before, they do
/// not know who is who.
pub(crate) fn resume(courier: &Arc<Courier>, meetings: Vec<(Turn, Vec<Waiting>)>, head: Position) {
    let courier = Arc::clone(courier);
    tokio::spawn(async move {
        while courier.models.wait_for(head, LOOK_AGAIN).await.is_err() {
            // Nobody else needs the courier any more: what waits, waits for the next start.
            if Arc::strong_count(&courier) == 1 {
                return;
            }
        }
        for (_turn, waiting) in meetings {
            courier.resume(waiting).await;
        }
    });
}

/// Messages that are under way, as far as the journal was read.
#[derive(Debug, Default)]
struct Open(BTreeMap<Uuid, Waiting>);

impl Open {
    /// Answers the message that this event brought to its end.
    fn saw(&mut self, recorded: Recorded) -> Option<Uuid> {
        let message = match &recorded.event {
            Event::Object(ObjectEvent::MessageIssued(issued)) => {
                let message = issued.message;
                self.0.insert(message, Waiting::of(issued.clone(), recorded));
                message
            }
            Event::Object(ObjectEvent::MessageReceived(received)) => {
                self.0.get_mut(&received.message)?.missing.receptions.remove(&received.home);
                received.message
            }
            Event::Object(ObjectEvent::DeliveryReported(reported)) => {
                self.0.get_mut(&reported.message)?.missing.report = false;
                reported.message
            }
            _ => return None,
        };
        let is_done = self.0.get(&message).is_some_and(|waiting| waiting.missing.is_nothing());
        is_done.then(|| self.0.remove(&message)).flatten().map(|_| message)
    }

    fn waiting(self) -> Vec<Waiting> {
        let mut waiting: Vec<_> = self.0.into_values().collect();
        waiting.sort_by_key(|waiting| waiting.letter.at);
        waiting
    }
}

impl Waiting {
    fn of(issued: MessageIssued, recorded: Recorded) -> Self {
        let receptions = issued.recipients.iter().filter_map(|recipient| recipient.principal).collect();
        let missing = Missing { receptions, report: issued.visibility == Visibility::Inbox };
        let origin = Stamp { act: recorded.id, metadata: recorded.metadata, sending: Sending::EVERYTHING };
        Self { origin, letter: Letter { cause: recorded.id, issued, at: recorded.position }, missing }
    }
}

impl Missing {
    fn is_nothing(&self) -> bool {
        self.receptions.is_empty() && !self.report
    }
}
