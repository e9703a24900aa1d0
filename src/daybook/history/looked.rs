//! Records in the access journal that an operator looks at the history.

use std::{path::Path, sync::Arc, time::Duration};

use access_journal::Recorder;
use anyhow::{Result, anyhow};
use journal::sqlite::OpenError;
use schemas::{AccessEvent, Operator, access_journal::HistoryLookedAt};

use crate::{
    access,
    cli::{Command, history::History},
    config::Config,
    control::client::Control,
    machine, operator, secrets,
};

/// The number of times that a command tries to open the access journal.
const TRIES: u32 = 40;
/// The time between two such tries.
const PAUSE: Duration = Duration::from_millis(50);

/// True for `export` and for the commands about history except `restore`: they show data of people.
pub(crate) fn is_look(command: &Command) -> bool {
    match command {
        Command::History(history) => !matches!(history, History::Restore(_)),
        Command::Export(_) => true,
        _ => false,
    }
}

/// Records that this process looks at the history with the command line `question`, unless the
/// settings turn recording off or there is no data folder. If that fails, the command prints a
/// warning and continues, because a person with access to the files can read them without this
/// program.
pub(crate) async fn record(folder: &Path, config: &Config, question: String) {
    if !config.access.record || !folder.is_dir() {
        return;
    }
    if let Err(error) = record_question(folder, config, question).await {
        eprintln!("daybook: the access journal could not record that you looked at the history: {error:#}");
    }
}

/// Asks the running server to record that the operator looks at the history with the command line
/// `question`. If no server listens on the control socket, this process records it, unless the
/// folder has no access journal.
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

/// Opens the access journal, and retries for a while, because another command may have it open for
/// some milliseconds. A server without its control socket has it open all the time. `None` if the
/// settings turn recording off.
async fn recorder(folder: &Path, config: &Config) -> Result<Option<Arc<Recorder>>> {
    let layer = secrets::layer(secrets::to_read(folder)?);
    for _ in 1..TRIES {
        match access::start(folder, config, layer.clone()).await {
            Ok(recorder) => return Ok(recorder),
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
    access::start(folder, config, layer).await.map_err(explained)
}

/// Returns the error with what to do about a process that has the access journal open. This process
/// has found that no server listens on the control socket.
fn explained(error: anyhow::Error) -> anyhow::Error {
    use access_journal::Error::Open;
    match error.downcast_ref() {
        Some(Open { cause: OpenError::InUse { holder, .. }, .. }) => anyhow!(
            "{holder} has the access journal open, and no server listens on the control socket: if that process is the \
             server, restart the server; its log has a warning if the socket cannot be made"
        ),
        _ => error,
    }
}

/// Adds an event to the access journal: the operator `by` looked at the history with the command
/// line `question`.
pub(crate) fn note(recorder: &Recorder, question: String, by: &Operator) {
    let metadata = operator::stamp("command line", by, None).metadata;
    let looked = HistoryLookedAt { question };
    recorder.event(metadata, "history-looked-at", AccessEvent::HistoryLookedAt(looked));
}
