//! `daybook projections rebuild`: builds the read models again from the journal.

use std::path::Path;

use ::projections::ReadModels;
use anyhow::{Context as _, Result, ensure};

use crate::{config::Config, data, engine, progress};

pub(crate) async fn rebuild(folder: &Path, config: &Config) -> Result<()> {
    let (journal, lock) = engine::to_look(folder, config).await?;
    ensure!(lock.is_some(), "another daybook process uses the read models in {}; stop it first", folder.display());
    let models_folder = data::read_models_folder(folder);
    let (models, mut feed) = ReadModels::open(&models_folder).with_context(|| models_folder.display().to_string())?;
    feed.reset()?;
    let bar = progress::bar(journal.head().await?.0);
    data::catch_up(&*journal, feed, |position| bar.set_position(position.0)).await?;
    bar.finish_and_clear();
    println!("The read models were rebuilt up to position {}.", models.position());
    Ok(())
}
