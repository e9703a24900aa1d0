//! A life: the servers that share a journal, from their start to their shutdown or crash.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use journal::{Journal as _, memory::Memory};
use projections::ReadModels;
use service::{Service, Settings};
use tempfile::TempDir;
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
};

use super::{
    faulty::{Crash, Faulty},
    history::{History, Patience},
};

/// The maximum time for each wait. A longer wait is a failure.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The delay before a message is delivered again.
const REDELIVERY: Duration = Duration::from_millis(30);
const TURN: Duration = Duration::from_micros(200);

pub struct Life {
    runtime: Runtime,
    nodes: Vec<Node>,
}

/// A server that uses the journal.
struct Node {
    journal: Arc<Faulty>,
    service: Arc<Service>,
}

/// The result of an action: it ended, or the server died.
pub enum Lived<T> {
    On(T),
    Died,
}

impl Life {
    /// Starts the servers with the files that earlier lives left in `folder`. `number` is the
    /// number of this life.
    pub fn begin(memory: &Arc<Memory>, folder: &Path, history: &History, number: u64) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let head = watch::Sender::new(runtime.block_on(memory.head()).expect("memory answers"));
        let nodes = (0..history.nodes).map(|node| {
            let journal = Faulty::new(Arc::clone(memory), seed(history, number, node), history, head.clone());
            runtime.block_on(Node::begin(journal, &place_of(folder, node), history))
        });
        Self { nodes: nodes.collect(), runtime }
    }

    /// Starts a new server in place of one that died. `number` is the number of its life.
    pub fn replace(&mut self, node: usize, folder: &Path, history: &History, number: u64) {
        let dead = &self.nodes[node];
        self.runtime.block_on(dead.service.end());
        let journal = dead.journal.next(seed(history, number, node), history);
        self.nodes[node] = self.runtime.block_on(Node::begin(journal, &place_of(folder, node), history));
    }

    pub fn service(&self, node: usize) -> &Arc<Service> {
        &self.nodes[node].service
    }

    pub fn services(&self) -> impl Iterator<Item = &Arc<Service>> {
        self.nodes.iter().map(|node| &node.service)
    }

    /// Performs an action on a server. With `crash`, this server may die during the action.
    pub fn run<T>(&self, node: usize, crash: Option<Crash>, something: impl Future<Output = T>) -> Lived<T> {
        let journal = &self.nodes[node].journal;
        journal.crash(crash);
        let lived = self.runtime.block_on(async {
            let something = tokio::time::timeout(PATIENCE, something);
            tokio::select! {
                () = journal.died.notified() => Lived::Died,
                done = something => Lived::On(done.expect("nothing takes so long: it hangs")),
            }
        });
        journal.crash(None);
        lived
    }

    /// Waits until every message has arrived. Returns false if that takes longer than `PATIENCE`.
    pub fn settle(&self) -> bool {
        self.nodes.iter().for_each(|node| node.journal.clear_up());
        let delivered = async {
            while !self.is_at_rest().await {
                tokio::time::sleep(TURN).await;
            }
            for service in self.services() {
                let head = service.head().await.expect("the journal is read");
                service.models().wait_for_past(head, PATIENCE).await.expect("the journal is read");
            }
        };
        self.runtime.block_on(async { tokio::time::timeout(PATIENCE, delivered).await.is_ok() })
    }

    async fn is_at_rest(&self) -> bool {
        for service in self.services().chain(self.services().take(self.nodes.len() - 1)) {
            if !service.is_at_rest().await.expect("the journal is read") {
                return false;
            }
        }
        true
    }

    /// Shuts all servers down.
    pub fn end(self) {
        self.services().for_each(|service| service.close());
        self.die();
    }

    /// Ends every task of the servers that is still running.
    pub fn die(self) {
        self.runtime.block_on(async {
            for service in self.services() {
                service.end().await;
            }
        });
    }
}

impl Node {
    async fn begin(journal: Faulty, folder: &Path, history: &History) -> Self {
        let journal = Arc::new(journal);
        let settings = Settings {
            delivery_wait: match history.patience {
                Patience::UntilDelivered => PATIENCE,
                Patience::None => Duration::ZERO,
            },
            read_models_wait: PATIENCE,
            // With a low limit, many messages need redelivery.
            delivery_rounds: if history.seed.is_multiple_of(4) { 2 } else { Settings::default().delivery_rounds },
            redelivery_delay: REDELIVERY,
            past_delay: TURN,
            // Some histories gather refreshes, and some do not.
            refresh_delay: if history.seed.is_multiple_of(3) { Duration::ZERO } else { REDELIVERY },
            // Only a single server can withdraw messages: with several servers, another one could
            // deliver the message at the same time, which the journal does not prevent.
            removal_delay: if history.nodes > 1 || history.seed.is_multiple_of(5) {
                Duration::ZERO
            } else {
                REDELIVERY
            },
            outbox: Some(outbox(folder)),
            ..Settings::default()
        };
        let (models, projector) = ReadModels::open(&read_models(folder)).expect("the read models open");
        let service = Service::start(journal.clone(), models, projector, settings).await.expect("the service starts");
        service.caught_up().await.expect("the read models catch up");
        Self { journal, service }
    }
}

/// Returns the seed for the faults of one server in one life.
fn seed(history: &History, life: u64, node: usize) -> u64 {
    history.seed ^ life ^ (u64::try_from(node).expect("few servers") << 32)
}

/// Creates a temporary folder, in memory if the system supports that, because these tests do not
/// need a disk.
pub fn place() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

pub fn forget_read_models(folder: &Path) {
    for node in nodes(folder) {
        fs::remove_dir_all(read_models(&node)).expect("the read models are removed");
    }
}

pub fn forget_checkpoint(folder: &Path) {
    for node in nodes(folder) {
        // The result is ignored, because no file exists before the first life has ended.
        drop(fs::remove_file(outbox(&node)));
    }
}

/// Returns the folders of all servers that have run in `folder`.
fn nodes(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).expect("a folder").map(|node| node.expect("a folder").path()).collect()
}

fn place_of(folder: &Path, node: usize) -> PathBuf {
    folder.join(node.to_string())
}

fn read_models(folder: &Path) -> PathBuf {
    folder.join("read-models")
}

fn outbox(folder: &Path) -> PathBuf {
    folder.join("outbox.json")
}
