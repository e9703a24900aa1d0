//! `daybook show`: shows one event, with everything that the journal records about it.

use std::{
    io::{IsTerminal, Write as _, stdout},
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
    let position = Position(number.with_context(|| format!("`{}` is not a position; write #136", asked.position))?);
    let (journal, models) = data::look_at_past(folder, config).await?;
    let recorded = match audit::read::one(&*journal, position).await? {
        None => bail!("there is no event at position {position}"),
        Some(Err(fault)) => bail!("ALTERED: the event at position {position} cannot be read: {}", fault.why),
        Some(Ok(recorded)) => recorded,
    };
    let evidence = audit::read::streams(&*journal, &models, &[recorded.stream]).await?;
    let shown = Shown::of(&evidence, position).context("the event is missing in its stream: run `daybook verify`")?;
    if asked.stored || asked.sent {
        let text = if asked.sent {
            shown.sent().context("the event has no recorded request body: no client sent one, or it was not kept")?
        } else {
            shown.stored().context("the event stores no text of an object")?.as_bytes().into()
        };
        print(&text)?;
    } else if asked.diff {
        out::print(&shown.difference())?;
    } else {
        out::print(&shown.text(&clock))?;
    }
    Ok(if evidence.fault_at(position) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Prints the bytes. On a terminal control characters are made visible, because the terminal would
/// execute them.
fn print(text: &[u8]) -> Result<()> {
    if !stdout().is_terminal() {
        return stdout().write_all(text).context("cannot write to standard output");
    }
    let text = String::from_utf8_lossy(text);
    let lines: Vec<String> = text.lines().map(|line| foreign::visible(line).into_owned() + "\n").collect();
    out::print(&lines.concat())
}
