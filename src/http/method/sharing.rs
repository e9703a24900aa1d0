//! `POST` requests by which an owner shares a calendar, and by which a sharee answers
//! (caldav-sharing §5.3, §5.4).

use actix_web::{
    HttpResponse,
    http::{StatusCode, header::CACHE_CONTROL, header::HeaderValue},
    web::Payload,
};
use dav::request::{self, InviteAnswer, InviteReply, SharedAccess, ShareeChange, Sharing};
use projections::{Collection, OfferedCalendar};
use schemas::{PrincipalId, ShareId, principal::PrincipalKind};
use service::{
    collections::unconditional,
    sharing::{Level, Reply, Scope, ShareRequest, Wanted},
};
use uuid::Uuid;

use super::notices::{Notices, is_unanswered};
use crate::{
    call::Call,
    refusal::Refusal,
    resource::{Path, Resource, href},
    response,
};

/// Maximum number of sharees that one request adds, changes or removes.
const MAX_SHAREE_CHANGES: usize = 100;

/// Shares a calendar with the people and groups that the request sets, and ends the sharing with
/// those that it removes. If one of them does not exist, nothing is changed.
pub(super) async fn share(call: &Call, calendar: &Collection, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = call.xml(payload).await?;
    let Sharing::Share(sharees) = request::sharing(&body, &call.xml_limits())? else {
        return Err(Refusal::bad_request("an invitation must be answered by POST to the home of the sharee"));
    };
    if sharees.is_empty() || sharees.len() > MAX_SHAREE_CHANGES {
        return Err(Refusal::bad_request(
            "the request must set or remove at least 1 sharee, and at most max-sharee-changes, 100",
        ));
    }
    let request = share_request(call, calendar, sharees)?;
    let takes_back = request.wanted.iter().any(|wanted| wanted.level.is_none());
    let before = if takes_back { call.models().sharees(calendar.id)? } else { vec![] };
    let changed = call.service().change_shares(&call.stamp(calendar.home), &request).await?;
    for wanted in request.wanted.iter().filter(|wanted| wanted.level.is_some()) {
        invited(call, calendar, wanted.to, changed.contains(&wanted.to)).await?;
    }
    removed(call, calendar, &before).await?;
    Ok(uncached(response::empty(StatusCode::OK)))
}

/// Returns the wanted sharing for each sharee. If the request changes a sharee more than once, the
/// last change counts.
fn share_request(call: &Call, calendar: &Collection, changes: Vec<ShareeChange>) -> Result<ShareRequest, Refusal> {
    let owner = calendar.home;
    // The owner, on the account page, or an operator may have allowed a sharee to send messages in
    // the owner's name. The sharee keeps this permission if the request lets them write.
    let known = call.service().shares_of(owner).map_err(Refusal::from)?;
    let mut wanted: Vec<Wanted> = vec![];
    for change in changes {
        let to = sharee(call, &change)?;
        let level = change.access.map(|access| match access {
            SharedAccess::Read => Level::Read,
            SharedAccess::ReadWrite => Level::Write,
        });
        let sends = level == Some(Level::Write) && known.iter().any(|share| share.to == to && share.sends);
        wanted.retain(|earlier| earlier.to != to);
        wanted.push(Wanted { to, level, sends, summary: change.summary });
    }
    Ok(ShareRequest { owner, scope: Scope::Calendar(calendar.id), wanted })
}

/// Returns the person or the group whose sharing the request changes. `Err` (409) if there is none,
/// or if they are retired and the request does not remove them.
fn sharee(call: &Call, change: &ShareeChange) -> Result<PrincipalId, Refusal> {
    let found = call.lookup().somebody(&change.href).filter(|entry| entry.is_present() || change.access.is_none());
    let found = found.ok_or_else(|| {
        Refusal::conflict("a sharee is no active account or group of this server; check the hrefs in the request")
    })?;
    Ok(found.id)
}

/// Notifies a person of an invitation. `is_changed`: the request changed this share. The service
/// notifies the members of a group.
async fn invited(call: &Call, calendar: &Collection, to: PrincipalId, is_changed: bool) -> Result<(), Refusal> {
    let Some(offered) = call.models().offered(ShareId::derive(calendar.id, to))? else { return Ok(()) };
    // A person who has not answered yet is notified again, because an earlier notification may be
    // lost.
    if !is_group(call, to) && (is_changed || is_unanswered(&offered)) {
        Notices::of(call, calendar.home).invited(&offered).await;
    }
    Ok(())
}

/// Notifies the people with whom the request ended the sharing of the calendar. `before` is the
/// sharing before the request.
async fn removed(call: &Call, calendar: &Collection, before: &[OfferedCalendar]) -> Result<(), Refusal> {
    for offered in before.iter().filter(|offered| !is_group(call, offered.sharee)) {
        if call.models().offered(offered.id)?.is_none() {
            Notices::of(call, calendar.home).removed(offered).await;
        }
    }
    Ok(())
}

fn is_group(call: &Call, id: PrincipalId) -> bool {
    call.person.directory.by_id(id).is_some_and(|entry| entry.kind == PrincipalKind::Group)
}

/// Stores the answer of the sharee `home` to an invitation.
pub(super) async fn reply(call: &Call, home: PrincipalId, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = call.xml(payload).await?;
    let Sharing::Reply(InviteReply { answer, in_reply_to, host, summary }) =
        request::sharing(&body, &call.xml_limits())?
    else {
        return Err(Refusal::bad_request("a calendar must be shared by POST to the calendar itself"));
    };
    let over = || Refusal::conflict("the invitation no longer exists: it was withdrawn, or another one replaced it");
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
            service.decline_share(&stamp, home, reply, &unconditional).await?;
            response::empty(StatusCode::OK)
        }
    };
    if let Some(offered) = call.models().offered(offered.id)? {
        Notices::of(call, home).answered(&offered).await;
    }
    Ok(uncached(answered))
}

/// Checks that the URL in the answer names the calendar of the invitation (caldav-sharing §5.4). A
/// URL in the home of the calendar's owner that leads to no resource is accepted, because the owner
/// may have renamed the calendar since.
fn is_of_calendar(call: &Call, offered: &OfferedCalendar, host: &str) -> Result<(), Refusal> {
    let other =
        || Refusal::conflict("CS:hosturl does not name the calendar of the invitation that CS:in-reply-to names");
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
