//! Makes checkpoints of the write-ahead logs in a separate thread, so that the projector does not
//! wait for the disk. The thread also closes idle connections.
//!
//! **Invariant:** a checkpoint changes no content: a file and its log together contain the same
//! before and after it.

use std::{
    io,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rusqlite::{Connection, OpenFlags, config::DbConfig};

use crate::readers::Readers;

/// Length of the queue of files. If it is full, the checkpoint of a file is made another time.
const WAITING: usize = 4;
/// Number of checkpoints in a row. The second one copies what was written during the first, so that
/// SQLite can restart the log.
const TIMES: usize = 2;
/// Idle time after which a connection is closed; it can last up to twice as long.
const UNUSED: Duration = Duration::from_secs(5);

/// The handle to the thread that makes checkpoints of write-ahead logs. The thread ends when the
/// handle is dropped.
#[derive(Debug)]
pub(crate) struct WalCheckpointer {
    files: Option<SyncSender<PathBuf>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl WalCheckpointer {
    pub(crate) fn start(readers: Vec<Readers>) -> io::Result<Self> {
        let (files, waiting) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("wal".to_owned()).spawn(move || run(&waiting, &readers))?;
        Ok(Self { files: Some(files), thread: Mutex::new(Some(thread)) })
    }

    /// Requests a checkpoint of the file's log.
    pub(crate) fn checkpoint(&self, file: &Path) {
        if let Some(files) = &self.files {
            // If the queue is full, the request is dropped. The log grows until the next request.
            drop(files.try_send(file.to_owned()));
        }
    }
}

impl Drop for WalCheckpointer {
    fn drop(&mut self) {
        self.files = None;
        if self.thread.get_mut().take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!(
                "the thread that checkpoints the write-ahead logs of the read models had crashed because of a bug; \
                please report it. No log was checkpointed after that; the next start makes a new thread"
            );
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this clock only decides when idle connections are closed")]
fn run(files: &Receiver<PathBuf>, readers: &[Readers]) {
    let mut rest = Instant::now() + UNUSED;
    loop {
        match files.recv_timeout(rest.saturating_duration_since(Instant::now())) {
            Ok(file) => {
                let end_reads = || readers.iter().for_each(Readers::end_idle);
                if let Err(error) = checkpoint(&file, end_reads) {
                    tracing::warn!(%error, file = %file.display(), "the write-ahead log of a read model could not be \
                        checkpointed and grows until a later attempt succeeds; if this repeats, check the disk");
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        if rest <= Instant::now() {
            readers.iter().for_each(Readers::close_unused);
            rest = Instant::now() + UNUSED;
        }
    }
}

/// Makes checkpoints of a log. `end_reads` ends the transactions of idle connections: one that
/// began before a checkpoint ended would keep SQLite from restarting the log.
fn checkpoint(file: &Path, end_reads: impl Fn()) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    // The file may have been replaced meanwhile. Closing this connection must not delete the log of
    // the new file.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // A PASSIVE checkpoint blocks neither readers nor the writer.
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    for _ in 0..TIMES {
        end_reads();
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    }
    end_reads();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::Status;

    #[test]
    fn rows_in_the_log_are_in_the_file_when_the_checkpointer_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (file, copy) = (folder.path().join("a.sqlite"), folder.path().join("b.sqlite"));
        let writer = Connection::open(&file).unwrap();
        writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE row (number INTEGER);").unwrap();
        writer.execute_batch("INSERT INTO row VALUES (7)").unwrap();

        let wal = WalCheckpointer::start(vec![]).unwrap();
        wal.checkpoint(&folder.path().join("missing.sqlite"));
        wal.checkpoint(&file);
        drop(wal);

        // Only the file is copied, without its log.
        std::fs::copy(&file, &copy).unwrap();
        let number = Connection::open(&copy).unwrap().query_row("SELECT number FROM row", [], |row| row.get(0));
        assert_eq!(number, Ok(7));
        assert!(!folder.path().join("missing.sqlite").exists());
    }

    #[test]
    fn idle_connections_do_not_keep_the_log_from_being_restarted() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.sqlite");
        let writer = Connection::open(&file).unwrap();
        let sql = "PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE row (text);";
        writer.execute_batch(sql).unwrap();
        let readers = Readers::new(Status::new("a", true));
        readers.read_from(&file);
        let mut sizes = vec![];
        for _ in 0..3 {
            writer.execute_batch("INSERT INTO row VALUES (zeroblob(100000))").unwrap();
            readers.committed();
            readers.ask(|rows| Ok(rows.query_row("SELECT count(*) FROM row", [], |_| Ok(()))?)).unwrap();
            sizes.push(std::fs::metadata(folder.path().join("a.sqlite-wal")).unwrap().len());
            checkpoint(&file, || readers.end_idle()).unwrap();
        }
        assert_eq!(sizes[1], sizes[2], "{sizes:?}");
    }
}
