//! The requests that the commands about history send to the process that has the journal open, and
//! its answers.

use anyhow::{Context as _, Result, ensure};
use audit::foreign;
use schemas::{Operator, Position, PrincipalId, Timestamp};
use serde::{Deserialize, Serialize};
use service::{
    Service,
    history::{self, Step, Telling},
    principals::Extent,
};
use uuid::Uuid;

use crate::{calendar::known, operator};

/// A request of a command about history.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) enum Request {
    /// Restores a resource, a collection or a home.
    Restore(Restore),
    /// Makes all copies of a meeting agree with the organizer's.
    Repair(Repair),
}

/// A path to restore, and the moment whose state is restored.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Restore {
    pub href: String,
    pub to: When,
    pub telling: Silence,
    pub dry_run: bool,
}

/// A moment of the history: just after an event, or a time.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum When {
    After(Position),
    At(Timestamp),
}

/// The choice whether a restore sends scheduling messages, or refuses the steps that would send
/// one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Silence {
    Tell,
    Silently,
}

/// The meeting whose copies a repair makes agree with the organizer's.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Repair {
    pub uid: String,
    pub organizer: PrincipalId,
    pub dry_run: bool,
}

/// The answer to a command about history.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Reply {
    Done(Done),
    Refused { why: String },
}

/// The steps that a restore or a repair made, or would make in a dry run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Done {
    /// The request id with which the history records the command.
    pub request: Uuid,
    /// A text that names the owner and the real path of the calendar, if the given path was in the
    /// home of a sharee.
    pub whose: Option<String>,
    pub steps: Vec<Taken>,
}

/// One step of a restore or a repair.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// The action in words: `put back`, `delete` and others.
    pub verb: String,
    /// The path below the home, or the login of the person whose copy it is.
    pub what: String,
    /// The reason why the step was refused; `None` if it was not, and in a dry run.
    pub refused: Option<String>,
    /// A remark about the parts that the step cannot restore; empty if it restores everything.
    #[serde(default)]
    pub note: String,
}

/// Executes a request in the name of an operator.
pub(crate) async fn execute(service: &Service, request: Request, by: &Operator) -> Reply {
    let done = match request {
        Request::Restore(request) => restore(service, request, by).await,
        Request::Repair(request) => repair(service, request, by).await,
    };
    done.map_or_else(|error| Reply::Refused { why: format!("{error:#}") }, Reply::Done)
}

async fn restore(service: &Service, request: Restore, by: &Operator) -> Result<Done> {
    let Restore { href, to, telling, dry_run } = request;
    // Waits until the read models for questions about the past show all events. Otherwise the path
    // of a new collection would be taken for the path of a resource.
    service.past_is_shown().await?;
    let position = match to {
        When::After(position) => position,
        When::At(moment) => service.position_at(moment).await?,
    };
    let target = audit::find::resolve_at(service.models(), &href, position)?;
    let whose = target.owned_by_another(service.models());
    let was_shared = target.is_there(position);
    ensure!(
        was_shared,
        "no shared calendar was at this path at that time; the path leads to {}",
        whose.unwrap_or_default()
    );
    let then = service.as_of(target.home, position).await?;
    let was_there = !then.service.models().home(target.home)?.is_empty();
    ensure!(was_there, "the home of this account did not exist at that time, so there is nothing to go back to");
    let was = then.service.models().collection_by_id(target.collection)?;
    let collection = was.or(service.models().collection_by_id(target.collection)?);
    let collection = collection.context("the collection does not exist now, and did not exist at that time")?.name;
    let wanted = history::Restore { home: target.home, collection, name: target.name };
    let telling = if telling == Silence::Silently { Telling::Silently } else { Telling::Tell };
    let mut stamp = operator::stamp("restore", by, None);
    stamp.metadata.restored = Some(position);
    let mut steps = vec![];
    for step in service.plan_restore(&then, &wanted)? {
        let refused = if dry_run {
            None
        } else {
            let done = service.restore(&stamp, &then, (target.home, &step), telling).await;
            done.err().map(|refused| refused.to_string())
        };
        let (verb, what) = shown(&step);
        let note = known::not_restored(service, &then, (target.home, &step))?;
        steps.push(Taken { verb, what, refused, note });
    }
    Ok(Done { request: stamp.metadata.request, whose, steps })
}

/// Returns the action of a step in words, and the path below the home that it concerns.
fn shown(step: &Step) -> (String, String) {
    let moved = |from: String, to: String| (format!("move {} to", foreign::identifier(&from)), to);
    match step {
        Step::Create(path) => ("create the collection".to_owned(), path.clone()),
        Step::Rename { from, to } => moved(from.clone(), to.clone()),
        Step::Move { from, to } => moved(from.to_string(), to.to_string()),
        Step::Put(spot) => ("put back".to_owned(), spot.to_string()),
        Step::Delete(spot) => ("delete".to_owned(), spot.to_string()),
        Step::Keep { .. } => ("keep".to_owned(), step.to_string()),
    }
}

async fn repair(service: &Service, request: Repair, by: &Operator) -> Result<Done> {
    let stamp = operator::stamp("repair", by, None);
    let extent = if request.dry_run { Extent::Plan } else { Extent::Apply };
    let repaired = service.repair_copies(&stamp, request.organizer, &request.uid, extent).await?;
    let directory = service.models().directory();
    let login = |home| directory.by_id(home).map(|entry| entry.short_name.clone()).unwrap_or_default();
    let taken = |repair: history::Repair| Taken {
        verb: repair.step.as_str().to_owned(),
        what: login(repair.home),
        refused: None,
        note: String::new(),
    };
    let steps = repaired.into_iter().map(taken).collect();
    Ok(Done { request: stamp.metadata.request, whose: None, steps })
}
