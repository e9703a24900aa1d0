//! Tests that the removal of old inbox items ends.

use std::{collections::HashSet, io, sync::Arc, time::Duration};

use async_trait::async_trait;
use calendar::Limits;
use journal::{Around, Failure, Journal, memory::Memory};
use parking_lot::Mutex;
use schemas::{Revision, Stored, Stream};

use super::HELD_UP_ITEMS;
use crate::{
    clock,
    error::Error,
    given::{Erased, Given, object},
};

/// Maximum time for which a test waits for a removal.
const PATIENCE: Duration = Duration::from_secs(20);

/// A journal in which some streams cannot be reached.
#[derive(Debug, Default)]
struct PartlyReachable {
    journal: Memory,
    unreachable: Mutex<HashSet<Stream>>,
}

#[async_trait]
impl Around for PartlyReachable {
    fn inner(&self) -> &dyn Journal {
        &self.journal
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        if self.unreachable.lock().contains(&stream) {
            return Err(Failure::unreachable(io::Error::from(io::ErrorKind::TimedOut)));
        }
        self.journal.read_stream(stream, from, limit).await
    }
}

#[tokio::test]
async fn an_item_that_cannot_be_removed_is_tried_once_and_keeps_no_other_from_being_removed() {
    let erased = object("bert", "1");
    let journal = Arc::new(Erased::of(Stream::Object(erased)));
    let given = Given::on(journal, &["anna", "bert", "carol"], Limits::default()).await;
    given.put("anna", "1.ics", specimens::meeting("1", "anna", &["bert", "carol"])).await;
    let service = &given.service;
    service.store.forget(erased);
    let items = || service.models.inbox_items(clock::now(), None, 10).expect("items").len();
    assert_eq!(items(), 2);
    let removing = tokio::time::timeout(PATIENCE, service.remove_inbox_items(clock::now()));
    assert_eq!(removing.await.expect("it ends").expect("removed"), 1);
    assert_eq!(items(), 1, "the item of the erased object stays");
}

#[tokio::test]
async fn items_that_are_held_up_stay_and_end_the_removal_if_they_are_many() {
    let journal = Arc::new(PartlyReachable::default());
    let given = Given::on(Arc::<PartlyReachable>::clone(&journal), &["anna", "bert", "carol"], Limits::default()).await;
    let uids: Vec<_> = (0..=HELD_UP_ITEMS).map(|number| number.to_string()).collect();
    for uid in &uids {
        given.put("anna", &format!("{uid}.ics"), specimens::meeting(uid, "anna", &["bert", "carol"])).await;
    }
    let service = &given.service;
    let items = || service.models.inbox_items(clock::now(), None, 100).expect("items").len();
    let hold_up = |uids: &[String]| {
        let objects: Vec<_> = uids.iter().map(|uid| object("bert", uid)).collect();
        for object in &objects {
            service.store.forget(*object);
        }
        *journal.unreachable.lock() = objects.into_iter().map(Stream::Object).collect();
    };
    assert_eq!(items(), 2 * uids.len());

    hold_up(&uids);
    let removed = service.remove_inbox_items(clock::now()).await;
    assert!(matches!(removed, Err(Error::Behind(_))), "{removed:?}");
    let before = items();
    hold_up(&uids[1..]);
    let removed = service.remove_inbox_items(clock::now()).await;
    assert_eq!(removed.expect("the number of the others"), before - HELD_UP_ITEMS);
    assert_eq!(items(), HELD_UP_ITEMS);
    hold_up(&[]);
    assert_eq!(service.remove_inbox_items(clock::now()).await.expect("removed"), HELD_UP_ITEMS);
}
