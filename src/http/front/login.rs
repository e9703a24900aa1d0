//! Basic authentication (RFC 7617).
//!
//! **Invariant:** only discovery, health and metrics answer without credentials. A request without
//! them gets 401 and is not counted as a failed login, because clients send their first request
//! that way.

use std::net::IpAddr;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::Front;
use crate::{person::Person, refusal::Refusal};

/// Returns the principal whose credentials the request holds.
pub(super) async fn authenticate(front: &Front, headers: &HeaderMap, from: Option<IpAddr>) -> Result<Person, Refusal> {
    let service = &front.state.service;
    let credentials = headers.get(AUTHORIZATION).and_then(|value| basic(value.as_bytes()));
    let (name, password) = credentials.ok_or(Refusal::Unauthenticated)?;
    if front.failed_logins.is_blocked(from, &name) {
        return Err(Refusal::TooManyLogins);
    }
    let Some(id) = service.authenticate(&name, &password).await? else {
        front.failed_logins.count(from, &name, &password);
        front.metrics.count_failed_login();
        return Err(Refusal::Unauthenticated);
    };
    Ok(Person::new(id, service.models().directory()))
}

/// Returns name and password of `Basic` credentials; `None` for another scheme or malformed
/// credentials.
fn basic(value: &[u8]) -> Option<(String, String)> {
    let (scheme, credentials) = value.split_at_checked("Basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim_ascii()).ok()?).ok()?;
    // RFC 7617 §2: the password may contain a colon, the name may not.
    let (name, password) = decoded.split_once(':')?;
    Some((name.to_owned(), password.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_a_name_and_a_password() {
        let rows = [
            ("plain", "Basic YW5uYTpzZWNyZXQ=", Some(("anna", "secret"))),
            ("scheme in any case", "bAsIc YW5uYTpzZWNyZXQ=", Some(("anna", "secret"))),
            ("a colon in the password", "Basic YTpiOmM=", Some(("a", "b:c"))),
            ("no colon", "Basic YWJj", None),
            ("not base64", "Basic ???", None),
            ("another scheme", "Bearer YW5uYTpzZWNyZXQ=", None),
            ("nothing", "Basic", None),
        ];
        for (title, value, expected) in rows {
            let read = basic(value.as_bytes());
            let read = read.as_ref().map(|(name, password)| (name.as_str(), password.as_str()));
            assert_eq!(read, expected, "{title}");
        }
    }
}
