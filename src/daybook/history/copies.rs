//! `daybook copies`: compares all copies of a meeting, and repairs copies that disagree with the
//! organizer's.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result, bail};
use audit::{copies::Copies, find::Subject};
use schemas::PrincipalId;

use super::request::{Repair, Request};
use crate::{cli::history::Copies as Wanted, config::Config, control::client::Control, data, history::restore, out};

pub(crate) async fn run(folder: &Path, asked: &Wanted, config: &Config) -> Result<ExitCode> {
    // `shown` closes the journal before the repair opens it.
    let (uid, organizer) = shown(folder, asked, config).await?;
    if !asked.repair {
        return Ok(ExitCode::SUCCESS);
    }
    let uid =
        uid.context("--repair needs a meeting, not a request: name it by its UID, words that only it has, or a path")?;
    let organizer = organizer.context(
        "the organizer of this meeting has no copy on this server, so the right state of the copies is unknown",
    )?;
    let mut control = Control::open(folder, config).await?;
    let repair = Repair { uid, organizer, dry_run: asked.dry_run };
    let done = control.ask_history(Request::Repair(repair)).await;
    control.close();
    restore::print_steps(&done?, asked.dry_run, "There is nothing to repair.\n")
}

/// Prints the copies. Returns the UID of the meeting, `None` if the operator named a request
/// instead of a meeting; and the organizer, `None` if the organizer has no copy on this server.
async fn shown(folder: &Path, asked: &Wanted, config: &Config) -> Result<(Option<String>, Option<PrincipalId>)> {
    let clock = super::clock(&asked.zoned)?;
    let (journal, models) = data::look_at_past(folder, config).await?;
    let subject = audit::find::subject(&*journal, &models, &asked.subject, &clock).await?;
    let evidence = subject.read(&*journal, &models).await?;
    let at = match &asked.at {
        Some(text) => super::position(&*journal, text, &clock).await?,
        None => journal.head().await?,
    };
    if asked.repair
        && let Some((why, what_to_do)) = evidence.doubt()
    {
        bail!("{why}, so the right state of the copies is unknown: {what_to_do}");
    }
    let copies = Copies::of(&evidence, at);
    out::print(&copies.text(&evidence.names))?;
    Ok((matches!(subject, Subject::Meeting(_)).then_some(evidence.uid), copies.organizer()))
}
