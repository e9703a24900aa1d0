//! Files in homes and plain collections (RFC 4918 §9.7.1): any bytes, returned exactly as they were
//! stored.

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS},
    },
    web::Payload,
};
use projections::Collection;
use schemas::{PrincipalId, object::Place};
use service::{Attributes, PutFile};

use super::{conditions, preference, put};
use crate::{answer::Validators, call::Call, refusal::Refusal, resource::representation};

/// Value of `Content-Security-Policy` that keeps a browser from running scripts in a file. The file
/// may come from another user, and the reader is logged in on this site.
const NO_SCRIPTS: &str = "default-src 'none'; sandbox";

pub(super) async fn store(
    call: &Call,
    payload: &mut Payload,
    (home, collection): (PrincipalId, &Collection),
    name: &str,
) -> Result<HttpResponse, Refusal> {
    let place = Place { collection: collection.id, name: name.to_owned() };
    let require = conditions::of(call, collection, name)?;
    if let Err(error) = conditions::check_before_body(call, collection, &place, &require).await {
        return preference::failed(call, error);
    }
    let media_type = call.header(CONTENT_TYPE.as_str()).unwrap_or(representation::UNKNOWN).to_owned();
    let data = call.content(payload).await?;
    let put = PutFile { home, place, media_type, data, require, frees: 0, attributes: Attributes::default() };
    match call.service().put_file(&call.stamp(home), put).await {
        Ok(written) => Ok(preference::stored(call, &call.path, put::answer(&written))),
        Err(error) => preference::failed(call, error),
    }
}

/// Returns a response with the file as it is stored now.
pub(super) fn stored(
    call: &Call,
    collection: &Collection,
    name: &str,
    status: StatusCode,
) -> Result<HttpResponse, Refusal> {
    let (member, data) = call.models().file(collection.id, name)?.ok_or(Refusal::NotFound)?;
    let media_type = representation::normalized(member.media_type.as_deref().unwrap_or(representation::UNKNOWN));
    let mut response = Validators::of_member(&member).head(status);
    response.insert_header((CONTENT_TYPE, media_type));
    response.insert_header((CONTENT_SECURITY_POLICY, NO_SCRIPTS)).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    Ok(response.body(data))
}
