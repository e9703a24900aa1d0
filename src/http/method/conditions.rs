//! Conditional headers of requests that write (RFC 9110 §13.2.2).
//!
//! **Invariant:** for a calendar object or file, `If-Match`, `If-None-Match` and
//! `If-Schedule-Tag-Match` are compared in the same step in which the write is decided.
//! `If-Unmodified-Since` and the entity tags in the `If` header are evaluated before that step; the
//! write then requires the entity tag that the resource had at the evaluation. Only an `If-Match`
//! that lists other tags than this one stays as it is.
//!
//! The conditions on a collection ([`Again`]) are evaluated again under the lock of its home by
//! PROPPATCH, ACL, DELETE and MOVE within the home. COPY, MOVE to another home or onto an existing
//! resource, POST and changes of principals evaluate them once, before the write.

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH, IF_UNMODIFIED_SINCE};
use projections::Collection;
use schemas::object::Place;
use service::{Error, Require, Tags};

use super::if_header;
use crate::{
    answer::Validators, body, call::Call, header, property::Context, reader::Reader, refusal::Refusal,
    resource::Resource,
};

/// Returns the conditions that the calendar object or file `name` must meet for the write. A
/// sharee's conditions refer to the sharee's view of the object.
///
/// `Err` with 412 if a date condition or the `If` header is false, and with 400 if a header is
/// malformed.
pub(super) fn of(call: &Call, collection: &Collection, name: &str) -> Result<Require, Refusal> {
    let mut require = header::require(call.headers())?;
    // RFC 9110 §13.1.4: `If-Unmodified-Since` is ignored if the request has `If-Match`.
    let since = header::date(call.headers(), &IF_UNMODIFIED_SINCE).filter(|_| require.if_match.is_none());
    let is_stated = if_header::names_etag_of_target(call)?;
    if since.is_none() && !is_stated {
        return Ok(require);
    }
    let known = call.models().member(collection, name)?;
    if since.zip(known.as_ref()).is_some_and(|(since, known)| known.modified.seconds() > since) {
        return Err(Error::from(service::Refusal::Precondition { header: "If-Unmodified-Since" }).into());
    }
    // The `If` header is evaluated again, after the entity tag that the write will require has been
    // read.
    if_header::check(call)?;
    match known {
        Some(known) => require.if_match = Some(narrowed(require.if_match.take(), known.etag)),
        // A resource that does not exist has no date. Then only an `If` header with an entity tag
        // is a reason to require that the resource still does not exist.
        None if is_stated => require.if_none_match = Some(Tags::Any),
        None => {}
    }
    Ok(require)
}

/// Narrows `If-Match` to the entity tag that the resource had at the evaluation. A list without
/// this tag stays: it names an earlier state, to which only the answers of others were added (RFC
/// 6638 §3.2.10.1), or it is false.
fn narrowed(if_match: Option<Tags>, etag: String) -> Tags {
    match if_match {
        Some(Tags::Listed(tags)) if !tags.contains(&etag) => Tags::Listed(tags),
        Some(_) | None => Tags::Listed(vec![etag]),
    }
}

/// Checks the conditions of a request whose client has not sent the body, but waits for 100
/// (Continue). The write checks them again. Does nothing for other requests.
pub(super) async fn check_before_body(
    call: &Call,
    collection: &Collection,
    place: &Place,
    require: &Require,
) -> Result<(), Error> {
    if !body::is_unsent(&call.http) {
        return Ok(());
    }
    let require = as_of_owner(call, collection, place, require.clone())?;
    call.service().check_conditions(place, &require).await
}

/// Translates the conditions on an object that was looked up in a sharee's home from the sharee's
/// view to the owner's object. Other conditions are returned unchanged.
pub(super) fn as_of_owner(
    call: &Call,
    collection: &Collection,
    place: &Place,
    require: Require,
) -> Result<Require, Error> {
    match collection.shared_as.as_deref() {
        Some(shared) => call.service().as_of_owner(place, shared.id, require),
        None => Ok(require),
    }
}

/// Checks the conditions of a request to a path without a resource. `Err` with 412 if the request
/// has `If-Match`, which is false without a resource (RFC 9110 §13.1.1), and with 400 if a
/// condition is malformed.
pub(super) fn check_missing(call: &Call) -> Result<(), Refusal> {
    match header::require(call.headers())?.if_match {
        None => Ok(()),
        Some(_) => Err(Error::from(service::Refusal::Precondition { header: "If-Match" }).into()),
    }
}

/// Checks the conditions on the resource before a write. `Err` with 412 if one is false. Only a
/// write with [`Again`], or with the conditions of [`of`], evaluates them again.
pub(super) fn check(call: &Call, found: &Resource) -> Result<(), Refusal> {
    Validators::of(&call.view(found)?, call.service()).check(call.headers())
}

/// The conditions of a request on a collection, for a second evaluation at its write.
pub(super) struct Again(Option<(Reader, HeaderMap)>);

impl Again {
    /// No conditions: for the writes of a request that makes several of them, such as the removal
    /// of what a `MOVE` replaces, or of its source after the members were moved.
    pub(super) const NONE: Self = Self(None);

    pub(super) fn of(call: &Call) -> Self {
        let is_conditional = stated(call.headers()).is_some() || call.headers().contains_key(header::IF);
        Self(is_conditional.then(|| (call.reader(), call.headers().clone())))
    }

    /// Returns the refusal of the write if a condition is false by now, or if there is a condition
    /// and the resource no longer exists.
    pub(super) fn hold(&self) -> Result<(), Error> {
        let Some((reader, headers)) = &self.0 else { return Ok(()) };
        let (access, context) = (reader.access(), Context::of_reader(reader));
        let found = access.lookup.at(&reader.path)?.ok_or(service::Refusal::NotFound)?;
        let request = if_header::Request { path: &reader.path, access, context };
        let view = access.lookup.view(&found);
        let checked = view.and_then(|resource| Validators::of(&resource, &reader.service).check(headers));
        checked.map_err(|refusal| of_header(refusal, stated(headers).unwrap_or(IF)))?;
        if_header::evaluate(headers, &request).map_err(|refusal| of_header(refusal, IF))
    }
}

/// The name of the `If` header in refusals.
const IF: &str = "If";

/// The headers that [`Validators`] check, with their names in refusals.
const VALIDATED: [(HeaderName, &str); 3] =
    [(IF_MATCH, "If-Match"), (IF_NONE_MATCH, "If-None-Match"), (IF_UNMODIFIED_SINCE, "If-Unmodified-Since")];

/// Returns the name of the first of the headers that [`Validators`] check; `None` if the request
/// has none of them.
fn stated(headers: &HeaderMap) -> Option<&'static str> {
    VALIDATED.into_iter().find(|(header, _)| headers.contains_key(header)).map(|(_, name)| name)
}

/// Returns the refusal of a write whose condition in `header` is false. A failure of the server
/// remains one.
fn of_header(refusal: Refusal, header: &'static str) -> Error {
    match refusal {
        Refusal::Failure(failure) => failure,
        _ => service::Refusal::Precondition { header }.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_is_narrowed_to_the_state_at_the_evaluation() {
        let listed = |tags: &[&str]| Tags::Listed(tags.iter().map(ToString::to_string).collect());
        for (title, if_match, expected) in [
            ("none", None, listed(&["e1"])),
            ("any", Some(Tags::Any), listed(&["e1"])),
            ("this and others", Some(listed(&["e0", "e1", "e2"])), listed(&["e1"])),
            ("earlier ones", Some(listed(&["e0"])), listed(&["e0"])),
        ] {
            assert_eq!(narrowed(if_match, "e1".to_owned()), expected, "{title}");
        }
    }
}
