//! The writer thread, through which all writes go.
//!
//! **Invariant:** waiting appends are committed together, as a group of bounded size with one
//! fsync. The events of a group are acknowledged, and delivered to subscriptions, only after the
//! group is durable and the path was seen to lead to the file still. If a group fails, all its
//! appends fail: with an unknown outcome, or because the disk is full or the file was removed.
//! Callers may retry with the same ids.

mod checkpoint;

use std::{fs, io, path::PathBuf, sync::Arc, thread::JoinHandle, time::Duration};

use rusqlite::Connection;
use schemas::Position;
use tokio::{
    runtime::Runtime,
    sync::{mpsc, oneshot, watch},
};

use super::{
    group::{self, Batch, Before, Committed},
    lock::{Lock, with_suffix},
    witness::Witness,
};
use crate::{AppendError, Appended, Clock, Failure, limits::GROUP_BYTES, placement::Admitted, tail::Tail};

/// Maximum number of waiting jobs. A further caller waits until there is room in the queue.
const QUEUE_JOBS: usize = 256;
/// Bytes that are written before the next checkpoint is made. A short write-ahead log loses less if
/// it is damaged.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;
/// Time without writes after which the write-ahead log is checkpointed.
const IDLE: Duration = Duration::from_secs(2);
/// Estimate of the bytes that a commit adds to the write-ahead log in addition to the events,
/// because SQLite writes whole pages.
const COMMIT_OVERHEAD_BYTES: usize = 64 * 1024;
/// Bytes that must fit on the disk before appends are expected to succeed again.
const PROBE_BYTES: usize = 512 * 1024;
/// Maximum number of times that the writer yields to wait for further appends, if fewer arrived
/// than the last time. This takes far less time than a commit.
const MAX_YIELDS: usize = 100;

type Answers = Vec<Result<Appended, AppendError>>;

/// The appends of one caller. A job without appends asks whether the journal can be written.
#[derive(Debug)]
struct Job {
    appends: Batch,
    answer: oneshot::Sender<Answers>,
}

impl Job {
    fn bytes(&self) -> usize {
        self.appends.admitted().map(|admitted| admitted.bytes).sum()
    }
}

/// The handle to the writer thread. Dropping the handle waits until every job is answered and the
/// file is closed.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    head: watch::Receiver<Position>,
    /// The failure of the last group or probe; `None` if it succeeded, or there was none yet.
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

    /// Returns a receiver of the position of the last durable event.
    pub(super) fn head(&self) -> &watch::Receiver<Position> {
        &self.head
    }

    /// Checks that the journal's path still leads to the file that is open. If the last group could
    /// not be stored, also checks that the next one can be.
    pub(super) async fn is_writable(&self) -> Result<(), Failure> {
        if !self.lock.is_in_place() {
            return Err(Failure::Vanished(self.lock.path().to_owned()));
        }
        if self.trouble.borrow().is_none() {
            return Ok(());
        }
        self.send(Batch::Each(vec![])).await;
        self.trouble.borrow().clone().map_or(Ok(()), Err)
    }

    pub(super) async fn append(&self, appends: Vec<Result<Admitted, AppendError>>) -> Answers {
        if appends.is_empty() { vec![] } else { self.send(Batch::Each(appends)).await }
    }

    /// Stores all appends, or none and returns the first refusal.
    pub(super) async fn append_together(&self, appends: Vec<Admitted>) -> Result<Vec<Appended>, AppendError> {
        if appends.is_empty() { Ok(vec![]) } else { self.send(Batch::Together(appends)).await.into_iter().collect() }
    }

    async fn send(&self, appends: Batch) -> Answers {
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
            tracing::error!("the thread that writes the journal had crashed because of a bug; please report it");
        }
    }
}

/// The state of the writer thread.
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
    /// Path of the write-ahead log.
    log: PathBuf,
    /// True after a group was committed to a file that the journal's path no longer led to.
    has_vanished: bool,
    /// Estimate of the bytes written since the last checkpoint, plus 1 if that was not complete, so
    /// that another one follows.
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

    /// Waits for the next job; at most [`IDLE`] if something was written since the last complete
    /// checkpoint.
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

    fn write(&mut self, jobs: Vec<Job>) {
        self.unchecked += jobs.iter().map(Job::bytes).sum::<usize>() + COMMIT_OVERHEAD_BYTES;
        let (appends, callers): (Vec<_>, Vec<_>) = jobs
            .into_iter()
            .map(|Job { appends, answer }| {
                let count = appends.len();
                (appends, (answer, count))
            })
            .unzip();
        let stored = if self.has_vanished {
            // Appends stay refused even if the file is back: the file holds appends that were
            // answered with an error, and that no read model has seen.
            Err(self.vanished())
        } else if callers.iter().all(|(_, count)| *count == 0) {
            self.probe().map(|()| vec![])
        } else {
            let committed = group::commit(&mut self.connection, &self.clock, self.before, appends);
            // The path is checked after the commit: data written to a file without a name would be
            // lost when the process ends.
            committed.map_err(Failure::from).and_then(|committed| self.in_place().map(|()| self.publish(committed)))
        };
        self.trouble.send_replace(stored.as_ref().err().cloned());
        let answers = stored.unwrap_or_else(|failure| {
            tracing::error!(%failure, "the journal cannot store events; requests that write are answered with an \
                error");
            vec![Err(AppendError::Unavailable(failure)); callers.iter().map(|(_, count)| count).sum()]
        });
        let mut answers = answers.into_iter();
        for (answer, count) in callers {
            // The caller may be gone and then needs no answer.
            drop(answer.send(answers.by_ref().take(count).collect()));
        }
    }

    /// Checks that the disk has room for [`PROBE_BYTES`], and that the journal can be written.
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
}

/// The next step of the writer.
enum Next {
    Job(Job),
    /// No job arrived for the time [`IDLE`].
    Idle,
    /// The journal was closed.
    End,
}

/// Takes the waiting jobs, up to the size of a group. The callers of the last group, which had
/// `last` jobs, often send their next appends at the same time. The writer yields shortly so that
/// they all arrive: otherwise the late ones would have to wait for a whole commit.
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
