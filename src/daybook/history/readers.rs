//! `daybook readers`: shows which versions of a meeting the server sent to which programs, and who
//! looked at the history.

use std::path::Path;

use anyhow::{Result, bail};
use audit::{Names, access_report, find::Subject};
use schemas::{AccessEvent, Metadata, Stream};

use crate::{access, cli::history::Readers, config::Config, data, out};

pub(crate) async fn run(folder: &Path, wanted: &Readers, config: &Config) -> Result<()> {
    let clock = super::clock(&wanted.zoned)?;
    let (journal, models) = data::look_at_past(folder, config).await?;
    let names = Names::of(&models.directory());
    let people = wanted.who.as_deref().map(|who| super::people(who, &names)).transpose()?;
    let is_theirs = |metadata: &Metadata| {
        people.as_ref().is_none_or(|people| metadata.actor.is_some_and(|actor| people.contains(&actor)))
    };
    let Some(subject) = &wanted.subject else {
        let is_look = |event: &AccessEvent| matches!(event, AccessEvent::HistoryLookedAt(_));
        let looks = access::read(folder, |metadata, event| is_look(event) && is_theirs(metadata)).await?;
        return out::print(&access_report::looks(&looks, &names, &clock));
    };
    let shared = super::shared(&models, subject);
    let subject = audit::find::subject(&*journal, &models, subject, &clock).await?;
    let Subject::Meeting(uid) = subject else { bail!("name a meeting: its UID, words that only it has, or a path") };
    let objects: Vec<_> = models
        .streams_of_uid(&uid)?
        .into_iter()
        .filter_map(|stream| match stream {
            Stream::Object(object) => Some(object),
            _ => None,
        })
        .collect();
    let is_version = |event: &AccessEvent| matches!(event, AccessEvent::VersionsServed(_));
    let served = access::read(folder, |metadata, event| is_version(event) && is_theirs(metadata)).await?;
    let readers = access_report::readers(&access_report::readings(&served, &objects, &names), &clock);
    out::print(&format!("{shared}{readers}"))
}
