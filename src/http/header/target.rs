//! `Destination` and `Overwrite` (RFC 4918 §10.3, §10.6).

use actix_web::http::{
    StatusCode,
    header::{HOST, HeaderMap},
};
use dav::href::Href;
use service::Overwrite;

use crate::{no::No, path::Path};

/// Where a `COPY` or `MOVE` goes.
pub(crate) fn destination(headers: &HeaderMap) -> Result<Path, No> {
    let missing = || No::bad_header("COPY and MOVE need a Destination");
    let value = headers.get("Destination").and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let href = Href::parse(value.ok_or_else(missing)?).map_err(|error| No::bad_request(error.to_string()))?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    if href.authority.is_some_and(|authority| bare(&authority) != bare(&host.to_ascii_lowercase())) {
        // RFC 4918 §9.8.5: this server copies nothing to others.
        return Err(No::plain(StatusCode::BAD_GATEWAY, "the Destination is on another server"));
    }
    Path::of(href.path).ok_or_else(|| No::conflict("the Destination is no place of this server"))
}

/// Without the port that is understood.
fn bare(authority: &str) -> &str {
    authority.strip_suffix(":443").or_else(|| authority.strip_suffix(":80")).unwrap_or(authority)
}

pub(crate) fn overwrite(headers: &HeaderMap) -> Result<Overwrite, No> {
    match headers.get("Overwrite").map(|value| value.as_bytes().trim_ascii()) {
        None | Some(b"T" | b"t") => Ok(Overwrite::Allowed),
        Some(b"F" | b"f") => Ok(Overwrite::Forbidden),
        Some(_) => Err(No::bad_header("Overwrite is T or F")),
    }
}
