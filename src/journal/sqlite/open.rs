//! Opens a journal: checks its file, takes its lock, and configures SQLite.
//!
//! **Invariant:** nothing is appended to a journal if its newest events or its witness show that
//! its end was altered or is missing.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};
use schemas::{Position, Timestamp};

use super::{
    Mode, PATIENCE, Reads, Sqlite,
    group::Before,
    lock::Lock,
    readers::Readers,
    reading, recent, restore, rows, schema,
    witness::{self, Witness},
    writer::Writer,
};
use crate::{Clock, Failure, chain::Head, tail::Tail};

/// The writer's page cache in KiB (passed to SQLite as a negative number).
const CACHE_KIB: i64 = 2 * 1024;
/// Maximum size of the write-ahead log after SQLite restarts it; a longer log is truncated to this
/// size.
const KEPT_LOG_BYTES: i64 = 8 * 1024 * 1024;
/// Capacity of the cache of prepared statements: more than the program uses.
const STATEMENTS: usize = 32;

/// The reason for which a journal was not opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process, or this one, already has the journal open for writing.
    #[error("the journal {} is in use by {holder}: stop that process first, because only one process at a time may \
        write the journal", path.display())]
    InUse {
        /// The journal's file.
        path: PathBuf,
        /// The process that has the journal open: `process 4711`, or `another process` if the
        /// system does not name it.
        holder: String,
    },
    /// The journal's file does not exist.
    #[error("there is no journal at {}; check this path", .0.display())]
    Missing(PathBuf),
    /// The file is not a journal of Daybook.
    #[error("the file is not a journal of Daybook; name another file or data folder")]
    NotAJournal,
    /// A newer version of Daybook made the file.
    #[error("the journal has format {version}, which this version of Daybook does not know; use a newer version")]
    OtherVersion {
        /// The version of the file's tables, which this version of Daybook does not know.
        version: i32,
    },
    /// The newest events do not lead to the recorded end of the hash chain: the journal was
    /// altered.
    #[error(
        "the last events of the journal do not fit the recorded end of its hash chain: the journal was altered. Run \
         `daybook verify` to see where, or restore a copy"
    )]
    Altered,
    /// The system does not allow this process to write the file.
    #[error("the journal {} cannot be written: this user may not write its file or its folder, or the disk is \
        read-only; change that", .0.display())]
    ReadOnly(PathBuf),
    /// Acknowledged events are missing, for example because the write-ahead log was damaged, or the
    /// journal's file was replaced by an older one.
    #[error(
        "the journal ends at position {found}, but events up to {known} were stored: its end is missing. Restore \
         a copy, or remove {} to go on without them", witness.display()
    )]
    EndMissing {
        /// Position of the last event in the journal.
        found: Position,
        /// Position of the last event that was acknowledged, from the witness.
        known: Position,
        /// The witness file, which records the last acknowledged event.
        witness: PathBuf,
    },
    /// The journal is long enough, but holds other events: the hash of the last acknowledged event
    /// differs.
    #[error(
        "the event at position {position} is not the one that was stored there last: this is another journal, or an \
         altered one. \
         Use `daybook journal restore` to exchange journals, or remove {} to go on with this one", witness.display()
    )]
    AnotherHistory {
        /// Position of the last event that was acknowledged.
        position: Position,
        /// The witness file, which records the hash of that event.
        witness: PathBuf,
    },
    /// A restore was interrupted before it finished.
    #[error(
        "a restore of {} was interrupted: run `daybook journal restore` again. The files that were there before the \
         restore are still in place, or in the folder `replaced-…` next to it", .0.display()
    )]
    HalfRestored(PathBuf),
    /// SQLite cannot read the file's pages, because they are damaged.
    #[error(
        "the journal's file is damaged ({0}). Restore a copy; if `daybook verify` can still open the file, it says how \
         far the file can be read"
    )]
    Damaged(String),
    /// The system refused an access to the files for another reason.
    #[error("cannot access the journal's files: {0}")]
    Files(#[from] io::Error),
    /// SQLite failed for another reason.
    #[error("the journal's storage failed: {0}")]
    Storage(rusqlite::Error),
}

impl OpenError {
    /// Returns true if the error's text already names the journal or its witness, so that a caller
    /// need not add the path.
    pub fn names_file(&self) -> bool {
        match self {
            Self::InUse { .. }
            | Self::Missing(_)
            | Self::ReadOnly(_)
            | Self::EndMissing { .. }
            | Self::AnotherHistory { .. }
            | Self::HalfRestored(_) => true,
            Self::NotAJournal
            | Self::OtherVersion { .. }
            | Self::Altered
            | Self::Damaged(_)
            | Self::Files(_)
            | Self::Storage(_) => false,
        }
    }

    /// Returns true if the error means that the disk is full.
    pub fn is_without_room(&self) -> bool {
        match self {
            Self::Storage(cause) => is_without_room(cause),
            Self::Files(cause) => matches!(cause.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded),
            _ => false,
        }
    }

    /// Returns true if the file is no journal, or is damaged or altered, so that a retry cannot
    /// succeed.
    pub fn is_damage(&self) -> bool {
        match self {
            Self::NotAJournal
            | Self::Altered
            | Self::EndMissing { .. }
            | Self::AnotherHistory { .. }
            | Self::Damaged(_) => true,
            // SQLite's error has the code `Unknown` if a table is missing, for example.
            Self::Storage(cause) => cause.sqlite_error_code() == Some(ErrorCode::Unknown),
            Self::InUse { .. }
            | Self::Missing(_)
            | Self::OtherVersion { .. }
            | Self::ReadOnly(_)
            | Self::HalfRestored(_)
            | Self::Files(_) => false,
        }
    }
}

/// Returns true if the disk is full, or has no room for the index of the write-ahead log.
pub(super) fn is_without_room(cause: &rusqlite::Error) -> bool {
    cause.sqlite_error().is_some_and(|error| {
        error.code == ErrorCode::DiskFull || error.extended_code == rusqlite::ffi::SQLITE_IOERR_SHMSIZE
    })
}

impl From<rusqlite::Error> for OpenError {
    fn from(cause: rusqlite::Error) -> Self {
        match cause.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Self::NotAJournal,
            Some(ErrorCode::DatabaseCorrupt) => Self::Damaged(cause.to_string()),
            _ => Self::Storage(cause),
        }
    }
}

impl From<Failure> for OpenError {
    fn from(failure: Failure) -> Self {
        Self::Damaged(failure.to_string())
    }
}

pub(super) fn to_write(path: &Path, clock: Clock) -> Result<Sqlite, OpenError> {
    restore::is_finished(path)?;
    let lock = Lock::take(path).map_err(|error| read_only(path, error))?;
    // Taking the lock created the file if it was missing.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    // SQLite also opens a file that it may not write, and fails only at the first append.
    if connection.is_readonly(MAIN_DB)? {
        return Err(OpenError::ReadOnly(path.to_owned()));
    }
    schema::ensure(&mut connection)?;
    settle(&connection)?;
    let end = recent::unaltered(&connection)?;
    reaches_witness(&connection, path, &end)?;
    let witness = Witness::open(path, &end);
    let tail = Arc::new(Tail::new(end.position));
    let readers = Arc::new(Readers::open(path)?);
    let is_version_2 = schema::is_version_2(&connection)?;
    let latest = if is_version_2 { rows::latest(&connection)? } else { Timestamp::default() };
    let clock = (clock, Before { latest, is_version_2 });
    let writer = Writer::start(connection, lock, witness, Arc::clone(&tail), clock, end.position)?;
    Ok(Sqlite { reads: Arc::new(Reads { readers, tail: Some(tail) }), mode: Mode::Writing(writer) })
}

/// Checks that the journal still holds the last acknowledged event. Checks nothing if the witness
/// is missing or damaged.
fn reaches_witness(connection: &Connection, path: &Path, end: &Head) -> Result<(), OpenError> {
    let Some(known) = witness::read(path) else { return Ok(()) };
    let witness = witness::path(path);
    if known.position > end.position {
        return Err(OpenError::EndMissing { found: end.position, known: known.position, witness });
    }
    let position = known.position;
    if position > Position::START && rows::hash_at(connection, position)?.as_deref() != Some(&known.hash.0[..]) {
        return Err(OpenError::AnotherHistory { position, witness });
    }
    Ok(())
}

fn read_only(path: &Path, error: OpenError) -> OpenError {
    let forbidden =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem);
    match error {
        OpenError::Files(cause) if forbidden(&cause) => OpenError::ReadOnly(path.to_owned()),
        error => error,
    }
}

/// Configures the writer's connection.
fn settle(connection: &Connection) -> rusqlite::Result<()> {
    // A copy made by `backup` or `VACUUM INTO` is not in WAL mode.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The writer makes checkpoints itself, between groups.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "journal_size_limit", KEPT_LOG_BYTES)?;
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    // Only one function inserts rows, together with their streams. Checking foreign keys at each
    // insert would only take time.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

pub(super) fn to_read(path: &Path) -> Result<Sqlite, OpenError> {
    // First, because an interrupted restore can have moved the file away.
    restore::is_finished(path)?;
    reading::exists(path)?;
    let readers = Readers::open(path)?;
    let end = readers.with(|connection| {
        Ok::<_, OpenError>({
            schema::check(connection)?;
            rows::last_position(connection)?
        })
    })?;
    Ok(Sqlite { reads: Arc::new(Reads { readers: Arc::new(readers), tail: None }), mode: Mode::Reading { end } })
}
