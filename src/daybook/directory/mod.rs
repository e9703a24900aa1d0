//! The LDAP directory of an organisation: it checks the passwords of people, and a sync copies
//! people, groups and rooms from it. docs/directory.md is the guide.

mod authority;
mod plan;
mod settings;
mod sync;
mod worker;

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use anyhow::{Context as _, Result, bail};
use service::clock;

use self::sync::{Options, Report};
pub(crate) use self::{
    authority::authority,
    plan::VIA,
    settings::{check, check_files},
    worker::Syncs,
};
use crate::{
    cli::{self, OutputOptions},
    config::Config,
    control::client::Control,
    out,
    principal::{json, text},
};

/// The maximum number of left-out entries that `directory check` prints.
const LISTED: usize = 20;

/// Executes `daybook directory`.
pub(crate) async fn run(folder: &Path, asked: cli::Directory, config: &Config) -> Result<()> {
    match asked {
        cli::Directory::Check => look(config).await,
        cli::Directory::Sync(asked) => Box::pin(self::sync(folder, &asked, config)).await,
    }
}

fn directory(config: &Config) -> Result<ldap::Directory> {
    let settings = settings::of(config)?.context("no directory is set: name its servers in directory.servers")?;
    Ok(ldap::Directory::new(settings)?)
}

/// Reads the directory as `serve` does, and prints a summary of its entries.
async fn look(config: &Config) -> Result<()> {
    let (server, found) = directory(config)?.read(clock::now().seconds()).await?;
    let (people, groups, rooms) = (found.people.len(), found.groups.len(), found.rooms.len());
    let mut text =
        format!("The directory {server} answers. People who may log in: {people}; groups: {groups}; rooms: {rooms}.\n");
    for why in found.left_out.iter().take(LISTED) {
        let _ = writeln!(text, "Left out: {why}");
    }
    out::print(&text)
}

async fn sync(folder: &Path, asked: &cli::Sync, config: &Config) -> Result<()> {
    let (_, snapshot) = directory(config)?.read(clock::now().seconds()).await?;
    let mut control = Control::open(folder, config).await?;
    let options = Options {
        dry_run: asked.output.dry_run,
        local: &settings::local(config),
        roles: &settings::roles(config),
        may_disable_many: asked.disable_many,
    };
    let done = sync::run(&mut control, &snapshot, &options).await;
    control.close();
    print(&done?, asked.output, folder)
}

/// Prints the changes of a sync. An error comes back if an entry was left out or a change was
/// refused, so that a script notices it.
fn print(report: &Report, output: OutputOptions, folder: &Path) -> Result<()> {
    for outcome in &report.outcomes {
        let text = if output.json { json(outcome, output.dry_run) } else { text(outcome, output.dry_run, folder) };
        out::print(&text)?;
    }
    if !output.json {
        let changed_word = if output.dry_run { "Accounts that would be changed" } else { "Accounts that were changed" };
        let changed: BTreeSet<_> = report.outcomes.iter().map(|outcome| &outcome.name).collect();
        out::print(&format!("{changed_word}: {}.\n", changed.len()))?;
    }
    if report.left_out.is_empty() {
        return Ok(());
    }
    let problems = out::counted(report.left_out.len(), "problem", "problems");
    bail!("the sync with the directory had {problems}: {}", report.left_out.join("; "))
}
