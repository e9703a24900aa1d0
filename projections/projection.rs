//! What a read model is: a name, a version, and a fold over the journal.

use rusqlite::{Connection, Transaction};
use schemas::{Event, Position, Recorded};

use crate::Failure;

/// The failure of a batch, with the position of the event at which it was noticed.
pub type BatchError = (Position, rusqlite::Error);

/// A read model. [`registry`](crate::registry) lists them all.
///
/// A projection appends nothing, asks nothing and looks at no clock: the same events always make
/// the same rows.
pub trait Projection: Send {
    /// Names the file. Never used for another read model.
    const NAME: &'static str;
    /// Raised whenever `create` or `apply` changes meaning. The new version is then built from the
    /// first event.
    const VERSION: u32;
    /// True if no request can be answered without it: a server waits for it before it listens.
    const IS_REQUIRED: bool = false;
    /// True if only questions about the past read it: it may be behind by a moment, so that many
    /// events are written in one transaction.
    const MAY_LAG: bool = false;
    /// The query of `daybook projections show`; `None` if there is nothing for people to see.
    const TABLE: Option<&'static str> = None;

    /// True if the tables of `version`, an older one, have today's form.
    ///
    /// The file of such a version is served and kept up to date while the new version is being
    /// built. The file of any other version is not opened, and the read model answers nothing until
    /// the new version is complete.
    fn serves(&self, _version: u32) -> bool {
        false
    }

    /// Creates the tables of a new file.
    fn create(&self, connection: &Connection) -> rusqlite::Result<()>;

    /// True if `apply` does something with the event. Other events are not handed to it.
    fn handles(&self, event: &Event) -> bool;

    /// Writes what the event means. Rows and checkpoint are committed together.
    fn apply(&self, rows: &Transaction<'_>, recorded: &Recorded) -> rusqlite::Result<()>;

    /// Writes what the events of a transaction mean, in their order: the rows that
    /// [`apply`](Self::apply) makes of one after the other. A read model may hold rows in memory
    /// until the last event.
    fn apply_all(&self, rows: &Transaction<'_>, batch: &[&Recorded]) -> Result<(), BatchError> {
        let apply = |recorded: &&Recorded| self.apply(rows, recorded).map_err(|why| (recorded.position, why));
        batch.iter().try_for_each(apply)
    }

    /// A digest of all rows, by which flipped bits are noticed that SQLite cannot see; `None` if
    /// there are too many rows to read them all whenever one changes.
    fn digest(&self, _rows: &Connection) -> rusqlite::Result<Option<[u8; 32]>> {
        Ok(None)
    }

    /// Called before events are written, to drop from a cache what they change. All events are
    /// given.
    fn prepare(&self, _events: &[Recorded]) {}

    /// Called after events were committed, to bring a cache up to date. Only called if `handles`
    /// took one of them.
    fn committed(&self, _rows: &Connection) -> Result<(), Failure> {
        Ok(())
    }

    /// Called when requests are answered from another file than before: at the start, and after a
    /// rebuild.
    fn replaced(&self, _rows: &Connection) -> Result<(), Failure> {
        Ok(())
    }
}

/// A [`Projection`] as the projector holds it, whichever it is.
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
