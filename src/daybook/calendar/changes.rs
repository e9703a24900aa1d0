//! Executes the commands that change calendars. With `--dry-run` a command only returns what it
//! would change, and stores nothing.

use ::projections::{Collection, Member, ReadModels};
use anyhow::{Context as _, Result, bail, ensure};
use audit::foreign;
use ical::validate::ComponentKind;
use schemas::{
    CollectionId, Operator, PrincipalId,
    collection::{COLOR, CollectionCreated, CollectionKind, DISPLAY_NAME, Property, Settings},
    object::Place,
};
use service::{
    Overwrite, Require, ScheduleReply, Service, Stamp, Transfer,
    collections::unconditional,
    history::{self, Telling},
    principals::{Command, Extent},
};

use super::{
    known, list,
    request::{Done, Held},
};
use crate::{
    cli::calendar::{Calendar, Make, Move, NewQuota, One, Quota, Rename, Restore},
    operator, out,
};

/// The name of the client with which the history records the commands that change calendars, except
/// moves to another person's home.
const VIA: &str = "command line";
/// The number of members of a calendar that are read at once.
const PAGE: usize = 500;

/// Executes a command of `daybook calendar` in the name of an operator, and returns its results.
/// `Calendar::List` gives none, because `list::run` executes it.
pub(super) async fn change(service: &Service, change: Calendar, by: &Operator) -> Result<Vec<Done>> {
    let stamp = &operator::stamp(VIA, by, None);
    match change {
        Calendar::List { .. } => Ok(vec![]),
        Calendar::Make(asked) => make(service, stamp, &asked).await,
        Calendar::Rename(asked) => rename(service, stamp, &asked).await,
        Calendar::Move(asked) => relocate(service, stamp, &asked).await,
        Calendar::Quota(asked) => quota(service, stamp, &asked).await,
        Calendar::Remove(asked) => remove(service, stamp, &asked).await,
        Calendar::Restore(asked) => restore(service, stamp, &asked).await,
    }
}

fn done(outcome: &str, calendar: impl Into<String>, note: impl Into<String>) -> Done {
    Done { outcome: outcome.to_owned(), calendar: calendar.into(), note: note.into(), held: None }
}

async fn make(service: &Service, stamp: &Stamp, asked: &Make) -> Result<Vec<Done>> {
    let home = known::person(service.models(), &asked.user)?;
    known::may_be_shown(&asked.name)?;
    let taken = service.models().collection(home, &asked.name)?.is_some();
    ensure!(!taken, "{} already has a collection `{}`; choose another name", asked.user, asked.name);
    service.is_free(home, &asked.name)?;
    let display_name = asked.display_name.clone().unwrap_or_else(|| asked.name.clone());
    for shown in asked.color.iter().chain([&display_name]) {
        known::may_be_shown(shown)?;
    }
    for name in &asked.components {
        let known = ComponentKind::ALL.map(ComponentKind::name).join(", ");
        ensure!(
            ComponentKind::of(name).is_some(),
            "`{name}` is not a component that a calendar can accept; write one of {known}"
        );
    }
    if !asked.output.dry_run {
        let components = asked.components.iter().map(|name| name.to_ascii_uppercase()).collect();
        let (name, color) = (asked.name.clone(), asked.color.clone());
        let new = known::NewCalendar { name, display_name: display_name.clone(), color, time_zone: None, components };
        known::make(service, stamp, home, new).await?;
    }
    Ok(vec![done("made", &asked.name, format!("with the display name {display_name}"))])
}

async fn rename(service: &Service, stamp: &Stamp, asked: &Rename) -> Result<Vec<Done>> {
    let (_, calendar) = of(service, &asked.user, &asked.calendar)?;
    for shown in asked.color.iter().chain([&asked.display_name]) {
        known::may_be_shown(shown)?;
    }
    let mut set = vec![Property::of_text(DISPLAY_NAME, &asked.display_name)];
    set.extend(asked.color.as_ref().map(|color| Property::of_text(COLOR, color)));
    let is_same = set.iter().all(|new| calendar.properties.contains(new));
    if !asked.output.dry_run && !is_same {
        service.change_properties(stamp, calendar.id, (set, vec![], Settings::default()), &unconditional).await?;
    }
    let outcome = if is_same { "unchanged" } else { "renamed" };
    Ok(vec![done(outcome, calendar.name, format!("with the display name {}", asked.display_name))])
}

async fn relocate(service: &Service, stamp: &Stamp, asked: &Move) -> Result<Vec<Done>> {
    let (home, calendar) = of(service, &asked.user, &asked.calendar)?;
    if let Some(other) = asked.to.as_ref().filter(|other| **other != asked.user) {
        let other = known::person(service.models(), other)?;
        return give(service, stamp, asked, (home, &calendar), other).await;
    }
    if calendar.name == asked.name {
        return Ok(vec![done("unchanged", calendar.name, "")]);
    }
    let taken = service.models().collection(home, &asked.name)?.is_some();
    ensure!(!taken, "{} already has a collection `{}`; choose another name", asked.user, asked.name);
    service.is_free(home, &asked.name)?;
    if !asked.output.dry_run {
        service.rename_collection(stamp, calendar.id, asked.name.clone(), &unconditional).await?;
    }
    Ok(vec![done("moved", calendar.name, format!("to {}", asked.name))])
}

/// Moves the objects of a calendar that are not scheduling objects to another person's calendar.
/// Scheduling objects stay, because they name an address of this calendar's owner.
async fn give(
    service: &Service,
    stamp: &Stamp,
    asked: &Move,
    (home, calendar): (PrincipalId, &Collection),
    to_home: PrincipalId,
) -> Result<Vec<Done>> {
    let (meetings, others) = members(service, calendar.id)?;
    let known = service.models().collection(to_home, &asked.name)?;
    let is_calendar = known.as_ref().is_none_or(|known| known.kind == CollectionKind::Calendar);
    ensure!(is_calendar, "`{}` in the other person's home is not a calendar; choose another name", asked.name);
    if known.is_none() {
        service.is_free(to_home, &asked.name)?;
    }
    let moved = |count: usize| {
        done("moved", &calendar.name, format!("{} to {}", out::counted(count, "object", "objects"), asked.name))
    };
    let why = "a meeting with other people stays in its calendar, because it names an address of the owner";
    let stays = |member: &Member| done("kept", format!("{}/{}", calendar.name, member.name), why);
    let kept = meetings.iter().map(stays);
    if asked.output.dry_run {
        return Ok([moved(others.len())].into_iter().chain(kept).collect());
    }
    let stamp = moving(stamp);
    let target = if let Some(known) = known {
        known.id
    } else {
        let Collection { kind, components, properties, settings, .. } = calendar.clone();
        let name = asked.name.clone();
        let created = CollectionCreated { home: to_home, name, kind, components, properties, settings };
        service.create_collection(&stamp.next("calendar"), created).await?
    };
    let all = others.len();
    let refused = give_each(service, &stamp, others, (home, calendar), (to_home, target)).await;
    // The emptied calendar is removed, unless it receives invitations.
    let is_empty = list::count(service.models(), calendar.id)? == 0;
    if is_empty && service.may_remove(home, calendar.id).await.is_ok() {
        service
            .delete_collection(&stamp.next("removal"), home, calendar.id, ScheduleReply::Send, &unconditional)
            .await?;
    }
    Ok([moved(all - refused.len())].into_iter().chain(kept).chain(refused).collect())
}

/// Moves objects of a calendar to a collection of another home. Returns a result for each object
/// that was refused.
async fn give_each(
    service: &Service,
    stamp: &Stamp,
    members: Vec<Member>,
    (home, calendar): (PrincipalId, &Collection),
    (to_home, target): (PrincipalId, CollectionId),
) -> Vec<Done> {
    let mut refused = vec![];
    for member in members {
        let from = Place { collection: calendar.id, name: member.name.clone() };
        let to = Place { collection: target, name: member.name.clone() };
        let (overwrite, require, reply) = (Overwrite::Forbidden, Require::default(), ScheduleReply::Send);
        let transfer = Transfer { home, from, to_home, to, overwrite, require, reply };
        if let Err(error) = service.relocate(&stamp.next(&member.name), transfer).await {
            let name = format!("{}/{}", calendar.name, member.name);
            refused.push(done("refused", name, error.to_string()));
        }
    }
    refused
}

/// Returns the stamp with the client name `MOVE`, so that the history shows a move between homes.
fn moving(stamp: &Stamp) -> Stamp {
    let mut stamp = stamp.clone();
    "MOVE".clone_into(&mut stamp.metadata.client.via);
    stamp
}

async fn quota(service: &Service, stamp: &Stamp, asked: &Quota) -> Result<Vec<Done>> {
    let home = known::person(service.models(), &asked.user)?;
    let used = service.models().size(home, "")?;
    let told = |outcome: &str| {
        let limit = service.quota(home);
        let note = match limit {
            Some(limit) => format!("{used} of {limit} bytes are used"),
            None => format!("{used} bytes are used, and there is no limit"),
        };
        let held = Some(Held { used_bytes: used, limit_bytes: limit });
        vec![Done { held, ..done(outcome, &asked.user, note) }]
    };
    let Some(bytes) = asked.bytes else { return Ok(told("quota")) };
    let quota_bytes = match bytes {
        NewQuota::Bytes(bytes) => Some(bytes),
        NewQuota::None => Some(0),
        NewQuota::Default => None,
    };
    let extent = if asked.output.dry_run { Extent::Plan } else { Extent::Apply };
    let changed = service.change_principal(stamp, home, &Command::SetQuota { quota_bytes }, extent).await?;
    let outcome = if changed.events.is_empty() { "unchanged" } else { "quota set" };
    Ok(if asked.output.dry_run { vec![done(outcome, &asked.user, "")] } else { told(outcome) })
}

async fn remove(service: &Service, stamp: &Stamp, asked: &One) -> Result<Vec<Done>> {
    let (home, calendar) = of(service, &asked.user, &asked.calendar)?;
    service.may_remove(home, calendar.id).await?;
    let (meetings, others) = members(service, calendar.id)?;
    if !asked.output.dry_run {
        service.delete_collection(stamp, home, calendar.id, ScheduleReply::Send, &unconditional).await?;
    }
    let (all, meetings) = (meetings.len() + others.len(), meetings.len());
    let note = format!(
        "{}, with {} whose other participants are notified",
        out::counted(all, "object", "objects"),
        out::counted(meetings, "meeting", "meetings")
    );
    Ok(vec![done("removed", calendar.name, note)])
}

async fn restore(service: &Service, stamp: &Stamp, asked: &Restore) -> Result<Vec<Done>> {
    let home = known::person(service.models(), &asked.user)?;
    let name = &asked.calendar;
    if let Some(there) = service.models().collection(home, name)? {
        let user = &asked.user;
        ensure!(
            there.kind == CollectionKind::Calendar,
            "{user} has a collection `{name}` that is not a calendar; rename or remove it first, then restore the \
             calendar"
        );
        bail!(
            "{user} has a calendar `{name}` today; `daybook restore /calendars/{user}/{name}/ --to TIME` restores an \
             earlier state of it"
        );
    }
    let before = service.before_removal(home, name).await?;
    ensure!(before.is_some(), "{}", not_removed(service, asked, home)?);
    let before = before.unwrap_or_default();
    let then = service.as_of(home, before).await?;
    let collection = name_then(service, then.service.models(), (home, name))?;
    let wanted = history::Restore { home, collection, name: None };
    let telling = if asked.silently { Telling::Silently } else { Telling::Tell };
    let mut stamp = stamp.clone();
    stamp.metadata.restored = Some(before);
    let mut rows = vec![];
    for step in service.plan_restore(&then, &wanted)? {
        let calendar = step.to_string();
        if !asked.output.dry_run
            && let Err(refused) = service.restore(&stamp, &then, (home, &step), telling).await
        {
            rows.push(done("refused", calendar, refused.to_string()));
            continue;
        }
        let note = match known::not_restored(service, &then, (home, &step))?.as_str() {
            "" => String::new(),
            note => format!("; {note}"),
        };
        rows.push(done("restored", calendar, format!("as it was after event #{before}{note}")));
    }
    Ok(rows)
}

/// Returns the path below the home that a calendar had just before its removal. `name` is any path
/// that it ever had, and is returned if no such calendar is found. An error comes back if the path
/// is not `name`, and another collection has it today.
fn name_then(service: &Service, then: &ReadModels, (home, name): (PrincipalId, &str)) -> Result<String> {
    if then.collection(home, name)?.is_some() {
        return Ok(name.to_owned());
    }
    for id in service.models().collections_ever_called(home, name)? {
        if let Some(known) = then.collection_by_id(id)? {
            let path = &known.name;
            let is_there = service.models().collection(home, path)?.is_some();
            ensure!(
                !is_there,
                "`{name}` was named `{path}` when it was removed, and another collection `{path}` exists today; \
                 rename that one first"
            );
            return Ok(known.name);
        }
    }
    Ok(name.to_owned())
}

/// Returns the reason why there is nothing to restore: the calendar was not removed but has another
/// path today, or it never existed.
fn not_removed(service: &Service, asked: &Restore, home: PrincipalId) -> Result<String> {
    let Restore { user, calendar, .. } = asked;
    let calendar = foreign::visible(calendar);
    for id in service.models().collections_ever_called(home, &asked.calendar)? {
        if let Some(known) = service.models().collection_by_id(id)? {
            let today = foreign::visible(&known.name);
            return Ok(format!(
                "`{calendar}` of {user} was not removed but moved: it is `{today}` today. \
                 `daybook calendar move {user} {today} {calendar}` moves it back"
            ));
        }
    }
    Ok(format!("{user} never had a calendar `{calendar}`"))
}

fn of(service: &Service, user: &str, calendar: &str) -> Result<(PrincipalId, Collection)> {
    let models = service.models();
    let home = known::person(models, user)?;
    let found = known::find(models, home, calendar)?;
    let found = found.with_context(|| known::none(models, (home, user), calendar))?;
    Ok((home, found))
}

/// Returns the members of a calendar in two lists: scheduling objects, and all others.
fn members(service: &Service, calendar: CollectionId) -> Result<(Vec<Member>, Vec<Member>)> {
    let mut all: Vec<Member> = vec![];
    loop {
        let after = all.last().map(|member| member.name.clone());
        let page = service.models().members(calendar, after.as_deref(), PAGE)?;
        let is_last = page.len() < PAGE;
        all.extend(page);
        if is_last {
            return Ok(all.into_iter().partition(|member| member.schedule_tag.is_some()));
        }
    }
}
