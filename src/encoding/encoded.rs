//! A layer over a journal that compresses, encrypts, decrypts and decompresses events.

use std::sync::Arc;

use async_trait::async_trait;
use journal::{
    Append, AppendError, Appended, Failure, Figure, Journal, Restored, Subscription,
    chain::{Entry, Head},
};
use schemas::{Position, Revision, Stored, Stream};

use crate::{compression, keys::Keys, owner::Owners, sealing};

/// A layer over a journal. It encodes the events that are appended, and decodes the events that are
/// read. `entries` and `entries_at` return events as they are stored.
#[derive(Debug, Clone)]
pub struct Encoded {
    journal: Arc<dyn Journal>,
    keys: Option<Arc<Keys>>,
    owners: Owners,
    compresses: bool,
}

impl Encoded {
    /// Returns a layer over `journal`. `compresses` says whether large payloads are compressed from
    /// now on. Stored events are always decompressed. Sealed events are opened only if there are
    /// `keys`.
    pub fn new(journal: Arc<dyn Journal>, keys: Option<Arc<Keys>>, compresses: bool) -> Self {
        Self { journal, keys, owners: Owners::new(), compresses }
    }

    /// Finds the owner of the stream, compresses the payloads, and then encrypts them, because
    /// encrypted bytes cannot be compressed. Skips what is not switched on.
    async fn encode(&self, mut append: Append) -> Result<Append, Failure> {
        let keys = self.keys.as_ref().filter(|keys| keys.seals());
        let owner = match keys {
            Some(keys) if sealing::is_needed(&append) => Some(self.owners.of(&*self.journal, keys, &append).await?),
            _ => None,
        };
        if self.compresses {
            append = compression::compress(append).map_err(Failure::storage)?;
        }
        match keys {
            Some(keys) => sealing::seal(keys, owner, append).await,
            None => Ok(append),
        }
    }

    fn decode(&self, stored: Stored) -> Result<Stored, Failure> {
        decode(self.keys.as_deref(), stored)
    }

    fn decode_all(&self, stored: Vec<Stored>) -> Result<Vec<Stored>, Failure> {
        stored.into_iter().map(|stored| self.decode(stored)).collect()
    }
}

fn decode(keys: Option<&Keys>, stored: Stored) -> Result<Stored, Failure> {
    let opened = match keys {
        Some(keys) => sealing::open(keys, stored)?,
        None => stored,
    };
    compression::expand(opened)
}

#[async_trait]
impl Journal for Encoded {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        let mut answers = Vec::with_capacity(appends.len());
        let mut encoded = vec![];
        for append in appends {
            match self.encode(append).await {
                Ok(append) => {
                    encoded.push(append);
                    answers.push(None);
                }
                Err(failure) => answers.push(Some(Err(AppendError::Unavailable(failure)))),
            }
        }
        let mut stored = self.journal.append_many(encoded).await.into_iter();
        let mut next = || stored.next().expect("the engine returns one result for each append");
        answers.into_iter().map(|answer| answer.unwrap_or_else(&mut next)).collect()
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        let mut encoded = Vec::with_capacity(appends.len());
        for append in appends {
            encoded.push(self.encode(append).await.map_err(AppendError::Unavailable)?);
        }
        self.journal.append_together(encoded).await
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.decode_all(self.journal.read_stream(stream, from, limit).await?)
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        self.journal.read_last(stream).await?.map(|stored| self.decode(stored)).transpose()
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.decode_all(self.journal.read_all(after, limit).await?)
    }

    async fn head(&self) -> Result<Position, Failure> {
        self.journal.head().await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        let keys = self.keys.clone();
        self.journal.subscribe(after).through(Arc::new(move |stored| decode(keys.as_deref(), stored)))
    }

    async fn hashes(&self, after: Position, limit: usize) -> Result<Vec<(Position, Vec<u8>)>, Failure> {
        self.journal.hashes(after, limit).await
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.journal.entries(after, limit).await
    }

    async fn entries_at(&self, positions: &[Position]) -> Result<Vec<Entry>, Failure> {
        self.journal.entries_at(positions).await
    }

    fn opened(&self, stored: Stored) -> Result<Stored, Failure> {
        self.decode(stored)
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        self.journal.chain_head().await
    }

    async fn witness(&self) -> Result<Option<Head>, Failure> {
        self.journal.witness().await
    }

    async fn restores(&self) -> Result<Vec<Restored>, Failure> {
        self.journal.restores().await
    }

    async fn storage_faults(&self) -> Result<Vec<String>, Failure> {
        self.journal.storage_faults().await
    }

    async fn is_writable(&self) -> Result<(), Failure> {
        self.journal.is_writable().await
    }

    fn is_shared(&self) -> bool {
        self.journal.is_shared()
    }

    fn figures(&self) -> Vec<Figure> {
        self.journal.figures()
    }
}
