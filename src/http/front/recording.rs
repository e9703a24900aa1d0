//! Records refused requests and logins in the access journal.

use access_journal::Refused;
use actix_web::{HttpMessage as _, HttpRequest, http::StatusCode};
use schemas::{
    AccessEvent, Metadata,
    access_journal::{LoggedIn, LoginRefused},
};

use super::login;
use crate::{body::SentBody, refusal::Refusal, state::State};

/// Records a refused request after its response has been built.
///
/// Two kinds are not recorded: refused logins that name no account, because clients send their
/// first request without credentials, and requests whose connection the client closed.
pub(super) fn refused(
    state: &State,
    http: &HttpRequest,
    metadata: Metadata,
    refusal: &RefusalRecord,
    status: StatusCode,
) {
    let Some(recorder) = &state.access else { return };
    let login = login::name(&state.settings, http);
    match (refusal.kind, login) {
        (Kind::Login, Some(login)) => {
            let event = LoginRefused { login, why: refusal.why.clone() };
            recorder.event(metadata, "login-refused", AccessEvent::LoginRefused(event));
        }
        (Kind::Login | Kind::ClientGone, _) => {}
        (Kind::Request, _) => {
            let extensions = http.extensions();
            let body = extensions.get::<SentBody>().map(|SentBody(body)| body.as_slice());
            let refused = Refused {
                status: status.as_u16(),
                path: http.uri().path(),
                condition: refusal.condition,
                why: &refusal.why,
                body,
            };
            recorder.refused(metadata, &refused);
        }
    }
}

/// Records in the access journal that the caller of a request has logged in.
pub(super) fn logged_in(state: &State, http: &HttpRequest, metadata: impl FnOnce() -> Metadata) {
    if let (Some(recorder), Some(login)) = (&state.access, login::name(&state.settings, http)) {
        recorder.event(metadata(), "logged-in", AccessEvent::LoggedIn(LoggedIn { login }));
    }
}

/// Records in the access journal that a person has logged in on the web page.
pub(super) fn logged_in_as(state: &State, login: &str, metadata: impl FnOnce() -> Metadata) {
    if let Some(recorder) = &state.access {
        let event = LoggedIn { login: login.to_owned() };
        recorder.event(metadata(), "logged-in", AccessEvent::LoggedIn(event));
    }
}

/// Records in the access journal that the web page has refused to log a person in.
pub(super) fn login_refused(state: &State, metadata: Metadata, login: &str, why: &str) {
    if let Some(recorder) = &state.access {
        let event = LoginRefused { login: login.to_owned(), why: why.to_owned() };
        recorder.event(metadata, "login-refused", AccessEvent::LoginRefused(event));
    }
}

/// The parts of a refusal that are recorded. They are copied before its response is built.
#[derive(Debug)]
pub(super) struct RefusalRecord {
    kind: Kind,
    condition: Option<&'static str>,
    why: String,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Login,
    Request,
    ClientGone,
}

impl RefusalRecord {
    pub(super) fn of(refusal: &Refusal) -> Self {
        let (condition, why) = refusal.reason();
        let kind = match refusal {
            Refusal::Unauthenticated | Refusal::BadToken(_) | Refusal::TooManyLogins => Kind::Login,
            Refusal::ClientGone => Kind::ClientGone,
            _ => Kind::Request,
        };
        Self { kind, condition, why: why.into_owned() }
    }
}
