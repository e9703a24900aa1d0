//! `daybook show`: one event, with everything that is recorded of it.

use std::{
    io::{IsTerminal, stdout},
    path::Path,
    process::ExitCode,
};

use anyhow::{Context as _, Result, bail};
use audit::{foreign, show::Shown};
use schemas::Position;

use crate::{cli::history::Show, config::Config, data, out};

pub(crate) async fn run(folder: &Path, asked: &Show, config: &Config) -> Result<ExitCode> {
    let clock = super::clock(&asked.zoned)?;
    let number = asked.position.trim_start_matches('#').parse();
    let position = Position(number.with_context(|| format!("`{}` is no position; write #136", asked.position))?);
    let (journal, models) = data::look(folder, config).await?;
    let recorded = match audit::read::one(&*journal, position).await? {
        None => bail!("there is no event at position {position}"),
        Some(Err(fault)) => bail!("ALTERED: the event at position {position} cannot be read: {}", fault.why),
        Some(Ok(recorded)) => recorded,
    };
    let evidence = audit::read::streams(&*journal, &models, &[recorded.stream]).await?;
    let shown = Shown::of(&evidence, position).context("the event is not in its own stream: run `daybook verify`")?;
    if asked.stored {
        let stored = shown.stored().context("the event stores no text")?;
        // A program gets the bytes; a terminal would run what control characters say.
        let lines = || stored.lines().flat_map(|line| [foreign::visible(line), "\n".into()]).collect::<String>();
        out::print(&if stdout().is_terminal() { lines() } else { stored.to_owned() })?;
    } else if asked.diff {
        out::print(&shown.difference())?;
    } else {
        out::print(&shown.text(&clock))?;
    }
    Ok(if evidence.fault_at(position) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
