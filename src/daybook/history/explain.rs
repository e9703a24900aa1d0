//! `daybook explain`: why a meeting is, or is not, as somebody expects it.

use std::{path::Path, process::ExitCode};

use anyhow::{Result, bail};
use audit::explain::{self, Head};

use crate::{
    cli::history::{Explain, Question},
    config::Config,
    data, out, proof,
};

pub(crate) async fn run(folder: &Path, asked: &Explain, config: &Config) -> Result<ExitCode> {
    let clock = super::clock(&asked.zoned)?;
    let (journal, models) = data::look(folder, config).await?;
    let subject = audit::find::subject(&*journal, &models, &asked.subject, &clock).await?;
    let evidence = subject.read(&*journal, &models).await?;
    let person = match asked.for_whom.as_deref().map(|who| super::people(who, &evidence.names)).transpose()?.as_deref()
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
    let explanation = explain::explain(&evidence, person, asked.why.map(Question::asked), &head, &clock);
    out::print(&explanation.text())?;
    Ok(if evidence.is_whole() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
