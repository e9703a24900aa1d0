//! One process: from its start to its end or its death.

use std::{fs, path::Path, sync::Arc, time::Duration};

use journal::memory::Memory;
use projections::ReadModels;
use service::{Service, Settings};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use super::{
    faulty::{Crash, Faulty},
    history::{History, Patience},
};

/// A simulation that waits as long hangs.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long a message waits until it is carried again.
const AGAIN: Duration = Duration::from_millis(30);
const TURN: Duration = Duration::from_micros(200);

pub struct Life {
    runtime: Runtime,
    journal: Arc<Faulty>,
    pub service: Arc<Service>,
}

/// What became of something that was tried.
pub enum Lived<T> {
    On(T),
    Died,
}

impl Life {
    /// Starts on what earlier lives left in `folder`. `number`: which life it is.
    pub fn begin(memory: &Arc<Memory>, folder: &Path, history: &History, number: u64) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let journal = Arc::new(Faulty::new(Arc::clone(memory), history.seed ^ number, history.weather));
        let settings = Settings {
            delivery_wait: match history.patience {
                Patience::UntilDelivered => PATIENCE,
                Patience::None => Duration::ZERO,
            },
            read_models_wait: PATIENCE,
            // With few, much is left to be carried again.
            delivery_waves: if history.seed.is_multiple_of(4) { 2 } else { Settings::default().delivery_waves },
            delivery_again: AGAIN,
            delivery_checkpoint: Some(checkpoint(folder)),
            ..Settings::default()
        };
        let (models, feed) = ReadModels::open(&read_models(folder)).expect("the read models open");
        let service = runtime.block_on(async {
            let service = Service::start(journal.clone(), models, feed, settings).await.expect("the service starts");
            service.caught_up().await.expect("the read models catch up");
            service
        });
        Self { runtime, journal, service }
    }

    /// Does something; with `crash`, the process may die over it.
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

    /// Waits until every message has arrived; `false`: that does not happen.
    pub fn settle(&self) -> bool {
        self.journal.clear_up();
        self.runtime.block_on(async {
            let delivered = async {
                while !self.service.is_at_rest().await.expect("the journal is read") {
                    tokio::time::sleep(TURN).await;
                }
            };
            tokio::time::timeout(PATIENCE, delivered).await.is_ok()
        })
    }

    /// Ends in order.
    pub fn end(self) {
        self.service.close();
        self.die();
    }

    /// Whatever is under way ends here.
    pub fn die(self) {
        self.runtime.block_on(self.service.end());
    }
}

/// A folder in memory, where there is such a thing: none of what is tried here depends on a disk.
pub fn place() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder")
}

pub fn forget_read_models(folder: &Path) {
    fs::remove_dir_all(read_models(folder)).expect("the read models are removed");
}

pub fn forget_checkpoint(folder: &Path) {
    // There is none before the first life has ended.
    drop(fs::remove_file(checkpoint(folder)));
}

fn read_models(folder: &Path) -> std::path::PathBuf {
    folder.join("read-models")
}

fn checkpoint(folder: &Path) -> std::path::PathBuf {
    folder.join("delivery.position")
}
