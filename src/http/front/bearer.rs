//! Bearer tokens of the OpenID Connect provider (RFC 6750), for client programs that support them.
//!
//! **Invariant:** a token is accepted in the `Authorization` header only, because a token in a URL
//! would get into logs (RFC 6750 §5.3). Tokens are never logged or recorded. A refused token counts
//! toward the limits on failed logins only if it may be a guess.

use std::{borrow::Cow, net::IpAddr, sync::Arc, time::Duration};

use actix_web::HttpRequest;
use openid::{Identity, Rejected};
use schemas::{PrincipalId, metadata::Authentication};
use service::{Error, clock};
use uuid::Uuid;

use super::{
    Front,
    failed_logins::Admission,
    login::{Authenticated, refused},
    roles,
};
use crate::{person::Person, refusal::Refusal, settings::OpenId};

/// Time for which a wrong token is refused without another check. After it the provider may have
/// published a new key.
const AGAIN: Duration = Duration::from_secs(10);
const SCHEME: &str = "Bearer ";
const NOBODY: &str = "the token does not name an active account of this server";

/// Returns the token of `Bearer` credentials; `None` if the value does not begin with `Bearer `, in
/// upper or lower case, or if the token is not UTF-8.
pub(super) fn token(value: &[u8]) -> Option<&str> {
    let (scheme, token) = value.split_at_checked(SCHEME.len())?;
    let is_bearer = scheme.eq_ignore_ascii_case(SCHEME.as_bytes());
    std::str::from_utf8(token.trim_ascii()).ok().filter(|_| is_bearer)
}

/// A request with a bearer token.
pub(super) struct Sent<'a> {
    pub front: &'a Front,
    pub openid: &'a OpenId,
    pub http: &'a HttpRequest,
    pub token: &'a str,
    pub from: Option<IpAddr>,
    /// Id of the request.
    pub id: Uuid,
}

impl Sent<'_> {
    /// Returns the person whom the token identifies. `Err` if the token is wrong or was not
    /// checked, if the person has no active account, or if their rights cannot be set from their
    /// groups.
    pub(super) async fn authenticate(&self) -> Result<Authenticated, Refusal> {
        let provider = &self.openid.provider;
        let now = clock::now().seconds();
        if let Some(identity) = provider.remembered(self.token, now) {
            return Ok(self.authenticated(self.account(&identity)?));
        }
        let identity = self.check(now).await?;
        let id = self.account(&identity)?;
        if let Some(groups) = &identity.groups {
            roles::follow(self.front, self.openid, self.http, (id, groups), (self.from, self.id)).await?;
        }
        Ok(self.authenticated(id))
    }

    /// Checks a token, within the limits on failed logins. `Err` if it is wrong or was not checked.
    async fn check(&self, now: i64) -> Result<Arc<Identity>, Refusal> {
        let (front, provider) = (self.front, &self.openid.provider);
        let claimed = provider.claimed_account(self.token).unwrap_or_default();
        let login = front.state.service.login(&claimed, self.token);
        let attempt = match front.failed_logins.admit(self.from, login.account(), self.token, Some(AGAIN)) {
            Admission::Check(attempt) => attempt,
            Admission::KnownWrong => return Err(self.refuse("the same token was refused a moment before")),
            Admission::Blocked => {
                refused(login.account(), self.from, "too many logins failed before");
                return Err(Refusal::TooManyLogins);
            }
        };
        let checked = provider.bearer(self.token.to_owned(), now).await;
        if matches!(checked, Err(Rejected::Token(unfit)) if unfit.is_guess()) {
            attempt.failed();
        } else {
            attempt.forget();
        }
        checked.map_err(|rejected| match rejected {
            Rejected::Token(unfit) => {
                let why = unfit.to_string();
                refused(login.account(), self.from, &why);
                self.refuse(why)
            }
            Rejected::Unavailable(_) | Rejected::Refused(_) => Error::Behind(
                "the token was not checked, because the OpenID provider gave no usable answer; try again later".into(),
            )
            .into(),
        })
    }

    fn account(&self, identity: &Identity) -> Result<PrincipalId, Refusal> {
        let found = self.front.state.service.active_account(&identity.account);
        found.ok_or_else(|| {
            refused(&identity.account, self.from, NOBODY);
            self.refuse(NOBODY)
        })
    }

    fn authenticated(&self, id: PrincipalId) -> Authenticated {
        let directory = self.front.state.service.models().directory();
        let person = Person::authenticated(id, directory, Authentication::Token);
        Authenticated { person, is_new: self.front.is_first(id, Authentication::Token.as_str()) }
    }

    fn refuse(&self, why: impl Into<Cow<'static, str>>) -> Refusal {
        self.front.metrics.count_failed_login();
        Refusal::BadToken(why.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_follows_the_scheme_in_any_case() {
        let rows = [
            ("Bearer abc", Some("abc")),
            ("bearer  abc ", Some("abc")),
            ("Bearer ", Some("")),
            ("Bearer", None),
            ("Basic YTpi", None),
            ("Bearerabc", None),
        ];
        for (value, expected) in rows {
            assert_eq!(token(value.as_bytes()), expected, "{value}");
        }
        assert_eq!(token(b"Bearer \xff"), None);
    }
}
