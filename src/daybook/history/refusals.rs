//! `daybook refusals`: shows refused requests and logins, with the reasons.

use std::path::Path;

use anyhow::Result;
use audit::{Names, access_report, foreign};

use crate::{
    access,
    cli::{Format, history::Refusals},
    config::Config,
    data, out,
};

pub(crate) async fn run(folder: &Path, wanted: &Refusals, config: &Config) -> Result<()> {
    let clock = super::clock(&wanted.zoned)?;
    let moment = |text: &Option<String>| text.as_deref().map(|text| super::moment(text, &clock)).transpose();
    let (since, until) = (moment(&wanted.since)?, moment(&wanted.until)?);
    let (_, models) = data::look_at_past(folder, config).await?;
    let names = Names::of(&models.directory());
    let people = wanted.who.as_deref().map(|who| super::people(who, &names)).transpose()?;
    let mut found = access::read(folder, |metadata, event| {
        access_report::is_refusal(event)
            && since.is_none_or(|since| metadata.at >= since)
            && until.is_none_or(|until| metadata.at < until)
            && people.as_ref().is_none_or(|people| metadata.actor.is_some_and(|actor| people.contains(&actor)))
    })
    .await?;
    let cut = found.len().saturating_sub(wanted.limit);
    found.drain(..cut);
    match wanted.format {
        Format::Json => out::print(&foreign::json(&access_report::refusals_json(&found, &names))),
        Format::Text => {
            let mut text = access_report::refusals(&found, &names, &clock);
            if cut > 0 {
                text = format!("earlier refusals that are not shown: {cut}; list more with --limit\n{text}");
            }
            if text.is_empty() {
                "No matching refusal is recorded.\n".clone_into(&mut text);
            }
            out::print(&text)
        }
    }
}
