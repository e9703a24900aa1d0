//! Basic authentication (RFC 7617).
//!
//! **Invariant:** only discovery, health and metrics answer without credentials. A request without
//! them gets 401 and is not counted as a failed login, because clients send their first request
//! that way.

use std::net::IpAddr;

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use base64::{Engine, engine::general_purpose::STANDARD};
use schemas::PrincipalId;
use service::credentials::Login;

use super::{Front, failed_logins::Admission};
use crate::{person::Person, refusal::Refusal};

/// The caller of a request.
#[derive(Debug)]
pub(super) struct Authenticated {
    pub person: Person,
    /// The password was checked now; otherwise it was remembered from an earlier request.
    pub is_new: bool,
}

/// Returns the principal whose credentials the request holds.
pub(super) async fn authenticate(
    front: &Front,
    headers: &HeaderMap,
    from: Option<IpAddr>,
) -> Result<Authenticated, Refusal> {
    let service = &front.state.service;
    let credentials = headers.get(AUTHORIZATION).and_then(|value| basic(value.as_bytes()));
    let (name, password) = credentials.ok_or(Refusal::Unauthenticated)?;
    let login = service.login(&name, &password);
    // Guesses from the same address do not disturb a client whose credentials were right before.
    let remembered = service.remembered(&login);
    let known = match remembered {
        Some(id) => Some(id),
        None => check(front, &login, from).await?,
    };
    let Some(id) = known else {
        front.metrics.count_failed_login();
        return Err(Refusal::Unauthenticated);
    };
    let person = Person::authenticated(id, service.models().directory(), login.authentication());
    Ok(Authenticated { person, is_new: remembered.is_none() })
}

/// Returns the name or address that the request's credentials hold.
pub(super) fn name(headers: &HeaderMap) -> Option<String> {
    let (name, _) = basic(headers.get(AUTHORIZATION)?.as_bytes())?;
    Some(name)
}

/// Checks credentials within the limits of failed logins. `None`: they are wrong.
async fn check(front: &Front, login: &Login, from: Option<IpAddr>) -> Result<Option<PrincipalId>, Refusal> {
    let attempt = match front.failed_logins.admit(from, login.account(), login.secret(), login.is_wrong_for()) {
        Admission::Check(attempt) => attempt,
        Admission::KnownWrong => return Ok(None),
        Admission::Blocked => {
            refused(login, from, "too many wrong passwords before");
            return Err(Refusal::TooManyLogins);
        }
    };
    let checked = front.state.service.authenticate(login).await;
    if matches!(checked, Ok(None)) {
        refused(login, from, "wrong name or password");
        attempt.failed();
    } else {
        attempt.forget();
    }
    Ok(checked?)
}

/// Logs a login that was refused, on one line: `ops/fail2ban` reads it.
fn refused(login: &Login, from: Option<IpAddr>, why: &str) {
    let from = from.map(tracing::field::display);
    tracing::warn!(target: "daybook::login", from, name = login.account(), why, "login refused");
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
