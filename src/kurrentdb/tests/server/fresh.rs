//! A journal that begins after the events that the server already has.

use async_trait::async_trait;
use journal::{
    Append, AppendError, Appended, Failure, Journal, Subscription,
    chain::{Entry, Head},
};
use kurrentdb::Kurrent;
use schemas::{Position, Revision, Stored, Stream};

#[derive(Debug)]
pub(crate) struct Fresh {
    journal: Kurrent,
    beginning: Position,
}

impl Fresh {
    pub(crate) async fn new(journal: Kurrent) -> Self {
        let beginning = journal.head().await.unwrap();
        Self { journal, beginning }
    }

    fn after(&self, position: Position) -> Position {
        position.max(self.beginning)
    }
}

#[async_trait]
impl Journal for Fresh {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.journal.append_many(appends).await
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.journal.read_stream(stream, from, limit).await
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        self.journal.read_last(stream).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.journal.read_all(self.after(after), limit).await
    }

    async fn head(&self) -> Result<Position, Failure> {
        let head = self.journal.head().await?;
        Ok(if head == self.beginning { Position::START } else { head })
    }

    fn subscribe(&self, after: Position) -> Subscription {
        self.journal.subscribe(self.after(after))
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.journal.entries(self.after(after), limit).await
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        self.journal.chain_head().await
    }
}
