//! One file per method; here each finds its file.
//!
//! **Invariant:** no work in the arms.

mod acl;
mod calendar;
mod carry;
mod conditions;
mod delete;
pub(crate) mod file;
pub(crate) mod get;
mod mkcol;
mod options;
mod outbox;
mod part;
pub(crate) mod post;
mod propfind;
mod proppatch;
mod put;
mod report;
mod states;
mod transfer;
mod tree;

use actix_web::{HttpResponse, web::Payload};

use crate::{call::Call, no::No};

pub(crate) async fn dispatch(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    states::hold(call)?;
    match call.http.method().as_str() {
        "OPTIONS" => Ok(options::options(call)),
        "GET" | "HEAD" => get::get(call).await,
        "PUT" => put::put(call, payload).await,
        "DELETE" => delete::delete(call).await,
        "COPY" => transfer::copy(call).await,
        "MOVE" => transfer::relocate(call).await,
        "MKCALENDAR" => mkcol::mkcalendar(call, payload).await,
        "MKCOL" => mkcol::mkcol(call, payload).await,
        "PROPFIND" => propfind::propfind(call, payload).await,
        "PROPPATCH" => proppatch::proppatch(call, payload).await,
        "REPORT" => report::report(call, payload).await,
        "POST" => post::post(call, payload).await,
        "ACL" => acl::acl(call, payload).await,
        _ => Err(No::MethodNotAllowed(options::allowed(&call.path))),
    }
}
