//! Checkpoints of the write-ahead log by the writer thread.

use std::{fs, time::Duration};

use super::{super::PATIENCE, Desk};

/// Size of the write-ahead log above which a checkpoint waits for readers, so that SQLite can
/// restart the log.
const MAX_LOG_BYTES: u64 = 32 * 1024 * 1024;
/// Maximum time for which a checkpoint of a large write-ahead log waits for readers. Reading a page
/// takes milliseconds, but copying a whole journal takes longer.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(200);

impl Desk {
    /// Makes a checkpoint: copies the write-ahead log into the file, as far as no reader needs the
    /// log.
    pub(super) fn checkpoint(&mut self) {
        let whole = match self.copied("PASSIVE") {
            Ok(whole) if fs::metadata(&self.log).map_or(0, |log| log.len()) <= MAX_LOG_BYTES => Ok(whole),
            Ok(_) => self.copied_patiently("RESTART", CHECKPOINT_PATIENCE),
            Err(cause) => Err(cause),
        };
        match whole {
            Ok(true) => self.unchecked = 0,
            Ok(false) => self.unchecked = 1,
            Err(cause) => {
                self.unchecked = 1;
                tracing::warn!(%cause, "the journal's write-ahead log could not be checkpointed and grows until that \
                    succeeds");
            }
        }
    }

    /// Copies the whole write-ahead log into the file and empties it, so that the file alone is the
    /// whole journal. If other connections prevent this, logs a warning. Syncs the witness.
    pub(super) fn close(&mut self) {
        match self.copied_patiently("TRUNCATE", PATIENCE) {
            Ok(true) => {}
            Ok(false) => tracing::warn!(
                "the journal's write-ahead log is not empty after the stop, because the journal is still being read; \
                 if you copy the journal, copy this log with it"
            ),
            Err(cause) => {
                tracing::warn!(%cause, "the journal's write-ahead log is not empty after the stop; if you copy the \
                    journal, copy this log with it");
            }
        }
        self.witness.sync();
    }

    fn copied_patiently(&self, mode: &str, patience: Duration) -> rusqlite::Result<bool> {
        self.connection.busy_timeout(patience)?;
        let whole = self.copied(mode);
        self.connection.busy_timeout(PATIENCE)?;
        whole
    }

    /// Makes a checkpoint in an SQLite mode such as `PASSIVE`; returns false if other connections
    /// prevented a part of it.
    fn copied(&self, mode: &str) -> rusqlite::Result<bool> {
        self.connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), (), |row| {
            let (busy, frames, copied): (bool, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(!busy && frames == copied)
        })
    }
}
