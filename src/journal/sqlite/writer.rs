//! The writer thread. All writes go through it.
//!
//! **Invariant:** all waiting appends are committed together, with one fsync. An append is
//! acknowledged and visible only after it is durable, in a file that the path leads to, and the
//! witness is written. If a group fails, each of its appends fails with an unknown outcome, or
//! because the disk is full; callers may retry with the same ids.

use std::{fs, io, mem, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};

use rusqlite::Connection;
use schemas::Position;
use tokio::{
    runtime::Runtime,
    sync::{mpsc, oneshot, watch},
};

use super::{
    group::{self, Before, Committed},
    lock::{Lock, with_suffix},
    witness::Witness,
};
use crate::{AppendError, Appended, Clock, Failure, limits::GROUP_BYTES, placement::Admitted, tail::Tail};

/// Jobs that may wait before the next caller waits to hand over its own.
const QUEUE_JOBS: usize = 256;
/// Bytes written between two checkpoints. A shorter write-ahead log loses less if it is damaged.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;
/// Time without writes after which the write-ahead log is checkpointed.
const IDLE: Duration = Duration::from_secs(2);
/// Size of the write-ahead log from which a checkpoint waits for readers, so that SQLite can
/// restart the log.
const MAX_LOG_BYTES: u64 = 32 * 1024 * 1024;
/// How long such a checkpoint waits: reading a page takes milliseconds, copying a whole journal
/// longer.
const CHECKPOINT_PATIENCE: Duration = Duration::from_millis(200);
/// Bytes that a commit adds to the write-ahead log in addition to the events, because whole pages
/// are written.
const COMMIT_OVERHEAD_BYTES: usize = 64 * 1024;
/// Room that the disk must have before appends are expected to succeed again.
const PROBE_BYTES: usize = 512 * 1024;
/// How often the writer yields before it commits fewer appends than the last time: far shorter than
/// a commit.
const MAX_YIELDS: usize = 100;

type Answers = Vec<Result<Appended, AppendError>>;

/// Appends of one caller. Without appends the job asks whether the disk takes writes.
#[derive(Debug)]
struct Job {
    appends: Vec<Result<Admitted, AppendError>>,
    answer: oneshot::Sender<Answers>,
}

impl Job {
    fn bytes(&self) -> usize {
        self.appends.iter().flatten().map(|admitted| admitted.bytes).sum()
    }
}

/// The handle. Dropping it waits until every job is answered and the file is closed.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    head: watch::Receiver<Position>,
    /// Why the last group could not be stored; `None` if it could.
    trouble: watch::Receiver<Option<Failure>>,
    lock: Arc<Lock>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(
        connection: Connection,
        lock: Lock,
        witness: Witness,
        tail: Arc<Tail>,
        (clock, before): (Clock, Before),
        at: Position,
    ) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE_JOBS);
        let (publish, head) = watch::channel(at);
        let (report, trouble) = watch::channel(None);
        let lock = Arc::new(lock);
        let log = with_suffix(lock.path(), "-wal");
        let timer = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let desk = Desk {
            connection,
            lock: Arc::clone(&lock),
            clock,
            before,
            witness,
            tail,
            head: publish,
            trouble: report,
            log,
            has_vanished: false,
            unchecked: 0,
        };
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || desk.serve(queue, &timer))?;
        Ok(Self { jobs: Some(jobs), head, trouble, lock, thread: Some(thread) })
    }

    /// The position of the last durable event, now and as it grows.
    pub(super) fn head(&self) -> &watch::Receiver<Position> {
        &self.head
    }

    /// Checks that the file is still in its place, and, where the last group could not be stored,
    /// that the next one could.
    pub(super) async fn is_writable(&self) -> Result<(), Failure> {
        if !self.lock.is_in_place() {
            return Err(Failure::Vanished(self.lock.path().to_owned()));
        }
        if self.trouble.borrow().is_none() {
            return Ok(());
        }
        self.send(vec![]).await;
        self.trouble.borrow().clone().map_or(Ok(()), Err)
    }

    pub(super) async fn append(&self, appends: Vec<Result<Admitted, AppendError>>) -> Answers {
        if appends.is_empty() { vec![] } else { self.send(appends).await }
    }

    async fn send(&self, appends: Vec<Result<Admitted, AppendError>>) -> Answers {
        let count = appends.len();
        let closed = || vec![Err(AppendError::Unavailable(Failure::Closed)); count];
        let jobs = self.jobs.as_ref().expect("only taken when dropped");
        let (answer, answers) = oneshot::channel();
        match jobs.send(Job { appends, answer }).await {
            Ok(()) => answers.await.unwrap_or_else(|_| closed()),
            Err(_) => closed(),
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the journal's writer had panicked");
        }
    }
}

/// The state of the thread.
#[derive(Debug)]
struct Desk {
    connection: Connection,
    lock: Arc<Lock>,
    clock: Clock,
    before: Before,
    witness: Witness,
    tail: Arc<Tail>,
    head: watch::Sender<Position>,
    trouble: watch::Sender<Option<Failure>>,
    /// The write-ahead log's file.
    log: PathBuf,
    /// True once a group was committed to a file that the path did not lead to.
    has_vanished: bool,
    /// Bytes written since the last checkpoint, about; 0: the log holds nothing that is not in the
    /// file.
    unchecked: usize,
}

impl Desk {
    fn serve(mut self, mut queue: mpsc::Receiver<Job>, timer: &Runtime) {
        let mut last = 1;
        loop {
            match self.next(&mut queue, timer) {
                Next::Job(first) => {
                    let jobs = gather(first, &mut queue, last);
                    last = jobs.len();
                    self.write(jobs);
                    if self.unchecked > CHECKPOINT_BYTES {
                        self.checkpoint();
                    }
                }
                Next::Idle => self.checkpoint(),
                Next::End => break,
            }
        }
        self.close();
    }

    /// Waits for the next job, and, while the log holds something, no longer than [`IDLE`].
    fn next(&self, queue: &mut mpsc::Receiver<Job>, timer: &Runtime) -> Next {
        let waited = if self.unchecked == 0 {
            Ok(queue.blocking_recv())
        } else {
            timer.block_on(async { tokio::time::timeout(IDLE, queue.recv()).await })
        };
        match waited {
            Ok(Some(job)) => Next::Job(job),
            Ok(None) => Next::End,
            Err(_) => Next::Idle,
        }
    }

    fn write(&mut self, mut jobs: Vec<Job>) {
        let counts: Vec<_> = jobs.iter().map(|job| job.appends.len()).collect();
        self.unchecked += jobs.iter().map(Job::bytes).sum::<usize>() + COMMIT_OVERHEAD_BYTES;
        let appends: Vec<_> = jobs.iter_mut().flat_map(|job| mem::take(&mut job.appends)).collect();
        let stored = if self.has_vanished {
            // Also if the file is back: it has the appends that were refused meanwhile, which no
            // read model has seen.
            Err(self.vanished())
        } else if appends.is_empty() {
            self.probe().map(|()| vec![])
        } else {
            let committed = group::commit(&mut self.connection, &self.clock, self.before, appends);
            // After it: what is written to a file without a name is lost with the process.
            committed.map_err(Failure::from).and_then(|committed| self.in_place().map(|()| self.publish(committed)))
        };
        self.trouble.send_replace(stored.as_ref().err().cloned());
        let answers = stored.unwrap_or_else(|failure| {
            tracing::error!(%failure, "the journal could not store a group of appends");
            vec![Err(AppendError::Unavailable(failure)); counts.iter().sum()]
        });
        let mut answers = answers.into_iter();
        for (job, count) in jobs.into_iter().zip(counts) {
            // A caller that went away needs no answer.
            drop(job.answer.send(answers.by_ref().take(count).collect()));
        }
    }

    /// Checks that there is room, and that the journal takes writes.
    fn probe(&mut self) -> Result<(), Failure> {
        let scratch = self.log.with_extension("probe");
        let written = fs::write(&scratch, vec![0; PROBE_BYTES]);
        drop(fs::remove_file(&scratch));
        written.map_err(|cause| match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Failure::Full(Arc::new(cause)),
            _ => Failure::storage(cause),
        })?;
        Ok(group::probe(&mut self.connection)?)
    }

    fn in_place(&mut self) -> Result<(), Failure> {
        self.has_vanished = !self.lock.is_in_place();
        if self.has_vanished { Err(self.vanished()) } else { Ok(()) }
    }

    fn vanished(&self) -> Failure {
        Failure::Vanished(self.lock.path().to_owned())
    }

    fn publish(&mut self, Committed { answers, events, head, latest }: Committed) -> Answers {
        if let Some(last) = events.last() {
            self.before = Before { latest, is_version_2: true };
            let position = last.position;
            self.witness.write(&head);
            self.tail.push(events);
            self.head.send_replace(position);
        }
        answers
    }

    /// Copies the write-ahead log into the file as far as no reader needs it.
    fn checkpoint(&mut self) {
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
                tracing::warn!(%cause, "the journal's write-ahead log grows until a checkpoint succeeds");
            }
        }
    }

    /// Leaves nothing in the write-ahead log: a copy of the file alone is the whole journal.
    fn close(&mut self) {
        match self.copied_patiently("TRUNCATE", super::PATIENCE) {
            Ok(true) => {}
            Ok(false) => tracing::warn!("the journal's write-ahead log stays: it is being read elsewhere"),
            Err(cause) => tracing::warn!(%cause, "the journal's write-ahead log stays"),
        }
        self.witness.sync();
    }

    fn copied_patiently(&self, mode: &str, patience: Duration) -> rusqlite::Result<bool> {
        self.connection.busy_timeout(patience)?;
        let whole = self.copied(mode);
        self.connection.busy_timeout(super::PATIENCE)?;
        whole
    }

    /// Makes a checkpoint; `false`: readers still need a part of the log.
    fn copied(&self, mode: &str) -> rusqlite::Result<bool> {
        self.connection.query_row(&format!("PRAGMA wal_checkpoint({mode})"), (), |row| {
            let (busy, frames, copied): (bool, i64, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            Ok(!busy && frames == copied)
        })
    }
}

/// The next step of the writer.
enum Next {
    Job(Job),
    /// Nothing was written for a while.
    Idle,
    /// The journal is closed.
    End,
}

/// Takes the waiting jobs, up to the size of a group. The callers of the last group often come
/// again together: the first of them lets the others arrive, which would otherwise wait for a whole
/// commit.
fn gather(first: Job, queue: &mut mpsc::Receiver<Job>, last: usize) -> Vec<Job> {
    let mut bytes = first.bytes();
    let mut jobs = vec![first];
    let mut yields = 0;
    while bytes < GROUP_BYTES {
        if let Ok(job) = queue.try_recv() {
            bytes += job.bytes();
            jobs.push(job);
        } else if jobs.len() < last && yields < MAX_YIELDS {
            yields += 1;
            std::thread::yield_now();
        } else {
            break;
        }
    }
    jobs
}
