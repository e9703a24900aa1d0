//! "No", and what a client sees of it.
//!
//! **Invariant:** one table from refusal to status and condition, without a `_` arm; a body with a condition holds that
//! element and nothing else but a comment. What the world did wrong is logged, not shown.

use std::borrow::Cow;

use actix_web::{
    HttpResponse,
    http::{
        StatusCode,
        header::{ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE},
    },
};
use dav::{Condition, Privilege, Status, error::Inside, request::RequestError};
use service::Error;
use uuid::Uuid;

use crate::{answer, auth::Person, body::Limit, refusal, server::State};

/// Says in words which rule refused what, where the body may not (RFC 4791 §1.3).
const DAYBOOK_REFUSED: HeaderName = HeaderName::from_static("daybook-refused");
const MAX_HEADER_BYTES: usize = 500;
/// Seconds after which to try again what was too much or too early.
const RETRY_SECONDS: HeaderValue = HeaderValue::from_static("2");

#[derive(Debug)]
pub(crate) enum No {
    /// No credentials, or wrong ones: 401, never 403.
    Unknown,
    /// Too many wrong passwords came from there for that name: what comes now is not looked at.
    TooManyLogins,
    NotFound,
    /// Holds the methods the resource knows.
    MethodNotAllowed(&'static str),
    TooLarge(Limit),
    /// The body did not come in time.
    TooSlow,
    /// A status with a sentence.
    Plain {
        status: StatusCode,
        why: Cow<'static, str>,
    },
    /// A condition that does not hold.
    Unmet(Box<Unmet>),
    Service(Error),
    /// The client went away, or took nothing for too long.
    Gone,
}

#[derive(Debug)]
pub(crate) struct Unmet {
    pub status: StatusCode,
    pub condition: Condition,
    /// The resource in the way, where the RFC wants it named.
    pub href: Option<String>,
    /// What is lacking on the resource (RFC 3744 §7.1.1).
    pub privilege: Option<Privilege>,
    pub why: String,
}

impl No {
    pub(crate) fn plain(status: StatusCode, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Plain { status, why: why.into() }
    }

    pub(crate) fn bad_request(why: impl Into<Cow<'static, str>>) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, why)
    }

    pub(crate) fn bad_header(why: &'static str) -> Self {
        Self::plain(StatusCode::BAD_REQUEST, why)
    }

    pub(crate) fn media_type(why: &'static str) -> Self {
        Self::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, why)
    }

    pub(crate) fn forbidden(why: &'static str) -> Self {
        Self::plain(StatusCode::FORBIDDEN, why)
    }

    pub(crate) fn conflict(why: &'static str) -> Self {
        Self::plain(StatusCode::CONFLICT, why)
    }

    /// A precondition is 403 (RFC 4791 §1.3) unless a row of the table says otherwise.
    pub(crate) fn unmet(condition: Condition, why: impl Into<String>) -> Self {
        Self::unmet_as(StatusCode::FORBIDDEN, condition, why)
    }

    pub(crate) fn unmet_as(status: StatusCode, condition: Condition, why: impl Into<String>) -> Self {
        let why = why.into();
        Self::Unmet(Box::new(Unmet { status, condition, href: None, privilege: None, why }))
    }

    /// The blocking thread ended without an answer: a bug, which it has logged.
    pub(crate) fn panicked() -> Self {
        Self::plain(StatusCode::INTERNAL_SERVER_ERROR, "a bug")
    }

    pub(crate) fn lacking(href: String, privilege: Privilege) -> Self {
        Self::Unmet(Box::new(Unmet {
            status: StatusCode::FORBIDDEN,
            condition: Condition::NeedPrivileges,
            why: format!("the privilege {} is missing on {href}", privilege.local()),
            href: Some(href),
            privilege: Some(privilege),
        }))
    }

    /// What a multistatus tells of it; what the world did wrong stays what it is.
    pub(crate) fn told(self, state: &State) -> Result<(Status, Option<Condition>), Self> {
        let status = |status: StatusCode| Status(status.as_u16());
        Ok(match self {
            Self::NotFound => (Status::NOT_FOUND, None),
            Self::MethodNotAllowed(_) => (Status::METHOD_NOT_ALLOWED, None),
            Self::TooLarge(_) => (Status::CONTENT_TOO_LARGE, None),
            Self::Plain { status: code, .. } => (status(code), None),
            Self::Unmet(unmet) => (status(unmet.status), Some(unmet.condition)),
            Self::Service(Error::Refused(refusal)) => match refusal::no(refusal, state, None) {
                no @ Self::Service(_) => return Err(no),
                no => return no.told(state),
            },
            no @ (Self::Unknown | Self::TooManyLogins | Self::TooSlow | Self::Service(_) | Self::Gone) => {
                return Err(no);
            }
        })
    }

    /// What the client gets; `who` as far as that is known.
    pub(crate) fn answer(self, state: &State, who: Option<&Person>, request: Uuid) -> HttpResponse {
        match self {
            Self::Unknown => unknown(&state.settings.realm),
            Self::TooManyLogins => {
                let wait = state.settings.limits.failed_logins_kept.as_secs();
                let mut response = refused(StatusCode::TOO_MANY_REQUESTS, "too many wrong passwords");
                response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
                response
            }
            Self::NotFound => answer::text(StatusCode::NOT_FOUND, "There is nothing here.\n"),
            Self::MethodNotAllowed(allow) => HttpResponse::MethodNotAllowed().insert_header((ALLOW, allow)).finish(),
            Self::TooLarge(limit) => {
                let why = format!("larger than {}, {} bytes", limit.name, limit.bytes);
                last(refused(StatusCode::PAYLOAD_TOO_LARGE, &why))
            }
            Self::TooSlow => last(refused(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
            Self::Plain { status, why } => refused(status, &why),
            Self::Unmet(unmet) => unmet.answer(),
            Self::Service(Error::Refused(refusal)) => match refusal::no(refusal, state, who) {
                Self::Service(error) => failed(&error, request),
                no => no.answer(state, who, request),
            },
            Self::Service(Error::Behind(what)) => {
                tracing::warn!(%request, what, "not answered: busy");
                HttpResponse::ServiceUnavailable().insert_header((RETRY_AFTER, RETRY_SECONDS)).finish()
            }
            Self::Service(error @ Error::Failed(_)) => failed(&error, request),
            Self::Gone => answer::empty(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

impl Unmet {
    fn answer(&self) -> HttpResponse {
        let href = self.href.as_deref().unwrap_or_default();
        let body = match (self.privilege, &self.href) {
            (Some(privilege), _) => {
                dav::error::body(self.condition, Inside::Privileges(&[(href, privilege)]), Some(&self.why))
            }
            (None, Some(_)) => dav::error::body(self.condition, Inside::Hrefs(&[href]), Some(&self.why)),
            (None, None) => dav::error::body(self.condition, Inside::Nothing, Some(&self.why)),
        };
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CONTENT_TYPE, answer::XML)).insert_header((DAYBOOK_REFUSED, visible(&self.why)));
        response.body(body)
    }
}

/// Ends the connection: what is left of the request's body is not worth reading.
fn last(mut response: HttpResponse) -> HttpResponse {
    response.head_mut().set_connection_type(actix_web::http::ConnectionType::Close);
    response
}

fn unknown(realm: &str) -> HttpResponse {
    let realm: String = realm.chars().filter(|character| !matches!(character, '"' | '\\')).collect();
    let challenge = format!("Basic realm=\"{}\", charset=\"UTF-8\"", visible(&realm));
    HttpResponse::Unauthorized().insert_header((WWW_AUTHENTICATE, challenge)).finish()
}

fn refused(status: StatusCode, why: &str) -> HttpResponse {
    let mut response = answer::text(status, format!("{why}\n"));
    if let Ok(why) = HeaderValue::from_str(&visible(why)) {
        response.headers_mut().insert(DAYBOOK_REFUSED, why);
    }
    response
}

fn failed(error: &Error, request: Uuid) -> HttpResponse {
    tracing::error!(%request, error = %causes(error), "not answered");
    answer::empty(StatusCode::INTERNAL_SERVER_ERROR)
}

fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

/// What may stand in a header: visible ASCII, and not too much of it.
fn visible(text: &str) -> String {
    let shown = |character: char| if character.is_ascii_graphic() || character == ' ' { character } else { '?' };
    text.chars().map(shown).take(MAX_HEADER_BYTES).collect()
}

impl From<RequestError> for No {
    fn from(error: RequestError) -> Self {
        let status = StatusCode::from_u16(error.status().0).unwrap_or(StatusCode::BAD_REQUEST);
        match error.condition() {
            // A document type is no well-formed request here, whatever it would have defined.
            Some(condition @ Condition::NoExternalEntities) => {
                Self::unmet_as(StatusCode::BAD_REQUEST, condition, error.to_string())
            }
            Some(condition) => Self::unmet_as(status, condition, error.to_string()),
            None => Self::plain(status, error.to_string()),
        }
    }
}

impl From<Error> for No {
    fn from(error: Error) -> Self {
        Self::Service(error)
    }
}

impl From<projections::Failure> for No {
    fn from(failure: projections::Failure) -> Self {
        Self::Service(failure.into())
    }
}
