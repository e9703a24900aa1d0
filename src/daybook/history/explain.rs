//! `daybook explain`: explains why a meeting differs from what a person expects.

use std::{collections::BTreeSet, path::Path, process::ExitCode};

use anyhow::{Result, bail, ensure};
use audit::{
    Clock, Detail, Evidence, Timeline,
    access_report::{self, About, Reading},
    explain::{self, Head},
};
use schemas::{AccessEvent, ObjectId, PrincipalId, Stream};

use crate::{
    access,
    cli::history::{Explain, Question},
    config::Config,
    data, out, proof,
};

/// The maximum number of refused requests in an explanation. The latest ones are shown.
const SHOWN_REFUSALS: usize = 15;

pub(crate) async fn run(folder: &Path, wanted: &Explain, config: &Config) -> Result<ExitCode> {
    let clock = super::clock(&wanted.zoned)?;
    let (journal, models) = data::look_at_past(folder, config).await?;
    let subject = audit::find::subject(&*journal, &models, &wanted.subject, &clock).await?;
    let evidence = subject.read(&*journal, &models).await?;
    let person = match wanted.for_whom.as_deref().map(|who| super::people(who, &evidence.names)).transpose()?.as_deref()
    {
        None => None,
        Some([one]) => Some(*one),
        Some(several) => {
            let names: Vec<String> = several.iter().map(|id| evidence.names.today().person(*id)).collect();
            bail!("several people have this name: {}; name a login or an address", names.join(", "));
        }
    };
    let needs_person = person.is_none() && wanted.why == Some(Question::Seen);
    ensure!(!needs_person, "the question `seen` is about the programs of one person: name the person with --for");
    let chain = journal.chain_head().await?;
    let head = Head {
        position: journal.head().await?,
        hash: chain.map(|head| head.hash.to_string()).unwrap_or_default(),
        signed: proof::last_signed(folder)?,
    };
    let mut explanation = explain::explain(&evidence, person, wanted.why.map(Question::asked), &head, &clock);
    if let Some(person) = person.filter(|_| matches!(wanted.why, None | Some(Question::Seen))) {
        let readings = readings(folder, &evidence, person).await?;
        explanation.sentences.extend(explain::seen(&evidence, person, &readings, &clock));
    }
    if wanted.why == Some(Question::Refused) {
        explanation.sentences.extend(refused(folder, &evidence, person, &clock).await?);
    }
    out::print(&format!("{}{}", super::shared(&models, &wanted.subject), explanation.text()))?;
    Ok(if evidence.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns the refused requests about the meeting, as lines: those of `person`, or with `None`
/// those of everybody. If there are none, one line says so.
async fn refused(
    folder: &Path,
    evidence: &Evidence,
    person: Option<PrincipalId>,
    clock: &Clock,
) -> Result<Vec<String>> {
    let about = About::of(&Timeline::of(evidence, Detail::Acts));
    let refused = access::read(folder, |metadata, event| {
        about.is_refused(event) && person.is_none_or(|person| metadata.actor == Some(person))
    });
    let mut lines: Vec<String> =
        access_report::refused_at(&refused.await?, &evidence.names, clock).into_iter().map(|(_, line)| line).collect();
    let skipped = lines.len().saturating_sub(SHOWN_REFUSALS);
    lines.drain(..skipped);
    if skipped > 0 {
        lines.insert(
            0,
            format!("earlier refusals that are not shown: {skipped}; `daybook timeline --with refused` shows them"),
        );
    }
    if lines.is_empty() {
        let by = person.map(|person| format!(" of {}", evidence.names.today().person(person))).unwrap_or_default();
        lines.push(format!("No refused request{by} about this meeting is recorded."));
    }
    Ok(lines)
}

/// Returns the versions of the meeting that the server sent to the person's programs.
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
    Ok(access_report::readings(&served.await?, &objects, &evidence.names))
}
