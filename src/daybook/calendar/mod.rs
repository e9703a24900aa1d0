//! `daybook calendar`: lists and changes the calendars of any account, for operators.

mod changes;
pub(crate) mod known;
mod list;
mod request;

use std::{path::Path, process::ExitCode};

use anyhow::{Result, bail};
use audit::foreign;
use serde_json::json;

pub(crate) use self::request::{Done, Held, Import, Made, Reply, Request, Target, execute};
use crate::{
    cli::{OutputOptions, calendar::Calendar},
    config::Config,
    control::client::{Control, UNEXPECTED_ANSWER},
    out,
};

/// Executes `daybook calendar`. The exit code is 1 if a part of the command was refused.
pub(crate) async fn run(folder: &Path, command: Calendar, config: &Config) -> Result<ExitCode> {
    if let Calendar::List { user, json } = &command {
        list::run(folder, user, *json, config).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let output = command.output();
    let mut control = Control::open(folder, config).await?;
    let answer = control.ask_calendars(Request::Change(Box::new(command))).await;
    control.close();
    let Reply::Done(done) = answer? else { bail!(UNEXPECTED_ANSWER) };
    for one in &done {
        print(one, output)?;
    }
    let is_refused = done.iter().any(|one| one.outcome == "refused");
    Ok(if is_refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn print(done: &Done, output: OutputOptions) -> Result<()> {
    let Done { outcome, calendar, note, held } = done;
    if output.json {
        let mut line = json!({ "outcome": outcome, "calendar": calendar, "note": note, "dry_run": output.dry_run });
        if let Some(Held { used_bytes, limit_bytes }) = held {
            line["used_bytes"] = json!(used_bytes);
            line["limit_bytes"] = json!(limit_bytes);
        }
        return out::print(&foreign::json(&line));
    }
    let trial = if output.dry_run { "would be " } else { "" };
    let note = if note.is_empty() { String::new() } else { format!(": {}", foreign::visible(note)) };
    out::print(&format!("{trial}{outcome}  {}{note}\n", foreign::identifier(calendar)))
}
