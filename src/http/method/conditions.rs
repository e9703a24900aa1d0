//! The conditions of a write (RFC 9110 §13.2.2), and what of the resource they were judged by.
//!
//! **Invariant:** no gap opens between the condition and the write. Entity tags are compared inside the decision; a date, and
//! what `If` says, is looked up before, and the decision then requires the very state that was looked at.

use actix_web::http::header::IF_UNMODIFIED_SINCE;
use schemas::object::Place;
use service::{Error, Refusal, Require, Tags};

use super::{get::Validators, states};
use crate::{access, call::Call, header, no::No, node::Found};

/// What the request requires of a calendar object or a file.
pub(super) fn of(call: &Call, place: &Place) -> Result<Require, No> {
    let mut require = header::require(call.headers())?;
    // RFC 9110 §13.1.4: beside If-Match a date says nothing.
    let since = header::date(call.headers(), &IF_UNMODIFIED_SINCE).filter(|_| require.if_match.is_none());
    let is_stated = states::speak_of_itself(call)?;
    if since.is_none() && !is_stated {
        return Ok(require);
    }
    let known = call.models().member(place.collection, &place.name)?;
    if since.zip(known.as_ref()).is_some_and(|(since, known)| known.modified.seconds() > since) {
        return Err(Error::from(Refusal::Precondition { header: "If-Unmodified-Since" }).into());
    }
    // Again, now that it is known what the write will find.
    states::hold(call)?;
    match known {
        Some(known) if require.if_match.is_none() => require.if_match = Some(Tags::Listed(vec![known.etag])),
        // Without a date of its change a date says nothing of it.
        None if is_stated => require.if_none_match = Some(Tags::Any),
        Some(_) | None => {}
    }
    Ok(require)
}

/// Whether the conditions hold for a resource that is no member: a collection, a principal.
pub(super) fn hold(call: &Call, found: &Found) -> Result<(), No> {
    Validators::of(call, &access::lent(call, found)?).hold(call)
}
