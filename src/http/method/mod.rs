//! The HTTP methods, and the dispatch to them.
//!
//! **Invariant:** each arm of the `match` in `dispatch` only calls one function.

mod acl;
mod conditions;
mod delete;
mod file;
mod get;
mod if_header;
mod mkcol;
pub(crate) mod notices;
mod outbox;
mod post;
mod preference;
mod propfind;
mod proppatch;
mod put;
mod range;
mod report;
mod sharee;
mod sharing;
mod table;
mod transfer;
mod whole_calendar;

use actix_web::{HttpResponse, http::header::ALLOW, web::Payload};

use crate::{call::Call, refusal::Refusal};

use table::{allow, not_allowed};

pub(crate) use table::Method;

pub(crate) async fn dispatch(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    table::check_origin(call)?;
    if_header::check(call)?;
    let method = Method::of(call)?;
    if matches!(method, Method::Get | Method::Head | Method::Delete | Method::Copy | Method::Move) {
        refuse_body(call, payload).await?;
    }
    if matches!(method, Method::Get | Method::Head | Method::Propfind | Method::Report) {
        bring_up_to_date(call).await?;
    }
    let response = match method {
        Method::Options => options(call),
        Method::Get | Method::Head => get::get(call).await?,
        Method::Put => put::put(call, payload).await?,
        Method::Delete => delete::delete(call).await?,
        Method::Copy => transfer::copy(call).await?,
        Method::Move => transfer::relocate(call).await?,
        Method::Mkcalendar => mkcol::mkcalendar(call, payload).await?,
        Method::Mkcol => mkcol::mkcol(call, payload).await?,
        Method::Propfind => propfind::propfind(call, payload).await?,
        Method::Proppatch => proppatch::proppatch(call, payload).await?,
        Method::Report => report::report(call, payload).await?,
        Method::Post => post::post(call, payload).await?,
        Method::Acl => acl::acl(call, payload).await?,
        Method::Lock => return Err(not_allowed(call, &call.path)),
    };
    Ok(preference::applied(call, method, response))
}

/// Delivers the delayed messages to the home of the request's path: new participation statuses of
/// other attendees (RFC 6638 §4.2), and messages about a DELETE by which another participant
/// removed their copy. If the path leads to a shared calendar, also delivers the delayed messages
/// to its owner's home.
async fn bring_up_to_date(call: &Call) -> Result<(), Refusal> {
    let owner = call.path.owner().and_then(|owner| call.person.directory.by_name(owner));
    if let Some(owner) = owner {
        call.service().refresh(owner.id).await?;
    }
    if let Some(owner) = call.lookup().sharing_owner(&call.path)? {
        call.service().refresh(owner).await?;
    }
    Ok(())
}

/// Refuses a request with a body if its method takes no body (RFC 4918 §8.4).
async fn refuse_body(call: &Call, payload: &mut Payload) -> Result<(), Refusal> {
    if call.xml(payload).await?.is_empty() {
        return Ok(());
    }
    Err(Refusal::media_type("the method of this request takes no body; send it without a body"))
}

/// Answers `OPTIONS` (RFC 9110 §9.3.7) with the methods in `Allow`.
fn options(call: &Call) -> HttpResponse {
    HttpResponse::Ok().insert_header((ALLOW, allow(call))).finish()
}
