//! The commands about history, which call the crate `audit`.

pub(crate) mod as_of;
pub(crate) mod copies;
pub(crate) mod explain;
pub(crate) mod find;
pub(crate) mod looked;
pub(crate) mod permissions;
pub(crate) mod readers;
pub(crate) mod refusals;
pub(crate) mod replay;
pub(crate) mod request;
pub(crate) mod restore;
pub(crate) mod show;
pub(crate) mod timeline;

use ::projections::ReadModels;
use anyhow::{Context as _, Result, ensure};
use audit::{Clock, Names, find::Target};
use journal::Journal;
use schemas::{Position, PrincipalId, Timestamp};

use crate::cli::history::Zoned;

/// Returns the clock of a zone; an error for an unknown zone.
fn clock(zoned: &Zoned) -> Result<Clock> {
    let zone = &zoned.zone;
    Clock::named(zone).with_context(|| format!("there is no time zone `{zone}`; name one like Europe/Berlin or UTC"))
}

/// Reads a moment of the command line.
fn moment(text: &str, clock: &Clock) -> Result<Timestamp> {
    clock.read(text).with_context(|| format!("`{text}` is not a time; write 2026-12-01 10:00, 2026-12-01, or RFC 3339"))
}

/// Returns the position that is meant by `#136`, or the last one whose event was decided before a
/// moment.
async fn position(journal: &dyn Journal, text: &str, clock: &Clock) -> Result<Position> {
    if text == "now" {
        return Ok(journal.head().await?);
    }
    if let Ok(number) = text.trim_start_matches('#').parse() {
        let (position, head) = (Position(number), journal.head().await?);
        ensure!(position <= head, "#{position} has not happened yet: the last event is #{head}");
        return Ok(position);
    }
    Ok(journal::position_at(journal, moment(text, clock)?).await?)
}

/// Returns a line for people that says whose calendar a path or `href:` leads to, if it is in the
/// home of a sharee; nothing for any other subject.
fn shared(models: &ReadModels, subject: &str) -> String {
    let path = subject.strip_prefix("href:").unwrap_or(subject);
    let is_path = path.starts_with('/') || path.contains("://");
    let target = Some(path).filter(|_| is_path).and_then(|path| audit::find::resolve(models, path).ok());
    target.map(|target| said(models, &target)).unwrap_or_default()
}

/// Returns the line for a path that was resolved.
fn said(models: &ReadModels, target: &Target) -> String {
    target.owned_by_another(models).map(|whose| format!("This is {whose}.\n")).unwrap_or_default()
}

/// Returns the principals that `text` names; an error if there is none.
fn people(text: &str, names: &Names) -> Result<Vec<PrincipalId>> {
    let found = names.find(text);
    ensure!(!found.is_empty(), "no principal has the login, address or name `{text}`");
    Ok(found)
}
