//! `daybook find`: finds meetings by words, people and times.

use std::{fmt::Write as _, path::Path};

use ::projections::search::Effort;
use anyhow::Result;
use audit::{
    Clock, Names,
    find::{Finds, QUALIFIERS, Search, find},
    foreign, rfc3339,
};
use serde_json::json;

use crate::{
    cli::{Format, history::Find},
    config::Config,
    data, out,
};

pub(crate) async fn run(folder: &Path, asked: &Find, config: &Config) -> Result<()> {
    let clock = super::clock(&asked.zoned)?;
    let (journal, models) = data::look_at_past(folder, config).await?;
    let mut search = Search::parse(&asked.words, &models, &clock)?;
    if asked.thorough {
        search.query.effort = Effort::WHOLE;
    }
    let finds = find(&*journal, &models, &search, asked.limit).await?;
    let names = Names::of(&models.directory());
    out::print(&match asked.format {
        Format::Text => {
            let shared: String = asked.words.iter().map(|word| super::shared(&models, word)).collect();
            shared + &text(&finds, &names, &clock)? + &hint(&finds, &asked.words)
        }
        Format::Json => foreign::json_indented(&json(&finds)),
    })
}

fn text(finds: &Finds, names: &Names, clock: &Clock) -> Result<String> {
    let mut text = String::new();
    if finds.meetings.is_empty() {
        text.push_str("No meeting matches.\n");
    }
    for found in &finds.meetings {
        let (uid, title) = (foreign::identifier(&found.uid), foreign::quoted(&found.title));
        let organizer = match found.organizer.as_str() {
            "" => "no organizer".to_owned(),
            address => format!("by {}", names.today().address(address)),
        };
        let (when, position) = (clock.long(found.at), found.position);
        writeln!(text, "{uid}  {title}, {organizer}; last act #{position}, {when}")?;
    }
    if finds.is_cut {
        writeln!(text, "More meetings match: add a word, or list more with --limit.")?;
    } else if finds.is_partial {
        writeln!(
            text,
            "Only recently changed meetings were searched: add a word or a person, or search all with --thorough."
        )?;
    }
    Ok(text)
}

/// Returns a hint about a misspelt qualifier if the search found nothing; otherwise an empty text.
fn hint(finds: &Finds, words: &[String]) -> String {
    match Search::unknown_qualifier(words).filter(|_| finds.meetings.is_empty()) {
        Some(name) => {
            format!(
                "`{name}:` is not a qualifier and was searched as a word; the qualifiers are {}.\n",
                QUALIFIERS.join(", ")
            )
        }
        None => String::new(),
    }
}

fn json(finds: &Finds) -> serde_json::Value {
    let meetings: Vec<_> = finds
        .meetings
        .iter()
        .map(|found| {
            json!({
                "uid": found.uid,
                "title": found.title,
                "organizer": found.organizer,
                "position": found.position,
                "at": rfc3339(found.at),
            })
        })
        .collect();
    json!({ "meetings": meetings, "is_cut": finds.is_cut, "is_partial": finds.is_partial })
}
