//! Removes old inbox items. RFC 6638 §4.1 leaves their removal to clients, and many clients never
//! read the inbox.
//!
//! An inbox item can be removed without loss: when it arrives, the copy in the calendar is already
//! changed, and the journal keeps the message.

use std::{sync::Arc, time::Duration};

use calendar::Require;
use itip::ScheduleReply;
use schemas::{Client, Timestamp};
use tokio::runtime::Handle;

use crate::{Delete, Service, clock, error::Error};

/// Maximum number of items that are removed at a time.
const BATCH_ITEMS: usize = 500;
/// Time between two removals of old items.
const PAUSE: Duration = Duration::from_secs(3_600);

impl Service {
    /// Removes every inbox item that arrived before the given time. Returns the number of removed
    /// items.
    pub async fn remove_inbox_items(&self, before: Timestamp) -> Result<usize, Error> {
        let mut removed = 0;
        loop {
            let items = self.models.inbox_items(before, BATCH_ITEMS)?;
            if items.is_empty() {
                return Ok(removed);
            }
            let client = Client { via: "inbox age limit".to_owned(), ..Client::default() };
            let stamp = clock::stamp(None, None, client, clock::new_id());
            for (number, (home, place)) in items.into_iter().enumerate() {
                let delete = Delete { home, place, require: Require::default(), reply: ScheduleReply::Suppress };
                match self.delete(&stamp.next(&number.to_string()), delete).await {
                    // The owner's client may have removed the item meanwhile.
                    Ok(()) | Err(Error::Refused(_)) => removed += 1,
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
                    tracing::warn!(%error, "old inbox items could not be removed; the next attempt is in an hour");
                }
                Err(error) => tracing::error!(%error, "removing old inbox items crashed; it is repeated in an hour"),
            }
        }
    });
}
