//! Files: what a plain collection holds (RFC 4918 §9.7.1). Any bytes, given back as they came.

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
use service::{PutFile, Require};

use super::{get, put};
use crate::{
    body::{self, Limit},
    call::Call,
    header,
    no::No,
};

/// What a file is whose client did not say (RFC 9110 §8.3).
const UNKNOWN: &str = "application/octet-stream";

/// A browser that shows a file runs nothing of it: it came from somebody else, and the reader is logged in here.
const HARMLESS: &str = "default-src 'none'; sandbox";

pub(super) async fn store(
    call: &Call,
    payload: &mut Payload,
    (home, collection): (PrincipalId, &Collection),
    name: &str,
) -> Result<HttpResponse, No> {
    let require = header::require(call.headers())?;
    let media_type = call.header(CONTENT_TYPE.as_str()).unwrap_or(UNKNOWN).to_owned();
    let bytes = call.service().limits().max_resource_size_bytes;
    let data = body::read(&call.http, payload, Limit { name: "max-resource-size", bytes }).await?;
    let place = Place { collection: collection.id, name: name.to_owned() };
    let put = PutFile { home, place, media_type, data, require };
    let written = call.service().put_file(&call.stamp(home), put).await?;
    Ok(put::answer(&written))
}

/// The file as it is stored now.
pub(super) fn representation(
    call: &Call,
    collection: &Collection,
    name: &str,
    status: StatusCode,
) -> Result<HttpResponse, No> {
    let (member, data) = call.models().file(collection.id, name)?.ok_or(No::NotFound)?;
    let media_type = member.media_type.as_deref().unwrap_or(UNKNOWN);
    let mut response = get::Validators::of_member(&member).head(status);
    response.insert_header((CONTENT_TYPE, media_type));
    response.insert_header((CONTENT_SECURITY_POLICY, HARMLESS)).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    Ok(response.body(data))
}

pub(super) async fn remove(
    call: &Call,
    home: PrincipalId,
    collection: &Collection,
    name: String,
    require: Require,
) -> Result<(), No> {
    let place = Place { collection: collection.id, name };
    Ok(call.service().delete_file(&call.stamp(home), home, place, require).await?)
}
