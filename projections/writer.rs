//! One projection with its file.

use std::{path::Path, sync::Arc};

use rusqlite::Connection;
use schemas::{Position, Recorded};

use crate::{carrier::Carrier, failure::Failure, file, projection::Projection, readers::Readers};

/// Events without a row of a projection's after which its checkpoint is written all the same.
const IDLE_EVENTS: usize = 1_000;
/// Events with rows after which the log is carried over into the file.
const LOGGED_EVENTS: usize = 250;

pub(crate) struct Writer {
    projection: Box<dyn Projection>,
    connection: Connection,
    readers: Readers,
    checkpoint: Position,
    /// Events since the checkpoint was last written.
    unsaved: usize,
    /// Events in the log that were not yet carried over.
    logged: usize,
}

impl Writer {
    pub(crate) fn open(folder: &Path, projection: Box<dyn Projection>, readers: Readers) -> Result<Self, Failure> {
        let (connection, checkpoint) = file::open(folder, &*projection)?;
        // What another version left stays beside the first start of this one: until this one is built, whoever has to
        // go back to the older program finds its read models ready.
        if checkpoint > Position::START {
            file::remove_other_versions(folder, &*projection)?;
        }
        Ok(Self { projection, connection, readers, checkpoint, unsaved: 0, logged: 0 })
    }

    pub(crate) fn name(&self) -> &'static str {
        self.projection.name()
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// The connections that read its file.
    pub(crate) fn readers(&self) -> &Readers {
        &self.readers
    }

    /// What it has applied.
    pub(crate) fn checkpoint(&self) -> Position {
        self.checkpoint
    }

    /// Applies what is new in a batch: all of it, or nothing and an error.
    pub(crate) fn apply(&mut self, folder: &Path, carrier: &Carrier, batch: &[Recorded]) -> Result<(), Failure> {
        let known = batch.partition_point(|recorded| recorded.position <= self.checkpoint);
        match self.write(&batch[known..]) {
            Err(failure) if failure.is_damage() => {
                tracing::warn!(%failure, "this read model is damaged; the next start builds it anew");
                file::remove(&file::path(folder, &*self.projection))?;
                Err(failure)
            }
            Err(failure) => Err(failure),
            Ok(()) => {
                if self.logged >= LOGGED_EVENTS {
                    carrier.carry_over(&file::path(folder, &*self.projection));
                    self.logged = 0;
                }
                Ok(())
            }
        }
    }

    /// Rows and checkpoint in one transaction.
    fn write(&mut self, news: &[Recorded]) -> Result<(), Failure> {
        let Some(last) = news.last() else { return Ok(()) };
        let written = self.connection.total_changes();
        let rows = self.connection.transaction()?;
        for recorded in news {
            self.projection.apply(&rows, recorded).map_err(|why| Failure::Apply {
                projection: self.projection.name(),
                position: recorded.position,
                why: Arc::new(why),
            })?;
        }
        let unsaved = self.unsaved + news.len();
        // A checkpoint without rows of its own may lag: the events between are applied again, to no effect.
        let is_due = rows.total_changes() > written || unsaved >= IDLE_EVENTS;
        if is_due {
            file::save(&rows, last.position)?;
            self.logged += news.len();
        }
        rows.commit()?;
        self.unsaved = if is_due { 0 } else { unsaved };
        self.checkpoint = last.position;
        Ok(())
    }

    /// Begins again before the first event, in a new file.
    pub(crate) fn reset(&mut self, folder: &Path) -> Result<(), Failure> {
        // The old file must be closed before another takes its place.
        self.connection = Connection::open_in_memory()?;
        file::remove(&file::path(folder, &*self.projection))?;
        (self.connection, self.checkpoint) = file::open(folder, &*self.projection)?;
        self.unsaved = 0;
        self.logged = 0;
        self.readers.forget();
        Ok(())
    }
}
