//! A pool of read-only connections.
//!
//! **Invariant:** a read model that refuses queries is not queried. After a query has found damage
//! that a rebuild may repair, further queries are refused until the read model is rebuilt. A query
//! sees all commits that were announced before it.

use std::{
    fmt,
    ops::Deref,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};
use schemas::Position;

use crate::{failure::Failure, file, status::Status};

/// Maximum number of idle connections of each kind. The one that was used last is used next.
const KEPT_OPEN: usize = 4;
/// The page cache of a connection, in KiB (passed to SQLite as a negative number).
const READER_CACHE_KIB: i64 = -1_024;
/// Maximum bytes of the file that a connection maps into memory.
const MAPPED_BYTES: u64 = 1 << 30;

/// The way in which a connection reads the pages of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pages {
    /// By a system call that copies the page: best for queries that read few pages.
    Copied,
    /// Through a map of the file in memory: best for queries that read many pages.
    Mapped,
}

/// The pool of connections to the file from which a read model is served.
#[derive(Clone)]
pub(crate) struct Readers {
    status: Arc<Status>,
    idle: Arc<Mutex<Idle>>,
    /// Number of commits of the projector in this process. It is 0 if another process writes the
    /// file.
    commits: Arc<AtomicU64>,
}

/// The connections that are not in use.
#[derive(Default)]
struct Idle {
    path: PathBuf,
    copying: Vec<Waiting>,
    mapping: Vec<Waiting>,
    /// Number of files served so far. A connection to an earlier file is not kept.
    generation: u64,
}

struct Waiting {
    connection: Connection,
    /// The snapshot that the open transaction of the connection sees; `None` without a transaction.
    snapshot: Option<Snapshot>,
    /// True if the connection was not used since the last call of [`Readers::close_unused`].
    is_unused: bool,
}

/// The state of the file that a transaction sees: the number of commits that it contains at least.
/// It can contain later ones, made while the transaction began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Snapshot(u64);

/// The snapshot of a transaction that ends when the reader is returned to the pool: the transaction
/// of a frozen reader, or one that began before the first commit of this process, because another
/// process may write the file.
const ENDS_WITH_ITS_READER: Snapshot = Snapshot(0);

impl Readers {
    pub(crate) fn new(status: Arc<Status>) -> Self {
        Self { status, idle: Arc::default(), commits: Arc::default() }
    }

    /// Runs one query. Its statements see one state of the file.
    ///
    /// Later queries use the same transaction, if it is still open, until there is a new commit,
    /// because beginning and ending a transaction takes as long as reading an object.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let current = Snapshot(self.commits.load(Ordering::Acquire));
        self.status.inspect(self.lend(Pages::Copied).and_then(|mut reader| {
            if reader.snapshot != Some(current) {
                reader.end()?;
                reader.begin(current)?;
            }
            question(&reader)
        }))
    }

    /// Announces a commit of the projector. Later queries see it.
    pub(crate) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Release);
    }

    /// Ends the transactions of idle connections. An open transaction would keep the write-ahead
    /// log from being restarted.
    pub(crate) fn end_idle(&self) {
        let mut idle = self.idle.lock();
        idle.copying.retain_mut(|waiting| waiting.snapshot.take().is_none() || rollback(&waiting.connection).is_ok());
    }

    /// Returns a connection that continues to see the file as it is now, while others write to it.
    /// Long responses use it.
    pub(crate) fn freeze(&self) -> Result<Reader, Failure> {
        let frozen = self.lend(Pages::Mapped).and_then(|mut reader| {
            reader.begin(ENDS_WITH_ITS_READER)?;
            // SQLite fixes the state that a transaction sees at its first read.
            reader.prepare_cached("SELECT position FROM checkpoint")?.query_row([], |_| Ok(()))?;
            Ok(reader)
        });
        self.status.inspect(frozen)
    }

    /// Checks the file on a separate connection. If `check` finds damage, the file is reported as
    /// damaged, unless another file is served by then.
    pub(crate) fn check(&self, check: impl FnOnce(&Connection) -> Result<(), Failure>) {
        let (path, generation) = {
            let idle = self.idle.lock();
            (idle.path.clone(), idle.generation)
        };
        let found = open(&path, Pages::Copied).and_then(|connection| check(&connection));
        if self.idle.lock().generation == generation {
            drop(self.status.inspect(found));
        }
    }

    fn lend(&self, pages: Pages) -> Result<Reader, Failure> {
        self.status.check()?;
        let (idle, path, generation) = {
            let mut idle = self.idle.lock();
            let found = idle.of(pages).pop();
            // The path is only needed to open a new connection.
            let path = if found.is_none() { idle.path.clone() } else { PathBuf::new() };
            (found, path, idle.generation)
        };
        let (connection, snapshot) = match idle {
            Some(waiting) => (waiting.connection, waiting.snapshot),
            None => (open(&path, pages)?, None),
        };
        Ok(Reader { connection: Some(connection), pages, generation, home: self.clone(), snapshot })
    }

    /// Closes the connections that were not used since the last call, because their caches take
    /// memory.
    pub(crate) fn close_unused(&self) {
        let mut unused = vec![];
        let mut idle = self.idle.lock();
        let Idle { copying, mapping, .. } = &mut *idle;
        for kind in [copying, mapping] {
            unused.extend(kind.extract_if(.., |waiting| waiting.is_unused));
            for waiting in kind {
                waiting.is_unused = true;
            }
        }
        // The connections are closed after the lock is released, because closing takes longer than
        // queries should wait for the lock.
        drop(idle);
        drop(unused);
    }

    /// Makes all later queries use this file, which may be a new one at the same path.
    pub(crate) fn read_from(&self, path: &Path) {
        let mut idle = self.idle.lock();
        *idle = Idle { path: path.to_owned(), generation: idle.generation + 1, ..Idle::default() };
    }

    /// Opens a file that another process writes, for queries. `cache` loads the values that are
    /// kept in memory.
    pub(crate) fn look(
        &self,
        path: &Path,
        version: u32,
        cache: impl FnOnce(&Connection) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let rows = open(path, Pages::Copied)?;
        let position: i64 = rows.query_row("SELECT position FROM checkpoint", [], |row| row.get(0))?;
        self.read_from(path);
        cache(&rows)?;
        self.idle.lock().copying.push(Waiting { connection: rows, snapshot: None, is_unused: false });
        self.status.serve(version);
        self.status.reach(Position(position.unsigned_abs()));
        Ok(())
    }

    /// Returns the path of the file from which queries are answered.
    pub(crate) fn path(&self) -> PathBuf {
        self.idle.lock().path.clone()
    }

    pub(crate) fn status(&self) -> &Status {
        &self.status
    }

    pub(crate) fn shared_status(&self) -> Arc<Status> {
        Arc::clone(&self.status)
    }
}

impl Idle {
    fn of(&mut self, pages: Pages) -> &mut Vec<Waiting> {
        match pages {
            Pages::Copied => &mut self.copying,
            Pages::Mapped => &mut self.mapping,
        }
    }
}

fn open(path: &Path, pages: Pages) -> Result<Connection, Failure> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(file::STATEMENTS);
    file::plan_once(&connection)?;
    let mapped = if pages == Pages::Mapped { MAPPED_BYTES } else { 0 };
    connection.execute_batch(&format!("PRAGMA cache_size = {READER_CACHE_KIB}; PRAGMA mmap_size = {mapped};"))?;
    Ok(connection)
}

/// Ends the transaction of a connection that only reads.
fn rollback(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached("ROLLBACK")?.execute([]).map(|_| ())
}

/// A connection that is borrowed from the pool.
pub(crate) struct Reader {
    connection: Option<Connection>,
    pages: Pages,
    generation: u64,
    home: Readers,
    /// The snapshot that the open transaction sees; `None` without a transaction.
    snapshot: Option<Snapshot>,
}

impl Reader {
    fn begin(&mut self, snapshot: Snapshot) -> rusqlite::Result<()> {
        self.prepare_cached("BEGIN")?.execute([])?;
        self.snapshot = Some(snapshot);
        Ok(())
    }

    fn end(&mut self) -> rusqlite::Result<()> {
        if self.snapshot.take().is_some() { rollback(self) } else { Ok(()) }
    }

    /// Runs one query.
    pub(crate) fn ask<T>(&self, question: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        self.home.status.check()?;
        self.home.status.inspect(question(self))
    }

    /// Runs a query that passes its rows to the caller one by one.
    pub(crate) fn list<E: From<Failure>>(
        &self,
        question: impl FnOnce(&Connection) -> Result<(), Ended<E>>,
    ) -> Result<(), E> {
        self.home.status.check()?;
        match question(self) {
            Ok(()) => Ok(()),
            Err(Ended::Failure(failure)) => Ok(self.home.status.inspect(Err(failure))?),
            Err(Ended::Caller(error)) => Err(error),
        }
    }
}

/// The reason for which a query ended early.
pub(crate) enum Ended<E> {
    /// The rows cannot be read.
    Failure(Failure),
    /// A function of the caller returned this error, so no more rows are read.
    Caller(E),
}

impl<E> From<Failure> for Ended<E> {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("the connection goes back only when the loan is over")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let may_stay = self.snapshot != Some(ENDS_WITH_ITS_READER);
        let is_clean = may_stay || self.end().is_ok();
        let Some(connection) = self.connection.take() else { return };
        let snapshot = self.snapshot.filter(|_| !connection.is_autocommit());
        let mut idle = self.home.idle.lock();
        let is_current = idle.generation == self.generation;
        let kept = idle.of(self.pages);
        if is_clean && is_current && kept.len() < KEPT_OPEN {
            kept.push(Waiting { connection, snapshot, is_unused: false });
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Readers({})", self.path().display())
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({})", self.home.path().display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made() -> (tempfile::TempDir, Readers) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.sqlite");
        let sql = "PRAGMA journal_mode = WAL; CREATE TABLE checkpoint (position); INSERT INTO checkpoint VALUES (7);";
        Connection::open(&file).unwrap().execute_batch(sql).unwrap();
        let readers = Readers::new(Status::new("a", true));
        readers.read_from(&file);
        (folder, readers)
    }

    fn waiting(readers: &Readers) -> (usize, usize) {
        let idle = readers.idle.lock();
        (idle.copying.len(), idle.mapping.len())
    }

    #[test]
    fn a_connection_is_used_again_and_closed_once_nobody_uses_it() {
        let (_folder, readers) = made();
        drop([readers.lend(Pages::Copied).unwrap(), readers.lend(Pages::Copied).unwrap()]);
        drop([readers.freeze().unwrap(), readers.freeze().unwrap()]);
        assert_eq!(waiting(&readers), (2, 2));

        readers.close_unused();
        assert_eq!(waiting(&readers), (2, 2), "they were used a moment ago");
        drop(readers.lend(Pages::Copied).unwrap());
        drop(readers.freeze().unwrap());
        readers.close_unused();
        assert_eq!(waiting(&readers), (1, 1), "one of each was enough");
        readers.close_unused();
        assert_eq!(waiting(&readers), (0, 0));
        let position =
            readers.lend(Pages::Copied).unwrap().query_row("SELECT position FROM checkpoint", [], |row| row.get(0));
        assert_eq!(position, Ok(7));
    }

    #[test]
    fn a_query_sees_what_was_committed_before_it() {
        let (folder, readers) = made();
        let projector = Connection::open(folder.path().join("a.sqlite")).unwrap();
        let write = |position: i64| projector.execute("UPDATE checkpoint SET position = ?", [position]).unwrap();
        let ask = || {
            let sql = "SELECT position FROM checkpoint";
            readers.ask(|rows| Ok(rows.query_row(sql, [], |row| row.get::<_, i64>(0))?)).unwrap()
        };
        assert_eq!(ask(), 7);
        // Another process writes: each query begins a transaction of its own.
        write(8);
        assert_eq!(ask(), 8);
        // This process writes: a transaction lasts until the next commit is announced.
        for position in 9..12 {
            write(position);
            readers.committed();
            assert_eq!(ask(), position);
        }
        write(12);
        assert_eq!(ask(), 11);
        readers.end_idle();
        assert_eq!(ask(), 12);
        assert_eq!(waiting(&readers), (1, 0));
    }

    #[test]
    fn a_transaction_that_a_query_ended_is_begun_again() {
        let (_folder, readers) = made();
        readers.committed();
        readers.ask(|rows| Ok(rows.execute_batch("ROLLBACK")?)).unwrap();
        assert!(readers.idle.lock().copying.iter().all(|waiting| waiting.snapshot.is_none()));
        readers.ask(|rows| Ok(rows.execute_batch("SELECT position FROM checkpoint")?)).unwrap();
    }

    #[test]
    fn a_connection_to_a_file_that_was_replaced_is_closed() {
        let (folder, readers) = made();
        let (before, frozen) = (readers.lend(Pages::Copied).unwrap(), readers.freeze().unwrap());
        readers.read_from(&folder.path().join("a.sqlite"));
        drop((before, frozen));
        assert_eq!(waiting(&readers), (0, 0));
    }

    #[test]
    fn no_more_are_kept_than_are_worth_it() {
        let (_folder, readers) = made();
        let many: Vec<_> = (0..2 * KEPT_OPEN).map(|_| readers.lend(Pages::Copied).unwrap()).collect();
        drop(many);
        assert_eq!(waiting(&readers), (KEPT_OPEN, 0));
    }
}
