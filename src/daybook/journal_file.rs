//! `daybook journal backup|restore|stats`: copies and restores the file of the journal, and prints
//! its size.

use std::{fmt::Write as _, path::Path};

use anyhow::{Context as _, Result, ensure};
use journal::{
    Journal as _, Verdict,
    sqlite::{self, BackupError, Stats},
};
use schemas::Timestamp;
use serde_json::json;

use crate::{
    cli::{Format, Journal},
    config::Config,
    data, engine, out, progress,
};

pub(crate) async fn run(folder: &Path, config: &Config, asked: &Journal) -> Result<()> {
    let file = engine::only_file(folder, config)?;
    match asked {
        Journal::Backup { file: to } => backup(&file, to),
        Journal::Restore { file: from } => restore(folder, config, &file, from).await,
        Journal::Stats { format } => {
            let stats = sqlite::stats(&file).map_err(|error| engine::about(&file, error))?;
            out::print(&match format {
                Format::Text => text(&stats)?,
                Format::Json => format!("{:#}\n", json(&stats)),
            })
        }
    }
}

fn backup(file: &Path, to: &Path) -> Result<()> {
    let bar = progress::bar(0).with_message("copying the journal");
    let head = sqlite::backup(file, to, |copied, of| bar_at(&bar, copied, of)).map_err(|error| match error {
        BackupError::Journal(error) => engine::about(file, error),
        error => error.into(),
    })?;
    bar.finish_and_clear();
    let (copy, events, position, hash) = (to.display(), head.events, head.position, head.hash);
    out::print(&format!("{copy} holds {events} events up to position {position}; the last hash is {hash}.\n"))
}

/// Verifies the copy, and then replaces the journal by it. Removes the read models and the file of
/// the outbox, which were derived from the old journal.
async fn restore(folder: &Path, config: &Config, journal: &Path, copy: &Path) -> Result<()> {
    let verdict = verified(copy).await?;
    ensure!(
        audit::verdict::is_ok(&verdict),
        "the copy {} was not restored: {}",
        copy.display(),
        audit::verdict::sentence(&verdict)
    );
    data::make_folder(folder)?;
    let now = service::clock::now();
    let aside = folder.join(format!("replaced-{}", now.seconds()));
    let forget = || {
        remove(std::fs::remove_dir_all(data::read_models_folder(folder, config)))?;
        remove(std::fs::remove_file(data::outbox(folder, config)))
    };
    let bar = progress::bar(0).with_message("copying the journal");
    let head = sqlite::restore(copy, journal, &aside, now, |copied, of| bar_at(&bar, copied, of), forget)?;
    bar.finish_and_clear();
    let (journal, aside) = (journal.display(), aside.display());
    out::print(&format!(
        "{journal} holds {} events up to position {}; the last hash is {}.\nThe files that were there before are now \
         in {aside}.\n",
        head.events, head.position, head.hash
    ))
}

async fn verified(copy: &Path) -> Result<Verdict> {
    let opened = sqlite::open_read_only(copy).with_context(|| copy.display().to_string())?;
    let bar = progress::bar(opened.chain_head().await?.unwrap_or_default().events).with_message("verifying the copy");
    let verdict = journal::verify(&opened, |events| bar.set_position(events)).await;
    bar.finish_and_clear();
    verdict.with_context(|| copy.display().to_string())
}

/// Returns the result of the removal of a file or folder, or success if it did not exist.
fn remove(removed: std::io::Result<()>) -> std::io::Result<()> {
    match removed {
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn bar_at(bar: &indicatif::ProgressBar, done: u64, of: u64) {
    bar.set_length(of);
    bar.set_position(done);
}

fn text(stats: &Stats) -> Result<String> {
    let mut text = String::new();
    let Stats { head, streams, longest, first, last, kinds, file_bytes, log_bytes, free_bytes } = stats;
    writeln!(text, "{} events in {streams} streams, up to position {}", head.events, head.position)?;
    writeln!(text, "the last hash is {}", head.hash)?;
    if let (Some(first), Some(last)) = (first, last) {
        writeln!(text, "from {} to {}", moment(*first)?, moment(*last)?)?;
    }
    if let Some((stream, events)) = longest {
        writeln!(text, "the longest stream is {stream} with {events} events")?;
    }
    let (file, log, free) = (size(*file_bytes), size(*log_bytes), size(*free_bytes));
    writeln!(text, "size of the file: {file}, of which {free} are unused; size of its write-ahead log: {log}")?;
    if !kinds.is_empty() {
        writeln!(text, "\n{:<36} {:>11} {:>11} {:>11}", "type", "events", "size", "largest")?;
    }
    for kind in kinds {
        let (bytes, largest) = (size(kind.bytes), size(kind.largest));
        writeln!(text, "{:<36} {:>11} {bytes:>11} {largest:>11}", kind.kind, kind.events)?;
    }
    Ok(text)
}

fn json(stats: &Stats) -> serde_json::Value {
    let kinds: Vec<_> = stats
        .kinds
        .iter()
        .map(|kind| json!({"type": kind.kind, "events": kind.events, "bytes": kind.bytes, "largest_bytes": kind.largest}))
        .collect();
    json!({
        "events": stats.head.events,
        "position": stats.head.position,
        "hash": stats.head.hash.to_string(),
        "streams": stats.streams,
        "longest_stream": stats.longest.as_ref().map(|(name, events)| json!({"name": name, "events": events})),
        "first_microseconds": stats.first,
        "last_microseconds": stats.last,
        "file_bytes": stats.file_bytes,
        "log_bytes": stats.log_bytes,
        "free_bytes": stats.free_bytes,
        "types": kinds,
    })
}

fn moment(at: Timestamp) -> Result<String> {
    let moment =
        chrono::DateTime::from_timestamp(at.seconds(), 0).context("the time of an event cannot be shown as a date")?;
    Ok(moment.format("%Y-%m-%dT%H:%M:%SZ").to_string())
}

fn size(bytes: u64) -> String {
    indicatif::BinaryBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use journal::Append;
    use schemas::{Event, Expected, Metadata, NewEvent, PrincipalEvent, PrincipalId, Stream, event::Nothing};
    use uuid::Uuid;

    use super::*;

    async fn append(journal: &sqlite::Sqlite, number: u128) {
        let stream = Stream::Principal(PrincipalId(Uuid::from_u128(number)));
        let event = Event::from(PrincipalEvent::Disabled(Nothing {}));
        let events = vec![NewEvent::new(Uuid::from_u128(number), &event)];
        let append = Append { stream, expected: Expected::NoStream, metadata: Metadata::default(), events };
        journal.append(append).await.expect("appended");
    }

    #[tokio::test]
    async fn a_restore_verifies_the_copy_and_forgets_what_was_derived_from_the_old_journal() {
        let place = tempfile::tempdir().expect("a folder");
        let (folder, copy) = (place.path().join("data"), place.path().join("copy.sqlite"));
        data::make_folder(&folder).expect("made");
        let config = Config::default();
        let file = engine::only_file(&folder, &config).expect("a file");
        let journal = sqlite::open(&file).expect("opened");
        append(&journal, 1).await;
        run(&folder, &config, &Journal::Backup { file: copy.clone() }).await.expect("copied");
        append(&journal, 2).await;
        let restore = || async { run(&folder, &config, &Journal::Restore { file: copy.clone() }).await };
        let refused = restore().await.expect_err("it is in use").to_string();
        assert!(refused.contains("is in use by process"), "{refused}");

        drop(journal);
        let (models, position) = (data::read_models_folder(&folder, &config), data::outbox(&folder, &config));
        std::fs::create_dir(&models).expect("made");
        std::fs::write(&position, "2").expect("written");
        let whole = std::fs::read(&copy).expect("read");
        std::fs::write(&copy, &whole[..whole.len() / 2]).expect("cut");
        assert!(restore().await.is_err(), "half a copy is none");
        assert!(models.exists() && position.exists(), "nothing was forgotten for it");
        std::fs::write(&copy, whole).expect("mended");

        restore().await.expect("restored");
        assert!(!models.exists() && !position.exists());
        let head = sqlite::open(&file).expect("opened").head().await.expect("read");
        assert_eq!(head, schemas::Position(1));
    }
}
