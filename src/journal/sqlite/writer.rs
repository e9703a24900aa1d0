//! The one thread that writes.
//!
//! **Invariant:** everything that waits is committed together, with one fsync; nothing is answered or shown before
//! it is durable. A group that failed is answered "unknown": whoever repeats it with the same ids is safe.

use std::{io, mem, sync::Arc, thread::JoinHandle};

use rusqlite::Connection;
use schemas::Position;
use tokio::sync::{mpsc, oneshot, watch};

use super::{
    group::{self, Committed},
    lock::Lock,
};
use crate::{AppendError, Appended, Failure, limits::GROUP_BYTES, placement::Admitted, tail::Tail};

/// Callers that may wait before the next one waits for them.
const QUEUE_JOBS: usize = 256;
/// How much is written between two checkpoints of the write-ahead log.
const CHECKPOINT_BYTES: usize = 16 * 1024 * 1024;
/// What a commit costs in the write-ahead log beside the events: pages that are written whole.
const COMMIT_OVERHEAD_BYTES: usize = 64 * 1024;
/// How often the writer lets others run before it commits fewer appends than the last time: far less than a commit.
const MAX_YIELDS: usize = 100;

type Answers = Vec<Result<Appended, AppendError>>;

/// Appends of one caller.
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

/// The handle. Dropping it waits until everything handed over is answered and the file is closed.
#[derive(Debug)]
pub(super) struct Writer {
    jobs: Option<mpsc::Sender<Job>>,
    head: watch::Receiver<Position>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    pub(super) fn start(connection: Connection, lock: Lock, tail: Arc<Tail>, at: Position) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE_JOBS);
        let (publish, head) = watch::channel(at);
        let desk = Desk { connection, tail, head: publish, unchecked: 0 };
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || {
            desk.serve(queue);
            drop(lock);
        })?;
        Ok(Self { jobs: Some(jobs), head, thread: Some(thread) })
    }

    /// The position of the last durable event, now and as it grows.
    pub(super) fn head(&self) -> &watch::Receiver<Position> {
        &self.head
    }

    pub(super) async fn append(&self, appends: Vec<Result<Admitted, AppendError>>) -> Answers {
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

/// What the thread works with.
#[derive(Debug)]
struct Desk {
    connection: Connection,
    tail: Arc<Tail>,
    head: watch::Sender<Position>,
    /// Bytes written since the last checkpoint, about.
    unchecked: usize,
}

impl Desk {
    fn serve(mut self, mut queue: mpsc::Receiver<Job>) {
        let mut last = 1;
        while let Some(first) = queue.blocking_recv() {
            let jobs = gather(first, &mut queue, last);
            last = jobs.len();
            self.write(jobs);
            // After the answers: nobody waits for it.
            if self.unchecked > CHECKPOINT_BYTES {
                self.checkpoint();
            }
        }
    }

    fn write(&mut self, mut jobs: Vec<Job>) {
        let counts: Vec<_> = jobs.iter().map(|job| job.appends.len()).collect();
        self.unchecked += jobs.iter().map(Job::bytes).sum::<usize>() + COMMIT_OVERHEAD_BYTES;
        let appends = jobs.iter_mut().flat_map(|job| mem::take(&mut job.appends));
        let answers = match group::commit(&mut self.connection, appends) {
            Ok(committed) => self.publish(committed),
            Err(cause) => {
                tracing::error!(%cause, "the journal could not store a group of appends");
                let failure = Failure::storage(cause);
                vec![Err(AppendError::Unavailable(failure)); counts.iter().sum()]
            }
        };
        let mut answers = answers.into_iter();
        for (job, count) in jobs.into_iter().zip(counts) {
            // A caller that went away needs no answer.
            drop(job.answer.send(answers.by_ref().take(count).collect()));
        }
    }

    fn publish(&self, Committed { answers, events }: Committed) -> Answers {
        if let Some(last) = events.last() {
            let position = last.position;
            self.tail.push(events);
            self.head.send_replace(position);
        }
        answers
    }

    /// Copies the write-ahead log into the file as far as no reader needs it.
    fn checkpoint(&mut self) {
        match self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(())) {
            Ok(()) => self.unchecked = 0,
            Err(cause) => tracing::warn!(%cause, "the journal's write-ahead log grows until a checkpoint succeeds"),
        }
    }
}

/// Takes what waits, up to the size of a group. The callers of the last group often come again together: the first
/// of them lets the others arrive, for they would wait a whole commit.
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
