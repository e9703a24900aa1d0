//! A journal in memory whose disk is full for the streams of one kind.

use async_trait::async_trait;
use journal::{Append, AppendError, Appended, Around, Failure, Journal, memory::Memory};
use schemas::StreamKind;

#[derive(Debug)]
pub(super) struct Full {
    pub kind: StreamKind,
    pub journal: Memory,
}

#[async_trait]
impl Around for Full {
    fn inner(&self) -> &dyn Journal {
        &self.journal
    }

    async fn append_many(&self, appends: Vec<Append>) -> Vec<Result<Appended, AppendError>> {
        if appends.iter().any(|append| append.stream.kind() == self.kind) {
            let full = || Failure::Full(std::sync::Arc::new(std::io::Error::from(std::io::ErrorKind::StorageFull)));
            return appends.iter().map(|_| Err(full().into())).collect();
        }
        self.journal.append_many(appends).await
    }
}
