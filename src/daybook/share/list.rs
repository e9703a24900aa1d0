//! `daybook share list`.

use std::path::Path;

use ::projections::{Answer, Collection, ReadModels};
use anyhow::Result;
use audit::foreign;
use schemas::{PrincipalId, ShareId, principal::PrincipalKind};
use serde_json::json;
use service::sharing::{self, Level, Share};

use crate::{calendar::known, config::Config, data, out};

pub(super) async fn run(folder: &Path, user: &str, is_json: bool, config: &Config) -> Result<()> {
    let (_, models) = data::look(folder, config).await?;
    let person = known::person(&models, user)?;
    for share in sharing::given(&models, person)? {
        out::print(&line(&models, &share, "given", is_json)?)?;
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
        return Ok(format!("{line}\n"));
    }
    let may = match level {
        Level::FreeBusy => "sees busy times in",
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

/// Returns what somebody answered to the offer of a calendar; `None` if it is offered to nobody in particular.
fn answer(models: &ReadModels, share: &Share) -> Result<Option<&'static str>> {
    let is_group = models.directory().by_id(share.to).is_some_and(|to| to.kind == PrincipalKind::Group);
    if share.is_of_home() || is_group {
        return Ok(None);
    }
    let offered = models.offered(ShareId::derive(share.on.id, share.to))?;
    Ok(offered.map(|offered| match offered.answer {
        Answer::Accepted(_) => "accepted",
        Answer::Declined => "declined",
        Answer::None => "none",
    }))
}

fn what(on: &Collection, is_home: bool) -> String {
    if is_home { "all calendars".to_owned() } else { foreign::quoted(&known::display_name(on)) }
}

fn name(models: &ReadModels, id: PrincipalId) -> String {
    models.directory().by_id(id).map_or_else(|| id.to_string(), |entry| entry.short_name.clone())
}
