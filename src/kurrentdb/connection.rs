//! The supervisor of the client library: every operation except the live subscription goes through
//! it.
//!
//! **Invariant:** every operation ends, with an answer or an error. The client object of the
//! library recovers neither from a refused first connection nor from the death of its node, so it
//! is then replaced by a new one. Operations are retried, so each must be idempotent.

use std::{
    fmt,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use eventstore::{Client, ClientSettings, Error};
use tokio::{
    runtime::Handle,
    sync::Semaphore,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{Patience, backoff::Backoff};
use journal::{Failure, Figure};

/// Maximum number of concurrent operations; further ones wait. The client library never sets
/// `TCP_NODELAY`, so a single operation can take 40 ms, and throughput needs many at once.
const IN_FLIGHT: usize = 64;
/// Number of failures in a row after which the client object of the library is replaced. A
/// [`Nature::Hopeless`] error replaces it immediately.
const REBUILD_AFTER: u32 = 3;

pub(super) struct Connection {
    settings: ClientSettings,
    patience: Patience,
    runtime: Handle,
    current: Mutex<Current>,
    permits: Semaphore,
    pub figures: Figures,
}

struct Current {
    client: Client,
    generation: u64,
    failures: u32,
}

/// Counters of retries and replaced connections, for operators.
#[derive(Debug, Default)]
pub(super) struct Figures {
    retries: AtomicU64,
    rebuilds: AtomicU64,
    pub resubscriptions: AtomicU64,
}

/// Kinds of errors of KurrentDB operations, by their consequence for the client object.
#[derive(Debug, PartialEq, Eq)]
enum Nature {
    /// The error is returned without a retry.
    Final,
    /// A retry may succeed.
    Passing,
    /// No retry will succeed with this client object: it must be replaced.
    Hopeless,
}

impl Connection {
    pub(super) fn new(settings: ClientSettings, patience: Patience, runtime: Handle) -> Result<Self, Failure> {
        let client = client(&settings, &runtime)?;
        let current = Mutex::new(Current { client, generation: 0, failures: 0 });
        let (permits, figures) = (Semaphore::new(IN_FLIGHT), Figures::default());
        Ok(Self { settings, patience, runtime, current, permits, figures })
    }

    /// Runs an operation, with retries, until there is an answer or a [`Nature::Final`] error, or
    /// its timeout is over. Then returns the last error.
    pub(super) async fn call<T, F>(&self, operation: impl Fn(Client) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let deadline = Instant::now() + self.patience.operation;
        let Ok(Ok(_permit)) = timeout_at(deadline, self.permits.acquire()).await else {
            return Err(Error::DeadlineExceeded);
        };
        let mut backoff = Backoff::default();
        loop {
            let (client, generation) = self.current();
            let error = match timeout(self.patience.answer, operation(client)).await {
                Ok(Ok(answer)) => {
                    self.succeeded(generation);
                    return Ok(answer);
                }
                Ok(Err(error)) => error,
                Err(_) => Error::DeadlineExceeded,
            };
            let nature = nature(&error);
            if nature == Nature::Final {
                self.succeeded(generation);
                return Err(error);
            }
            self.failed(generation, &nature, &error);
            let pause = backoff.next();
            if Instant::now() + pause >= deadline {
                return Err(error);
            }
            self.figures.retries.fetch_add(1, Ordering::Relaxed);
            sleep(pause).await;
        }
    }

    pub(super) fn figures(&self) -> Vec<Figure> {
        let Figures { retries, rebuilds, resubscriptions } = &self.figures;
        let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let in_flight = (IN_FLIGHT - self.permits.available_permits()) as u64;
        vec![
            Figure::counter("retries", "Operations on KurrentDB that failed and were repeated", count(retries)),
            Figure::counter("client_rebuilds", "Connections to KurrentDB that replaced a failed one", count(rebuilds)),
            Figure::counter(
                "resubscriptions",
                "Subscriptions to KurrentDB that were interrupted and started again",
                count(resubscriptions),
            ),
            Figure::gauge(
                "operations_in_flight",
                "Operations on KurrentDB that are waiting for an answer now",
                in_flight,
            ),
        ]
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        // No change of `current` can panic halfway, so it is consistent even if the lock is
        // poisoned.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn current(&self) -> (Client, u64) {
        let current = self.lock();
        (current.client.clone(), current.generation)
    }

    fn succeeded(&self, generation: u64) {
        let mut current = self.lock();
        if current.generation == generation {
            current.failures = 0;
        }
    }

    /// Replaces the client object after a [`Nature::Hopeless`] error, and after [`REBUILD_AFTER`]
    /// failures in a row. If many operations fail with one client object, only one of them replaces
    /// it. `generation` is the number of the client object that the failed operation used.
    fn failed(&self, generation: u64, nature: &Nature, error: &Error) {
        tracing::warn!(%error, "a request to KurrentDB failed; it is retried until its time limit is over");
        let mut current = self.lock();
        if current.generation != generation {
            return;
        }
        current.failures += 1;
        if *nature == Nature::Passing && current.failures < REBUILD_AFTER {
            return;
        }
        match client(&self.settings, &self.runtime) {
            Ok(client) => {
                *current = Current { client, generation: generation + 1, failures: 0 };
                self.figures.rebuilds.fetch_add(1, Ordering::Relaxed);
            }
            Err(cause) => tracing::error!(%cause, "cannot replace the KurrentDB client; check the connection string"),
        }
    }
}

/// Returns a client object of the library, which connects at its first operation.
pub(super) fn client(settings: &ClientSettings, runtime: &Handle) -> Result<Client, Failure> {
    Client::with_runtime_handle(runtime.clone(), settings.clone()).map_err(Failure::storage)
}

fn nature(error: &Error) -> Nature {
    match error {
        Error::ConnectionClosed | Error::GrpcConnectionError(_) | Error::DeadlineExceeded => Nature::Hopeless,
        Error::ServerError(_) | Error::NotLeaderException(_) => Nature::Passing,
        Error::Grpc { message, .. } if !is_too_large(message) => Nature::Passing,
        _ => Nature::Final,
    }
}

/// Returns true if KurrentDB refused an append as too large. This is recognised by the message,
/// because the client library passes on nothing else.
pub(super) fn is_too_large(message: &str) -> bool {
    message.starts_with("Maximum Append Size")
}

/// Converts an error of the client library to a failure of the journal's port.
pub(super) fn failure(error: Error) -> Failure {
    match nature(&error) {
        Nature::Final => Failure::storage(error),
        Nature::Passing | Nature::Hopeless => Failure::unreachable(error),
    }
}

impl Figures {
    pub(super) fn resubscribed(&self) {
        self.resubscriptions.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Debug for Connection {
    /// Omits the settings, which contain a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("figures", &self.figures).finish_non_exhaustive()
    }
}
