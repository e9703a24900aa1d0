//! The regular syncs of a running server, one after the other, on a separate thread.

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

/// The time for which the server waits for a running sync when it stops. After it, the sync is
/// interrupted. Every change that was stored by then is complete in itself.
const GRACE: Duration = Duration::from_secs(10);

/// A handle with which the server stops its regular syncs.
#[derive(Debug)]
pub(crate) struct Syncs {
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<()>,
}

impl Syncs {
    /// Starts the regular syncs; `None` if the settings name no directory, or
    /// `directory.sync_seconds` is 0. The caller must be in the Tokio runtime of the process.
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

    /// Ends the syncs, and waits for a running one, at most [`GRACE`].
    pub(crate) async fn stop(self) {
        let Self { stop, thread } = self;
        let _ = stop.send(());
        let ended = tokio::task::spawn_blocking(|| thread.join());
        if timeout(GRACE, ended).await.is_err() {
            tracing::warn!(
                "a sync with the directory was interrupted, because the server stops; the next sync makes the \
                 remaining changes"
            );
        }
    }
}

/// Returns the operator of a sync that the server starts itself.
fn operator() -> Operator {
    Operator { uid: None, login: VIA.to_owned(), host: machine::name() }
}

struct Worker {
    directory: ldap::Directory,
    control: Control,
    service: Arc<Service>,
    /// The names of accounts that only this server has, in lower case.
    local: BTreeSet<String>,
    roles: Roles,
    figures: Arc<AuthorityFigures>,
    /// The snapshot of the directory and the principals after the last complete sync. If both are
    /// unchanged, the next sync is skipped.
    before: Option<(Snapshot, Arc<projections::Directory>)>,
    /// The last logged problem, so that it is not logged again every time.
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
                self.complain(&why, || tracing::error!(why, "the accounts were not synced with the directory"));
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
        // If something was refused, the next sync is not skipped, and tries again.
        if report.left_out == snapshot.left_out {
            self.before = Some((snapshot, self.service.models().directory()));
        }
        Ok(report)
    }

    fn log(&mut self, report: &Report) {
        for outcome in &report.outcomes {
            let changes: Vec<_> = outcome.changes.iter().map(|change| change.what.as_str()).collect();
            tracing::info!(
                name = outcome.name,
                new = outcome.is_new,
                changes = changes.join(", "),
                "an account was synced with the directory"
            );
        }
        let why = report.left_out.join("; ");
        self.complain(&why, || {
            tracing::warn!(why, "a sync with the directory left out entries or changes; `why` names them");
        });
    }

    /// Calls `log` for the problem `why`, unless the problem is empty or the same as the last one.
    fn complain(&mut self, why: &str, log: impl Fn()) {
        if !why.is_empty() && self.complaint != why {
            log();
        }
        why.clone_into(&mut self.complaint);
    }
}
