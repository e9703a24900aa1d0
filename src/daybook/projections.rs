//! `daybook projections rebuild`: the read models made anew.

use std::path::Path;

use ::projections::ReadModels;
use anyhow::{Context as _, Result, ensure};

use crate::{config::Config, data, engine, progress};

pub(crate) async fn rebuild(folder: &Path, config: &Config) -> Result<()> {
    let (journal, turn) = engine::to_look(folder, config).await?;
    ensure!(turn.is_some(), "another process serves from the read models in {}", folder.display());
    let models_folder = data::read_models_folder(folder);
    let (models, mut feed) = ReadModels::open(&models_folder).with_context(|| models_folder.display().to_string())?;
    feed.reset()?;
    let bar = progress::bar(journal.head().await?.0);
    data::catch_up(&*journal, feed, |position| bar.set_position(position.0)).await?;
    bar.finish_and_clear();
    println!("The read models were made anew up to position {}.", models.position());
    Ok(())
}
