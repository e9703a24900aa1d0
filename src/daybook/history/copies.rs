//! `daybook copies`: every copy of a meeting, side by side.

use std::path::Path;

use anyhow::Result;
use audit::copies::Copies;

use crate::{cli::history::Copies as Asked, config::Config, data, out};

pub(crate) async fn run(folder: &Path, asked: &Asked, config: &Config) -> Result<()> {
    let clock = super::clock(&asked.zoned)?;
    let (journal, models) = data::look(folder, config).await?;
    let subject = audit::find::subject(&*journal, &models, &asked.subject, &clock).await?;
    let evidence = subject.read(&*journal, &models).await?;
    let at = match &asked.at {
        Some(text) => super::position(&*journal, text, &clock).await?,
        None => journal.head().await?,
    };
    out::print(&Copies::of(&evidence, at).text(&evidence.names))
}
