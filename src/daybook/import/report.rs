//! Reports the result for each imported object, as text or as JSON.

use std::collections::BTreeMap;

use anyhow::Result;
use audit::foreign;
use ical::repair::RepairKind;
use schemas::object::{Imported, Role};
use serde_json::{Value, json};
use service::imports::{ImportOutcome, ImportReport};

use crate::{calendar::Made, out};

/// Returns the result of importing an object as JSON.
pub(crate) fn to_json(from: &Imported, report: &ImportReport) -> Value {
    let (outcome, why) = match &report.outcome {
        ImportOutcome::Created => ("created", None),
        ImportOutcome::Replaced => ("replaced", None),
        ImportOutcome::Unchanged => ("unchanged", None),
        ImportOutcome::Kept { why } => ("kept", Some(*why)),
    };
    let role = match report.role {
        Role::None => None,
        Role::Organizer => Some("organizer"),
        Role::Attendee => Some("attendee"),
    };
    let mut result = json!({
        "uid": report.uid,
        "outcome": outcome,
        "why": why,
        "file": from.file,
        "line": from.line,
        "name": report.name,
        "role": role,
        "repairs": report.repairs,
        "copies_made_to_agree": report.agreed,
    });
    if let Some(why) = &report.disagreement {
        result["disagreement"] = json!(why);
    }
    result
}

/// A printer that reports each object and counts the results.
#[derive(Debug)]
pub(super) struct Teller {
    is_json: bool,
    is_trial: bool,
    counts: BTreeMap<&'static str, u64>,
    agreed: u64,
    /// True if an object was stored, but another copy of its meeting does not agree with it.
    has_disagreement: bool,
    /// The created calendars by path, for the JSON output.
    made: BTreeMap<String, Value>,
}

impl Teller {
    pub(super) fn new(is_json: bool, is_trial: bool) -> Self {
        Self { is_json, is_trial, counts: BTreeMap::new(), agreed: 0, has_disagreement: false, made: BTreeMap::new() }
    }

    /// Returns true if something was refused: an object, a part of a file, or another copy of a
    /// meeting.
    pub(super) fn has_refused(&self) -> bool {
        self.has_disagreement || self.counts.contains_key("refused")
    }

    /// Reports a created calendar, once: in a dry run each file for the same calendar would report
    /// it, because the calendar is never created.
    pub(super) fn made(&mut self, name: &str, made: &Made) -> Result<()> {
        let repairs: Vec<_> = made.is_repaired.then(|| RepairKind::ControlCharacter.as_str()).into_iter().collect();
        let line = json!({ "calendar": name, "display_name": made.display_name, "repairs": repairs });
        if self.made.insert(name.to_owned(), line).is_some() || self.is_json {
            return Ok(());
        }
        let shown = foreign::visible(&made.display_name);
        let repairs = repaired(&repairs);
        out::print(&format!("{:<10}{}  shown as {shown}{repairs}\n", "calendar", foreign::identifier(name)))
    }

    /// Reports the result for an object.
    pub(super) fn object(&mut self, object: &Value) -> Result<()> {
        self.agreed += object["copies_made_to_agree"].as_u64().unwrap_or_default();
        self.has_disagreement |= object["disagreement"].is_string();
        self.line(object)
    }

    /// Reports an object or a part of a file that is not imported.
    pub(super) fn refused(&mut self, uid: Option<&str>, from: &Imported, why: &str) -> Result<()> {
        self.line(&json!({ "uid": uid, "outcome": "refused", "why": why, "file": from.file, "line": from.line }))
    }

    fn line(&mut self, object: &Value) -> Result<()> {
        let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
        let word = match text("outcome").as_str() {
            "created" => "created",
            "replaced" => "replaced",
            "unchanged" => "unchanged",
            "kept" => "kept",
            _ => "refused",
        };
        *self.counts.entry(word).or_default() += 1;
        if self.is_json {
            return out::print(&foreign::json(object));
        }
        let uid = object["uid"].as_str().map_or_else(|| "no UID".to_owned(), foreign::identifier);
        let why = object["why"].as_str().map(|why| format!(": {}", foreign::visible(why))).unwrap_or_default();
        let repairs: Vec<&str> = object["repairs"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let repairs = repaired(&repairs);
        let file = foreign::identifier(&text("file"));
        let line = &object["line"];
        out::print(&format!("{word:<10}{uid}  {file}, line {line}{why}{repairs}{}\n", disagreement(object)))
    }

    /// Reports the number of objects with each result, at the end of the import.
    pub(super) fn end(&self, request: &str) -> Result<()> {
        if self.is_json {
            let made: Vec<_> = self.made.values().collect();
            let (counts, agreed) = (&self.counts, self.agreed);
            let end =
                json!({ "counts": counts, "calendars_made": made, "copies_made_to_agree": agreed, "request": request });
            return out::print(&foreign::json(&end));
        }
        let of = |word: &str| self.counts.get(word).copied().unwrap_or_default();
        let counts: Vec<_> = ["created", "replaced", "unchanged", "kept", "refused"]
            .into_iter()
            .map(|word| format!("{} {word}", of(word)))
            .collect();
        let counts = counts.join(", ");
        if self.is_trial {
            return out::print(&format!("Nothing was written. The import would give: {counts}.\n"));
        }
        let agreed = match self.agreed {
            0 => String::new(),
            count => format!(" {} of meetings made to agree.", out::counted(count, "copy", "copies")),
        };
        out::print(&format!(
            "{counts}.{agreed} Nobody was notified. To see what was done: daybook timeline request:{request}\n"
        ))
    }
}

fn repaired(repairs: &[&str]) -> String {
    if repairs.is_empty() { String::new() } else { format!("  repaired: {}", repairs.join(", ")) }
}

/// Returns the words about another copy of the meeting that was refused; empty if none was.
fn disagreement(object: &Value) -> String {
    let why = object["disagreement"].as_str().map(foreign::visible);
    why.map(|why| format!("  another copy of the meeting stays different: {why}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_that_was_stored_is_not_counted_as_refused_though_another_copy_was() {
        let report = |disagreement: Option<&str>| ImportReport {
            uid: "1".to_owned(),
            outcome: ImportOutcome::Created,
            name: "1.ics".to_owned(),
            role: Role::Organizer,
            repairs: vec![],
            agreed: 0,
            disagreement: disagreement.map(str::to_owned),
        };
        let from = Imported { file: "a.ics".to_owned(), line: 1 };
        assert!(to_json(&from, &report(None)).get("disagreement").is_none());
        let object = to_json(&from, &report(Some("it cannot be read")));
        assert!(disagreement(&object).ends_with(": it cannot be read"));
        let mut teller = Teller::new(true, false);
        teller.object(&object).expect("printed");
        assert!(teller.has_refused());
        assert_eq!(teller.counts, BTreeMap::from([("created", 1)]));
    }
}
