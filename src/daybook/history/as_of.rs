//! `daybook as-of`: shows a home, a collection or a resource as it was at an earlier time.

mod difference;

use std::{fmt::Write as _, io::Write as _, path::Path};

use anyhow::{Context as _, Result};
use audit::{
    Clock, foreign,
    past::{self, Content, Resource},
    rfc3339,
};
use journal::Journal;
use serde_json::json;

use crate::{
    cli::history::{AsOf, AsOfFormat},
    config::Config,
    data, out,
};

pub(crate) async fn run(folder: &Path, asked: &AsOf, config: &Config) -> Result<()> {
    let clock = super::clock(&asked.zoned)?;
    let (journal, models) = data::look_at_past(folder, config).await?;
    let at = super::position(&*journal, &asked.when, &clock).await?;
    let target = audit::find::resolve_at(&models, &asked.href, at)?;
    if asked.format == AsOfFormat::List {
        out::print(&super::said(&models, &target))?;
    }
    if let Some(later) = &asked.diff {
        let later = super::position(&*journal, later, &clock).await?;
        let differences = past::differences(&*journal, &models, &target, (at, later)).await?;
        let is_json = asked.format == AsOfFormat::Json;
        return out::print(&if is_json {
            foreign::json_indented(&difference::json(&*journal, &differences).await?)
        } else {
            difference::text(&*journal, &differences).await?
        });
    }
    let resources = if target.is_there(at) { past::list(&models, &target, at)? } else { vec![] };
    match asked.format {
        AsOfFormat::List => out::print(&list(&*journal, &resources, asked.limit, &clock).await?),
        AsOfFormat::Ics => texts(&*journal, &resources).await,
        AsOfFormat::Json => out::print(&foreign::json_indented(&json(&*journal, &resources).await?)),
    }
}

/// Returns the contents of the resources, at most [`past::PAGE`] of them; an error if the event of
/// one has no content.
async fn read(journal: &dyn Journal, resources: &[Resource]) -> Result<Vec<Content>> {
    let contents = past::contents(journal, resources).await?;
    let found = contents.into_iter().zip(resources).map(|(content, resource)| {
        content.with_context(|| {
            format!(
                "the event #{} has no text of the object, although a read model names it: run `daybook verify \
                 --read-models`",
                resource.content
            )
        })
    });
    found.collect()
}

async fn list(journal: &dyn Journal, resources: &[Resource], limit: usize, clock: &Clock) -> Result<String> {
    let mut text = String::new();
    for page in resources[..limit.min(resources.len())].chunks(past::PAGE) {
        for (resource, content) in page.iter().zip(read(journal, page).await?) {
            let title = title(&content).map(|title| format!("  {}", foreign::quoted(&title))).unwrap_or_default();
            let (path, when) = (foreign::identifier(&resource.path), clock.long(content.at));
            writeln!(text, "{path}{title}  since #{}, {when}", resource.since)?;
        }
    }
    if resources.is_empty() {
        text.push_str("No resource existed at or below this path at that time.\n");
    }
    if resources.len() > limit {
        writeln!(text, "and {} more; --limit shows more", resources.len() - limit)?;
    }
    Ok(text)
}

fn title(content: &Content) -> Option<String> {
    let document = ical::Document::parse(String::from_utf8(content.body.clone()).ok()?).ok()?;
    let summary = document.root().components().find_map(|component| component.property("SUMMARY"))?;
    Some(summary.text().into_owned())
}

/// Writes the bytes of each resource to standard output, one after the other.
async fn texts(journal: &dyn Journal, resources: &[Resource]) -> Result<()> {
    let mut out = std::io::stdout().lock();
    for page in resources.chunks(past::PAGE) {
        let bodies: Vec<_> = read(journal, page).await?.into_iter().map(|content| content.body).collect();
        out.write_all(&bodies.concat()).context("cannot write to standard output")?;
    }
    out.flush().context("cannot write to standard output")
}

async fn json(journal: &dyn Journal, resources: &[Resource]) -> Result<serde_json::Value> {
    let mut all = vec![];
    for page in resources.chunks(past::PAGE) {
        for (resource, content) in page.iter().zip(read(journal, page).await?) {
            let body = if content.is_text { Some(String::from_utf8_lossy(&content.body).into_owned()) } else { None };
            all.push(json!({
                "path": resource.path,
                "since": resource.since,
                "content": resource.content,
                "at": rfc3339(content.at),
                "etag": content.etag,
                "schedule_tag": content.schedule_tag,
                "bytes": content.body.len(),
                "text": body,
            }));
        }
    }
    Ok(all.into())
}
