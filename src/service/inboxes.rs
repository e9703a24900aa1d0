//! Removes old inbox items. RFC 6638 §4.1 leaves their removal to clients, and many clients never
//! read the inbox.
//!
//! An inbox item can be removed without loss: the copy in the calendar does not depend on it, and
//! the journal keeps the message.
//!
//! **Invariant:** a removal takes up each item at most once. An item whose removal would fail at
//! any later time too keeps no other item from being removed.

#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use calendar::{Refusal, Require};
use itip::ScheduleReply;
use schemas::{Client, Timestamp};
use tokio::runtime::Handle;

use crate::{Delete, Service, clock, error::Error};

/// Maximum number of items that are removed at a time.
const BATCH_ITEMS: usize = 500;
/// Maximum number of items that a removal leaves because they are held up: removing them fails with
/// [`Error::Behind`]. If there are more, the removal ends, because the reason probably concerns all
/// items.
const HELD_UP_ITEMS: usize = 16;
/// Time between two removals of old items.
const PAUSE: Duration = Duration::from_secs(3_600);

impl Service {
    /// Removes the inbox items that arrived before the given time. Returns the number of removed
    /// items. An item stays if it is held up, for example because messages about its meeting are
    /// not delivered yet, or if its removal is refused or would fail at any later time too.
    ///
    /// `Err` if the items cannot be listed, if more than `HELD_UP_ITEMS` items are held up, or if
    /// the removal of an item fails for another reason that may pass.
    pub async fn remove_inbox_items(&self, before: Timestamp) -> Result<usize, Error> {
        let (mut removed, mut after, mut held_up) = (0, None, 0);
        loop {
            let items = self.models.inbox_items(before, after.as_ref(), BATCH_ITEMS)?;
            let Some((_, last)) = items.last() else { return Ok(removed) };
            after = Some(last.clone());
            let client = Client { via: "inbox age limit".to_owned(), ..Client::default() };
            let stamp = clock::stamp(None, None, client, clock::new_id());
            for (number, (home, place)) in items.into_iter().enumerate() {
                let name = place.name.clone();
                let delete = Delete { home, place, require: Require::default(), reply: ScheduleReply::Suppress };
                match self.delete(&stamp.next(&number.to_string()), delete).await {
                    Ok(()) => removed += 1,
                    // The owner's client may have removed the item meanwhile.
                    Err(Error::Refused(Refusal::NotFound)) => {}
                    Err(error) if error.is_final() => {
                        tracing::warn!(%home, name, %error, "an old inbox item cannot be removed, and stays");
                    }
                    // For example, messages about the meeting are not delivered yet.
                    Err(error @ Error::Behind(_)) if held_up < HELD_UP_ITEMS => {
                        held_up += 1;
                        tracing::warn!(%home, name, %error, "an old inbox item cannot be removed yet, and \
                            stays until the next attempt");
                    }
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

/// Starts a task that removes inbox items older than `age` once an hour, until the service ends.
pub(crate) fn clean(service: &Arc<Service>, age: Duration) {
    let service = Arc::downgrade(service);
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(PAUSE).await;
            let Some(service) = service.upgrade() else { return };
            let age = i64::try_from(age.as_micros()).unwrap_or(i64::MAX);
            let before = Timestamp(clock::now().0.saturating_sub(age));
            // The removal runs on a thread for blocking work, so that it does not delay requests.
            let runtime = Handle::current();
            let removing = tokio::task::spawn_blocking(move || runtime.block_on(service.remove_inbox_items(before)));
            match removing.await {
                Ok(Ok(0)) => {}
                Ok(Ok(items)) => {
                    tracing::info!(items, "removed inbox items that are older than scheduling.inbox_days");
                }
                Ok(Err(error)) => {
                    tracing::warn!(%error, "removing old inbox items ended early; the next attempt is in an hour");
                }
                Err(error) => tracing::error!(%error, "removing old inbox items crashed; it is repeated in an hour"),
            }
        }
    });
}
