//! `daybook readers`: which version of a meeting was given to whose program.

use std::path::Path;

use anyhow::{Result, bail};
use audit::{Names, asked, find::Subject};
use schemas::{AccessEvent, Stream};

use crate::{access, cli::history::Readers, config::Config, data, out};

pub(crate) async fn run(folder: &Path, wanted: &Readers, config: &Config) -> Result<()> {
    let clock = super::clock(&wanted.zoned)?;
    let (journal, models) = data::look(folder, config).await?;
    let subject = audit::find::subject(&*journal, &models, &wanted.subject, &clock).await?;
    let Subject::Meeting(uid) = subject else { bail!("name a meeting: its UID, words that only it has, or a path") };
    let objects: Vec<_> = models
        .streams_of_uid(&uid)?
        .into_iter()
        .filter_map(|stream| match stream {
            Stream::Object(object) => Some(object),
            _ => None,
        })
        .collect();
    let names = Names::of(&models.directory());
    let people = wanted.who.as_deref().map(|who| super::people(who, &names)).transpose()?;
    let served = access::read(folder, |metadata, event| {
        matches!(event, AccessEvent::VersionsServed(_))
            && people.as_ref().is_none_or(|people| metadata.actor.is_some_and(|actor| people.contains(&actor)))
    })
    .await?;
    out::print(&asked::readers(&asked::readings(&served, &objects, &names), &clock))
}
