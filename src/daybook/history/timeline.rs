//! `daybook timeline`: shows the history of a meeting.

use std::{path::Path, process::ExitCode};

use anyhow::{Context as _, Result, ensure};
use audit::{
    Clock, Detail, Evidence, Selection,
    access_report::{self, About},
    dot, foreign, json, table, text,
};
use chrono::NaiveDate;
use schemas::{AccessEvent, PrincipalId};

use crate::{
    access,
    cli::history::{Addition, Timeline, TimelineFormat},
    config::Config,
    data, out,
};

/// Executes `daybook timeline`. The exit code is 1 if an event of the report was altered or cannot
/// be read, or if the read model lacks a copy.
pub(crate) async fn run(folder: &Path, asked: &Timeline, config: &Config) -> Result<ExitCode> {
    let clock = super::clock(&asked.zoned)?;
    let (journal, models) = data::look_at_past(folder, config).await?;
    let subject = audit::find::subject(&*journal, &models, &asked.subject, &clock).await?;
    let evidence = subject.read_in_detail(&*journal, &models, detail(asked)).await?;
    let is_known = !evidence.events.is_empty() || !evidence.faults.is_empty();
    ensure!(is_known, "no events of {} are recorded; `daybook find` searches for meetings", asked.subject);
    if asked.format == TimelineFormat::Text && !asked.dot {
        out::print(&super::shared(&models, &asked.subject))?;
    }
    if asked.with.is_empty() {
        out::print(&shown(asked, &evidence, &clock)?)?;
    } else {
        out::print(&with(folder, asked, &evidence, &clock).await?)?;
    }
    Ok(if evidence.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the acts, with refused requests and reads of the meeting between them.
async fn with(folder: &Path, wanted: &Timeline, evidence: &Evidence, clock: &Clock) -> Result<String> {
    let timeline = audit::Timeline::of(evidence, Detail::Acts);
    let about = About::of(&timeline);
    let selection = selection(wanted, evidence, clock)?;
    let is_within = |metadata: &schemas::Metadata| {
        let is_by =
            |people: &[PrincipalId]| people.is_empty() || metadata.actor.is_some_and(|actor| people.contains(&actor));
        let is_in_time = selection.since.is_none_or(|since| metadata.at >= since)
            && selection.until.is_none_or(|until| metadata.at < until);
        is_in_time && is_by(&selection.people) && is_by(&selection.by)
    };
    let mut additional = vec![];
    if wanted.with.contains(&Addition::Refused) {
        let refused = access::read(folder, |metadata, event| is_within(metadata) && about.is_refused(event)).await?;
        additional.extend(access_report::refused_at(&refused, &evidence.names, clock));
    }
    if wanted.with.contains(&Addition::Reads) {
        let is_read = |event: &AccessEvent| matches!(event, AccessEvent::VersionsServed(_));
        let served = access::read(folder, |metadata, event| is_within(metadata) && is_read(event)).await?;
        let readings = access_report::readings(&served, &about.objects, &evidence.names);
        additional.extend(access_report::read_at(&readings, clock));
    }
    additional.sort_by_key(|(at, _)| *at);
    Ok(text::folded_with(&timeline.select(&selection), &additional, clock))
}

fn shown(asked: &Timeline, evidence: &Evidence, clock: &Clock) -> Result<String> {
    let format = if asked.dot { TimelineFormat::Dot } else { asked.format };
    let timeline = audit::Timeline::of(evidence, detail(asked)).select(&selection(asked, evidence, clock)?);
    Ok(match format {
        TimelineFormat::Text if asked.all => text::unfolded(&timeline, &evidence.names, clock),
        TimelineFormat::Text => text::folded(&timeline, clock),
        TimelineFormat::Json => foreign::json_indented(&json::timeline(&timeline)),
        TimelineFormat::Jsonl => timeline.acts.iter().map(|act| foreign::json(&json::act(act))).collect(),
        TimelineFormat::Csv => table::csv(&timeline),
        TimelineFormat::Dot => dot::graph(&timeline, clock),
    })
}

/// Returns [`Detail::Events`] if the report shows the events that the server caused with their
/// changes, otherwise [`Detail::Acts`].
fn detail(asked: &Timeline) -> Detail {
    let is_whole = asked.all || asked.dot || matches!(asked.format, TimelineFormat::Json | TimelineFormat::Dot);
    // With `--with`, the report is text with acts.
    if is_whole && asked.with.is_empty() { Detail::Events } else { Detail::Acts }
}

fn selection(asked: &Timeline, evidence: &Evidence, clock: &Clock) -> Result<Selection> {
    let moment = |text: &Option<String>| text.as_deref().map(|text| super::moment(text, clock)).transpose();
    let day = |text: &String| {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d");
        day.with_context(|| format!("`{text}` is not a date; write 2026-12-14"))
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
