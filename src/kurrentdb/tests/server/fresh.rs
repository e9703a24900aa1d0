//! A journal that begins after the events that the server already has.

use async_trait::async_trait;
use journal::{Around, Failure, Journal, Subscription, chain::Entry};
use kurrentdb::Kurrent;
use schemas::{Position, Stored};

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
impl Around for Fresh {
    fn inner(&self) -> &dyn Journal {
        &self.journal
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
}
