//! The data folder: the journal, and the read models beside it.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use ::projections::{Feed, ReadModels};
use anyhow::{Context as _, Result};
use journal::{
    Journal,
    sqlite::{self, OpenError},
};
use schemas::Position;
use service::Service;

use crate::{config::Config, progress};

/// Events applied at a time while catching up without a server.
const BATCH_EVENTS: usize = 1_000;

pub(crate) fn journal_file(data: &Path) -> PathBuf {
    data.join("journal.sqlite")
}

pub(crate) fn read_models_folder(data: &Path) -> PathBuf {
    data.join("read-models")
}

/// Opens the folder for writing, made where it is missing; answers when the read models have caught up.
pub(crate) async fn open(data: &Path, config: &Config) -> Result<Arc<Service>> {
    std::fs::create_dir_all(data).with_context(|| data.display().to_string())?;
    let journal = Arc::new(sqlite::open(&journal_file(data))?);
    let (models, mut feed) = read_models(data)?;
    mend(&*journal, &mut feed).await?;
    let settings = service::Settings {
        delivery_checkpoint: Some(data.join("delivery.position")),
        doorkeeper: http::doorkeeper(models.clone()),
        ..config.service()
    };
    let shown = progress::Shown::until(&*journal, &models).await?;
    let service = Service::start(journal, models, feed, settings).await?;
    let caught_up = service.caught_up().await;
    shown.end();
    caught_up.context("the read models cannot be brought up to date")?;
    Ok(service)
}

/// Opens the folder for reading, also beside a running server.
pub(crate) async fn look(data: &Path) -> Result<(Arc<dyn Journal>, ReadModels)> {
    let file = journal_file(data);
    if !file.exists() {
        return Err(OpenError::Missing(file).into());
    }
    match sqlite::open(&file) {
        Err(OpenError::InUse { .. }) => Ok((Arc::new(sqlite::open_read_only(&file)?), read_models(data)?.0)),
        Err(error) => Err(error.into()),
        // Nobody writes: what a server did not get to is done here.
        Ok(journal) => {
            let (models, mut feed) = read_models(data)?;
            mend(&journal, &mut feed).await?;
            catch_up(&journal, feed, |_| ()).await?;
            Ok((Arc::new(journal), models))
        }
    }
}

/// Read models that know more than the journal were made from another one: a copy was restored.
async fn mend(journal: &dyn Journal, feed: &mut Feed) -> Result<()> {
    let head = journal.head().await?;
    if feed.checkpoint() > head {
        tracing::warn!(checkpoint = %feed.checkpoint(), %head, "the journal ends before the read models do; they are made anew");
        feed.reset()?;
    }
    Ok(())
}

/// Applies everything the journal has beyond the read models.
pub(crate) async fn catch_up(journal: &dyn Journal, mut feed: Feed, progress: impl Fn(Position)) -> Result<()> {
    loop {
        let page = journal.read_all(feed.checkpoint(), BATCH_EVENTS).await?;
        if page.is_empty() {
            return Ok(());
        }
        let mut batch = Vec::with_capacity(page.len());
        for stored in page {
            let position = stored.position;
            batch.push(stored.read().with_context(|| format!("the event at position {position}"))?);
        }
        feed.apply(&batch)?;
        progress(feed.checkpoint());
    }
}

fn read_models(data: &Path) -> Result<(ReadModels, Feed)> {
    let folder = read_models_folder(data);
    ReadModels::open(&folder).with_context(|| folder.display().to_string())
}
