//! `POST` by which an owner shares a calendar, and a sharee answers (caldav-sharing §5.3, §5.4).

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CACHE_CONTROL, header::HeaderValue},
    web::Payload,
};
use dav::request::{self, InviteAnswer, InviteReply, SharedAccess, ShareeChange, Sharing};
use projections::{Collection, OfferedCalendar};
use schemas::{PrincipalId, ShareId, principal::PrincipalKind};
use service::{
    principals::Extent,
    sharing::{Appears, Grant, Level, Reply, Scope},
};
use uuid::Uuid;

use super::notices::{Notices, is_unanswered};
use crate::{
    call::Call,
    refusal::Refusal,
    resource::{Path, Resource, href},
    response,
};

/// Sharees that one request sets and removes.
const MAX_SHAREE_CHANGES: usize = 100;

/// Shares a calendar with the people that the request names, and takes it back from others: all
/// that it names exist, or nothing is changed.
pub(super) async fn share(call: &Call, calendar: &Collection, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = call.xml(payload).await?;
    let Sharing::Share(changes) = request::sharing(&body, &call.xml_limits())? else {
        return Err(Refusal::bad_request("an invitation is answered by POST to the home of the sharee"));
    };
    if changes.is_empty() || changes.len() > MAX_SHAREE_CHANGES {
        return Err(Refusal::bad_request("a request sets and removes 1 to max-sharee-changes, 100, sharees"));
    }
    let changes: Vec<_> =
        changes.into_iter().map(|change| Ok((sharee(call, &change)?, change))).collect::<Result<_, Refusal>>()?;
    for (to, change) in changes {
        match change.access {
            Some(access) => invite(call, calendar, to, access, change.summary).await?,
            None => remove(call, calendar, to).await?,
        }
    }
    Ok(uncached(response::empty(StatusCode::OK)))
}

/// Returns the person or the group that a change is about.
fn sharee(call: &Call, change: &ShareeChange) -> Result<PrincipalId, Refusal> {
    let found = call.lookup().somebody(&change.href).filter(|entry| entry.is_present() || change.access.is_none());
    let found = found.ok_or_else(|| Refusal::conflict("nobody on this server has the address of a sharee"))?;
    Ok(found.id)
}

async fn invite(
    call: &Call,
    calendar: &Collection,
    to: PrincipalId,
    access: SharedAccess,
    summary: String,
) -> Result<(), Refusal> {
    let (service, owner) = (call.service(), calendar.home);
    let level = match access {
        SharedAccess::Read => Level::Read,
        SharedAccess::ReadWrite => Level::Write,
    };
    // An operator may let somebody send in the owner's name; that is not the subject here.
    let known = service.shares_of(owner).map_err(Refusal::from)?;
    let sends = level == Level::Write && known.iter().any(|share| share.to == to && share.sends);
    let (scope, appears) = (Scope::Calendar(calendar.id), Appears::OnceAccepted);
    let grant = Grant { owner, to, scope, level, sends, appears, summary };
    let changed = service.share(&call.stamp(owner).next(&to.to_string()), &grant, Extent::Apply).await?;
    let Some(offered) = call.models().offered(ShareId::derive(calendar.id, to))? else { return Ok(()) };
    // The service tells the members of a group.
    if is_group(call, to) {
        return Ok(());
    }
    // One who has not answered is told again: an earlier message may be lost.
    if !changed.is_empty() || is_unanswered(&offered) {
        Notices::of(call, owner).invited(&offered).await?;
    }
    Ok(())
}

async fn remove(call: &Call, calendar: &Collection, from: PrincipalId) -> Result<(), Refusal> {
    let before = call.models().sharees(calendar.id)?;
    let stamp = call.stamp(calendar.home).next(&from.to_string());
    let scope = Some(Scope::Calendar(calendar.id));
    call.service().withdraw(&stamp, (calendar.home, from), scope, Extent::Apply).await?;
    for offered in before.iter().filter(|offered| !is_group(call, offered.sharee)) {
        if call.models().offered(offered.id)?.is_none() {
            Notices::of(call, calendar.home).removed(offered).await?;
        }
    }
    Ok(())
}

fn is_group(call: &Call, id: PrincipalId) -> bool {
    call.person.directory.by_id(id).is_some_and(|entry| entry.kind == PrincipalKind::Group)
}

/// Answers an invitation for the owner of a home.
pub(super) async fn reply(call: &Call, home: PrincipalId, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = call.xml(payload).await?;
    let Sharing::Reply(InviteReply { answer, in_reply_to, host, summary }) =
        request::sharing(&body, &call.xml_limits())?
    else {
        return Err(Refusal::bad_request("a calendar is shared by POST to the calendar"));
    };
    let over = || Refusal::conflict("there is no such invitation any more");
    let invitation = Uuid::parse_str(&in_reply_to).ok();
    let offered = invitation.map(|invitation| call.models().invited(home, invitation)).transpose()?.flatten();
    let offered = offered.ok_or_else(over)?;
    if let Some(host) = host {
        is_of_calendar(call, &offered, &host)?;
    }
    let (service, stamp) = (call.service(), call.stamp(home));
    let reply = Reply { share: offered.id, invitation, summary };
    let answered = match answer {
        InviteAnswer::Accepted => {
            let name = service.accept_share(&stamp, home, reply).await?;
            let owner = call.person.directory.by_id(home).map(|entry| entry.short_name.as_str());
            let href = href::collection(owner.unwrap_or_default(), &name);
            response::xml(StatusCode::OK, dav::sharing::shared_as(&href))
        }
        InviteAnswer::Declined => {
            service.decline_share(&stamp, home, reply).await?;
            response::empty(StatusCode::OK)
        }
    };
    if let Some(offered) = call.models().offered(offered.id)? {
        Notices::of(call, home).answered(&offered).await?;
    }
    Ok(uncached(answered))
}

/// Checks that the URL in an answer names the calendar that was offered (caldav-sharing §5.4). The
/// owner may have renamed it since.
fn is_of_calendar(call: &Call, offered: &OfferedCalendar, host: &str) -> Result<(), Refusal> {
    let other = || Refusal::conflict("CS:hosturl names another calendar than the invitation that CS:in-reply-to names");
    let path = Path::of_href(host.trim()).ok_or_else(other)?;
    let owner = path.owner().and_then(|owner| call.person.directory.by_name(owner));
    let is_other = match call.lookup().summary_at(&path)? {
        Some(Resource::Collection { collection, .. }) => collection.id != offered.calendar,
        Some(_) => true,
        None => false,
    };
    if is_other || owner.is_none_or(|owner| owner.id != offered.owner) { Err(other()) } else { Ok(()) }
}

fn uncached(mut answer: HttpResponse) -> HttpResponse {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    answer
}
