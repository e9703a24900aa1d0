//! `daybook verify`: checks the hash chain of the journal, the access journal and the witness
//! files, and compares the vault and the read models with the journal.

mod kept;
mod witnesses;

use std::{collections::BTreeSet, fmt::Write as _, path::Path, process::ExitCode};

use ::projections::{Compared, Comparison, Difference, LeftOut};
use access_journal::Verified;
use anyhow::{Context as _, Result};
use journal::Journal;
use schemas::{Position, StreamKind};

use crate::{access, cli::proof::Verify, config::Config, data, engine, out, progress, proof};

/// The maximum number of events that one transaction applies to the read models that are built for
/// the comparison.
const BATCH_EVENTS: usize = 1_000;

/// The advice that is printed after faults of the access journal.
const WHAT_TO_DO: &str = "Keep the folder `access` for an investigation, and restore an earlier copy of it. Without \
    a copy, move a damaged file, with the files that begin with its name, to another folder. Its records are then \
    missing, and `daybook verify` may go on reporting that. The server itself sets aside a damaged file of this week \
    and begins a new one.\n";

/// Executes `daybook verify`. The exit code is 1 if a check finds a fault.
pub(crate) async fn run(folder: &Path, asked: &Verify, config: &Config) -> Result<ExitCode> {
    let journal = engine::to_read(folder, config).await?;
    let bar = progress::bar(journal.chain_head().await?.unwrap_or_default().events);
    let mut access_streams = BTreeSet::new();
    let mut needs = kept::Needs::default();
    let verdict = journal::verify_each(&*journal, |entry, events| {
        if entry.stream.starts_with(StreamKind::Access.prefix()) && !access_streams.contains(&entry.stream) {
            access_streams.insert(entry.stream.clone());
        }
        if !asked.without_vault {
            needs.take(&*journal, entry);
        }
        if events % BATCH_EVENTS as u64 == 0 {
            bar.set_position(events);
        }
    })
    .await?;
    bar.finish_and_clear();
    out::print(&format!("verify: {}\n", audit::verdict::sentence(&verdict)))?;
    let mut is_ok = audit::verdict::is_ok(&verdict);
    if !asked.against.is_empty() {
        is_ok &= proof::against(folder, &*journal, &asked.against, asked.key.as_deref()).await?;
    }
    let named = access::named(access_streams.iter().map(String::as_str));
    if let Some(verified) = access::verify(folder, config, &*journal, &named).await? {
        let Verified { segments, events, anchors, findings } = verified;
        let mut text = format!("access journal: files: {segments}, events: {events}, anchors: {anchors}\n");
        for finding in &findings {
            let _ = writeln!(text, "ALTERED: {finding}");
        }
        if !findings.is_empty() {
            text.push_str(WHAT_TO_DO);
        }
        out::print(&text)?;
        is_ok &= findings.is_empty();
    }
    let damaged = witnesses::check(folder, config)?;
    out::print(&damaged)?;
    is_ok &= damaged.is_empty();
    if !asked.without_vault {
        let (text, is_whole) = kept::check(folder, config, &*journal, &needs).await?;
        out::print(&text)?;
        is_ok &= is_whole;
    }
    if asked.read_models {
        is_ok &= read_models(folder, config, &*journal).await?;
    }
    Ok(if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Builds new read models in a temporary folder, and compares their rows with those of the existing
/// ones. Returns true if they are equal.
async fn read_models(folder: &Path, config: &Config, journal: &dyn Journal) -> Result<bool> {
    let folder = data::read_models_folder(folder, config);
    let apart = folder.join(format!("comparison-{}", std::process::id()));
    std::fs::create_dir(&apart).with_context(|| apart.display().to_string())?;
    let compared = compare(journal, &folder, &apart).await;
    std::fs::remove_dir_all(&apart).with_context(|| apart.display().to_string())?;
    let compared = compared.with_context(|| folder.display().to_string())?;
    out::print(&text_of(&compared))?;
    Ok(compared.is_ok())
}

fn text_of(compared: &Compared) -> String {
    let names = if compared.names.is_empty() { "none".to_owned() } else { compared.names.join(", ") };
    let mut text = format!("read models compared with the journal: {names}\n");
    for LeftOut { model, why, .. } in &compared.left_out {
        let _ = writeln!(text, "NOT COMPARED: {model}: {}", audit::foreign::visible(why));
    }
    for Difference { model, table, row, is_served } in &compared.differences {
        let verb = if *is_served { "has a row that does not follow from the journal" } else { "lacks a row" };
        let _ = writeln!(text, "DIFFERENT: {model}.{table} {verb}: {}", audit::foreign::visible(row));
    }
    if compared.is_ok() {
        text.push_str("read models: ok\n");
    } else if compared.needs_rebuild() {
        text.push_str("Run `daybook projections rebuild` while the server is stopped.\n");
    }
    text
}

async fn compare(journal: &dyn Journal, served: &Path, apart: &Path) -> Result<Compared> {
    let mut comparison = Comparison::begin(served, apart)?;
    let until = comparison.until();
    let bar = progress::bar(until.0);
    let mut after = Position::START;
    while after < until {
        let page = journal.read_all(after, BATCH_EVENTS).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        let mut batch = Vec::with_capacity(page.len());
        for stored in page {
            let position = stored.position;
            batch.push(stored.read().with_context(|| format!("the event at position {position}"))?);
        }
        comparison.apply(&batch)?;
        bar.set_position(after.0);
    }
    bar.finish_and_clear();
    Ok(comparison.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rebuild_is_advised_unless_the_read_models_are_being_built_anyway() {
        let left_out = |is_being_built| LeftOut { model: "search", why: "why".to_owned(), is_being_built };
        let differs = Difference { model: "shares", table: "share".to_owned(), row: "row".to_owned(), is_served: true };
        let advice = "Run `daybook projections rebuild` while the server is stopped.\n";
        for (left_out, differences, expected) in [
            (vec![], vec![], "read models: ok\n"),
            (vec![left_out(true)], vec![], "NOT COMPARED: search: why\n"),
            (vec![left_out(false)], vec![], advice),
            (vec![left_out(true), left_out(false)], vec![], advice),
            (vec![left_out(true)], vec![differs], advice),
        ] {
            let text = text_of(&Compared { names: vec![], left_out, differences });
            assert!(text.ends_with(expected), "{text}");
        }
    }
}
