//! `daybook verify`: checks the journal's hash chain.

use std::{path::Path, process::ExitCode};

use anyhow::Result;

use crate::{config::Config, engine, progress};

pub(crate) async fn run(folder: &Path, config: &Config) -> Result<ExitCode> {
    let journal = engine::to_read(folder, config).await?;
    let bar = progress::bar(journal.chain_head().await?.unwrap_or_default().events);
    let verdict = journal::verify(&*journal, |events| bar.set_position(events)).await?;
    bar.finish_and_clear();
    println!("verify: {}", audit::verdict::sentence(&verdict));
    Ok(if audit::verdict::is_ok(&verdict) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
