//! A file per method, and the dispatch to them.
//!
//! **Invariant:** the arms of the dispatch do no work.

mod acl;
mod conditions;
mod delete;
mod file;
mod get;
mod if_header;
mod mkcol;
mod outbox;
mod post;
mod propfind;
mod proppatch;
mod put;
mod range;
mod report;
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
    match Method::named(call.http.method().as_str()) {
        Some(Method::Options) => Ok(options(call)),
        Some(Method::Get | Method::Head) => get::get(call).await,
        Some(Method::Put) => put::put(call, payload).await,
        Some(Method::Delete) => delete::delete(call).await,
        Some(Method::Copy) => transfer::copy(call).await,
        Some(Method::Move) => transfer::relocate(call).await,
        Some(Method::Mkcalendar) => mkcol::mkcalendar(call, payload).await,
        Some(Method::Mkcol) => mkcol::mkcol(call, payload).await,
        Some(Method::Propfind) => propfind::propfind(call, payload).await,
        Some(Method::Proppatch) => proppatch::proppatch(call, payload).await,
        Some(Method::Report) => report::report(call, payload).await,
        Some(Method::Post) => post::post(call, payload).await,
        Some(Method::Acl) => acl::acl(call, payload).await,
        Some(Method::Lock) | None => Err(not_allowed(call, &call.path)),
    }
}

/// RFC 9110 §9.3.7
fn options(call: &Call) -> HttpResponse {
    HttpResponse::Ok().insert_header((ALLOW, allow(&call.path))).finish()
}
