//! The trait of a read model: a name, a version, and a fold over the journal.

use rusqlite::{Connection, Transaction};
use schemas::{Event, Position, Recorded};

use crate::Failure;

/// The failure of a batch, with the position of the event at which it occurred.
pub type BatchError = (Position, rusqlite::Error);

/// A read model. [`registry`](crate::registry) has the list of all.
///
/// A projection appends no events, sends no requests and reads no clock: the same events always
/// give the same rows.
pub trait Projection: Send {
    /// Name of the read model and of its file. A name is never used again for another read model.
    const NAME: &'static str;
    /// Version of the rows. It must be raised whenever the same events give other rows or tables
    /// than before. The new version is then built from the first event.
    const VERSION: u32;
    /// True if requests need this read model. The server is not ready until the read model shows
    /// the whole journal.
    const IS_REQUIRED: bool = false;
    /// True if only queries about the past use this read model. It may then be behind the others,
    /// so that many events are written in one transaction.
    const MAY_LAG: bool = false;
    /// The SQL query of `daybook projections show`; `None` if the read model is not shown to
    /// people.
    const TABLE: Option<&'static str> = None;

    /// Returns true if the tables of an older version have the same form as today's.
    ///
    /// The file of such a version is served and updated while the new version is built. A file of
    /// any other version is not opened; queries then fail until the new version is complete.
    fn serves(&self, _version: u32) -> bool {
        false
    }

    /// Creates the tables of a new file.
    fn create(&self, connection: &Connection) -> rusqlite::Result<()>;

    /// Returns true if `apply` needs the event. Other events are not passed to it.
    fn handles(&self, event: &Event) -> bool;

    /// Applies an event to the rows. The rows and the checkpoint are committed together.
    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()>;

    /// Applies the events of a transaction in their order. The resulting rows must be those of
    /// calling [`apply`](Self::apply) for each event. A read model may keep rows in memory until
    /// the last event.
    fn apply_all(&self, rows: &Transaction<'_>, batch: &[&Recorded]) -> Result<(), BatchError> {
        let apply = |recorded: &&Recorded| self.apply(rows, recorded).map_err(|why| (recorded.position, why));
        batch.iter().try_for_each(apply)
    }

    /// Returns a digest of all rows, which detects flipped bits that SQLite cannot see. Returns
    /// `None` if there are too many rows to read all of them after each change.
    fn digest(&self, _rows: &Connection) -> rusqlite::Result<Option<[u8; 32]>> {
        Ok(None)
    }

    /// Called with the new events of a batch before their rows are written, to remove outdated
    /// values from a cache. Not called while queries of the file are refused, or while the file is
    /// built.
    fn prepare(&self, _events: &[Recorded]) {}

    /// Called after events were committed, to update a cache, if `handles` accepted one of them and
    /// queries are answered from the file.
    fn committed(&self, _rows: &Connection) -> Result<(), Failure> {
        Ok(())
    }

    /// Called when queries begin to use another file, such as at the start or after a rebuild.
    fn replaced(&self, _rows: &Connection) -> Result<(), Failure> {
        Ok(())
    }
}

/// A [`Projection`] as a trait object, for the projector.
pub(crate) trait Fold: Send {
    fn name(&self) -> &'static str;
    fn version(&self) -> u32;
    fn is_required(&self) -> bool;
    fn may_lag(&self) -> bool;
    fn table(&self) -> Option<&'static str>;
    fn serves(&self, version: u32) -> bool;
    fn create(&self, connection: &Connection) -> rusqlite::Result<()>;
    fn handles(&self, event: &Event) -> bool;
    fn apply_all(&self, rows: &Transaction<'_>, batch: &[&Recorded]) -> Result<(), BatchError>;
    fn digest(&self, rows: &Connection) -> rusqlite::Result<Option<[u8; 32]>>;
    fn prepare(&self, events: &[Recorded]);
    fn committed(&self, rows: &Connection) -> Result<(), Failure>;
    fn replaced(&self, rows: &Connection) -> Result<(), Failure>;
}

impl<P: Projection> Fold for P {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn version(&self) -> u32 {
        P::VERSION
    }

    fn is_required(&self) -> bool {
        P::IS_REQUIRED
    }

    fn may_lag(&self) -> bool {
        P::MAY_LAG
    }

    fn table(&self) -> Option<&'static str> {
        P::TABLE
    }

    fn serves(&self, version: u32) -> bool {
        version < P::VERSION && Projection::serves(self, version)
    }

    fn create(&self, connection: &Connection) -> rusqlite::Result<()> {
        Projection::create(self, connection)
    }

    fn handles(&self, event: &Event) -> bool {
        Projection::handles(self, event)
    }

    fn apply_all(&self, rows: &Transaction<'_>, batch: &[&Recorded]) -> Result<(), BatchError> {
        Projection::apply_all(self, rows, batch)
    }

    fn digest(&self, rows: &Connection) -> rusqlite::Result<Option<[u8; 32]>> {
        Projection::digest(self, rows)
    }

    fn prepare(&self, events: &[Recorded]) {
        Projection::prepare(self, events);
    }

    fn committed(&self, rows: &Connection) -> Result<(), Failure> {
        Projection::committed(self, rows)
    }

    fn replaced(&self, rows: &Connection) -> Result<(), Failure> {
        Projection::replaced(self, rows)
    }
}
