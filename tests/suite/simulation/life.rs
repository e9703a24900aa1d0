//! One process, from its start to its shutdown or crash.

use std::{fs, path::Path, sync::Arc, time::Duration};

use journal::{Journal as _, memory::Memory};
use projections::ReadModels;
use service::{Service, Settings};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::{
    faulty::{Crash, Faulty},
    history::{History, Patience},
};

/// A simulation that waits this long has failed.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long a message waits until it is redelivered.
const REDELIVERY: Duration = Duration::from_millis(30);
const TURN: Duration = Duration::from_micros(200);

pub struct Life {
    runtime: Runtime,
    journal: Arc<Faulty>,
    pub service: Arc<Service>,
}

/// The outcome of an action.
pub enum Lived<T> {
    On(T),
    Died,
}

impl Life {
    /// Starts on the files that earlier lives left in `folder`. `number` counts the lives.
    pub fn begin(memory: &Arc<Memory>, folder: &Path, history: &History, number: u64) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let head = runtime.block_on(memory.head()).expect("memory answers");
        let behaviour = (history.weather, history.lag);
        let journal = Arc::new(Faulty::new(Arc::clone(memory), history.seed ^ number, behaviour, head));
        let settings = Settings {
            delivery_wait: match history.patience {
                Patience::UntilDelivered => PATIENCE,
                Patience::None => Duration::ZERO,
            },
            read_models_wait: PATIENCE,
            // A low limit leaves many messages to redelivery.
            delivery_rounds: if history.seed.is_multiple_of(4) { 2 } else { Settings::default().delivery_rounds },
            redelivery_delay: REDELIVERY,
            past_delay: TURN,
            // Some gather refreshes, some do not.
            refresh_delay: if history.seed.is_multiple_of(3) { Duration::ZERO } else { REDELIVERY },
            removal_delay: if history.seed.is_multiple_of(5) { Duration::ZERO } else { REDELIVERY },
            outbox: Some(outbox(folder)),
            ..Settings::default()
        };
        let (models, projector) = ReadModels::open(&read_models(folder)).expect("the read models open");
        let service = runtime.block_on(async {
            let service =
                Service::start(journal.clone(), models, projector, settings).await.expect("the service starts");
            service.caught_up().await.expect("the read models catch up");
            service
        });
        Self { runtime, journal, service }
    }

    /// Performs an action; with `crash`, the process may die during it.
    pub fn run<T>(&self, crash: Option<Crash>, something: impl Future<Output = T>) -> Lived<T> {
        self.journal.crash(crash);
        let lived = self.runtime.block_on(async {
            let something = tokio::time::timeout(PATIENCE, something);
            tokio::select! {
                () = self.journal.died.notified() => Lived::Died,
                done = something => Lived::On(done.expect("nothing takes so long: it hangs")),
            }
        });
        self.journal.crash(None);
        lived
    }

    /// Waits until every message has arrived. Returns `false` if that does not happen.
    pub fn settle(&self) -> bool {
        self.journal.clear_up();
        self.runtime.block_on(async {
            let delivered = async {
                while !self.service.is_at_rest().await.expect("the journal is read") {
                    tokio::time::sleep(TURN).await;
                }
                let head = self.service.head().await.expect("the journal is read");
                self.service.models().wait_for_past(head, PATIENCE).await.expect("the journal is read");
            };
            tokio::time::timeout(PATIENCE, delivered).await.is_ok()
        })
    }

    /// Shuts down.
    pub fn end(self) {
        self.service.close();
        self.die();
    }

    /// Every task that is still running ends here.
    pub fn die(self) {
        self.runtime.block_on(self.service.end());
    }
}

/// A folder in memory if the system has one: nothing in these tests depends on a disk.
pub fn place() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

pub fn forget_read_models(folder: &Path) {
    fs::remove_dir_all(read_models(folder)).expect("the read models are removed");
}

pub fn forget_checkpoint(folder: &Path) {
    // No file exists before the first life has ended.
    drop(fs::remove_file(outbox(folder)));
}

fn read_models(folder: &Path) -> std::path::PathBuf {
    folder.join("read-models")
}

fn outbox(folder: &Path) -> std::path::PathBuf {
    folder.join("outbox.json")
}
