//! `daybook timeline`: prints the history of a meeting.

use std::path::Path;

use anyhow::{Result, ensure};

use crate::{
    cli::{Format, Timeline},
    config::Config,
    data, out,
};

pub(crate) async fn run(folder: &Path, asked: &Timeline, config: &Config) -> Result<()> {
    let (journal, models) = data::look(folder, config).await?;
    let timeline = audit::timeline(&*journal, &models, &asked.uid).await?;
    ensure!(!timeline.entries.is_empty(), "the journal has no meeting with the UID {}", asked.uid);
    match asked.format {
        Format::Text => out::print(&audit::text::timeline(&timeline)),
        Format::Json => out::print(&format!("{:#}\n", audit::json::timeline(&timeline))),
    }
}
