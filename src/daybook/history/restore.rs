//! `daybook restore`: restores a resource, a collection or a home to an earlier state.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use anyhow::Result;
use audit::foreign;

use super::request::{Done, Request, Restore, Silence, When};
use crate::{cli::history::RestoreTo, config::Config, control::client::Control, out};

/// The message if there is nothing to restore.
const ALREADY: &str = "Nothing is to be restored: outside of inboxes and outboxes, all resources at this \
    path are as they were then. A restore keeps the properties and access control lists of what is there, and the \
    collections that came later.\n";

/// Executes `daybook restore`. The exit code is 1 if a step was refused. All other steps are made.
pub(crate) async fn run(folder: &Path, asked: &RestoreTo, config: &Config) -> Result<ExitCode> {
    let clock = super::clock(&asked.zoned)?;
    let to = match asked.to.trim_start_matches('#').parse() {
        Ok(number) => When::After(schemas::Position(number)),
        Err(_) => When::At(super::past(&asked.to, &clock)?),
    };
    let telling = if asked.silently { Silence::Silently } else { Silence::Tell };
    let restore = Restore { href: asked.href.clone(), to, telling, dry_run: asked.dry_run };
    let mut control = Control::open(folder, config).await?;
    let done = control.ask_history(Request::Restore(restore)).await;
    control.close();
    print_steps(&done?, asked.dry_run, ALREADY)
}

/// Prints the steps. If there are none, prints the text that `nothing` contains. Returns exit code
/// 1 if a step was refused.
pub(super) fn print_steps(done: &Done, dry_run: bool, nothing: &str) -> Result<ExitCode> {
    let mut text = done.whose.as_ref().map(|whose| format!("The path leads to {whose}.\n")).unwrap_or_default();
    for step in &done.steps {
        let (verb, what) = (&step.verb, foreign::identifier(&step.what));
        let note = if step.note.is_empty() { String::new() } else { format!("; {}", foreign::visible(&step.note)) };
        match &step.refused {
            _ if dry_run => writeln!(text, "would {verb} {what}{note}")?,
            None => writeln!(text, "{verb} {what}: done{note}")?,
            Some(why) => writeln!(text, "{verb} {what}: NOT DONE: {}", foreign::visible(why))?,
        }
    }
    if done.steps.is_empty() {
        text.push_str(nothing);
    } else if !dry_run {
        writeln!(text, "To see what was done: daybook timeline request:{}", done.request)?;
    }
    out::print(&text)?;
    let is_refused = done.steps.iter().any(|step| step.refused.is_some());
    Ok(if is_refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
