//! A journal in memory whose disk is full for the streams of one kind.

use async_trait::async_trait;
use journal::{
    Append, AppendError, Appended, Failure, Journal, Subscription,
    chain::{Entry, Head},
    memory::Memory,
};
use schemas::{Position, Revision, Stored, Stream, StreamKind};

#[derive(Debug)]
pub(super) struct Full {
    pub kind: StreamKind,
    pub journal: Memory,
}

#[async_trait]
impl Journal for Full {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        if appends.iter().any(|append| append.stream.kind() == self.kind) {
            let full = || Failure::Full(std::sync::Arc::new(std::io::Error::from(std::io::ErrorKind::StorageFull)));
            return appends.iter().map(|_| Err(full().into())).collect();
        }
        self.journal.append_many(appends).await
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.journal.read_stream(stream, from, limit).await
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
