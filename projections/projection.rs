//! What a read model is.

use rusqlite::{Connection, Transaction};
use schemas::Recorded;

/// One fold over the journal.
pub(crate) trait Projection: Send {
    /// Names the file. Never reused.
    fn name(&self) -> &'static str;
    /// Bump when `create` or `apply` changes meaning: the new version is built from event zero beside the old.
    fn version(&self) -> u32;
    /// Makes the tables of a new file.
    fn create(&self, connection: &Connection) -> rusqlite::Result<()>;
    /// Accepts every event, writes what it needs.
    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()>;
}
