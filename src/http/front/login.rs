//! Authenticates requests: by Basic authentication (RFC 7617), a bearer token (RFC 6750), or the
//! login header of a trusted proxy.
//!
//! **Invariant:** only `/.well-known/caldav`, health checks, metrics and web pages need no
//! credentials. A request without credentials gets 401, and is not counted as a failed login,
//! because clients send their first request without them.

use std::net::IpAddr;

use actix_web::{HttpRequest, http::header::AUTHORIZATION};
use base64::{Engine, engine::general_purpose::STANDARD};
use schemas::{PrincipalId, metadata::Authentication};
use service::credentials::Login;
use uuid::Uuid;

use super::{
    Front,
    bearer::{self, Sent},
    failed_logins::Admission,
    proxy_login::{self, Said},
};
use crate::{
    person::Person,
    refusal::Refusal,
    settings::{OpenId, Settings},
};

/// The authenticated caller of a request.
#[derive(Debug)]
pub(super) struct Authenticated {
    pub person: Person,
    /// True if the login is to be recorded. False if the same password, or for a proxy or a bearer
    /// token any login of this kind by the same person, was accepted a short time ago.
    pub is_new: bool,
}

/// Returns the principal whose credentials are in the request. `id` is the request's id. `Err` if
/// the credentials are missing, wrong or not checked, or the login header is invalid.
pub(super) async fn authenticate(
    front: &Front,
    http: &HttpRequest,
    from: Option<IpAddr>,
    id: Uuid,
) -> Result<Authenticated, Refusal> {
    match proxy_login::said(&front.state.settings, http) {
        Said::Nothing => {}
        Said::Name(name) => return named(front, name, from),
        Said::Forged(why) => return Err(forged(front, from, why)),
    }
    if let Some((openid, token)) = token(&front.state.settings, http) {
        return Sent { front, openid, http, token, from, id }.authenticate().await;
    }
    let credentials = http.headers().get(AUTHORIZATION).and_then(|value| basic(value.as_bytes()));
    let (name, password) = credentials.ok_or(Refusal::Unauthenticated)?;
    with_password(front, &name, &password, from).await?.ok_or(Refusal::Unauthenticated)
}

/// Returns the principal with this name or address and this password; `None` if they are wrong.
/// `Err` if they were not checked, because a limit on failed logins was reached, or because the
/// check failed.
pub(super) async fn with_password(
    front: &Front,
    name: &str,
    password: &str,
    from: Option<IpAddr>,
) -> Result<Option<Authenticated>, Refusal> {
    let service = &front.state.service;
    let login = service.login(name, password);
    // Wrong guesses from the same address do not affect a client whose correct credentials are
    // cached.
    let remembered = service.remembered(&login);
    let known = match remembered {
        Some(id) => Some(id),
        None => check(front, (name, &login), from).await?,
    };
    let Some(id) = known else {
        front.metrics.count_failed_login();
        return Ok(None);
    };
    let person = Person::authenticated(id, service.models().directory(), login.authentication());
    Ok(Some(Authenticated { person, is_new: remembered.is_none() }))
}

/// Returns the principal with the name or mail address that a trusted proxy sent. `Err` (401) if
/// there is no such active account.
pub(super) fn named(front: &Front, name: &str, from: Option<IpAddr>) -> Result<Authenticated, Refusal> {
    let service = &front.state.service;
    let Some(id) = service.active_account(name) else {
        front.metrics.count_failed_login();
        refused(name, from, "the proxy named a user who has no active account here");
        return Err(Refusal::Unauthenticated);
    };
    let person = Person::authenticated(id, service.models().directory(), Authentication::Proxy);
    Ok(Authenticated { person, is_new: front.is_first(id, Authentication::Proxy.as_str()) })
}

fn forged(front: &Front, from: Option<IpAddr>, why: &str) -> Refusal {
    front.metrics.count_failed_login();
    refused("", from, why);
    Refusal::Unauthenticated
}

/// Returns the bearer token of a request; `None` if there is none, or if the server accepts no
/// tokens.
fn token<'a>(settings: &'a Settings, http: &'a HttpRequest) -> Option<(&'a OpenId, &'a str)> {
    let openid = settings.openid.as_ref().filter(|openid| openid.provider.takes_tokens())?;
    Some((openid, bearer::token(http.headers().get(AUTHORIZATION)?.as_bytes())?))
}

/// Returns the account name or mail address that the request claims, in the proxy's login header or
/// else in its credentials. `None` if neither of them contains one.
pub(super) fn name(settings: &Settings, http: &HttpRequest) -> Option<String> {
    if let Said::Name(name) = proxy_login::said(settings, http) {
        return Some(name.to_owned());
    }
    if let Some((openid, token)) = token(settings, http) {
        return openid.provider.claimed_account(token);
    }
    let (name, _) = basic(http.headers().get(AUTHORIZATION)?.as_bytes())?;
    Some(name)
}

/// Checks a password within the limits on failed logins; `None` if it is wrong. `Err` if it was not
/// checked.
///
/// Guesses for all names and mail addresses of an account count together. A password that was wrong
/// before is recognized only with the name that the client sent then: otherwise the quick refusal
/// would reveal that two names belong to the same account.
async fn check(
    front: &Front,
    (name, login): (&str, &Login),
    from: Option<IpAddr>,
) -> Result<Option<PrincipalId>, Refusal> {
    let secret = (name, login.secret());
    let attempt = match front.failed_logins.admit(from, login.account(), secret, login.is_wrong_for()) {
        Admission::Check(attempt) => attempt,
        Admission::KnownWrong => return Ok(None),
        Admission::Blocked => {
            refused(login.account(), from, "too many logins failed before");
            return Err(Refusal::TooManyLogins);
        }
    };
    let checked = front.state.service.authenticate(login).await;
    if matches!(checked, Ok(None)) {
        refused(login.account(), from, "wrong name or password");
        attempt.failed();
    } else {
        attempt.forget();
    }
    Ok(checked?)
}

/// Logs a refused login on one line, in the form that `ops/fail2ban` expects.
pub(super) fn refused(name: &str, from: Option<IpAddr>, why: &str) {
    let from = from.map(tracing::field::display);
    tracing::warn!(target: "daybook::login", from, name, why, "login refused");
}

/// Returns the name and the password of `Basic` credentials. `None` if the scheme is another or the
/// credentials are malformed.
fn basic(value: &[u8]) -> Option<(String, String)> {
    let (scheme, credentials) = value.split_at_checked("Basic ".len())?;
    if !scheme.eq_ignore_ascii_case(b"Basic ") {
        return None;
    }
    let decoded = String::from_utf8(STANDARD.decode(credentials.trim_ascii()).ok()?).ok()?;
    // RFC 7617 §2: the password may contain a colon, but the name may not.
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
