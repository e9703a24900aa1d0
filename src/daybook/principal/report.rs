//! Prints the changes that commands about accounts made, as text or as JSON.

use std::{fmt::Write as _, path::Path};

use anyhow::{Result, bail};
use audit::foreign;
use schemas::principal::MeetingsOfRetired;
use serde_json::{Value, json};

use super::request::{Difference, Done, Meetings, Outcome};
use crate::{cli::OutputOptions, out};

/// Prints the results of a command. An error comes back if meetings could not be cancelled or
/// handed over.
pub(super) fn outcomes(done: &Done, output: OutputOptions, folder: &Path) -> Result<()> {
    let text: String = if output.json {
        done.outcomes.iter().map(|outcome| json(outcome, output.dry_run)).collect()
    } else {
        done.outcomes.iter().map(|outcome| text(outcome, output.dry_run, folder)).collect()
    };
    out::print(&text)?;
    let failed: usize =
        done.outcomes.iter().filter_map(|outcome| outcome.meetings).map(|meetings| meetings.failed).sum();
    if failed > 0 {
        bail!("meetings that could not be cancelled or handed over: {failed}; the log says why");
    }
    Ok(())
}

/// Returns the result for one account as a line of JSON.
pub(crate) fn json(outcome: &Outcome, is_planned: bool) -> String {
    let mut line = json!({
        "name": outcome.name,
        "outcome": word(outcome),
        "planned": is_planned,
        "changes": outcome.changes,
    });
    if let Some(meetings) = outcome.meetings {
        line["meetings"] = json!(meetings);
    }
    foreign::json(&line)
}

fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome { is_new: true, .. } => "new",
        Outcome { changes, .. } if changes.is_empty() => "same",
        Outcome { .. } => "changed",
    }
}

/// Returns the result for one account as text.
pub(crate) fn text(outcome: &Outcome, is_planned: bool, folder: &Path) -> String {
    let (name, folder) = (&outcome.name, folder.display());
    let mut text = match (word(outcome), is_planned) {
        ("new", false) => format!("{name} is registered in {folder}.\n"),
        ("new", true) => format!("{name} would be registered in {folder}:\n"),
        ("same", _) => format!("{name} is registered like this in {folder} already; nothing was written.\n"),
        (_, false) => format!("{name} is changed in {folder}.\n"),
        (_, true) => format!("{name} would be changed in {folder}:\n"),
    };
    if is_planned || !outcome.is_new {
        outcome.changes.iter().for_each(|change| text.push_str(&difference(change)));
    }
    for address in &outcome.aliases {
        let _ = writeln!(text, "{address} also stays an address of {name}, because meetings may name it.");
    }
    text.push_str(
        &outcome.meetings.map(|meetings| meetings_of_retired(name, meetings, is_planned)).unwrap_or_default(),
    );
    text
}

fn difference(difference: &Difference) -> String {
    let Difference { what, before, after } = difference;
    let what = what.replace('_', " ");
    match (before, after) {
        (Value::Null, Value::Null) => format!("  {what}: set\n"),
        (Value::Null, after) => format!("  {what}: {}\n", shown(after)),
        (before, after) => format!("  {what}: {} → {}\n", shown(before), shown(after)),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.escape_debug().to_string(),
        Value::Array(list) if list.is_empty() => "none".to_owned(),
        Value::Array(list) => list.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Null => "none".to_owned(),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

fn meetings_of_retired(name: &str, meetings: Meetings, is_planned: bool) -> String {
    let Meetings { choice, ahead, settled, failed } = meetings;
    let what = match choice {
        _ if is_planned || settled + failed == 0 => {
            return format!(
                "{name} has organized {}.\n",
                out::counted(ahead, "meeting that is not over", "meetings that are not over")
            );
        }
        MeetingsOfRetired::HandOver => "Meetings that have another organizer now",
        MeetingsOfRetired::Cancel | MeetingsOfRetired::Keep => "Meetings that are cancelled",
    };
    format!("{what}, of those that {name} has organized: {settled}.\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(is_new: bool, changes: Vec<Difference>) -> Outcome {
        Outcome { name: "anna".to_owned(), is_new, changes, ..Outcome::default() }
    }

    #[test]
    fn people_read_what_changed() {
        let renamed = Difference { what: "display_name".to_owned(), before: json!("Anna"), after: json!("A\nB") };
        let password = Difference { what: "password".to_owned(), before: Value::Null, after: Value::Null };
        let aliases =
            Difference { what: "addresses".to_owned(), before: json!([]), after: json!(["mailto:a@b", "c:d"]) };
        let text_of = |outcome, is_planned| text(&outcome, is_planned, Path::new("data"));
        assert_eq!(
            text_of(outcome(false, vec![renamed.clone(), password, aliases]), false),
            "anna is changed in data.\n  display name: Anna → A\\nB\n  password: set\n  addresses: none → mailto:a@b, c:d\n"
        );
        assert_eq!(
            text_of(outcome(true, vec![renamed]), true),
            "anna would be registered in data:\n  display name: Anna → A\\nB\n"
        );
        assert_eq!(
            text_of(outcome(false, vec![]), true),
            "anna is registered like this in data already; nothing was written.\n"
        );
    }
}
