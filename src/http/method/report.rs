//! `REPORT` (RFC 3253 §3.6): the body says which.

use actix_web::{HttpResponse, web::Payload};
use dav::{Condition, Privilege, request};

use crate::{access, call::Call, no::No, report};

pub(crate) async fn report(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let body = call.xml(payload).await?;
    let asked = request::report(&body, &call.xml_limits())?;
    let needed = match &asked {
        // RFC 4791 §7.10: busy times are shown to whoever may know them, and nothing else.
        request::Report::FreeBusyQuery(_) => Privilege::ReadFreeBusy,
        _ => Privilege::Read,
    };
    let found = match access::found(call, needed) {
        // RFC 4791 §7.10: nobody finds out what is there by asking when it is busy.
        Err(No::Unmet(_)) if needed == Privilege::ReadFreeBusy => return Err(No::NotFound),
        found => found?,
    };
    let kind = access::lent(call, &found)?.kind();
    match report::Kind::of(&asked) {
        Some(which) if which.is_answered(kind) => report::answer(call, found, asked).await,
        _ => Err(No::unmet(Condition::SupportedReport, "this report is not answered here")),
    }
}
