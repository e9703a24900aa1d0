//! `daybook explain`: why a meeting differs from what a person expects.

use std::{collections::BTreeSet, path::Path, process::ExitCode};

use anyhow::{Result, bail};
use audit::{
    Evidence,
    asked::{self, Reading},
    explain::{self, Head},
};
use schemas::{AccessEvent, ObjectId, PrincipalId, Stream};

use crate::{
    access,
    cli::history::{Explain, Question},
    config::Config,
    data, out, proof,
};

pub(crate) async fn run(folder: &Path, wanted: &Explain, config: &Config) -> Result<ExitCode> {
    let clock = super::clock(&wanted.zoned)?;
    let (journal, models) = data::look(folder, config).await?;
    let subject = audit::find::subject(&*journal, &models, &wanted.subject, &clock).await?;
    let evidence = subject.read(&*journal, &models).await?;
    let person = match wanted.for_whom.as_deref().map(|who| super::people(who, &evidence.names)).transpose()?.as_deref()
    {
        None => None,
        Some([one]) => Some(*one),
        Some(several) => {
            let names: Vec<String> = several.iter().map(|id| evidence.names.today().person(*id)).collect();
            bail!("several people fit: {}; name a login or an address", names.join(", "));
        }
    };
    let chain = journal.chain_head().await?;
    let head = Head {
        position: journal.head().await?,
        hash: chain.map(|head| head.hash.to_string()).unwrap_or_default(),
        signed: proof::last_signed(folder),
    };
    let mut explanation = explain::explain(&evidence, person, wanted.why.map(Question::asked), &head, &clock);
    if let Some(person) = person.filter(|_| matches!(wanted.why, None | Some(Question::Seen))) {
        let readings = readings(folder, &evidence, person).await?;
        explanation.sentences.extend(explain::seen(&evidence, person, &readings, &clock));
    }
    out::print(&explanation.text())?;
    Ok(if evidence.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The versions of the meeting that the person's programs were given.
async fn readings(folder: &Path, evidence: &Evidence, person: PrincipalId) -> Result<Vec<Reading>> {
    let objects: BTreeSet<ObjectId> = evidence
        .events
        .iter()
        .filter_map(|recorded| match recorded.stream {
            Stream::Object(object) => Some(object),
            _ => None,
        })
        .collect();
    let objects: Vec<ObjectId> = objects.into_iter().collect();
    let served = access::read(folder, |metadata, event| {
        metadata.actor == Some(person) && matches!(event, AccessEvent::VersionsServed(_))
    });
    Ok(asked::readings(&served.await?, &objects, &evidence.names))
}
