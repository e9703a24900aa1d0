//! A journal around another one, for tests that change a few of its methods.

use std::fmt::Debug;

use async_trait::async_trait;
use schemas::{Position, Revision, Stored, Stream};

use crate::{
    Append, AppendError, Appended, Failure, Journal, Subscription,
    chain::{Entry, Head},
};

/// A journal that passes its calls on to another one, apart from the methods that are overridden.
///
/// The methods that have a default in [`Journal`] keep it, also if the other journal overrides
/// them.
///
/// # Examples
///
/// ```
/// use journal::{Around, Journal, memory::Memory};
/// use schemas::Position;
///
/// #[derive(Debug)]
/// struct Empty(Memory);
///
/// #[async_trait::async_trait]
/// impl Around for Empty {
///     fn inner(&self) -> &dyn Journal {
///         &self.0
///     }
///
///     async fn head(&self) -> Result<Position, journal::Failure> {
///         Ok(Position::START)
///     }
/// }
/// ```
#[async_trait]
pub trait Around: Send + Sync + Debug {
    /// Returns the journal to which the calls are passed on.
    fn inner(&self) -> &dyn Journal;

    /// See [`Journal::append_many`].
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        self.inner().append_many(appends).await
    }

    /// See [`Journal::append_together`].
    async fn append_together(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        self.inner().append_together(appends).await
    }

    /// See [`Journal::read_stream`].
    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.inner().read_stream(stream, from, limit).await
    }

    /// See [`Journal::read_all`].
    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        self.inner().read_all(after, limit).await
    }

    /// See [`Journal::head`].
    async fn head(&self) -> Result<Position, Failure> {
        self.inner().head().await
    }

    /// See [`Journal::subscribe`].
    fn subscribe(&self, after: Position) -> Subscription {
        self.inner().subscribe(after)
    }

    /// See [`Journal::entries`].
    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        self.inner().entries(after, limit).await
    }
}

#[async_trait]
impl<T: Around> Journal for T {
    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        Around::append_many(self, appends).await
    }

    async fn append_together(&self, appends: Vec<Append>) -> Result<Vec<Appended>, AppendError> {
        Around::append_together(self, appends).await
    }

    async fn read_stream(&self, stream: Stream, from: Revision, limit: usize) -> Result<Vec<Stored>, Failure> {
        Around::read_stream(self, stream, from, limit).await
    }

    async fn read_last(&self, stream: Stream) -> Result<Option<Stored>, Failure> {
        self.inner().read_last(stream).await
    }

    async fn read_all(&self, after: Position, limit: usize) -> Result<Vec<Stored>, Failure> {
        Around::read_all(self, after, limit).await
    }

    async fn head(&self) -> Result<Position, Failure> {
        Around::head(self).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        Around::subscribe(self, after)
    }

    async fn entries(&self, after: Position, limit: usize) -> Result<Vec<Entry>, Failure> {
        Around::entries(self, after, limit).await
    }

    async fn chain_head(&self) -> Result<Option<Head>, Failure> {
        self.inner().chain_head().await
    }
}
