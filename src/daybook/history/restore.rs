//! `daybook restore`: puts a resource, a collection or a home back to what it was.

use std::{fmt::Write as _, path::Path, process::ExitCode};

use anyhow::{Context as _, Result};
use audit::foreign;
use service::history::{Restore, Step, Telling};

use crate::{cli::history::RestoreTo, config::Config, data, machine, operator, out};

/// Fails with exit code 1 if a step was refused; the others are done.
pub(crate) async fn run(folder: &Path, asked: &RestoreTo, config: &Config) -> Result<ExitCode> {
    let clock = super::clock(&asked.zoned)?;
    let opened = data::open(folder, config).await?;
    let service = &opened.service;
    let target = audit::find::resolve(service.models(), &asked.href)?;
    let position = match asked.to.trim_start_matches('#').parse() {
        Ok(number) => schemas::Position(number),
        Err(_) => service.position_at(super::moment(&asked.to, &clock)?).await?,
    };
    let then = service.as_of(target.home, position).await?;
    let was = then.service.models().collection_by_id(target.collection)?;
    let collection = was.or(service.models().collection_by_id(target.collection)?);
    let collection = collection.context("there was no such collection at that time, and there is none now")?.name;
    let restore = Restore { home: target.home, collection, name: target.name };
    let steps = service.plan_restore(&then, &restore)?;
    let telling = if asked.silently { Telling::Silently } else { Telling::Tell };
    let stamp = operator::stamp("restore", &machine::operator(), None);
    let mut text = String::new();
    let mut is_refused = false;
    for step in &steps {
        let (verb, path) = (word(step), foreign::identifier(step.path()));
        if asked.dry_run {
            writeln!(text, "would {verb} {path}")?;
            continue;
        }
        match service.restore(&stamp, &then, (target.home, step), telling).await {
            Ok(()) => writeln!(text, "{verb} {path}: done")?,
            Err(refused) => {
                is_refused = true;
                writeln!(text, "{verb} {path}: NOT DONE: {}", foreign::visible(&refused.to_string()))?;
            }
        }
    }
    if steps.is_empty() {
        text.push_str("Everything is as it was then.\n");
    } else if !asked.dry_run {
        writeln!(text, "The request is {}: daybook timeline request:{0}", stamp.metadata.request)?;
    }
    out::print(&text)?;
    service.close();
    Ok(if is_refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

const fn word(step: &Step) -> &'static str {
    match step {
        Step::Create(_) => "create the collection",
        Step::Put(_) => "put back",
        Step::Delete(_) => "delete",
    }
}
