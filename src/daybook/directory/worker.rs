//! Syncs of a running server: one after the other, on a thread of their own.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use anyhow::Result;
use ldap::Snapshot;
use schemas::Operator;
use service::{Service, authority::AuthorityFigures, clock};
use tokio::{runtime, sync::oneshot, time::timeout};

use super::{
    plan::{HeldBack, Roles, VIA},
    settings,
    sync::{self, Options, Report},
};
use crate::{config::Config, control::client::Control, machine};

/// Time that a sync has to end when the server stops. A part that was carried out is complete in
/// itself.
const GRACE: Duration = Duration::from_secs(10);

/// The syncs of a server, until they are stopped.
#[derive(Debug)]
pub(crate) struct Syncs {
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Syncs {
    /// Begins to sync; `None` if the settings ask for none. To be called in the runtime of the
    /// process.
    pub(crate) fn start(
        config: &Config,
        service: &Arc<Service>,
        figures: Arc<AuthorityFigures>,
    ) -> Result<Option<Self>> {
        let pause = Duration::from_secs(config.directory.sync_seconds);
        let Some(settings) = settings::of(config)?.filter(|_| !pause.is_zero()) else { return Ok(None) };
        let worker = Worker {
            directory: ldap::Directory::new(settings)?,
            control: Control::Within(Arc::clone(service), operator()),
            service: Arc::clone(service),
            local: settings::local(config),
            roles: settings::roles(config),
            figures,
            before: None,
            complaint: String::new(),
        };
        let (stop, stopped) = oneshot::channel();
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        let run = move || runtime.block_on(worker.run(pause, stopped));
        Ok(Some(Self { stop, thread: thread::Builder::new().name("directory".to_owned()).spawn(run)? }))
    }

    /// Ends the syncs, and waits a bounded time for the one that is carried out.
    pub(crate) async fn stop(self) {
        let Self { stop, thread } = self;
        let _ = stop.send(());
        let ended = tokio::task::spawn_blocking(|| thread.join());
        if timeout(GRACE, ended).await.is_err() {
            tracing::warn!("a sync with the directory was interrupted, because the server stops");
        }
    }
}

/// The server as the operator of a sync that it starts by itself.
fn operator() -> Operator {
    Operator { uid: None, login: VIA.to_owned(), host: machine::name() }
}

struct Worker {
    directory: ldap::Directory,
    control: Control,
    service: Arc<Service>,
    /// Names of accounts that are this server's alone, in lower case.
    local: BTreeSet<String>,
    roles: Roles,
    figures: Arc<AuthorityFigures>,
    /// The answer of the directory, and the principals after the last sync.
    before: Option<(Snapshot, Arc<projections::Directory>)>,
    /// The last message that was logged, so that it is not repeated every minute.
    complaint: String,
}

impl Worker {
    async fn run(mut self, pause: Duration, mut stopped: oneshot::Receiver<()>) {
        loop {
            self.sync().await;
            if timeout(pause, &mut stopped).await.is_ok() {
                return;
            }
        }
    }

    async fn sync(&mut self) {
        let set = |figure: &AtomicU64, value| figure.store(value, Ordering::Relaxed);
        match self.synced().await {
            Ok(report) => {
                self.figures.syncs.fetch_add(1, Ordering::Relaxed);
                set(&self.figures.held_back, 0);
                set(&self.figures.last_sync_seconds, u64::try_from(clock::now().seconds()).unwrap_or_default());
                self.log(&report);
            }
            Err(error) => {
                self.figures.failed_syncs.fetch_add(1, Ordering::Relaxed);
                set(&self.figures.held_back, u64::from(error.is::<HeldBack>()));
                let why = format!("{error:#}");
                self.complain(&why, || tracing::error!(why, "the directory was not synced"));
            }
        }
    }

    async fn synced(&mut self) -> Result<Report> {
        let (_, snapshot) = self.directory.read(clock::now().seconds()).await?;
        let registered = self.service.models().directory();
        if let Some((before, directory)) = &self.before
            && *before == snapshot
            && Arc::ptr_eq(directory, &registered)
        {
            return Ok(Report { left_out: before.left_out.clone(), ..Report::default() });
        }
        self.before = None;
        let options = Options { dry_run: false, local: &self.local, roles: &self.roles, may_disable_many: false };
        let report = sync::run(&mut self.control, &snapshot, &options).await?;
        // Where something was refused, the next sync tries again.
        if report.left_out == snapshot.left_out {
            self.before = Some((snapshot, self.service.models().directory()));
        }
        Ok(report)
    }

    fn log(&mut self, report: &Report) {
        for outcome in &report.outcomes {
            let changes: Vec<_> = outcome.changes.iter().map(|change| change.what.as_str()).collect();
            tracing::info!(name = outcome.name, new = outcome.is_new, changes = changes.join(", "), "synced");
        }
        let why = report.left_out.join("; ");
        self.complain(&why, || tracing::warn!(why, "entries of the directory were left out"));
    }

    /// Logs a complaint if it is another one than before.
    fn complain(&mut self, why: &str, log: impl Fn()) {
        if !why.is_empty() && self.complaint != why {
            log();
        }
        why.clone_into(&mut self.complaint);
    }
}
