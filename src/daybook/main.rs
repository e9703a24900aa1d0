//! The program `daybook`: the command line, the configuration, and the start of all other crates.
//!
//! **Invariant:** this crate has no rules about calendars.

mod access;
mod calendar;
mod check_config;
mod cli;
mod config;
mod control;
mod data;
#[cfg(feature = "demo")]
mod demo;
mod directory;
mod engine;
mod export;
#[cfg(test)]
mod guides;
mod history;
mod import;
mod journal_file;
mod logging;
mod machine;
mod manual;
mod nesting;
mod open_files;
mod openid;
mod operator;
mod out;
mod outbox;
mod permissions;
mod principal;
mod progress;
mod projections;
mod proof;
mod reserve;
mod secrets;
mod serve;
mod share;
mod started;
mod supervisor;
mod vault_file;
mod verify;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use tokio::runtime::{Builder, Runtime};

use crate::{
    cli::{Cli, Command, Place, history::History, proof::Proof},
    config::Config,
};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    permissions::make_private();
    let cli = Cli::parse();
    match runtime(&cli.command)
        .context("the operating system cannot start another thread")
        .and_then(|runtime| runtime.block_on(Box::pin(run(cli))))
    {
        Ok(code) => code,
        Err(error) => {
            // Control characters are made visible, because a message may contain names from
            // clients.
            let message = format!("{error:#}");
            let lines: Vec<_> = message.lines().map(audit::foreign::visible).collect();
            eprintln!("daybook: {}", lines.join("\n"));
            ExitCode::FAILURE
        }
    }
}

/// Returns the runtime of a command: with a single thread if [`only_reads`] returns true.
fn runtime(command: &Command) -> std::io::Result<Runtime> {
    let mut threads = if only_reads(command) { Builder::new_current_thread() } else { Builder::new_multi_thread() };
    threads.enable_all().build()
}

/// True for `check-config`, the commands in [`Proof`], and those in [`History`] except `restore`
/// and `copies`. They append nothing to the journal.
fn only_reads(command: &Command) -> bool {
    let is_look = history::looked::is_look(command)
        && !matches!(command, Command::History(History::Copies(_)) | Command::Export(_));
    is_look || matches!(command, Command::Proof(_) | Command::CheckConfig)
}

async fn run(cli: Cli) -> Result<ExitCode> {
    let Cli { place, command } = cli;
    if !serves(&command) {
        logging::quiet();
    }
    if history::looked::is_look(&command) {
        history::looked::record(&place.data(), &settings(&place)?, question()).await;
    }
    Box::pin(execute(&place, command)).await
}

async fn execute(place: &Place, command: Command) -> Result<ExitCode> {
    let (data, config) = (&place.data(), || settings(place));
    match command {
        Command::Serve(serve) => serve::run(place, &serve, config()?).await?,
        #[cfg(feature = "demo")]
        Command::Demo(demo) => demo::run(place, &demo).await?,
        Command::Principal(asked) => principal::run(data, asked.0, &config()?).await?,
        Command::AppPassword(asked) => principal::app_password::run(data, asked.0, &config()?).await?,
        Command::Directory(asked) => Box::pin(directory::run(data, asked.0, &config()?)).await?,
        Command::OpenId(asked) => openid::run(asked.0, &config()?).await?,
        Command::Calendar(asked) => return calendar::run(data, asked.0, &config()?).await,
        Command::Share(asked) => return share::run(data, asked.0, &config()?).await,
        Command::Import(asked) => return import::run(data, &asked, &config()?).await,
        Command::Export(asked) => export::run(data, &asked, &config()?).await?,
        Command::History(asked) => return history::run(data, asked, &config()?).await,
        Command::Outbox(asked) => outbox::run(data, &asked, &config()?).await?,
        Command::Proof(Proof::Check(asked)) => proof::check(&asked.file, &asked.key)?,
        Command::Proof(asked) => return proof::run(data, asked, &config()?).await,
        Command::Journal(asked) => journal_file::run(data, &config()?, &asked).await?,
        Command::Vault(asked) => vault_file::run(data, &asked)?,
        Command::Projections(asked) => projections::run(data, &config()?, asked.0).await?,
        Command::CheckConfig => check_config::run(&config()?)?,
        Command::Completions { shell } => completions(shell)?,
        Command::Manual { folder } => manual::run(&folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the completion script for a shell.
fn completions(shell: Shell) -> Result<()> {
    let mut script = vec![];
    clap_complete::generate(shell, &mut Cli::command(), "daybook", &mut script);
    out::print(&String::from_utf8_lossy(&script))
}

/// Returns the command line, without the name of the program.
fn question() -> String {
    let words: Vec<_> = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned()).collect();
    words.join(" ")
}

/// True for the commands that run a server, which starts logging itself.
fn serves(command: &Command) -> bool {
    match command {
        Command::Serve(_) => true,
        #[cfg(feature = "demo")]
        Command::Demo(_) => true,
        _ => false,
    }
}

/// Reads the settings from the file, the environment variables and `--journal`.
fn settings(place: &Place) -> Result<Config> {
    let mut config = config::load(place.config.as_deref(), &place.data(), std::env::vars())?;
    config.server.journal = place.journal.clone().unwrap_or(config.server.journal);
    Ok(config)
}
