//! What waited when the last run ended, found again from the checkpoint.

use journal::Journal;
use schemas::{Event, Recorded};

use super::{Tracker, letter::Letter};
use crate::{
    clock::{Sending, Stamp},
    error::Error,
};

/// Events looked at together.
const PAGE_EVENTS: usize = 1_000;

/// An issued message of which nobody knows whether it was delivered.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(super) origin: Stamp,
    pub(super) letter: Letter,
}

/// Everything issued after the checkpoint. Delivering it again is harmless.
pub(crate) async fn waiting(journal: &dyn Journal, tracker: &Tracker) -> Result<Vec<Waiting>, Error> {
    let mut waiting = Vec::new();
    let mut after = tracker.checkpoint();
    loop {
        let page = journal.read_all(after, PAGE_EVENTS).await?;
        let Some(last) = page.last() else { return Ok(waiting) };
        after = last.position;
        let page: Vec<Recorded> =
            page.into_iter().map(|stored| stored.read().map_err(Error::failed)).collect::<Result<_, _>>()?;
        tracker.saw(&page);
        waiting.extend(page.into_iter().filter_map(issued));
    }
}

fn issued(recorded: Recorded) -> Option<Waiting> {
    let Event::MessageIssued(issued) = recorded.event else { return None };
    let origin = Stamp { act: recorded.id, metadata: recorded.metadata, sending: Sending::EVERYTHING };
    Some(Waiting { origin, letter: Letter { cause: recorded.id, issued } })
}
