//! Opens the data folder: the journal and the read models.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use ::projections::{Projector, ReadModels};
use access_journal::Layer;
use anyhow::{Context as _, Result};
use encoding::Keys;
use journal::{Journal, sqlite::OpenError};
use schemas::Position;
use service::{Service, authority::Authorities};
use vault::Vault;

use crate::{
    config::Config,
    engine::{self, Lock},
    permissions, progress, reserve, secrets,
};

/// The maximum number of events that one transaction of [`catch_up`] applies to the read models.
const BATCH_EVENTS: usize = 1_000;
/// The number of times that a command checks if the read models of a running server have reached
/// the head.
const LOOKS: u32 = 40;
/// The time between two such checks.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// The size of a read model's write-ahead log, in bytes, above which [`look_at_once`] reads
/// nothing, so that a process with the right to write can checkpoint the log first.
const LONG_LOG_BYTES: u64 = 4 * 1024 * 1024;

/// The service of an opened data folder, with the lock of the folder.
#[derive(Debug)]
pub(crate) struct Opened {
    pub service: Arc<Service>,
    keys: Option<Arc<Keys>>,
    _lock: Lock,
}

impl Opened {
    /// Returns the layer that encrypts the events of the access journal if the settings ask for it,
    /// and decrypts stored ones.
    pub(crate) fn layer(&self) -> Layer {
        secrets::layer(self.keys.clone())
    }
}

/// The name of the file of the outbox.
pub(crate) const OUTBOX: &str = "outbox.json";
/// The name of the folder of the read models.
pub(crate) const READ_MODELS: &str = "read-models";

/// Returns the path of the outbox, which stores the state of pending and parked messages.
pub(crate) fn outbox(data: &Path, config: &Config) -> PathBuf {
    secrets::derived(data, config).join(OUTBOX)
}

pub(crate) fn read_models_folder(data: &Path, config: &Config) -> PathBuf {
    secrets::derived(data, config).join(READ_MODELS)
}

/// Creates the data folder if it is missing, so that only this user can access it.
pub(crate) fn make_folder(data: &Path) -> Result<()> {
    permissions::make_folder(data).with_context(|| data.display().to_string())
}

/// Opens the folder for writing, and creates it if it is missing. Returns after the read models
/// have applied all events; an error if they cannot.
pub(crate) async fn open(data: &Path, config: &Config) -> Result<Opened> {
    let (opened, held_up) = open_with(data, config, Authorities::default()).await?;
    match held_up {
        Some(why) => anyhow::bail!("the read models cannot be brought up to date with the journal: {why}"),
        None => Ok(opened),
    }
}

/// Opens the folder for a server. `authority` checks the passwords of people whose account is in an
/// LDAP directory. The server starts even if a read model cannot apply all events at present.
pub(crate) async fn open_to_serve(data: &Path, config: &Config, authority: Authorities) -> Result<Opened> {
    let (opened, held_up) = match open_with(data, config, authority.clone()).await {
        Err(cause) if !is_in_use(&cause) && reserve::is_needed(data) => {
            open_on_full_disk(data, config, authority, cause).await?
        }
        opened => opened?,
    };
    reserve::keep(data);
    if let Some(why) = held_up {
        tracing::error!(
            why,
            "the server starts, but refuses writes and some reads, because a read model cannot be updated: make room \
             on the disk, or repair what the reason says; a restart is not needed"
        );
        settle_later(&opened.service);
    }
    Ok(opened)
}

/// True if opening failed because another process has the SQLite journal open. Then only that
/// process may use the [`reserve`].
fn is_in_use(cause: &anyhow::Error) -> bool {
    cause.chain().any(|cause| matches!(cause.downcast_ref(), Some(OpenError::InUse { .. })))
}

/// Opens the folder for a server again, after that failed with `cause` on a full disk. Deletes the
/// [`reserve`] first, for room; an error if there is none.
async fn open_on_full_disk(
    data: &Path,
    config: &Config,
    authority: Authorities,
    cause: anyhow::Error,
) -> Result<(Opened, Option<String>)> {
    let advice = || format!("the disk is full: make room for {}, then start again", data.display());
    if !reserve::release(data) {
        return Err(cause.context(advice()));
    }
    tracing::error!(
        "the disk is full: the server starts with the room that it kept for this, answers requests that only read, and \
         refuses writes until there is room; a restart is not needed then"
    );
    let opened = open_with(data, config, authority).await;
    if opened.is_err() {
        reserve::keep(data);
    }
    opened.with_context(advice)
}

/// Opens the folder for writing. Returns after the read models have applied all events, or with the
/// reason why one of them cannot at present.
async fn open_with(data: &Path, config: &Config, authority: Authorities) -> Result<(Opened, Option<String>)> {
    make_folder(data)?;
    permissions::warn_of_wider(data);
    let (journal, lock) = engine::to_write(data, config).await?;
    let vault: Arc<dyn Vault> = Arc::new(vault::sqlite::open(&secrets::file(data))?);
    let keys = secrets::to_write(&vault, config)?;
    let journal = secrets::encoded(journal, keys.clone(), config);
    secrets::prepare_derived(data, config, &*vault)?;
    let (models, projector) = read_models(data, config)?;
    let settings = service::Settings {
        outbox: Some(outbox(data, config)),
        vault,
        authority,
        scheduling_policy: http::inbox_policy(models.clone()),
        announcer: http::announcer(),
        ..config.service()
    };
    let shown = progress::Shown::until(&*journal, &models).await?;
    let service = Service::start(journal, models, projector, settings).await?;
    let caught_up = service.caught_up_or_held_up().await;
    shown.end();
    let held_up = caught_up.context("the read models cannot be brought up to date with the journal")?;
    if held_up.is_none() {
        settle(&service).await?;
    }
    Ok((Opened { service, keys, _lock: lock }, held_up))
}

/// Moves passwords to the vault and measures how long the checks of imported hashes take. It needs
/// read models that show every account.
async fn settle(service: &Service) -> Result<()> {
    service
        .move_passwords()
        .await
        .context("password hashes in events of earlier versions cannot be moved to the vault")?;
    service
        .measure_hashes()
        .await
        .context("the server cannot measure how long the checks of imported password hashes take")
}

/// Calls [`settle`] in the background as soon as the read models have applied all events.
fn settle_later(service: &Arc<Service>) {
    let service = Arc::downgrade(service);
    tokio::spawn(async move {
        while let Some(service) = service.upgrade() {
            let settled = match service.caught_up_or_held_up().await {
                Ok(Some(_)) => continue,
                Ok(None) => settle(&service).await,
                Err(error) => Err(error.into()),
            };
            match settled {
                Ok(()) => tracing::info!("the read models have caught up with the journal"),
                Err(error) => {
                    tracing::error!("a task of the start of the server failed; the server runs on: {error:#}");
                }
            }
            break;
        }
    });
}

/// Opens the folder for reading, also while a server runs. If no other process has the lock, the
/// read models first apply all events.
pub(crate) async fn look(data: &Path, config: &Config) -> Result<(Arc<dyn Journal>, ReadModels)> {
    let (journal, lock) = engine::to_look(data, config).await?;
    // Another process has the lock, usually a running server, and only it may write the read
    // models.
    if lock.is_none() {
        let models = look_beside(&read_models_folder(data, config), journal.head().await?).await?;
        models.take_hosts(config.hosts());
        return Ok((journal, models));
    }
    make_derived(data, config)?;
    let (models, mut projector) = read_models(data, config)?;
    service::projector::check(&*journal, &mut projector, journal.head().await?).await?;
    catch_up(&*journal, projector, |_| ()).await?;
    Ok((journal, models))
}

/// Opens the folder for questions about the past: as [`look_at_once`] does, or else as [`look`]
/// does.
pub(crate) async fn look_at_past(data: &Path, config: &Config) -> Result<(Arc<dyn Journal>, ReadModels)> {
    match look_at_once(data, config).await? {
        Some(looked) => Ok(looked),
        None => look(data, config).await,
    }
}

/// Opens the folder without writing to it. `None` if that is not enough: the journal is empty, is
/// in KurrentDB, cannot be opened, or does not end at its acknowledged end; the read models cannot
/// be opened, are behind the journal, or have a write-ahead log of more than [`LONG_LOG_BYTES`]; or
/// [`secrets::is_fresh`] returns false.
async fn look_at_once(data: &Path, config: &Config) -> Result<Option<(Arc<dyn Journal>, ReadModels)>> {
    let folder = read_models_folder(data, config);
    if !secrets::is_fresh(data, config)? || has_long_log(&folder) {
        return Ok(None);
    }
    let Ok(journal) = engine::to_read(data, config).await else { return Ok(None) };
    let Some(end) = journal.chain_head().await? else { return Ok(None) };
    if journal.witness().await?.is_some_and(|known| (known.position, known.hash) != (end.position, end.hash)) {
        return Ok(None);
    }
    let Ok(models) = ReadModels::look_at_past(&folder) else { return Ok(None) };
    models.take_hosts(config.hosts());
    let is_shown = service::projector::is_shown(&*journal, &models).await?;
    Ok(is_shown.then_some((journal, models)))
}

/// True if a read model has a long write-ahead log. Every process that opens the file reads the
/// whole log until a process with the right to write checkpoints it.
fn has_long_log(folder: &Path) -> bool {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut logs = files.filter(|file| file.file_name().as_encoded_bytes().ends_with(b"-wal"));
    logs.any(|log| log.metadata().is_ok_and(|about| about.len() > LONG_LOG_BYTES))
}

/// Opens the read models while another process, usually a server, has the lock. Waits a bounded
/// time until those for questions about the past have reached `head`. If they have not by then,
/// logs a warning and opens them as they are.
async fn look_beside(folder: &Path, head: Position) -> Result<ReadModels> {
    for _ in 0..LOOKS {
        let models = ReadModels::look(folder).with_context(|| folder.display().to_string())?;
        if models.past_position() >= head {
            return Ok(models);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    let models = ReadModels::look(folder).with_context(|| folder.display().to_string())?;
    let reached = models.past_position();
    if reached < head {
        tracing::warn!(%reached, %head, "the read models are behind the journal; the answer may lack later events");
    }
    Ok(models)
}

/// Applies all new events to the read models. `progress` is called with the reached position after
/// each batch.
pub(crate) async fn catch_up(
    journal: &dyn Journal,
    mut projector: Projector,
    progress: impl Fn(Position),
) -> Result<()> {
    loop {
        let page = journal.read_all(projector.checkpoint(), BATCH_EVENTS).await?;
        if page.is_empty() {
            return Ok(());
        }
        let mut batch = Vec::with_capacity(page.len());
        for stored in page {
            let position = stored.position;
            batch.push(stored.read().with_context(|| format!("the event at position {position}"))?);
        }
        projector.apply(&batch)?;
        progress(projector.checkpoint());
    }
}

/// Prepares the folder of the read models and the outbox, as [`secrets::prepare_derived`] does. The
/// caller must have the lock on the read models.
pub(crate) fn make_derived(data: &Path, config: &Config) -> Result<()> {
    let file = secrets::file(data);
    if !config.server.encryption && !file.exists() {
        return Ok(());
    }
    secrets::prepare_derived(data, config, &vault::sqlite::open(&file)?)
}

fn read_models(data: &Path, config: &Config) -> Result<(ReadModels, Projector)> {
    let folder = read_models_folder(data, config);
    let opened = ReadModels::open(&folder).map_err(|failure| {
        let hint = if failure.is_without_room() { ": the disk is full; make room, then start again" } else { "" };
        anyhow::Error::from(failure).context(format!("{}{hint}", folder.display()))
    })?;
    opened.0.take_hosts(config.hosts());
    Ok(opened)
}
