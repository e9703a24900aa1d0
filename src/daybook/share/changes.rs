//! Executes the commands that give and withdraw shares. With `--dry-run` a command only returns
//! what it would change, and stores nothing.

use anyhow::{Context as _, Result};
use schemas::{Operator, PrincipalId};
use service::{
    Service,
    principals::Extent,
    sharing::{Appears, Grant, Level, Scope},
};

use crate::{
    calendar::{Done, known},
    cli::share::{self, Give, Share, Withdraw},
    operator,
};

/// The name of the client with which the history records the commands that give and withdraw
/// shares.
const VIA: &str = "command line";

pub(super) async fn change(service: &Service, command: Share, by: &Operator) -> Result<Vec<Done>> {
    let stamp = operator::stamp(VIA, by, None);
    match command {
        Share::List { .. } => Ok(vec![]),
        Share::Give(give) => {
            let (owner, to) =
                (known::person(service.models(), &give.user)?, known::person(service.models(), &give.to)?);
            let scope = match &give.calendar {
                Some(calendar) => one(service, &give.user, owner, calendar)?,
                None => Scope::Home,
            };
            let (level, appears, summary) = (level(give.level), Appears::AtOnce, String::new());
            let grant = Grant { owner, to, scope, level, sends: give.send, appears, summary };
            let changed = service.share(&stamp, &grant, extent(give.output.dry_run)).await?;
            let note = given(&give);
            Ok(done_for("given", &changed, (&note, &note)))
        }
        Share::Withdraw(asked) => {
            let owner = known::person(service.models(), &asked.user)?;
            let from = known::person(service.models(), &asked.from)?;
            let scope = match &asked.calendar {
                Some(calendar) => Some(one(service, &asked.user, owner, calendar)?),
                None => asked.all_calendars.then_some(Scope::Home),
            };
            let changed = service.withdraw(&stamp, (owner, from), scope, extent(asked.output.dry_run)).await?;
            Ok(done_for("withdrawn", &changed, (&withdrawn(&asked), &not_given(&asked))))
        }
    }
}

fn extent(dry_run: bool) -> Extent {
    if dry_run { Extent::Plan } else { Extent::Apply }
}

fn level(level: share::Level) -> Level {
    match level {
        share::Level::FreeBusy => Level::FreeBusy,
        share::Level::Read => Level::Read,
        share::Level::Write => Level::Write,
    }
}

fn one(service: &Service, user: &str, owner: PrincipalId, calendar: &str) -> Result<Scope> {
    let models = service.models();
    let found = known::find(models, owner, calendar)?;
    let found = found.with_context(|| known::none(models, (owner, user), calendar))?;
    Ok(Scope::Calendar(found.id))
}

/// Returns one result with `note` for each path in `changed`, the collections whose access control
/// list changed; none for the outbox if others changed too. If none changed, returns the single
/// result `unchanged`, with the text in `unchanged` as its note.
fn done_for(outcome: &str, changed: &[String], (note, unchanged): (&str, &str)) -> Vec<Done> {
    let done = |outcome: &str, calendar: &str, note: &str| Done {
        outcome: outcome.to_owned(),
        calendar: calendar.to_owned(),
        note: note.to_owned(),
        held: None,
    };
    if changed.is_empty() {
        return vec![done("unchanged", "", unchanged)];
    }
    let is_outbox = |name: &&String| *name == "outbox" && changed.len() > 1;
    changed.iter().filter(|name| !is_outbox(name)).map(|name| done(outcome, name, note)).collect()
}

fn given(give: &Give) -> String {
    let Give { user, to, calendar, .. } = give;
    let may = match give.level {
        share::Level::FreeBusy => "sees the busy times in",
        share::Level::Read => "reads",
        share::Level::Write => "reads and writes",
    };
    let sends = if give.send { ", and sends in their name" } else { "" };
    match calendar {
        Some(calendar) => format!("{to} {may} `{calendar}` of {user}{sends}"),
        None => format!("{to} {may} all calendars of {user}, except where an access control list denies it{sends}"),
    }
}

fn withdrawn(asked: &Withdraw) -> String {
    let Withdraw { user, from, calendar, .. } = asked;
    match calendar {
        Some(calendar) => format!("the share of `{calendar}` that {user} had given {from}"),
        None if asked.all_calendars => format!("the share of all calendars that {user} had given {from}"),
        None => format!("all shares that {user} had given {from}"),
    }
}

/// Returns the note of a withdrawal that changes nothing.
fn not_given(asked: &Withdraw) -> String {
    let Withdraw { user, from, calendar, .. } = asked;
    match calendar {
        Some(calendar) => format!("{user} has given {from} no share of `{calendar}`"),
        None if asked.all_calendars => format!("{user} has given {from} no share of all calendars"),
        None => format!("{user} has given {from} no share"),
    }
}
