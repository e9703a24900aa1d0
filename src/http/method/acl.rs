//! `ACL` (RFC 3744 §8.1): read, judged, and refused, for the entries of every list here are protected.

use actix_web::{HttpResponse, web::Payload};
use dav::{Condition, Privilege, request};

use crate::{access, call::Call, no::No};

pub(crate) async fn acl(call: &Call, payload: &mut Payload) -> Result<HttpResponse, No> {
    let found = access::found(call, Privilege::WriteAcl)?;
    access::lent(call, &found)?;
    let body = call.xml(payload).await?;
    request::acl(&body, &call.xml_limits())?;
    // RFC 3744 §8.1.1: an ACL replaces all entries, and these cannot be replaced.
    Err(No::unmet(Condition::NoProtectedAceConflict, "every entry of this list is protected"))
}
