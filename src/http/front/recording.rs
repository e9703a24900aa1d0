//! What the access journal records of refused requests and of logins.

use access_journal::Refused;
use actix_web::{HttpMessage as _, HttpRequest, http::StatusCode};
use schemas::{
    AccessEvent, Metadata,
    access_journal::{LoggedIn, LoginRefused},
};

use super::login;
use crate::{body::SentBody, refusal::Refusal, state::State};

/// Records a refusal after its response was made.
///
/// Two refusals are not recorded: clients begin without credentials, and to close a connection is the client's act.
pub(super) fn refused(state: &State, http: &HttpRequest, metadata: Metadata, refusal: &Told, status: StatusCode) {
    let Some(recorder) = &state.access else { return };
    let login = login::name(http.headers());
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

/// Records that somebody proved who they are, if the server did not remember it.
pub(super) fn logged_in(state: &State, http: &HttpRequest, metadata: impl FnOnce() -> Metadata) {
    if let (Some(recorder), Some(login)) = (&state.access, login::name(http.headers())) {
        recorder.event(metadata(), "logged-in", AccessEvent::LoggedIn(LoggedIn { login }));
    }
}

/// What is kept of a refusal when its response is made.
#[derive(Debug)]
pub(super) struct Told {
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

impl Told {
    pub(super) fn of(refusal: &Refusal) -> Self {
        let (condition, why) = refusal.reason();
        let kind = match refusal {
            Refusal::Unauthenticated | Refusal::TooManyLogins => Kind::Login,
            Refusal::ClientGone => Kind::ClientGone,
            _ => Kind::Request,
        };
        Self { kind, condition, why: why.into_owned() }
    }
}
