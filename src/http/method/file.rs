//! Files: what a home or a plain collection holds (RFC 4918 §9.7.1). Any bytes, given back as they came.

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
use service::PutFile;

use super::{conditions, get, put};
use crate::{
    body::{self, Limit},
    call::Call,
    no::No,
};

/// What a file is whose client did not say (RFC 9110 §8.3).
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// A browser that shows a file runs nothing of it: it came from somebody else, and the reader is logged in here.
const HARMLESS: &str = "default-src 'none'; sandbox";

pub(super) async fn store(
    call: &Call,
    payload: &mut Payload,
    (home, collection): (PrincipalId, &Collection),
    name: &str,
) -> Result<HttpResponse, No> {
    let place = Place { collection: collection.id, name: name.to_owned() };
    let require = conditions::of(call, &place)?;
    let media_type = call.header(CONTENT_TYPE.as_str()).unwrap_or(UNKNOWN).to_owned();
    let bytes = call.service().limits().max_resource_size_bytes;
    let data = body::read(&call.http, payload, Limit { name: "max-resource-size", bytes }).await?;
    let put = PutFile { home, place, media_type, data, require, frees: 0 };
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
    let media_type = tidy(member.media_type.as_deref().unwrap_or(UNKNOWN));
    let mut response = get::Validators::of_member(&member).head(status);
    response.insert_header((CONTENT_TYPE, media_type));
    response.insert_header((CONTENT_SECURITY_POLICY, HARMLESS)).insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    Ok(response.body(data))
}

/// A media type as it was said, without white space around its parameters: RFC 9110 §8.3.1 prefers it so, for consistency.
pub(crate) fn tidy(media_type: &str) -> String {
    let mut tidy = String::with_capacity(media_type.len());
    let mut is_quoted = false;
    for character in media_type.trim().chars() {
        match character {
            ' ' | '\t' if !is_quoted && tidy.ends_with(';') => continue,
            ';' if !is_quoted => tidy.truncate(tidy.trim_end().len()),
            '"' if !tidy.ends_with('\\') => is_quoted = !is_quoted,
            _ => {}
        }
        tidy.push(character);
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_follow_each_other_without_white_space() {
        let rows = [
            ("text/plain", "text/plain"),
            (" text/calendar ; charset=utf-8;\tx=y ", "text/calendar;charset=utf-8;x=y"),
            ("a/b; title=\"one ; two\"; c=d", "a/b;title=\"one ; two\";c=d"),
            ("a/b;t=\"\\\" ; \"; u=v", "a/b;t=\"\\\" ; \";u=v"),
            ("", ""),
        ];
        for (said, expected) in rows {
            assert_eq!(tidy(said), expected);
        }
    }
}
