//! `daybook share`: lists, gives and withdraws shares of calendars, for operators.

mod changes;
mod list;

use std::{path::Path, process::ExitCode};

use anyhow::{Result, bail};
use audit::foreign;
use schemas::Operator;
use serde_json::json;
use service::Service;

use crate::{
    calendar::{Done, Reply, Request, said},
    cli::{OutputOptions, share::Share},
    config::Config,
    control::client::{Control, UNEXPECTED_ANSWER},
    out,
};

pub(crate) async fn run(folder: &Path, command: Share, config: &Config) -> Result<ExitCode> {
    if let Share::List { user, json } = &command {
        list::run(folder, user, *json, config).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let output = command.output();
    let mut control = Control::open(folder, config).await?;
    let answer = control.ask_calendars(Request::Share(Box::new(command))).await;
    control.close();
    match answer? {
        Reply::Done(done) => done.iter().try_for_each(|one| print(one, output))?,
        _ => bail!(UNEXPECTED_ANSWER),
    }
    Ok(ExitCode::SUCCESS)
}

/// Executes a command about shares in the name of an operator.
pub(crate) async fn execute(service: &Service, command: Share, by: &Operator) -> Result<Vec<Done>> {
    changes::change(service, command, by).await
}

fn print(done: &Done, output: OutputOptions) -> Result<()> {
    let Done { outcome, calendar, note, .. } = done;
    if output.json {
        let line = json!({ "outcome": outcome, "collection": calendar, "note": note, "dry_run": output.dry_run });
        return out::print(&foreign::json(&line));
    }
    out::print(&format!("{}: {}\n", said(outcome, output.dry_run), foreign::visible(note)))
}
