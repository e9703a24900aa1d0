//! Records that an operator looks at the history, in the access journal.

use std::{path::Path, sync::Arc, time::Duration};

use access_journal::Recorder;
use anyhow::Result;
use schemas::{AccessEvent, Operator, access_journal::HistoryLookedAt};

use crate::{
    access,
    cli::{Command, history::History},
    config::Config,
    control::client::Control,
    machine, operator, secrets,
};

/// How often a command tries to open the access journal, and the pause between.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(50);

/// True for a command that looks at the history.
pub(crate) fn is_look(command: &Command) -> bool {
    match command {
        Command::History(history) => !matches!(history, History::Restore(_)),
        Command::Export(_) => true,
        _ => false,
    }
}

/// Records that this process looks at the history. If that fails, it prints a warning and goes on:
/// a person who has the files can read them without the program.
pub(crate) async fn record(folder: &Path, config: &Config, question: String) {
    if !config.access.record || !folder.is_dir() {
        return;
    }
    if let Err(error) = record_question(folder, config, question).await {
        eprintln!("daybook: this look at the history could not be recorded in the access journal: {error:#}");
    }
}

/// Asks the server that runs on the folder to record it; without a server, writes the record
/// itself.
async fn record_question(folder: &Path, config: &Config, question: String) -> Result<()> {
    if let Some(mut server) = Control::running(folder).await? {
        return server.look(question).await;
    }
    if !folder.join(access_journal::FOLDER).is_dir() {
        return Ok(()); // a copy of the journal alone
    }
    let Some(recorder) = recorder(folder, config).await? else { return Ok(()) };
    note(&recorder, question, &machine::operator());
    recorder.close().await;
    Ok(())
}

/// Opens the access journal. Another command has it open for some milliseconds.
async fn recorder(folder: &Path, config: &Config) -> Result<Option<Arc<Recorder>>> {
    let layer = secrets::layer(secrets::to_read(folder)?);
    for _ in 1..TRIES {
        match access::start(folder, config, layer.clone()).await {
            Ok(recorder) => return Ok(recorder),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
    access::start(folder, config, layer).await
}

/// Notes the look of an operator.
pub(crate) fn note(recorder: &Recorder, question: String, by: &Operator) {
    let metadata = operator::stamp("command line", by, None).metadata;
    let looked = HistoryLookedAt { question };
    recorder.event(metadata, "history-looked-at", AccessEvent::HistoryLookedAt(looked));
}
