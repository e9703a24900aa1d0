//! `REPORT` (RFC 3253 §3.6): the body of the request names the report.

use actix_web::{HttpResponse, web::Payload};
use dav::{Condition, Privilege, request};

use crate::{call::Call, header::Depth, refusal::Refusal, report, resource::Report};

pub(crate) async fn report(call: &Call, payload: &mut Payload) -> Result<HttpResponse, Refusal> {
    let body = call.xml(payload).await?;
    let asked = request::report(&body, &call.xml_limits())?;
    let row = Report::named(&asked.name);
    let needed = row.map_or(Privilege::Read, |row| row.needs);
    let found = match call.access().resource(&call.path, needed) {
        // RFC 4791 §7.10: a caller without this privilege gets 404, so that a free-busy-query does
        // not reveal whether a resource exists.
        Err(Refusal::Condition(_)) if needed == Privilege::ReadFreeBusy => return Err(Refusal::NotFound),
        found => found?,
    };
    let kind = call.view(&found)?.kind();
    match row {
        Some(row) if row.is_for_depth_zero && Depth::of(call.headers(), Depth::Zero)? != Depth::Zero => {
            Err(Refusal::bad_request(format!("the Depth of {} must be 0", row.name.local())))
        }
        Some(row) if (row.is_supported_by)(kind) => report::answer(call, found, asked.report).await,
        // If the resource does not support the report, a caller who may read only its busy times
        // gets the same response as for a missing resource.
        _ if call.access().check(&call.path, &found, Privilege::Read).is_err() => Err(Refusal::NotFound),
        _ => Err(Refusal::condition(
            Condition::SupportedReport,
            "this resource does not support the report that the body names",
        )),
    }
}
