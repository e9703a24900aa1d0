//! Connections that only read: a few, kept open, handed out in turn.

use std::{
    fmt,
    ops::Deref,
    path::{Path, PathBuf},
    sync::Arc,
};

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags};

use crate::{failure::Failure, file};

/// Connections of each kind kept open between uses, the one used last to be used next.
const KEPT_OPEN: usize = 4;
/// Memory for pages of one connection: negative KiB, as SQLite counts.
const READER_CACHE_KIB: i64 = -1_024;
/// How much of the file a connection looks at where the kernel keeps it, if it does.
const MAPPED_BYTES: u64 = 1 << 30;

/// How a connection comes by the pages of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pages {
    /// A copy of each, by a call: the way for a few. Whoever maps a file that is being written has to let go of the map at
    /// every look and make another, which costs more than a few calls.
    Copied,
    /// Looked at where the kernel keeps them: the way for many.
    Mapped,
}

#[derive(Clone)]
pub(crate) struct Readers {
    path: PathBuf,
    idle: Arc<Mutex<Idle>>,
}

/// Connections nobody uses at the moment.
#[derive(Default)]
struct Idle {
    copying: Vec<Waiting>,
    mapping: Vec<Waiting>,
    /// Counts the files that stood at the path: a connection to an earlier one is not kept.
    generation: u64,
}

struct Waiting {
    connection: Connection,
    /// Whether it has waited since [`Readers::close_unused`] was last called.
    is_unused: bool,
}

impl Readers {
    pub(crate) fn of(path: &Path) -> Self {
        Self { path: path.to_owned(), idle: Arc::default() }
    }

    /// A connection of one's own for one question, until it is dropped.
    pub(crate) fn take(&self) -> Result<Reader, Failure> {
        self.lend(Pages::Copied)
    }

    /// A connection that sees the file as it is now, whatever is written meanwhile: for long answers.
    pub(crate) fn freeze(&self) -> Result<Reader, Failure> {
        let mut reader = self.lend(Pages::Mapped)?;
        reader.execute_batch("BEGIN")?;
        reader.transaction = Transaction::Open;
        // SQLite freezes the view when it is first looked at.
        reader.prepare_cached("SELECT position FROM checkpoint")?.query_row([], |_| Ok(()))?;
        Ok(reader)
    }

    fn lend(&self, pages: Pages) -> Result<Reader, Failure> {
        let (idle, generation) = {
            let mut idle = self.idle.lock();
            (idle.of(pages).pop(), idle.generation)
        };
        let connection = match idle {
            Some(waiting) => waiting.connection,
            None => open(&self.path, pages)?,
        };
        Ok(Reader {
            connection: Some(connection),
            pages,
            generation,
            home: self.clone(),
            transaction: Transaction::None,
        })
    }

    /// Closes the connections that nobody has used since this was last called: what they hold of the file takes memory.
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
        // Nobody waits while they are closed.
        drop(idle);
        drop(unused);
    }

    /// Another file stands at the path: whoever asks next, asks that one.
    pub(crate) fn forget(&self) {
        let mut idle = self.idle.lock();
        *idle = Idle { generation: idle.generation + 1, ..Idle::default() };
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

#[derive(Debug, PartialEq, Eq)]
enum Transaction {
    None,
    Open,
}

/// A connection on loan.
pub(crate) struct Reader {
    connection: Option<Connection>,
    pages: Pages,
    generation: u64,
    home: Readers,
    transaction: Transaction,
}

impl Deref for Reader {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("the connection goes back only when the loan is over")
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        let is_clean = self.transaction == Transaction::None || connection.execute_batch("ROLLBACK").is_ok();
        let mut idle = self.home.idle.lock();
        let is_current = idle.generation == self.generation;
        let kept = idle.of(self.pages);
        if is_clean && is_current && kept.len() < KEPT_OPEN {
            kept.push(Waiting { connection, is_unused: false });
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Readers({})", self.path.display())
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reader({})", self.home.path.display())
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
        let readers = Readers::of(&file);
        (folder, readers)
    }

    fn waiting(readers: &Readers) -> (usize, usize) {
        let idle = readers.idle.lock();
        (idle.copying.len(), idle.mapping.len())
    }

    #[test]
    fn a_connection_is_used_again_and_closed_once_nobody_uses_it() {
        let (_folder, readers) = made();
        drop([readers.take().unwrap(), readers.take().unwrap()]);
        drop([readers.freeze().unwrap(), readers.freeze().unwrap()]);
        assert_eq!(waiting(&readers), (2, 2));

        readers.close_unused();
        assert_eq!(waiting(&readers), (2, 2), "they were used a moment ago");
        drop(readers.take().unwrap());
        drop(readers.freeze().unwrap());
        readers.close_unused();
        assert_eq!(waiting(&readers), (1, 1), "one of each was enough");
        readers.close_unused();
        assert_eq!(waiting(&readers), (0, 0));
        let position = readers.take().unwrap().query_row("SELECT position FROM checkpoint", [], |row| row.get(0));
        assert_eq!(position, Ok(7));
    }

    #[test]
    fn no_more_are_kept_than_are_worth_it() {
        let (_folder, readers) = made();
        let many: Vec<_> = (0..2 * KEPT_OPEN).map(|_| readers.take().unwrap()).collect();
        drop(many);
        assert_eq!(waiting(&readers), (KEPT_OPEN, 0));
    }
}
