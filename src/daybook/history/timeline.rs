//! `daybook timeline`: prints the history of a meeting.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result, ensure};
use audit::{Clock, Detail, Evidence, Selection, json, table, text};
use chrono::NaiveDate;

use crate::{
    cli::history::{Timeline, TimelineFormat},
    config::Config,
    data, out,
};

/// Returns exit code 1 if an event of the report was altered.
pub(crate) async fn run(folder: &Path, asked: &Timeline, config: &Config) -> Result<ExitCode> {
    let clock = super::clock(&asked.zoned)?;
    let (journal, models) = data::look(folder, config).await?;
    let subject = audit::find::subject(&*journal, &models, &asked.subject, &clock).await?;
    let evidence = subject.read(&*journal, &models).await?;
    let is_known = !evidence.events.is_empty() || !evidence.faults.is_empty();
    ensure!(is_known, "there are no events of {}", asked.subject);
    out::print(&shown(asked, &evidence, &clock)?)?;
    Ok(if evidence.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn shown(asked: &Timeline, evidence: &Evidence, clock: &Clock) -> Result<String> {
    let is_whole = asked.all || asked.format == TimelineFormat::Json;
    let detail = if is_whole { Detail::Events } else { Detail::Acts };
    let timeline = audit::Timeline::of(evidence, detail).select(&selection(asked, evidence, clock)?);
    Ok(match asked.format {
        TimelineFormat::Text if asked.all => text::unfolded(&timeline, &evidence.names, clock),
        TimelineFormat::Text => text::folded(&timeline, clock),
        TimelineFormat::Json => format!("{:#}\n", json::timeline(&timeline)),
        TimelineFormat::Jsonl => {
            timeline.acts.iter().flat_map(|act| [json::act(act).to_string(), "\n".to_owned()]).collect()
        }
        TimelineFormat::Csv => table::csv(&timeline),
    })
}

fn selection(asked: &Timeline, evidence: &Evidence, clock: &Clock) -> Result<Selection> {
    let moment = |text: &Option<String>| text.as_deref().map(|text| super::moment(text, clock)).transpose();
    let day = |text: &String| {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
        day.with_context(|| format!("`{text}` is no date; write 2026-12-14"))
    };
    let people = |who: &Option<String>| {
        let found = who.as_deref().map(|who| super::people(who, &evidence.names)).transpose();
        found.map(Option::unwrap_or_default)
    };
    Ok(Selection {
        people: people(&asked.who)?,
        by: people(&asked.by)?,
        changed: asked.changed.clone(),
        instance: asked.instance.as_ref().map(day).transpose()?,
        since: moment(&asked.since)?,
        until: moment(&asked.until)?,
    })
}
