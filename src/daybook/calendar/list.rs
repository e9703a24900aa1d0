//! `daybook calendar list`: prints the calendars of a person.

use std::path::Path;

use ::projections::{Collection, ReadModels};
use anyhow::Result;
use audit::foreign;
use schemas::{
    CollectionId,
    collection::{COLOR, Property},
};
use serde_json::json;

use super::known;
use crate::{config::Config, data, out};

/// The number of members of a calendar that are read at once.
const PAGE: usize = 1_000;

pub(super) async fn run(folder: &Path, user: &str, is_json: bool, config: &Config) -> Result<()> {
    let (_, models) = data::look(folder, config).await?;
    let home = known::person(&models, user)?;
    let default = service::collections::default_calendar(&models, home)?.map(|calendar| calendar.id);
    for calendar in known::all(&models, home)? {
        let count = count(&models, calendar.id)?;
        out::print(&line(&calendar, count, default == Some(calendar.id), is_json))?;
    }
    Ok(())
}

fn line(calendar: &Collection, count: usize, is_default: bool, is_json: bool) -> String {
    let Collection { name, components, bytes, .. } = calendar;
    let display_name = known::display_name(calendar);
    let color = Property::text(&calendar.properties, COLOR);
    if is_json {
        let line = json!({
            "name": name,
            "display_name": display_name,
            "color": color,
            "components": components,
            "objects": count,
            "bytes": bytes,
            "receives_invitations": is_default,
        });
        return foreign::json(&line);
    }
    let accepts = if components.is_empty() { "everything".to_owned() } else { components.join(", ") };
    let invitations = if is_default { ", receives invitations" } else { "" };
    let (name, shown) = (foreign::identifier(name), foreign::quoted(&display_name));
    let color = color.map(|color| format!(", {}", foreign::identifier(color.trim()))).unwrap_or_default();
    format!(
        "{name}  {shown}{color}: {}, {bytes} bytes, accepts {accepts}{invitations}\n",
        out::counted(count, "object", "objects")
    )
}

/// Returns the number of objects in a calendar.
pub(super) fn count(models: &ReadModels, calendar: CollectionId) -> Result<usize> {
    let (mut count, mut after) = (0, None);
    loop {
        let page = models.members(calendar, after.as_deref(), PAGE)?;
        count += page.len();
        if page.len() < PAGE {
            return Ok(count);
        }
        after = page.into_iter().next_back().map(|member| member.name);
    }
}
