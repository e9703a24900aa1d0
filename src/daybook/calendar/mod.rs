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
    let outcome = said(outcome, output.dry_run);
    let note = if note.is_empty() { String::new() } else { format!(": {}", foreign::visible(note)) };
    out::print(&format!("{outcome}  {}{note}\n", foreign::identifier(calendar)))
}

/// Returns the words for an outcome. In a dry run they say what would be done, unless the command
/// changes nothing.
pub(crate) fn said(outcome: &str, is_dry_run: bool) -> String {
    match outcome {
        _ if !is_dry_run => outcome.to_owned(),
        "unchanged" | "quota" => outcome.to_owned(),
        "quota set" => "quota would be set".to_owned(),
        _ => format!("would be {outcome}"),
    }
}

#[cfg(test)]
mod tests {
    use super::said;

    #[test]
    fn a_dry_run_says_what_would_be_done_and_what_is_so() {
        let rows = [
            ("made", "would be made"),
            ("unchanged", "unchanged"),
            ("kept", "would be kept"),
            ("quota", "quota"),
            ("quota set", "quota would be set"),
        ];
        for (outcome, expected) in rows {
            assert_eq!(said(outcome, true), expected);
            assert_eq!(said(outcome, false), outcome);
        }
    }
}
