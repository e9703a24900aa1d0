//! The log, written to standard error as text or JSON.

use std::io::{IsTerminal, stderr};

use anyhow::{Context as _, Result};
use tracing::Level;
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging with these settings. It may be called only once.
pub(crate) fn start(log: &Log) -> Result<()> {
    let filter = EnvFilter::try_new(&log.filter).with_context(|| format!("log.filter = `{}`", log.filter))?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(stderr).with_ansi(stderr().is_terminal());
    match log.format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    Ok(())
}

/// Starts logging of warnings and errors only, for commands that print a result. The level is
/// constant, because parsing a filter takes longer than some of these commands.
pub(crate) fn quiet() {
    tracing_subscriber::fmt().with_max_level(Level::WARN).with_writer(stderr).with_ansi(stderr().is_terminal()).init();
}
