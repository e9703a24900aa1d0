//! `daybook permissions`: shows the privileges on a resource, and their changes.

use std::path::Path;

use anyhow::Result;
use audit::permissions;
use schemas::Timestamp;

use crate::{cli::history::Permissions, config::Config, data, out};

pub(crate) async fn run(folder: &Path, asked: &Permissions, config: &Config) -> Result<()> {
    let clock = super::clock(&asked.zoned)?;
    let (journal, models) = data::look_at_past(folder, config).await?;
    let at = match &asked.at {
        Some(text) => super::position(&*journal, text, &clock).await?,
        None => journal.head().await?,
    };
    let target = audit::find::resolve_at(&models, &asked.href, at)?;
    out::print(&super::said(&models, &target))?;
    let evidence = audit::read::permissions(&*journal, &models, &target, at).await?;
    let mut changes = permissions::changes(&evidence, target.name.as_deref(), at);
    if asked.at.is_some() {
        return out::print(&permissions::state(&changes, &evidence, at));
    }
    let moment = |text: &Option<String>| text.as_deref().map(|text| super::moment(text, &clock)).transpose();
    let (from, to) = (moment(&asked.from)?, moment(&asked.to)?);
    let is_within = |at: Timestamp| from.is_none_or(|from| at >= from) && to.is_none_or(|to| at < to);
    changes.retain(|change| is_within(change.at));
    out::print(&permissions::text(&changes, &clock))
}
