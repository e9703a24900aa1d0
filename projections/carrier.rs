//! Carries what stands in the write-ahead logs over into the files: it waits for the disk, so that the feed need not. Besides,
//! it closes the connections that nobody uses any more.
//!
//! **Invariant:** only pages move, never what they say: a file and its log together are the same before and after.

use std::{
    io,
    path::{Path, PathBuf},
    sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel},
    thread::JoinHandle,
    time::{Duration, Instant},
};

use rusqlite::{Connection, OpenFlags};

use crate::readers::Readers;

/// Files that wait to be carried over; what finds no room is carried over next time.
const WAITING: usize = 4;
/// The first time takes the most of it; the second what was written meanwhile, so that the log can begin anew.
const TIMES: usize = 2;
/// A connection that was not used for this long, or up to twice as long, is closed.
const UNUSED: Duration = Duration::from_secs(5);

/// A thread that ends with this handle.
#[derive(Debug)]
pub(crate) struct Carrier {
    files: Option<SyncSender<PathBuf>>,
    thread: Option<JoinHandle<()>>,
}

impl Carrier {
    pub(crate) fn start(readers: Vec<Readers>) -> io::Result<Self> {
        let (files, waiting) = sync_channel(WAITING);
        let thread = std::thread::Builder::new().name("carrier".to_owned()).spawn(move || run(&waiting, &readers))?;
        Ok(Self { files: Some(files), thread: Some(thread) })
    }

    /// Soon, not now.
    pub(crate) fn carry_over(&self, file: &Path) {
        if let Some(files) = &self.files {
            // No room: it is busy enough, and the log may grow a while.
            drop(files.try_send(file.to_owned()));
        }
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.files = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("carrying logs over into their files panicked");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "nothing is decided by this time but when memory is given back")]
fn run(files: &Receiver<PathBuf>, readers: &[Readers]) {
    let mut rest = Instant::now() + UNUSED;
    loop {
        match files.recv_timeout(rest.saturating_duration_since(Instant::now())) {
            Ok(file) => {
                if let Err(error) = carry_over(&file) {
                    tracing::warn!(%error, file = %file.display(), "a log could not be carried over into its file");
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

fn carry_over(file: &Path) -> rusqlite::Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags)?;
    // PASSIVE waits for nobody and nobody waits for it.
    connection.execute_batch("PRAGMA synchronous = NORMAL")?;
    for _ in 0..TIMES {
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stood_in_the_log_stands_in_the_file_when_the_carrier_has_ended() {
        let folder = tempfile::tempdir().unwrap();
        let (file, copy) = (folder.path().join("a.sqlite"), folder.path().join("b.sqlite"));
        let writer = Connection::open(&file).unwrap();
        writer.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE row (number INTEGER);").unwrap();
        writer.execute_batch("INSERT INTO row VALUES (7)").unwrap();

        let carrier = Carrier::start(vec![]).unwrap();
        carrier.carry_over(&folder.path().join("is not there.sqlite"));
        carrier.carry_over(&file);
        drop(carrier);

        // The log is not copied.
        std::fs::copy(&file, &copy).unwrap();
        let number = Connection::open(&copy).unwrap().query_row("SELECT number FROM row", [], |row| row.get(0));
        assert_eq!(number, Ok(7));
        assert!(!folder.path().join("is not there.sqlite").exists());
    }
}
