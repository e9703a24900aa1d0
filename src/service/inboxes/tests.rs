//! Tests that the removal of old inbox items ends.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use calendar::Limits;
use journal::{
    Append, AppendError, Appended, Failure, Journal, Subscription,
    chain::{Entry, Head},
    memory::Memory,
};
use schemas::{Encoding, Position, Revision, Stored, Stream};

use crate::{
    clock,
    given::{Given, object},
};

/// Number of reads of streams after which a test gives up.
const PATIENCE: usize = 10_000;

/// A journal in which the key of one stream was destroyed, while the read models still show what
/// they knew.
#[derive(Debug)]
struct Erased {
    journal: Memory,
    stream: Stream,
    reads: AtomicUsize,
}

#[async_trait]
impl Journal for Erased {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.journal.append_many(appends).await
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        assert!(self.reads.fetch_add(1, Ordering::Relaxed) < PATIENCE, "it never ends");
        let mut events = self.journal.read_stream(stream, from, limit).await?;
        for stored in events.iter_mut().filter(|stored| stored.stream == self.stream) {
            stored.encoding = Encoding::ERASED;
        }
        Ok(events)
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        self.journal.read_last(stream).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.journal.read_all(after, limit).await
    }

    async fn head(&self) -> Result<Position, Failure> {
        self.journal.head().await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        self.journal.subscribe(after)
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.journal.entries(after, limit).await
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        self.journal.chain_head().await
    }
}

#[tokio::test]
async fn an_item_that_cannot_be_removed_is_tried_once_and_keeps_no_other_from_being_removed() {
    let erased = object("bert", "1");
    let journal = Erased { journal: Memory::new(), stream: Stream::Object(erased), reads: AtomicUsize::default() };
    let given = Given::on(Arc::new(journal), &["anna", "bert", "carol"], Limits::default()).await;
    given.put("anna", "1.ics", specimens::meeting("1", "anna", &["bert", "carol"])).await;
    let service = &given.service;
    service.store.forget(erased);
    let items = || service.models.inbox_items(clock::now(), None, 10).expect("items").len();
    assert_eq!(items(), 2);
    assert_eq!(service.remove_inbox_items(clock::now()).await.expect("removed"), 1);
    assert_eq!(items(), 1, "the item of the erased object stays");
}
