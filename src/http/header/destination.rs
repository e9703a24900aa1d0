//! `Destination` and `Overwrite` (RFC 4918 §10.3, §10.6).

use actix_web::http::header::{HOST, HeaderMap};
use dav::href::{Href, Path};
use service::Overwrite;

use super::{
    Invalid,
    names::{DESTINATION, OVERWRITE},
};
use crate::base_path;

/// The target of a `COPY` or `MOVE`.
#[derive(Debug)]
pub(crate) enum Destination {
    Here(Path),
    AnotherServer,
}

/// Parses `Destination`, which every `COPY` and `MOVE` must have. `Err` if it is missing or
/// malformed.
pub(crate) fn destination(headers: &HeaderMap) -> Result<Destination, Invalid> {
    let value = headers.get(DESTINATION).and_then(|value| std::str::from_utf8(value.as_bytes()).ok());
    let value = value.ok_or(Invalid::from("COPY and MOVE need a Destination header with a URL"))?;
    let href = Href::parse(value).map_err(|error| Invalid(error.to_string().into()))?;
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default().to_ascii_lowercase();
    match href.authority {
        Some(authority) if without_port(&authority) != without_port(&host) => Ok(Destination::AnotherServer),
        Some(_) | None => {
            let mut path = href.path;
            base_path::remove_from(&mut path);
            Ok(Destination::Here(path))
        }
    }
}

/// Removes the default port (80 or 443) from a host name, so that hosts can be compared.
fn without_port(authority: &str) -> &str {
    authority.strip_suffix(":443").or_else(|| authority.strip_suffix(":80")).unwrap_or(authority)
}

/// Parses `Overwrite`. Without the header, overwriting is allowed. `Err` if the value is neither
/// `T` nor `F`.
pub(crate) fn overwrite(headers: &HeaderMap) -> Result<Overwrite, Invalid> {
    match headers.get(OVERWRITE).map(|value| value.as_bytes().trim_ascii()) {
        None | Some(b"T" | b"t") => Ok(Overwrite::Allowed),
        Some(b"F" | b"f") => Ok(Overwrite::Forbidden),
        Some(_) => Err(Invalid::from("Overwrite must be T or F")),
    }
}
