//! Shows accounts from the read models, also while a server is running.

use std::{fmt::Write as _, path::Path};

use ::projections::{Directory, Entry};
use anyhow::{Context as _, Result, bail};
use audit::foreign;
use schemas::principal::AutomaticAnswer;
use serde_json::json;

use super::{account, kind, state};
use crate::{
    cli::{List, Show},
    config::Config,
    data, out,
};

pub(super) async fn all(folder: &Path, asked: &List, config: &Config) -> Result<()> {
    let (_, models) = data::look(folder, config).await?;
    let directory = models.directory();
    if directory.all().is_empty() && !asked.json {
        bail!("no account is registered in {}; add one with `daybook principal add`", folder.display());
    }
    let entries: Vec<_> = directory.all().iter().filter(|entry| asked.all || entry.is_present()).collect();
    if asked.json {
        return entries.iter().try_for_each(|entry| out::print(&foreign::json(&as_json(&directory, entry))));
    }
    let width = entries.iter().map(|entry| entry.short_name.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for entry in entries {
        let (kind, addresses) = (kind(entry.kind), entry.addresses.join(", "));
        let _ = write!(text, "{:<width$}  {kind:<8}  {:<24}  {addresses}", entry.short_name, entry.display_name);
        if entry.automatic_answer != AutomaticAnswer::None {
            let _ = write!(text, "  answers: {}", account::name_of(entry.automatic_answer));
        }
        if !entry.is_active() {
            let _ = write!(text, "  {}", state(entry.state));
        }
        let _ = writeln!(text, "{}{}", word(entry.administrator, "administrator"), word(entry.auditor, "auditor"));
    }
    out::print(&text)
}

/// Returns the word for a right; empty unless the account has it.
fn word(is_held: bool, right: &str) -> String {
    if is_held { format!("  {right}") } else { String::new() }
}

pub(super) async fn one(folder: &Path, asked: &Show, config: &Config) -> Result<()> {
    let (_, models) = data::look(folder, config).await?;
    let directory = models.directory();
    let entry = directory.by_name_in_any_case(&asked.name);
    let entry = entry.with_context(|| format!("no account is named `{}`", asked.name))?;
    let shown = as_json(&directory, entry);
    if asked.json {
        return out::print(&foreign::json(&shown));
    }
    let mut text = String::new();
    for (what, value) in shown.as_object().into_iter().flatten() {
        let value = match value {
            serde_json::Value::Array(list) if list.is_empty() => continue,
            serde_json::Value::Array(list) => {
                list.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>().join(", ")
            }
            serde_json::Value::String(text) if text.is_empty() => continue,
            serde_json::Value::String(text) => foreign::visible(text).into_owned(),
            other => other.to_string(),
        };
        let _ = writeln!(text, "{:<15} {value}", format!("{}:", what.replace('_', " ")));
    }
    out::print(&text)
}

fn as_json(directory: &Directory, entry: &Entry) -> serde_json::Value {
    let name = |id| directory.by_id(id).map(|entry| entry.short_name.clone());
    json!({
        "name": entry.short_name,
        "former_names": entry.former_names,
        "id": entry.id.to_string(),
        "kind": kind(entry.kind),
        "state": state(entry.state),
        "display_name": entry.display_name,
        "first_name": entry.first_name,
        "last_name": entry.last_name,
        "addresses": entry.addresses,
        "schedule": account::name_of(entry.automatic_answer),
        "administrator": entry.administrator,
        "auditor": entry.auditor,
        "password": entry.password.is_some(),
        "members": entry.members.iter().copied().filter_map(name).collect::<Vec<_>>(),
        "groups": directory.groups_of(entry.id).map(|group| group.short_name.clone()).collect::<Vec<_>>(),
    })
}
