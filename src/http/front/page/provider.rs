//! The login at the OpenID Connect provider: sends the browser to the provider, and handles its
//! return.
//!
//! **Invariant:** the server stores nothing about a login in progress. State, nonce and verifier
//! are derived from a cookie of the browser and a secret of this process. Therefore only the
//! browser that started a login can finish it, and many unfinished logins use no memory.

use actix_web::{HttpResponse, http::StatusCode, web::Query};
use openid::{Begun, Identity, Rejected, Returned};
use schemas::metadata::Authentication;
use service::clock;

use super::{
    Answered, Request, answer,
    sessions::{self, Sessions},
};
use crate::{
    front::{
        failed_logins::{Admission, Attempt},
        login, recording, roles,
    },
    person::Person,
    settings::OpenId,
};

/// Maximum time in seconds between the start of a login at the provider and its end.
const MAX_LOGIN_SECONDS: i64 = 600;

/// The reason why a person is not logged in: the status and the text of the page.
type Refused = (StatusCode, String);

impl Request<'_> {
    pub(super) fn openid(&self) -> Option<&OpenId> {
        self.front.state.settings.openid.as_ref()
    }

    /// Redirects the browser to the provider.
    pub(super) async fn begin_at_provider(&self, openid: &OpenId) -> Answered {
        let now = clock::now().seconds();
        let cookie = sessions::new_login(now);
        let begun = begun(&self.front.sessions, &cookie);
        match openid.provider.login_address(begun, now).await {
            Ok(address) => Answered::to_nobody(answer::to_provider(&self.site(), &address, &cookie)),
            Err(_) => Answered::to_nobody(self.away(openid)),
        }
    }

    /// Handles the browser's return from the provider.
    pub(super) async fn end_at_provider(&self, openid: &OpenId) -> Answered {
        let mut answered = match self.returned(openid) {
            Ok((returned, begun)) => self.finish(openid, returned, begun).await,
            Err((status, why)) => Answered::to_nobody(self.failure(status, &why)),
        };
        answer::end_login(&mut answered.response, &self.site());
        answered
    }

    /// Parses the query with which the browser returns. `Err` if the query is malformed or has no
    /// login code, if this browser did not start the login or took too long, or if the provider
    /// refused the login.
    fn returned(&self, openid: &OpenId) -> Result<(Returned, Begun), Refused> {
        let name = &openid.name;
        let forbidden = |why: String| (StatusCode::FORBIDDEN, why);
        let query = Query::<Vec<(String, String)>>::from_query(self.http.query_string()).map(Query::into_inner);
        let query = query.map_err(|_| forbidden(format!("The answer of {name} cannot be read. Log in again.")))?;
        let field = |name: &str| query.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        let begun = self.begun_here().filter(|begun| field("state").as_ref() == Some(&begun.state));
        let begun = begun.ok_or_else(|| {
            forbidden(
                "This login is no longer valid, or was not begun in this browser. Go back to the start, and log in again."
                    .to_owned(),
            )
        })?;
        if let Some(error) = field("error") {
            return Err(forbidden(format!("{name} did not log you in ({}). Log in again.", openid::shown(&error))));
        }
        let code = field("code")
            .ok_or_else(|| forbidden(format!("The answer of {name} contains no login code. Log in again.")))?;
        Ok((Returned { code, issuer: field("iss") }, begun))
    }

    /// Returns the login that this browser has started. `None` if there is none, or if it has taken
    /// too long.
    fn begun_here(&self) -> Option<Begun> {
        let cookie = answer::login_cookie(self.http.headers(), &self.site())?;
        let since: i64 = cookie.split_once('.')?.0.parse().ok()?;
        let took = clock::now().seconds().checked_sub(since)?;
        (0..=MAX_LOGIN_SECONDS).contains(&took).then(|| begun(&self.front.sessions, &cookie))
    }

    async fn finish(&self, openid: &OpenId, returned: Returned, begun: Begun) -> Answered {
        let attempt = match self.front.failed_logins.admit(self.address, "", &returned.code, None) {
            Admission::Check(attempt) => attempt,
            Admission::KnownWrong => {
                // The provider is not asked again.
                let why = "the same login code was refused before";
                return self.not_accepted(openid, why, why);
            }
            Admission::Blocked => {
                let why = "You are not logged in, because too many logins failed. Wait some minutes, then try again.";
                return Answered::to_nobody(self.failure(StatusCode::TOO_MANY_REQUESTS, why));
            }
        };
        match openid.provider.finish(returned, begun, clock::now().seconds()).await {
            Ok(identity) => {
                attempt.forget();
                self.let_in(openid, identity).await
            }
            Err(rejected) => self.not_let_in(openid, &rejected, attempt),
        }
    }

    /// Starts the session of a person whom the provider has authenticated.
    async fn let_in(&self, openid: &OpenId, identity: Identity) -> Answered {
        let service = &self.front.state.service;
        let Identity { account, groups, .. } = identity;
        let Some(id) = service.active_account(&account) else { return self.unknown(openid, &account) };
        // If the provider sends no groups, the person gets no rights from groups.
        let groups = groups.unwrap_or_default();
        let followed = roles::follow(self.front, openid, self.http, (id, &groups), (self.address, self.id)).await;
        if let Err(error) = followed {
            tracing::error!(%error, request = %self.id, "refused a login: the rights of the account could not be set \
                from the groups that the OpenID provider sent");
            let why =
                "You are not logged in, because the server could not update your rights. Log in again in a minute.";
            return Answered::to_nobody(self.failure(StatusCode::SERVICE_UNAVAILABLE, why));
        }
        let person = Person::authenticated(id, service.models().directory(), Authentication::OpenId);
        recording::logged_in_as(&self.front.state, &account, || self.metadata(Some(&person)));
        if let Some(earlier) = self.session() {
            self.front.sessions.end(&earlier.key);
        }
        let secret = self.begin(&person);
        Answered { response: answer::logged_in(&self.site(), &secret), person: Some(person) }
    }

    fn unknown(&self, openid: &OpenId, account: &str) -> Answered {
        let why = "the provider named a user who has no active account here";
        login::refused(account, self.address, why);
        self.front.metrics.count_failed_login();
        self.not_logged_in(account, why);
        let logout = openid.provider.logout_address();
        let page = page::unknown_person(&self.site(), &openid.name, account, logout.as_deref());
        Answered::to_nobody(answer::page(StatusCode::FORBIDDEN, page))
    }

    /// Returns the page for a failed login. `attempt` stays counted as a failed login, unless the
    /// provider was unavailable.
    fn not_let_in(&self, openid: &OpenId, rejected: &Rejected, attempt: Attempt) -> Answered {
        if let Rejected::Unavailable(failure) = rejected {
            attempt.forget();
            tracing::error!(%failure, request = %self.id, "a login at the OpenID provider could not be finished");
            return Answered::to_nobody(self.away(openid));
        }
        attempt.failed();
        let why = rejected.to_string();
        // The page shows the provider's text. The log does not, because `ops/fail2ban` expects
        // fixed texts.
        let logged = if let Rejected::Refused(_) = rejected { "the provider refused the login" } else { &why };
        self.not_accepted(openid, &why, logged)
    }

    /// Records a refused login with the reason `why`, which the page shows, too. The log has the
    /// reason `logged`.
    fn not_accepted(&self, openid: &OpenId, why: &str, logged: &str) -> Answered {
        login::refused("", self.address, logged);
        self.front.metrics.count_failed_login();
        self.not_logged_in("", why);
        let told = format!("The login at {} cannot be accepted: {why}. Log in again.", openid.name);
        Answered::to_nobody(self.failure(StatusCode::FORBIDDEN, &told))
    }

    fn away(&self, openid: &OpenId) -> HttpResponse {
        let why = format!(
            "The login at {} does not work now. Try again in a minute, or ask the people who run this server.",
            openid.name
        );
        self.failure(StatusCode::SERVICE_UNAVAILABLE, &why)
    }

    /// Returns the page for a person who has logged out of a session that started at the provider.
    pub(super) fn logged_out(&self, openid: &OpenId) -> Answered {
        let logout = openid.provider.logout_address();
        let page = page::logged_out(&self.site(), &openid.name, logout.as_deref());
        Answered::to_nobody(answer::page(StatusCode::OK, page))
    }
}

/// Derives the state, nonce and PKCE verifier of a browser's login at the provider from its cookie.
fn begun(sessions: &Sessions, cookie: &str) -> Begun {
    let of = |purpose| sessions.derived(purpose, cookie);
    Begun { state: of("state"), nonce: of("nonce"), verifier: of("verifier") }
}
