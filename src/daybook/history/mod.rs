//! The commands about history, which use the crate `audit`.

mod as_of;
mod copies;
mod explain;
mod find;
pub(crate) mod looked;
mod permissions;
mod readers;
mod refusals;
mod replay;
pub(crate) mod request;
mod restore;
mod show;
mod timeline;

use std::{path::Path, process::ExitCode};

use ::projections::ReadModels;
use anyhow::{Context as _, Result, ensure};
use audit::{Clock, Names, find::Target};
use journal::Journal;
use schemas::{Position, PrincipalId, Timestamp};

use crate::{
    cli::history::{History, Zoned},
    config::Config,
};

/// Executes a command about history.
pub(crate) async fn run(folder: &Path, command: History, config: &Config) -> Result<ExitCode> {
    match command {
        History::Find(asked) => find::run(folder, &asked, config).await?,
        History::Timeline(asked) => return timeline::run(folder, &asked, config).await,
        History::Explain(asked) => return explain::run(folder, &asked, config).await,
        History::Show(asked) => return show::run(folder, &asked, config).await,
        History::Copies(asked) => return copies::run(folder, &asked, config).await,
        History::AsOf(asked) => as_of::run(folder, &asked, config).await?,
        History::Restore(asked) => return restore::run(folder, &asked, config).await,
        History::Replay(asked) => return replay::run(folder, &asked, config).await,
        History::Permissions(asked) => permissions::run(folder, &asked, config).await?,
        History::Refusals(asked) => refusals::run(folder, &asked, config).await?,
        History::Readers(asked) => readers::run(folder, &asked, config).await?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Returns a clock that shows times in the time zone of the options; an error if the zone is
/// unknown.
fn clock(zoned: &Zoned) -> Result<Clock> {
    let zone = &zoned.zone;
    Clock::named(zone).with_context(|| format!("there is no time zone `{zone}`; name one like Europe/Berlin or UTC"))
}

/// Parses a time from the command line.
fn moment(text: &str, clock: &Clock) -> Result<Timestamp> {
    clock.read(text).with_context(|| format!("`{text}` is not a time; write 2026-12-01 10:00, 2026-12-01, or RFC 3339"))
}

/// Returns the position that `text` names: a number such as `#136`, `now`, or a time. A time means
/// the last event that was stored at or before it. An error comes back for any other text, and for
/// a position or time that is still to come.
async fn position(journal: &dyn Journal, text: &str, clock: &Clock) -> Result<Position> {
    if text == "now" {
        return Ok(journal.head().await?);
    }
    if let Ok(number) = text.trim_start_matches('#').parse() {
        let (position, head) = (Position(number), journal.head().await?);
        ensure!(position <= head, "there is no event #{position} yet: the last event is #{head}");
        return Ok(position);
    }
    Ok(journal::position_at(journal, past(text, clock)?).await?)
}

/// Parses a time from the command line; an error if it is in the future.
fn past(text: &str, clock: &Clock) -> Result<Timestamp> {
    let moment = moment(text, clock)?;
    ensure!(service::clock::has_come(moment), "`{text}` lies in the future; name an earlier time");
    Ok(moment)
}

/// Returns a line that names the owner of the calendar, if `subject` is a path in the home of a
/// sharee. Otherwise the text is empty.
fn shared(models: &ReadModels, subject: &str) -> String {
    let path = subject.strip_prefix("href:").unwrap_or(subject);
    let is_path = path.starts_with('/') || path.contains("://");
    let target = Some(path).filter(|_| is_path).and_then(|path| audit::find::resolve(models, path).ok());
    target.map(|target| said(models, &target)).unwrap_or_default()
}

/// Returns a line that names the owner of the calendar at a resolved path, if it is in the home of
/// a sharee. Otherwise the text is empty.
fn said(models: &ReadModels, target: &Target) -> String {
    target.owned_by_another(models).map(|whose| format!("The path leads to {whose}.\n")).unwrap_or_default()
}

/// Returns the principals that have the login, address or name `text`; an error if there is none.
fn people(text: &str, names: &Names) -> Result<Vec<PrincipalId>> {
    let found = names.find(text);
    ensure!(!found.is_empty(), "no account or group has the login, address or name `{text}`");
    Ok(found)
}
