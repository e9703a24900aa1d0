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
    json!({
        "uid": report.uid,
        "outcome": outcome,
        "why": why,
        "file": from.file,
        "line": from.line,
        "name": report.name,
        "role": role,
        "repairs": report.repairs,
        "copies_made_to_agree": report.agreed,
    })
}

/// A printer that reports each object and counts the results.
#[derive(Debug)]
pub(super) struct Teller {
    is_json: bool,
    is_trial: bool,
    counts: BTreeMap<&'static str, u64>,
    agreed: u64,
    /// The created calendars by path, for the JSON output, and so that each is reported once.
    made: BTreeMap<String, Value>,
}

impl Teller {
    pub(super) fn new(is_json: bool, is_trial: bool) -> Self {
        Self { is_json, is_trial, counts: BTreeMap::new(), agreed: 0, made: BTreeMap::new() }
    }

    pub(super) fn has_refused(&self) -> bool {
        self.counts.contains_key("refused")
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
        out::print(&format!("{word:<10}{uid}  {file}, line {}{why}{repairs}\n", object["line"]))
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
