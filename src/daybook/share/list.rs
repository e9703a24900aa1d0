//! `daybook share list`: prints the shares that a person gives and receives.

use std::path::Path;

use ::projections::{Collection, InvitationAnswer, ReadModels};
use anyhow::Result;
use audit::foreign;
use schemas::{PrincipalId, ShareId, collection::CollectionKind, principal::PrincipalKind};
use serde_json::json;
use service::sharing::{self, Level, OtherEntries, Share};

use crate::{calendar::known, config::Config, data, out};

pub(super) async fn run(folder: &Path, user: &str, is_json: bool, config: &Config) -> Result<()> {
    let (_, models) = data::look(folder, config).await?;
    let person = known::person(&models, user)?;
    let others = sharing::other_entries(&models, person)?;
    let is_no_share = |share: &Share| {
        others
            .iter()
            .any(|other| other.on.id == share.on.id && other.to.as_ref().is_some_and(|(to, _)| *to == share.to))
    };
    for share in sharing::given(&models, person)?.iter().filter(|share| !is_no_share(share)) {
        out::print(&line(&models, share, "given", is_json)?)?;
    }
    for other in &others {
        out::print(&other_line(&models, person, other, is_json))?;
    }
    let identities = models.directory().identities_of(person);
    for share in sharing::received(&models, &identities)? {
        out::print(&line(&models, &share, "received", is_json)?)?;
    }
    Ok(())
}

fn line(models: &ReadModels, share: &Share, direction: &str, is_json: bool) -> Result<String> {
    let Share { owner, to, on, level, sends } = share;
    let answer = answer(models, share)?;
    let (owner, to) = (name(models, *owner), name(models, *to));
    let calendar = (!share.is_of_home()).then_some(&on.name);
    if is_json {
        let line = json!({
            "direction": direction, "owner": owner, "to": to, "calendar": calendar, "level": level.name(), "sends": sends,
            "answer": answer,
        });
        return Ok(foreign::json(&line));
    }
    let may = match level {
        Level::FreeBusy => "sees the busy times in",
        Level::Read => "reads",
        Level::Write => "reads and writes",
    };
    let sends = if *sends && *level == Level::Write { ", sends in their name" } else { "" };
    let (owner, to) = (foreign::identifier(&owner), foreign::identifier(&to));
    let answer = match answer {
        Some("accepted") => ", accepted",
        Some("declined") => ", declined",
        Some(_) => ", not answered yet",
        None => "",
    };
    Ok(format!("{direction}  {to} {may} {} of {owner}{sends}{answer}\n", what(on, calendar.is_none())))
}

/// Returns the line for access control entries that are not shares: the privileges of one
/// principal, or a hint at entries that deny or name no single principal.
fn other_line(
    models: &ReadModels,
    owner: PrincipalId,
    OtherEntries { on, to }: &OtherEntries,
    is_json: bool,
) -> String {
    let is_home = on.kind == CollectionKind::Home;
    let owner = name(models, owner);
    let path = if is_home { format!("/calendars/{owner}/") } else { format!("/calendars/{owner}/{}/", on.name) };
    if is_json {
        let calendar = (!is_home).then_some(&on.name);
        let (to, privileges) = to.clone().unzip();
        let to = to.map(|to| name(models, to));
        let line = json!({
            "direction": "given", "owner": owner, "to": to, "calendar": calendar, "level": null, "privileges": privileges,
        });
        return foreign::json(&line);
    }
    let (what, owner, path) = (what(on, is_home), foreign::identifier(&owner), foreign::identifier(&path));
    match to {
        Some((to, privileges)) => {
            let to = name(models, *to);
            let to = foreign::identifier(&to);
            format!(
                "given  {to} has {} on {what} of {owner}: see `daybook permissions {path}`\n",
                privileges.join(", ")
            )
        }
        None => format!(
            "given  {what} of {owner}: there are further access control entries, which deny or name no single person; \
             `daybook permissions {path}` shows them\n"
        ),
    }
}

/// Returns the sharee's answer to the offer of a calendar; `None` if the share needs no answer, as
/// for a whole home or a group, or if the calendar was not offered.
fn answer(models: &ReadModels, share: &Share) -> Result<Option<&'static str>> {
    let is_group = models.directory().by_id(share.to).is_some_and(|to| to.kind == PrincipalKind::Group);
    if share.is_of_home() || is_group {
        return Ok(None);
    }
    let offered = models.offered(ShareId::derive(share.on.id, share.to))?;
    Ok(offered.map(|offered| match offered.answer {
        InvitationAnswer::Accepted(_) => "accepted",
        InvitationAnswer::Declined => "declined",
        InvitationAnswer::None => "none",
    }))
}

fn what(on: &Collection, is_home: bool) -> String {
    if is_home { "all calendars".to_owned() } else { foreign::quoted(&known::display_name(on)) }
}

fn name(models: &ReadModels, id: PrincipalId) -> String {
    models.directory().by_id(id).map_or_else(|| id.to_string(), |entry| entry.short_name.clone())
}
